#!/usr/bin/env bash
# Assembles the guests of package call. Needs wabt.
set -euo pipefail
cd "$(dirname "$0")"
for f in *.wat; do wat2wasm "$f" -o "${f%.wat}.wasm"; done
