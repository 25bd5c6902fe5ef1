#!/usr/bin/env bash
# need.sh TOOL...: makes sure that the tools are there. Debian packages are installed when this is
# root; otherwise the line to type is printed.
set -euo pipefail

packages=()
for tool in "$@"; do
  case $tool in
    go)
      command -v go >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/doc/install" >&2; exit 1; } ;;
    cc)       command -v cc >/dev/null || packages+=(gcc libc6-dev) ;;
    node)     command -v npm >/dev/null || packages+=(nodejs npm) ;;
    chromium) command -v chromium >/dev/null || packages+=(chromium) ;;
    wabt)     command -v wat2wasm >/dev/null || packages+=(wabt) ;;
    clang)    command -v wasm-ld >/dev/null || packages+=(clang lld wasi-libc libclang-rt-dev-wasm32) ;;
    rust)     [ -e /usr/lib/rustlib/wasm32-unknown-unknown ] || packages+=(rustc libstd-rust-dev-wasm32) ;;
    binaryen) command -v wasm-opt >/dev/null || packages+=(binaryen) ;;
    *) echo "need.sh: what is $tool?" >&2; exit 1 ;;
  esac
done
[ ${#packages[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${packages[*]}" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
  echo "missing: ${packages[*]}. Type: sudo apt-get install ${packages[*]}" >&2
  exit 1
fi
