#!/bin/sh
# What the README shows first: packs the arrays of this folder, lists them, reads rows of one, and compares all of them
# with what went in.
set -eu
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --release --quiet
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

run() {
  printf '\n$ %s\n' "$*" | sed -e "s|$folder|OUT|g" -e 's|target/release/||'
  "$@"
}
run target/release/paginum pack examples/arrays/*.npy -o "$folder/demo.pv"
run target/release/paginum ls "$folder/demo.pv"
run target/release/paginum cat "$folder/demo.pv" temperature --rows 5000..5003
run target/release/paginum compress examples/arrays/temperature.npy -o "$folder/temperature.pco"
run target/release/paginum diff examples/arrays/temperature.npy "$folder/temperature.pco" && echo "the same bits"
run target/release/paginum unpack "$folder/demo.pv" -o "$folder/back" --quiet >/dev/null
for array in examples/arrays/*.npy; do
  cmp "$array" "$folder/back/field_data/$(basename "$array")"
done
echo "all eight arrays came back byte by byte"
