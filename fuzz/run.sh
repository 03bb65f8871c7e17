#!/bin/sh
# Fuzzes: `sh fuzz/run.sh SECONDS [TARGET]...` gives each target SECONDS, `--total SECONDS` shares them out.
# Needs a nightly toolchain; installs cargo-fuzz of the version below if it is missing. Findings go to fuzz/artifacts
# and make the script fail; `cargo fuzz tmin` makes them small, and then they belong into the folder `regressions` that the case below names.
set -eu
cd "$(dirname "$0")"
CARGO_FUZZ_VERSION=0.13.2
ALL="decode_wrapped decode_standalone round_trip against_pco rows open_pv read_pv append_pv gunzip http_response open_gnz open_fits open_pzp read_fast read_dense"

if [ "${1:-}" = "--total" ]; then
  seconds=$(( ${2:?seconds} / 15 ))
  shift 2
else
  seconds=${1:?seconds}
  shift
fi
targets=${*:-$ALL}

# Into a folder of its own: what the user has installed is his.
tools="$PWD/target/tools"
PATH="$tools/bin:$PATH"
if ! cargo fuzz --version 2>/dev/null | grep -q "$CARGO_FUZZ_VERSION"; then
  cargo install --quiet --root "$tools" cargo-fuzz --version "=$CARGO_FUZZ_VERSION" --locked
fi
cargo run --quiet --bin seeds

failed=""
for target in $targets; do
  # Beside the tests that replay them.
  case $target in
    *_pv | *_gnz | *_fits | *_pzp | *_fast | *_dense | gunzip | http_response) regressions="../tests/fuzzed/regressions/$target" ;;
    *) regressions="../wrapped/tests/fuzzed/regressions/$target" ;;
  esac
  mkdir -p "corpus/$target" "$regressions" artifacts logs
  log="logs/$target.log"
  case $target in *_fits) max_len=17280 ;; *_pv | *_gnz) max_len=8192 ;; *) max_len=4096 ;; esac
  echo "== $target for $seconds s"
  # The oracle reserves up to 256 MiB for a dictionary or a window that it is told of; nothing may ask for more.
  if ! cargo +nightly fuzz run "$target" "corpus/$target" "$regressions" -- \
    -max_total_time="$seconds" -max_len=$max_len -timeout=10 -malloc_limit_mb=320 -rss_limit_mb=3072 \
    -print_final_stats=1 >"$log" 2>&1; then
    failed="$failed $target"
    tail -n 60 "$log"
  fi
  grep -E 'number_of_executed_units|new_units_added|peak_rss_mb' "$log" || true
done
if [ -n "$failed" ]; then
  echo "findings in:$failed"
  exit 1
fi
