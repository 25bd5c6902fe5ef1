#!/bin/sh
# Builds the guests; they are committed, so that tests need no compilers.
set -e
cd "$(dirname "$0")"
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all -o canary_c.wasm canary.c
"${RUSTC:-rustc}" --target wasm32-unknown-unknown -C linker=wasm-ld -C opt-level=2 -C strip=symbols --crate-type cdylib -o canary_rust.wasm canary.rs
