#!/bin/sh
# Builds the extension module beside the Python files, in the profile of Rust's tests and with their features, so that what these
# built is not built again, and runs the tests in the virtual environment FOLDER: ours, and beside them those of other packages.
set -eu

cd "$(dirname "$0")/../.."
sh python/tests/environment.sh "$1"
environment=$(cd "$1" && pwd)
# The profile `test` makes tests, and one of another name has builds of its own. The module itself is compiled as fast as it goes.
profile=$environment/profile.toml
sed -n '/^\[profile\.test\]/,/^$/p; /^\[profile\.test\.package\]/,/^$/p' Cargo.toml |
  sed 's/^\[profile\.test/[profile.dev/; s/^paginum\.opt-level = .*/paginum.opt-level = 0/' > "$profile"
VIRTUAL_ENV="$environment" "$environment/bin/maturin" develop --quiet --config "$profile" --features python,ftp,cloud

# The environment of the Rust tests' peers has pyvista and VTK, which are most of a gigabyte.
peers=${PAGINUM_PEERS:-target/peers}
others() {
  if [ -x "$peers/environment/bin/python" ]; then
    "$peers/environment/bin/pip" install --quiet --disable-pip-version-check pytest
    PYTHONPATH="python:$peers/0.7.0" "$peers/environment/bin/python" -m pytest -q -p no:cacheprovider \
      python/tests/test_pyvista.py python/tests/test_examples.py
  fi
  if [ -x "$environment/bin/stubtest" ]; then
    MYPYPATH=python "$environment/bin/stubtest" paginum._core
  fi
  sh python/tests/peers/run.sh "$environment"
}

said=$environment/others.log
others > "$said" 2>&1 &
others=$!
trap 'kill "$others" 2> /dev/null || true' EXIT
status=0
"$environment/bin/python" -m pytest -q -p no:cacheprovider python/tests || status=$?
wait "$others" || status=$?
trap - EXIT
cat "$said"
exit "$status"
