#!/bin/sh
# Builds the guest in C; it is committed, so that the benchmark needs no compiler. 1 MiB of memory.
set -e
cd "$(dirname "$0")"
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--initial-memory=1048576 -Wl,-z,stack-size=65536 -Wl,--strip-all -o guest.wasm guest.c
