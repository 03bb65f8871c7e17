//! What distances and the differences that they leave cost.

use crate::dtype::Latent;
use crate::entropy::log2;
use crate::kernels::weigh::{WidthCosts, difference_bits};

/// Fractions of bits: a width, its rarity and a distance fit into one.
pub(super) type Cost = u16;

/// How many make a bit, as a power of two.
pub(super) const FRACTION: u32 = 8;

/// What a distance costs that reaches before the page: more than the nearest neighbour does, whatever that leaves.
pub(super) const OUT_OF_REACH: Cost = 150 << FRACTION;

/// What a distance costs that was chosen so often, but for a constant: the logarithm is that of one more, off by less than
/// a tenth of a bit.
#[inline(always)]
pub(super) fn cost_of_count(count: u32) -> Cost {
    /// What the bits of a float add to its exponent.
    const BIAS: u32 = 127;
    // The bits of a float are a logarithm; no count has one of 32.
    let log = ((count + 1) as f32).to_bits() >> (f32::MANTISSA_DIGITS - 1 - FRACTION);
    (((BIAS + u32::BITS) << FRACTION) - log) as Cost
}

/// What differences of each width cost.
pub(super) struct Widths {
    pub(super) costs: WidthCosts,
    /// Whether none costs less than that of nothing.
    pub(super) is_zero_best: bool,
}

impl Widths {
    /// Their bits, where nothing else is known.
    pub(super) fn plain() -> Self {
        Self {
            costs: WidthCosts::new(|n_bits| (n_bits as Cost) << FRACTION),
            is_zero_best: true,
        }
    }

    /// Their bits but for the first, and what it takes to say which width, with these counts of each.
    pub(super) fn of_counts(counts: &[u32; 65]) -> Self {
        let n: u32 = counts.iter().sum();
        let costs = WidthCosts::new(|n_bits| {
            let count = f64::from(counts[n_bits as usize]);
            let rarity = log2((f64::from(n) + 1.0) / (count + 0.5));
            let bits = rarity + f64::from(n_bits.saturating_sub(1));
            (bits * f64::from(1 << FRACTION)) as Cost
        });
        let is_zero_best = (0..=WidthCosts::MOST).all(|n_bits| costs.of(n_bits) >= costs.of(0));
        Self {
            costs,
            is_zero_best,
        }
    }
}

/// How often each distance was chosen, and each width of differences was left.
pub(super) struct Tally {
    pub(super) distances: Vec<u32>,
    pub(super) widths: [u32; 65],
}

impl Tally {
    pub(super) fn new(window_n: usize) -> Self {
        Self {
            distances: vec![0; window_n + 1],
            widths: [0; 65],
        }
    }

    /// Counts the distances of latents from `start` on, which is not the first.
    pub(super) fn add<L: Latent>(&mut self, latents: &[L], start: usize, distances: &[u32]) {
        for (i, &distance) in (start..).zip(distances) {
            let n_bits = difference_bits(latents[i], latents[i - distance as usize]);
            self.distances[distance as usize] += 1;
            self.widths[n_bits as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_fall_with_their_counts() {
        let costs = [0, 1, 2, 100, 1 << 24].map(cost_of_count);
        assert!(costs.is_sorted_by(|a, b| a > b));
        assert_eq!(costs[0] - costs[1], 1 << FRACTION);
        // With the widest difference, the rarest of all there can be, it fits.
        let mut counts = [0; 65];
        counts[0] = 1 << 24;
        let widest = Widths::of_counts(&counts).costs.of(WidthCosts::MOST);
        let sum = |cost: Cost| u32::from(cost) + u32::from(widest);
        assert!(sum(costs[0]) < u32::from(OUT_OF_REACH));
        assert!(sum(OUT_OF_REACH) < 1 << Cost::BITS);
    }
}
