//! The laws of filters on dense pages, and what is their own: layers, and what they cost where they do not pay.

mod hostile;

use super::*;
use crate::ErrorKind;
use crate::filter::laws::{self, Random, spec, walk_bytes};
use crate::filter::{Filter, Numeric};

fn context() -> EncodeContext {
    EncodeContext::default().with_identity(*b"0000000000000000pressure__point_data")
}

fn bytes_of<T: bytemuck::Pod>(numbers: &[T]) -> Vec<u8> {
    bytemuck::cast_slice(numbers).to_vec()
}

/// What `filter` makes of an array, in bytes, after a round trip.
fn size(filter: &dyn Filter, spec: &ArraySpec, context: &EncodeContext, bytes: &[u8]) -> usize {
    let payload = laws::encode(filter, spec, context, bytes, spec.rows() as usize);
    let decoded = laws::decode(filter, spec, &context.identity, &payload).unwrap();
    assert!(decoded == bytes, "{spec}");
    payload.len()
}

/// Checks that an array takes at most `most` of what the filter numeric makes of it.
fn check_smaller<T: bytemuck::Pod>(dtype: &str, shape: &[u64], numbers: &[T], most: f64) {
    let (spec, bytes) = (spec(dtype, shape), bytes_of(numbers));
    let dense = size(&Dense::default(), &spec, &context(), &bytes);
    let numeric = size(&Numeric::default(), &spec, &context(), &bytes);
    assert!(
        (dense as f64) < numeric as f64 * most,
        "{spec}: {dense} bytes, and {numeric} by numeric"
    );
    laws::check_round_trip(&Dense::default(), &spec, &context(), &bytes);
}

#[test]
fn arrays_of_every_dtype_round_trip() {
    laws::check_every_number(&Dense::default(), &context());
}

#[test]
fn pages_of_every_size_round_trip() {
    let in_pages_of = |n| Dense::default().with_page_numbers(n);
    laws::check_pages(in_pages_of, &context());
}

#[test]
fn rows_larger_than_a_chunk_round_trip() {
    for (dtype, shape) in [("<i2", &[3, 300_000][..]), ("|u1", &[300_000, 3])] {
        let spec = spec(dtype, shape);
        laws::check_round_trip(&Dense::default(), &spec, &context(), &walk_bytes(&spec));
    }
}

#[test]
fn damage_is_noticed() {
    for (dtype, shape) in [("<f8", &[40][..]), ("<i2", &[90, 3]), ("|u1", &[200])] {
        let spec = spec(dtype, shape);
        laws::check_hostile(&Dense::default(), &spec, &context(), &walk_bytes(&spec));
    }
}

#[test]
fn stretches_that_come_again_cost_little() {
    let mut random = Random(1);
    let stretch: Vec<i32> = (0..900).map(|_| random.next() as i32).collect();
    let mut numbers = Vec::new();
    while numbers.len() < 40_000 {
        let start = random.below(700) as usize;
        numbers.extend_from_slice(&stretch[start..start + 20 + random.below(150) as usize]);
    }
    numbers.truncate(40_000);
    check_smaller("<i4", &[40_000], &numbers, 0.5);
}

#[test]
fn differences_that_come_again_cost_little() {
    let mut random = Random(2);
    let steps: Vec<u64> = (0..300).map(|_| random.below(1 << 20)).collect();
    let mut at = 0;
    let mut numbers = Vec::new();
    while numbers.len() < 40_000 {
        let start = random.below(200) as usize;
        for step in &steps[start..start + 100] {
            at += step;
            numbers.push(at);
        }
    }
    check_smaller("<u8", &[numbers.len() as u64], &numbers, 0.5);
}

#[test]
fn few_values_far_apart_are_near_by_rank() {
    let mut random = Random(3);
    let mut values: Vec<f64> = (0..900)
        .map(|_| f64::from_bits(random.next() >> 2))
        .collect();
    values.sort_by(f64::total_cmp);
    // A grid of them, whose rows are alike: the engine's own dictionary does not see that.
    let across: Vec<u64> = (0..310).map(|_| random.below(600)).collect();
    let mut numbers = Vec::new();
    for row in 0..150 {
        let rank = |x: &u64| (x + row + random.below(3)) as usize;
        numbers.extend(across.iter().map(rank).map(|rank| values[rank]));
    }
    check_smaller("<f8", &[numbers.len() as u64], &numbers, 0.7);
}

#[test]
fn rows_of_a_grid_are_near_each_other() {
    let mut random = Random(5);
    let width = 310;
    let across: Vec<i32> = (0..width).map(|_| random.below(4000) as i32).collect();
    let mut numbers = Vec::new();
    for row in 0..200 {
        numbers.extend(across.iter().map(|x| x + row * 17 + random.below(3) as i32));
    }
    check_smaller("<i4", &[200 * width as u64], &numbers, 0.6);
}

#[test]
fn components_are_found_without_a_shape() {
    let mut random = Random(6);
    let mut at = [1_000_000i32, 5, -70_000];
    let numbers: Vec<i32> = (0..60_000)
        .map(|i| {
            let component = i % 3;
            at[component] += random.below([3, 900, 40][component]) as i32;
            at[component]
        })
        .collect();
    check_smaller("<i4", &[60_000], &numbers, 0.85);
}

/// Whatever is chosen on a sample, what is written is at most a few bytes more than the engine's.
#[test]
fn layers_that_do_not_pay_are_left_out() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let n = [300, 5000, 20_000, 60_000][random.below(4) as usize];
        let mut numbers: Vec<u32> = Vec::new();
        while numbers.len() < n {
            // A part of one kind after another, so that a sample may miss some.
            let part = 1 + random.below(n as u64) as usize;
            let (kind, scale) = (random.below(5), 1 << random.below(28));
            let start = random.next() as u32;
            for i in 0..part as u32 {
                let noise = random.below(scale) as u32;
                numbers.push(match kind {
                    0 => noise,
                    1 => start
                        .wrapping_add(i.wrapping_mul(7))
                        .wrapping_add(noise % 3),
                    2 => start,
                    3 => (noise % 50).wrapping_mul(0x9E37_79B9),
                    _ => numbers[numbers.len() * (seed as usize % 3) / 3..]
                        .first()
                        .map_or(noise, |x| x ^ (noise % 2)),
                });
            }
        }
        numbers.truncate(n);
        let (spec, bytes) = (spec("<u4", &[n as u64]), bytes_of(&numbers));
        let page_numbers = [500, 8192][random.below(2) as usize];
        let dense = Dense::default().with_page_numbers(page_numbers);
        let numeric = Numeric::default().with_page_numbers(page_numbers);
        let [dense, numeric] =
            [&dense as &dyn Filter, &numeric].map(|filter| size(filter, &spec, &context(), &bytes));
        let most = numeric as f64 * 1.002 + 16.0;
        assert!(
            dense as f64 <= most,
            "seed {seed}: {dense} bytes, {numeric} by numeric"
        );
    }
}

#[test]
fn an_unknown_version_is_unsupported() {
    let spec = spec("<i4", &[900]);
    let mut payload = laws::encode(
        &Dense::default(),
        &spec,
        &context(),
        &walk_bytes(&spec),
        900,
    );
    // The parameters' own checksum is in the way, so the header is read as the filter reads it.
    payload.clear();
    let error =
        <DenseReader as super::super::paged::PageReader<i32>>::open(&[2, 4, 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("dense"), "{error}");
}
