#!/bin/sh
# Builds the extension module beside the Python files, with the settings of the Rust tests so that what these built is not
# built again, and runs the tests in the virtual environment FOLDER.
set -eu

cd "$(dirname "$0")/../.."
sh python/tests/environment.sh "$1"
environment=$(cd "$1" && pwd)
CARGO_PROFILE_DEV_OPT_LEVEL=2 CARGO_PROFILE_DEV_DEBUG=false VIRTUAL_ENV="$environment" \
  "$environment/bin/maturin" develop --quiet --config profile.dev.package.paginum.opt-level=1
"$environment/bin/python" -m pytest -q -p no:cacheprovider python/tests
# The environment of the Rust tests' peers has pyvista and VTK, which are most of a gigabyte.
peers=${PAGINUM_PEERS:-target/peers}
if [ -x "$peers/environment/bin/python" ]; then
  "$peers/environment/bin/pip" install --quiet --disable-pip-version-check pytest
  PYTHONPATH="python:$peers/0.7.0" "$peers/environment/bin/python" -m pytest -q -p no:cacheprovider \
    python/tests/test_pyvista.py python/tests/test_examples.py
fi
if [ -x "$environment/bin/stubtest" ]; then
  MYPYPATH=python "$environment/bin/stubtest" paginum._core
fi
sh python/tests/peers/run.sh "$environment"
