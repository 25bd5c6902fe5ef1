#!/bin/sh
# Assembles the bombs. The results are committed, so that tests need no assembler.
set -e
cd "$(dirname "$0")"
for f in *.wat; do
	wat2wasm "$f" -o "${f%.wat}.wasm"
done
