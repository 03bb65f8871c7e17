#!/bin/sh
# Lints the code for processors on which no test of CI runs: the library for 64-bit ARM, the engine alone for WebAssembly, both without
# what is written in C. A target whose standard library is neither here nor to be had is passed over with a word.
set -eu

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

is_there() {
  rustup target list --installed 2> /dev/null | grep -qx "$1" || rustup target add "$1" 2> /dev/null
}

lint() {
  target=$1
  shift
  if is_there "$target"; then
    "$cargo" clippy --target "$target" --no-default-features --lib "$@" -- -D warnings
  else
    echo "skipped: no standard library for $target (rustup target add $target)"
  fi
}

lint aarch64-unknown-linux-gnu -p paginum -p paginum-wrapped
lint wasm32-wasip1 -p paginum-wrapped
