#!/bin/sh
# The engine's tests for 64-bit ARM, in an emulator of the processor alone: `make test-arm`. It needs Debian's packages qemu-user and
# gcc-aarch64-linux-gnu; what is missing is said, and nothing is run then.
set -eu

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
target=aarch64-unknown-linux-gnu

for tool in qemu-aarch64 aarch64-linux-gnu-gcc rustup; do
  if ! command -v "$tool" > /dev/null; then
    echo "skipped: $tool is not here (packages qemu-user and gcc-aarch64-linux-gnu)"
    exit 0
  fi
done
if ! rustup target add "$target"; then
  echo "skipped: no standard library for $target"
  exit 0
fi

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
"$cargo" test --target "$target" -p paginum-wrapped --all-features
