#!/bin/sh
# Builds the guests; they are committed, so that tests need no compilers.
set -e
cd "$(dirname "$0")"
objects=$(mktemp -d)
trap 'rm -r "$objects"' EXIT
clang --target=wasm32 -mreference-types -c -o "$objects/places.o" places.s
clang --target=wasm32 -O2 -c -o "$objects/canary.o" canary.c
wasm-ld --no-entry --strip-all -o canary_c.wasm "$objects/canary.o" "$objects/places.o"
"${RUSTC:-rustc}" --target wasm32-unknown-unknown -C linker=wasm-ld -C opt-level=2 -C strip=symbols -C link-arg="$objects/places.o" --crate-type cdylib -o canary_rust.wasm canary.rs
