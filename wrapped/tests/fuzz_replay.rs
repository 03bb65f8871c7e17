//! Replays every committed regression of the fuzz targets, without a fuzzer: each file once made its target fail.

#[path = "../../fuzz/src/lib.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the fuzzer's own crate uses the rest"
)]
mod fuzz;

use std::path::Path;

/// Runs `target` on each file of its folder.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/regressions")
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
    replay("decode_wrapped", fuzz::decode_wrapped);
}

#[test]
fn regressions_of_decode_standalone_pass() {
    replay("decode_standalone", fuzz::decode_standalone);
}

#[test]
fn regressions_of_round_trip_pass() {
    replay("round_trip", fuzz::round_trip);
}

#[test]
fn regressions_of_against_pco_pass() {
    replay("against_pco", fuzz::against_pco);
}

#[test]
fn regressions_of_rows_pass() {
    replay("rows", fuzz::rows);
}
