//! Random cases: the engine and pco 1.1.0 read each other and the engine reads itself, wrapped and standalone.
//!
//! The seed is fixed, so that `cargo test` means the same everywhere; `PAGINUM_TEST_LONG=1` draws it anew and runs many
//! more. What once failed is in `differential.regressions` and runs first.

use paginum_wrapped::{ChunkConfig, NumberType, PagingSpec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestRunner};

use crate::support::case::Case;
use crate::support::is_long;
use crate::support::numbers::Kind;
use crate::support::specs::{delta_specs, mode_specs};

const REGRESSIONS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/engine/differential.regressions"
);

fn runner() -> TestRunner {
    let (cases, rng_seed) = if is_long() {
        (50_000, RngSeed::Random)
    } else {
        (600, RngSeed::Fixed(1))
    };
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..ProptestConfig::default()
    })
}

fn paging(n: usize) -> impl Strategy<Value = PagingSpec> {
    let exact = proptest::collection::vec(1..=n, 0..4).prop_map(move |mut ends| {
        ends.push(n);
        ends.sort_unstable();
        ends.dedup();
        let sizes = ends
            .iter()
            .scan(0, |start, &end| Some(end - std::mem::replace(start, end)));
        PagingSpec::Exact(sizes.collect())
    });
    prop_oneof![
        2 => Just(PagingSpec::default()),
        1 => (n.div_ceil(5)..=n).prop_map(PagingSpec::EqualPagesUpTo),
        1 => exact,
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let n = prop_oneof![3 => 1..600usize, 1 => 600..5000usize, 1 => select(vec![1, 255, 256, 257, 512, 1024])];
    let shape = (
        select(&NumberType::ALL),
        select(&Kind::ALL),
        n,
        any::<u64>(),
    );
    shape.prop_flat_map(|(number_type, kind, n, seed)| {
        let choices = (
            0..=13u32,
            select(mode_specs(number_type)),
            select(delta_specs(number_type)),
            paging(n),
        );
        choices.prop_map(move |(level, mode_spec, delta_spec, paging_spec)| Case {
            number_type,
            kind,
            n,
            seed,
            config: ChunkConfig::default()
                .with_level(level)
                .with_mode_spec(mode_spec)
                .with_delta_spec(delta_spec)
                .with_paging_spec(paging_spec),
        })
    })
}

#[test]
fn the_engine_and_pco_read_each_other() {
    let checked = |case: Case| {
        case.check();
        Ok(())
    };
    if let Err(failure) = runner().run(&case(), checked) {
        panic!("{failure}");
    }
}
