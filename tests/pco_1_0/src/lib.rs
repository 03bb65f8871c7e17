//! The engine and pco 1.0 read each other: `cargo test --manifest-path tests/pco_1_0/Cargo.toml`.
//!
//! The tests of the engine do the same with pco 1.1; this package is apart because one build holds one of them only.
#![cfg(test)]

#[path = "../../../wrapped/tests/support/bitwise.rs"]
mod bitwise;
#[path = "../../../wrapped/tests/support/numbers.rs"]
#[allow(
    dead_code,
    reason = "shared with the engine's tests, which use the rest"
)]
mod numbers;
#[path = "../../../wrapped/tests/support/random.rs"]
#[allow(
    dead_code,
    reason = "shared with the engine's tests, which use the rest"
)]
mod random;
#[path = "../../../wrapped/tests/support/specs.rs"]
mod specs;

use bitwise::assert_same_bits;
use numbers::{Kind, numbers};
use paginum_wrapped::{
    ChunkConfig, DeltaSpec, ModeSpec, NumberType, PagingSpec, standalone, with_number_type,
};
use specs::{delta_specs, mode_specs};

trait Tested: paginum_wrapped::Number + pco::data_types::Number {}
impl<T: paginum_wrapped::Number + pco::data_types::Number> Tested for T {}

/// The same choices in pco's words.
fn pco_config(ours: &ChunkConfig) -> pco::ChunkConfig {
    let mode_spec = match ours.mode_spec {
        ModeSpec::Classic => pco::ModeSpec::Classic,
        ModeSpec::TryIntMult(base) => pco::ModeSpec::TryIntMult(base),
        ModeSpec::TryFloatMult(base) => pco::ModeSpec::TryFloatMult(base),
        ModeSpec::TryFloatQuant(k) => pco::ModeSpec::TryFloatQuant(k),
        ModeSpec::TryDict => pco::ModeSpec::TryDict,
        _ => pco::ModeSpec::Auto,
    };
    let delta_spec = match ours.delta_spec {
        DeltaSpec::NoOp => pco::DeltaSpec::NoOp,
        DeltaSpec::TryConsecutive(order) => pco::DeltaSpec::TryConsecutive(order),
        DeltaSpec::TryLookback => pco::DeltaSpec::TryLookback,
        DeltaSpec::TryConv1(order) => pco::DeltaSpec::TryConv1(order),
        _ => pco::DeltaSpec::Auto,
    };
    pco::ChunkConfig::default()
        .with_compression_level((ours.level as usize).min(12))
        .with_mode_spec(mode_spec)
        .with_delta_spec(delta_spec)
        .with_paging_spec(pco::PagingSpec::EqualPagesUpTo(PAGE_N))
        .with_enable_8_bit(true)
}

/// Divides none of the lengths, and leaves no page on which pco's Conv1 panics.
const PAGE_N: usize = 1300;

fn each_reads_the_other<T: Tested>(kind: Kind, n: usize) {
    let mut levels = (0..=13).cycle();
    let nums = numbers::<T>(kind, n, n as u64);
    for mode_spec in mode_specs(T::NUMBER_TYPE) {
        for delta_spec in delta_specs(T::NUMBER_TYPE) {
            let config = ChunkConfig::default()
                .with_level(levels.next().expect("a cycle"))
                .with_mode_spec(mode_spec)
                .with_delta_spec(delta_spec)
                .with_paging_spec(PagingSpec::EqualPagesUpTo(PAGE_N));
            let what = (T::NUMBER_TYPE, kind, n, &config);
            let ours =
                standalone::compress(&nums, &config).unwrap_or_else(|e| panic!("{what:?}: {e}"));
            let read: Vec<T> = pco::standalone::simple_decompress(&ours)
                .unwrap_or_else(|e| panic!("{what:?}: pco 1.0 on our file: {e}"));
            assert_same_bits(&read, &nums, what);
            let conv1_panics =
                matches!(delta_spec, DeltaSpec::TryConv1(order) if n < order || n % 512 < order);
            if conv1_panics {
                continue;
            }
            let theirs = pco::standalone::simple_compress(&nums, &pco_config(&config))
                .unwrap_or_else(|e| panic!("{what:?}: pco 1.0: {e}"));
            let read: Vec<T> = standalone::decompress(&theirs)
                .unwrap_or_else(|e| panic!("{what:?}: a file of pco 1.0: {e}"));
            assert_same_bits(&read, &nums, what);
        }
    }
}

#[test]
fn the_engine_and_pco_1_0_read_each_other() {
    for number_type in NumberType::ALL {
        for (i, kind) in Kind::ALL.into_iter().enumerate() {
            with_number_type!(number_type, |T| {
                each_reads_the_other::<T>(kind, [300, 1000, 2500, 1][i % 4]);
            });
        }
    }
}
