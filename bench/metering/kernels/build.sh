#!/bin/sh
# Compiles the kernels and the programs. The results are committed, so that measuring needs no
# compiler of C or Rust; run this, `make kernels`, after changing a source. Their bytes depend on the
# compilers' builds, so `make generate` leaves them alone.
set -e
cd "$(dirname "$0")"
for f in c/*.c; do
  clang --target=wasm32 -O2 -nostdlib -fno-builtin -Wl,--no-entry -Wl,-z,stack-size=16384 -Wl,--strip-all -o "${f%.c}.wasm" "$f"
done
for f in rust/*.rs; do
  ${RUSTC:-rustc} --target wasm32-unknown-unknown -C linker=wasm-ld -C opt-level=3 -C codegen-units=1 -C panic=abort -C strip=symbols --crate-type cdylib -o "${f%.rs}.wasm" "$f"
done
cd ../programs
for f in c/*.c; do
  clang --target=wasm32-wasi -mexec-model=reactor -O2 -Wl,--strip-all -o "${f%.c}.wasm" "$f"
done
for f in rust/*.rs; do
  ${RUSTC:-rustc} --target wasm32-unknown-unknown -C linker=wasm-ld -C opt-level=3 -C codegen-units=1 -C panic=abort -C strip=symbols --crate-type cdylib -o "${f%.rs}.wasm" "$f"
done
