//! Looks at a stretch of numbers for distances at which they are alike: interleaved components, rows of grids.
//!
//! Only candidates come out of it, which are then priced.

use paginum_wrapped::{Latent, Number};

/// Numbers that are compared at each distance of components.
const PERIOD_N: usize = 2048;
/// How many bits nearer a number must be than its neighbour.
const NEARER_BITS: f64 = 0.4;
/// Numbers that are compared at each distance of rows.
const WIDTH_N: usize = 2048;
/// One of so many of them says which distances are worth that.
const WIDTH_PART: usize = 16;
/// One of so many of them says where shades begin.
const GREY_PART: usize = 5;
const MIN_WIDTH: usize = 12;
/// A row is as near as at most this part of what numbers far apart are.
const NEAR: f64 = 0.6;
/// How much farther away a row may seem to be by a few numbers.
const UNSURE: f64 = 0.15;

/// The numbers of components that `numbers` may be made of, up to `max`: those whose numbers are nearest to each other, two at most.
pub(super) fn periods<T: Number>(numbers: &[T], max: usize) -> Vec<usize> {
    let latents: Vec<u64> = numbers
        .iter()
        .take(PERIOD_N + max + 1)
        .map(|number| number.to_latent().to_u64())
        .collect();
    let n = latents.len().saturating_sub(max + 1);
    if n < 64 {
        return Vec::new();
    }
    let mean_bits = |lag: usize| {
        let bits: u32 = (0..n)
            .map(|i| 64 - latents[i + lag].abs_diff(latents[i]).leading_zeros())
            .sum();
        f64::from(bits) / n as f64
    };
    let bits: Vec<f64> = (0..=max + 1).map(mean_bits).collect();
    let least = bits[1..=max].iter().copied().fold(f64::INFINITY, f64::min);
    // Nearer than the numbers around, too: those of another component.
    let is_dip = |k: &usize| {
        let others = [1, k - 1, k + 1];
        others
            .iter()
            .all(|other| bits[*k] < bits[*other] - NEARER_BITS)
    };
    let mut near: Vec<usize> = (2..=max)
        .filter(is_dip)
        .filter(|k| bits[*k] < least + 0.5)
        .collect();
    // Multiples of a period are as near as it.
    if let Some(first) = near.first().copied() {
        near.retain(|k| *k == first || k % first != 0);
    }
    near.truncate(2);
    near
}

/// The length of rows that `numbers` may be made of, if they are nearer to each other than numbers are in general.
pub(super) fn width<T: Number>(numbers: &[T]) -> Option<usize> {
    let max = (numbers.len() / 2).min(4096);
    if max < 2 * MIN_WIDTH {
        return None;
    }
    let n = (numbers.len() - max).min(WIDTH_N);
    let grey = grey(&numbers[..n + max]);
    let distance = |lag: usize, n: usize| {
        let sum = sum_of_differences(&grey[..n], &grey[lag..lag + n]);
        f64::from(sum) / n as f64
    };
    // A few numbers say which distances are worth a look with all.
    let few = n.min(WIDTH_N / WIDTH_PART);
    let scouted: Vec<f64> = (0..max).map(|lag| distance(lag, few)).collect();
    let mean = scouted[MIN_WIDTH..].iter().sum::<f64>() / (max - MIN_WIDTH) as f64;
    let is_dip = |lag: &usize| {
        let d = scouted[*lag];
        d < scouted[lag - 1] && scouted.get(lag + 1).is_none_or(|after| d <= *after)
    };
    let dips: Vec<usize> = (MIN_WIDTH..max).filter(is_dip).collect();
    let least = dips
        .iter()
        .map(|lag| scouted[*lag])
        .min_by(f64::total_cmp)?;
    if least > mean * NEAR {
        return None;
    }
    // The first of the rows that are about the nearest.
    let dips = dips
        .into_iter()
        .filter(|lag| scouted[*lag] <= least + mean * UNSURE);
    let near: Vec<(usize, f64)> = dips.map(|lag| (lag, distance(lag, n))).collect();
    let least = near.iter().map(|(_, d)| *d).min_by(f64::total_cmp)?;
    let (lag, _) = *near.iter().find(|(_, d)| *d <= least * 1.05)?;
    // A few numbers may be off by one.
    let around = lag - 1..=(lag + 1).min(max - 1);
    let (lag, d) = around
        .map(|lag| (lag, distance(lag, n)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    (d < mean * NEAR).then_some(lag)
}

/// Numbers as shades, each as common as any other.
fn grey<T: Number>(numbers: &[T]) -> Vec<u8> {
    let latents: Vec<T::Latent> = numbers.iter().map(|number| number.to_latent()).collect();
    let mut sorted: Vec<T::Latent> = latents.iter().copied().step_by(GREY_PART).collect();
    sorted.sort_unstable();
    let steps: Vec<T::Latent> = (1..256).map(|i| sorted[i * sorted.len() / 256]).collect();
    latents
        .iter()
        .map(|latent| steps.partition_point(|step| step < latent) as u8)
        .collect()
}

fn sum_of_differences(left: &[u8], right: &[u8]) -> u32 {
    let pairs = left.iter().zip(right);
    pairs
        .map(|(left, right)| u32::from(left.abs_diff(*right)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_seen() {
        let numbers: Vec<i32> = (0..9000)
            .map(|i| [i, 40_000 - i, i * 7 + 1_000_000][i as usize % 3])
            .collect();
        assert_eq!(periods(&numbers, 16)[0], 3);
        let walk: Vec<i32> = (0..9000).collect();
        assert!(periods(&walk, 16).is_empty());
    }

    #[test]
    fn rows_are_seen() {
        let grid = |i: i32| {
            let (x, y) = (f64::from(i % 361), f64::from(i / 361));
            ((x / 30.0).sin() * 900.0 + (y / 17.0).cos() * 90.0) as f32
        };
        let numbers: Vec<f32> = (0..8192).map(grid).collect();
        assert_eq!(width(&numbers), Some(361));
        let line: Vec<f32> = (0..8192).map(|i| i as f32).collect();
        assert_eq!(width(&line), None);
    }
}
