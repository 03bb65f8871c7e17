//! Looks at a stretch of numbers for distances at which they are alike: interleaved components, rows of grids.
//!
//! Only candidates come out of it, which are then priced.

use paginum_wrapped::{Latent, Number};

/// Numbers that are compared at each distance of components.
const PERIOD_N: usize = 4096;
/// How many bits nearer a number must be than its neighbour.
const NEARER_BITS: f64 = 0.4;
/// Numbers that are compared at each distance of rows.
const WIDTH_N: usize = 2048;
const MIN_WIDTH: usize = 12;
/// A row is as near as at most this part of what numbers far apart are.
const NEAR: f64 = 0.6;

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
    let distances: Vec<u32> = (0..max)
        .map(|lag| sum_of_differences(&grey[..n], &grey[lag..lag + n]))
        .collect();
    let far = &distances[MIN_WIDTH..];
    let mean = far.iter().map(|d| f64::from(*d)).sum::<f64>() / far.len() as f64;
    // The first of the rows that are about the nearest.
    let is_dip = |lag: &usize| {
        let d = distances[*lag];
        d < distances[lag - 1] && d <= distances.get(lag + 1).copied().unwrap_or(u32::MAX)
    };
    let dips = || (MIN_WIDTH..max).filter(is_dip);
    let least = dips().map(|lag| distances[lag]).min()?;
    let limit = f64::from(least) * 1.05;
    let lag = dips().find(|lag| f64::from(distances[*lag]) <= limit)?;
    (f64::from(distances[lag]) < mean * NEAR).then_some(lag)
}

/// Numbers as shades, each as common as any other.
fn grey<T: Number>(numbers: &[T]) -> Vec<u8> {
    let latents: Vec<T::Latent> = numbers.iter().map(|number| number.to_latent()).collect();
    let mut sorted = latents.clone();
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
