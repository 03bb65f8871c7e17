//! Types, levels, modes, delta encodings, lengths and kinds of numbers, in every combination of two.
//!
//! `cargo test` runs a covering array: cases chosen so that every pair of choices of any two dimensions meets in one of
//! them. The full product is ignored there and run by `make test-long`.

use paginum_wrapped::{ChunkConfig, NumberType};

use crate::support::case::Case;
use crate::support::numbers::Kind;
use crate::support::random::Random;
use crate::support::specs::{delta_specs, mode_specs};

const LENGTHS: [usize; 10] = [1, 2, 7, 255, 256, 257, 511, 512, 513, 1000];
const LEVELS: u32 = 14;
/// One more than the pages and batches that divide it.
const LONG: usize = (1 << 18) + 1;

/// Choices of one case, each an index into its dimension.
type Choices = Vec<usize>;

/// Cases of `dimensions` such that every pair of choices of two dimensions meets, and that `is_legal` holds of each.
fn covering(dimensions: &[usize], is_legal: impl Fn(&Choices) -> bool) -> Vec<Choices> {
    let random = &mut Random::new(dimensions.len() as u64);
    let any = |random: &mut Random| {
        dimensions
            .iter()
            .map(|&n| random.index(n))
            .collect::<Choices>()
    };
    let mut missing: Vec<(usize, usize, usize, usize)> = Vec::new();
    for a in 0..dimensions.len() {
        for b in a + 1..dimensions.len() {
            let pairs =
                (0..dimensions[a]).flat_map(|i| (0..dimensions[b]).map(move |j| (a, i, b, j)));
            missing.extend(pairs);
        }
    }
    let covers =
        |case: &Choices, &(a, i, b, j): &(usize, usize, usize, usize)| case[a] == i && case[b] == j;
    let mut cases = Vec::new();
    while let Some(&(a, i, b, j)) = missing.last() {
        // The best of some random cases that hold the next missing pair; a pair that no legal case holds is dropped.
        let candidates = (0..200).map(|_| {
            let mut case = any(random);
            (case[a], case[b]) = (i, j);
            case
        });
        let gain = |case: &Choices| missing.iter().filter(|pair| covers(case, pair)).count();
        match candidates.filter(&is_legal).max_by_key(gain) {
            Some(best) => {
                missing.retain(|pair| !covers(&best, pair));
                cases.push(best);
            }
            None => {
                missing.pop();
            }
        }
    }
    cases
}

/// Number type, mode, delta encoding, level, length, kind.
const DIMENSIONS: [usize; 6] = [
    11,
    5,
    13,
    LEVELS as usize,
    LENGTHS.len(),
    Kind::MATRIX.len(),
];

/// Types of 64 bits have no Conv1: their list of delta encodings is shorter.
fn is_legal(choices: &[usize]) -> bool {
    choices[2] < delta_specs(NumberType::ALL[choices[0]]).len()
}

fn case(number_type: usize, mode: usize, delta: usize, level: u32, n: usize, kind: Kind) -> Case {
    let number_type = NumberType::ALL[number_type];
    let config = ChunkConfig::default()
        .with_level(level)
        .with_mode_spec(mode_specs(number_type)[mode])
        .with_delta_spec(delta_specs(number_type)[delta]);
    Case {
        number_type,
        kind,
        n,
        seed: n as u64,
        config,
    }
}

#[test]
fn every_pair_of_choices_round_trips() {
    let cases = covering(&DIMENSIONS, |choices| is_legal(choices));
    assert!(
        cases.len() > 13 * 14,
        "{} cases cannot hold all pairs",
        cases.len()
    );
    for c in cases {
        case(
            c[0],
            c[1],
            c[2],
            c[3] as u32,
            LENGTHS[c[4]],
            Kind::MATRIX[c[5]],
        )
        .check();
    }
}

#[test]
fn long_arrays_round_trip_in_every_type_mode_and_delta() {
    let kinds = [
        Kind::Walk,
        Kind::Decimals,
        Kind::Repeats,
        Kind::Random,
        Kind::Dictionary,
    ];
    for (i, c) in covering(&DIMENSIONS[..3], |choices| is_legal(choices))
        .into_iter()
        .enumerate()
    {
        case(
            c[0],
            c[1],
            c[2],
            [8, 1, 4][i % 3],
            LONG,
            kinds[i % kinds.len()],
        )
        .check();
    }
}

/// The full product of one number type.
fn full_product(number_type: usize) {
    let name = NumberType::ALL[number_type].name();
    let n_deltas = delta_specs(NumberType::ALL[number_type]).len();
    let mut n_cases = 0;
    for mode in 0..DIMENSIONS[1] {
        for delta in 0..n_deltas {
            for level in 0..LEVELS {
                for (n, kind) in LENGTHS
                    .into_iter()
                    .flat_map(|n| Kind::MATRIX.map(|kind| (n, kind)))
                {
                    case(number_type, mode, delta, level, n, kind).check();
                    n_cases += 1;
                }
            }
            case(number_type, mode, delta, 8, LONG, Kind::Walk).check();
            n_cases += 1;
        }
    }
    println!("full product of {name}: {n_cases} cases");
}

macro_rules! full_products {
    ($($name:ident: $index:expr;)*) => { $(
        #[test]
        #[ignore = "the full product: make test-long"]
        fn $name() {
            full_product($index);
        }
    )* };
}
full_products! {
    full_product_of_u8: 0;
    full_product_of_u16: 1;
    full_product_of_u32: 2;
    full_product_of_u64: 3;
    full_product_of_i8: 4;
    full_product_of_i16: 5;
    full_product_of_i32: 6;
    full_product_of_i64: 7;
    full_product_of_f16: 8;
    full_product_of_f32: 9;
    full_product_of_f64: 10;
}
