#!/bin/sh
# What the README shows first: packs the arrays of this folder, lists them, reads rows of one, and compares all of them
# with what went in. Every line that starts with $ can be typed as it stands, in the root of the project.
set -eu
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
demo=$target/demo
paginum=$target/release/paginum
echo "building $paginum (a few minutes the first time)"
${CARGO:-cargo} build --release
rm -rf "$demo"
mkdir -p "$demo"

run() {
  printf '\n$ %s\n' "$1"
  eval "$1"
}
run "$paginum pack examples/arrays/*.npy -o $demo/demo.pv"
run "$paginum ls $demo/demo.pv"
run "$paginum cat $demo/demo.pv temperature --rows 5000..5003"
run "$paginum compress examples/arrays/temperature.npy -o $demo/temperature.pco"
run "$paginum diff examples/arrays/temperature.npy $demo/temperature.pco && echo the same bits"
run "$paginum unpack $demo/demo.pv -o $demo/back --quiet"
for array in examples/arrays/*.npy; do
  run "cmp $array $demo/back/$(basename "$array")"
done
printf '\nAll arrays came back byte by byte. The files are in %s.\n' "$demo"
