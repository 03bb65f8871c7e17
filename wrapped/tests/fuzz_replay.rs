//! Replays every committed regression of the fuzz targets, without a fuzzer: each file once made its target fail.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the fuzzer's own crate uses the rest"
)]
mod fuzzed;

use std::path::Path;

/// Runs `target` on each file of its folder.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzzed/regressions")
        .join(name);
    let Ok(entries) = folder.read_dir() else {
        println!("no regressions of {name}");
        return;
    };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        println!("{}", path.display());
        target(&std::fs::read(&path).expect("a readable file"));
    }
}

#[test]
fn regressions_of_decode_wrapped_pass() {
    replay("decode_wrapped", fuzzed::decode_wrapped);
}

#[test]
fn regressions_of_decode_standalone_pass() {
    replay("decode_standalone", fuzzed::decode_standalone);
}

#[test]
fn regressions_of_round_trip_pass() {
    replay("round_trip", fuzzed::round_trip);
}

#[test]
fn regressions_of_against_pco_pass() {
    replay("against_pco", fuzzed::against_pco);
}

#[test]
fn regressions_of_rows_pass() {
    replay("rows", fuzzed::rows);
}
