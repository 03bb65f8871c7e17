//! The filters `fast` and `dense` through their public door: what their fuzzers are given, and what these found.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use paginum::ArraySpec;
use paginum::filter::{Dense, EncodeContext, Fast, Filter};

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses it")]
#[path = "fuzzed/pages.rs"]
mod fuzzed;

/// Arrays that bring each scheme and each layer about, as inputs of the fuzzer.
fn inputs(filter: &dyn Filter) -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for (no, (dtype, size)) in [("|u1", 1), ("<i2", 2), ("<f4", 4), ("<i8", 8), ("<f8", 8)]
        .into_iter()
        .enumerate()
    {
        let no = [0, 3, 7, 9, 10][no];
        let spec = ArraySpec::new(dtype.parse().unwrap(), [2500]).unwrap();
        let word = |kind: u64, i: u64| match kind {
            0 => i * 7 % 90,
            1 => i * i % 1009 * 3,
            2 => i / 40 % 5,
            3 => u64::from(i.is_multiple_of(50)) * i,
            4 => ((i % 3) << 13) | (i % 30),
            5 => i % 331 * (i % 331) % 1009 * 9,
            6 => i % 70 * (i % 70) * 11 + i / 70 * 90,
            _ => i.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        };
        for kind in 0..8 {
            let numbers = (0..2500).flat_map(|i| match (dtype, kind < 7) {
                ("<f4", true) => (word(kind, i) as f32 / 10.0).to_le_bytes().to_vec(),
                ("<f8", true) => (word(kind, i) as f64 / 10.0).to_le_bytes().to_vec(),
                _ => word(kind, i).to_le_bytes()[..size].to_vec(),
            });
            let rows: Vec<u8> = numbers.collect();
            let mut payload = Vec::new();
            let mut encoder = filter.encoder(&spec, &EncodeContext::default()).unwrap();
            encoder.push_rows(&rows, &mut payload).unwrap();
            encoder.finish(&mut payload).unwrap();
            inputs.push(fuzzed::input_of(no, 2500, &payload).unwrap());
        }
    }
    inputs
}

fn check_damaged(filter: &dyn Filter, read: fn(&[u8])) {
    let mut state = 1_u64;
    for input in inputs(filter) {
        read(&input);
        for _ in 0..60 {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            let mut damaged = input.clone();
            // Fields stand in front.
            let place = (state >> 33) as usize % damaged.len().min(200);
            damaged[place] ^= 1 << ((state >> 20) & 7);
            if state >> 60 < 3 {
                damaged.truncate(damaged.len() - place);
            }
            read(&damaged);
        }
    }
}

#[test]
fn damaged_pages_under_right_checksums_are_errors_or_numbers() {
    check_damaged(&Fast::default(), fuzzed::read_fast);
    check_damaged(&Dense::default(), fuzzed::read_dense);
}

#[test]
fn findings_stay_fixed() {
    type Target = (&'static str, fn(&[u8]));
    let targets: [Target; 2] = [
        ("read_fast", fuzzed::read_fast),
        ("read_dense", fuzzed::read_dense),
    ];
    for (name, read) in targets {
        let folder = format!(
            "{}/tests/fuzzed/regressions/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        // A target without findings has no folder.
        let files = std::fs::read_dir(folder).into_iter().flatten();
        for file in files {
            read(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}
