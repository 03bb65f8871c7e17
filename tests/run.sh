#!/bin/sh
# Every test, as `make test` runs them. The Python environments are made while Cargo compiles: the one waits for the network,
# the other for processors.
set -eu

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
peers=${PAGINUM_PEERS:?the folder of the environments of the peers}
python_tests=${PAGINUM_PYTHON_TESTS:?the folder of the environment of the Python tests}
features=${PAGINUM_FEATURES:?the features that are tested beside the default ones}

{
  sh tests/peers/environments.sh "$peers" 0.7.0 0.2.4
  sh python/tests/environment.sh "$python_tests"
} &
environments=$!
# What was interrupted leaves nothing behind that goes on.
trap 'kill "$environments" 2> /dev/null || true' EXIT

"$cargo" test --workspace --features "$features" --no-run
wait "$environments"
trap - EXIT
"$cargo" test --workspace --features "$features"
