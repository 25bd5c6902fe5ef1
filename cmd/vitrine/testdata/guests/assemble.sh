#!/bin/sh
# Assembles the guests of the scripts.
set -e
cd "$(dirname "$0")"
for f in *.wat; do
	wat2wasm --debug-names "$f" -o "${f%.wat}.wasm"
done
