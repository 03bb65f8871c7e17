#!/bin/sh
# What the README shows first: compresses the arrays of this folder, reads them back, compares, and reads a few rows.
set -eu
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --release --quiet
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

run() {
  printf '\n$ %s\n' "$*" | sed -e "s|$folder|OUT|g" -e 's|target/release/||'
  "$@"
}
run target/release/paginum compress examples/arrays/*.npy -o "$folder"
run target/release/paginum decompress "$folder/temperature.pco" -o "$folder/temperature.npy"
run cmp "$folder/temperature.npy" examples/arrays/temperature.npy && echo "the same bytes"
run target/release/paginum cat "$folder/points.pco" --rows 2000..2005
