//! The 13 files that pco's own repository keeps, one for each step of its format, by value.
//!
//! They are not ours to copy: where `../shared/corpus/pco` is missing, this says so and checks nothing.

use std::path::Path;

use paginum_wrapped::{Number, f16, standalone};

use crate::support::bitwise::assert_same_bits;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/pco");

fn check<T: Number>(name: &str, expected: &[T]) {
    let bytes = std::fs::read(Path::new(FOLDER).join(name).with_extension("pco")).expect(name);
    let decoded: Vec<T> = standalone::decompress(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_same_bits(&decoded, expected, name);
}

/// A chaotic sequence of halves.
fn halves() -> Vec<f16> {
    let next = |num: f32| (num * 77.7 + 0.1) % 2.0;
    let nums = std::iter::successors(Some(next(0.1)), |&num| Some(next(num))).take(2000);
    nums.map(|num| f16::from_f32(if num < 1.0 { -1.0 - num } else { num }))
        .collect()
}

/// The same as floats of 32 bits, some of them off by one unit in the last place.
fn nearly_halves() -> Vec<f32> {
    let widened = halves().into_iter().map(f32::from);
    widened
        .map(|x| {
            if x.abs() < 1.1 {
                f32::from_bits(x.to_bits() + 1)
            } else {
                x
            }
        })
        .collect()
}

/// A recurrence of order 2 with a sawtooth added.
fn recurrence() -> Vec<i32> {
    let (mut before, mut last) = (0f32, 0f32);
    let next = |i| {
        let x = last * 1.99 - before + ((i * 47) % 77 - 38) as f32;
        (before, last) = (last, x);
        (x + 10_000.0) as i32
    };
    (0..2000).map(next).collect()
}

#[test]
fn official_files_hold_what_they_should() {
    if !Path::new(FOLDER).is_dir() {
        println!("skipped: no folder ../shared/corpus/pco beside the repository");
        return;
    }
    let mut multiples: Vec<i32> = (0..2000).map(|i| i * 1000).collect();
    multiples[1337] -= 1;
    let mut floats: Vec<f32> = (0..2000).map(|i| i as f32).collect();
    floats[1337] += 1.001;
    let lookback: [u32; 10] = [
        1121827092, 729032807, 3968137854, 2875434067, 3775328080, 431649926, 1048116090,
        1906978350, 14752788, 1180462487,
    ];
    let dictionary: [u64; 3] = [8924659283, 234897984367, 9827358920];

    check(
        "v0_0_0_classic",
        &(0..1000).chain(2000..3000).collect::<Vec<i32>>(),
    );
    check("v0_0_0_delta_float_mult", &floats);
    check("v0_1_0_delta_int_mult", &multiples);
    check::<f32>("v0_1_1_standalone_versioned", &[]);
    check("v0_3_0_f16", &halves());
    check("v0_3_0_float_quant", &nearly_halves());
    check("v0_4_0_lookback_delta", &lookback.repeat(100));
    check::<u32>("v0_4_5_uniform_type", &[1, 2, 3, 4, 5]);
    check::<u32>("v0_4_8_minor_version", &[1, 2, 3, 4, 5]);
    check("v1_0_0_conv1", &recurrence());
    check("v1_0_0_dict", &dictionary.repeat(1000));
    check(
        "v1_0_0_i8",
        &(-128..=-64).chain(64..=127).collect::<Vec<i8>>(),
    );
    check("v1_0_0_u8", &(0..=64).chain(192..=255).collect::<Vec<u8>>());
}
