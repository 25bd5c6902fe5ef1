#!/bin/sh
# Builds the guests, which are committed, so that the benchmark needs no compiler: in C with 1 MiB of memory, and in Go.
set -e
cd "$(dirname "$0")"
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--initial-memory=1048576 -Wl,-z,stack-size=65536 -Wl,--strip-all -o guest.wasm guest.c
# The guest in Go is one of the runtime's tests.
tmp=$(mktemp)
(cd ../../../../runtime/testdata/goguest && GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w -buildid=' -o "$tmp" .)
gzip -9nc "$tmp" >goguest.wasm.gz
rm "$tmp"
