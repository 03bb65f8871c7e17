//! The bins that cost least: neighbouring slots of a histogram, merged.
//!
//! A bin of `c` of all `n` latents costs its metadata, `c * log2(n / c)` bits of entropy, and `c` offsets as wide as
//! its range needs. `best[i]`, the least cost of the first `i` slots, is the minimum over the start `j` of the last bin
//! of `best[j] + cost(j..i)`. For one end, starts with offsets of equal width lie side by side.

use super::cost::{bit_length, log2};
use super::histogram::Slot;
use crate::dtype::Latent;

/// Bins in order, and what they cost.
#[derive(Clone, Debug)]
pub(crate) struct OptimizedBins<L> {
    /// Ranges with their counts.
    pub(crate) bins: Vec<Slot<L>>,
    /// Bits of all latents and of the bins' metadata.
    pub(crate) cost_bits: f64,
}

/// Merges slots at a price of `bin_meta_bits` a bin.
pub(crate) fn optimize_bins<L: Latent>(slots: &[Slot<L>], bin_meta_bits: f64) -> OptimizedBins<L> {
    let n_slots = slots.len();
    // Counts before each slot.
    let mut before = Vec::with_capacity(n_slots + 1);
    before.push(0.0);
    let mut n = 0.0;
    for slot in slots {
        n += f64::from(slot.count);
        before.push(n);
    }
    let log2_n = if n > 0.0 { log2(n) } else { 0.0 };
    let mut best = vec![0.0; n_slots + 1];
    let mut starts = vec![0u32; n_slots + 1];
    // The first start whose offsets to the current end are at most so wide; only ever moves on.
    let mut first_of_width = vec![0usize; L::BITS as usize + 1];
    for end in 1..=n_slots {
        let upper = slots[end - 1].upper;
        let mut least = f64::INFINITY;
        let mut least_start = 0;
        let mut class_end = end;
        let widest = bit_length(upper - slots[0].lower) as usize;
        for width in 0..=widest {
            let first = &mut first_of_width[width];
            while *first < end && bit_length(upper - slots[*first].lower) as usize > width {
                *first += 1;
            }
            let class = *first..class_end;
            class_end = *first;
            let bits = width as f64 + log2_n;
            for start in class {
                let count = before[end] - before[start];
                let cost = best[start] + count * (bits - log2(count));
                if cost < least {
                    least = cost;
                    least_start = start;
                }
            }
        }
        best[end] = least + bin_meta_bits;
        starts[end] = least_start as u32;
    }

    let mut bins = Vec::new();
    let mut end = n_slots;
    while end > 0 {
        let start = starts[end] as usize;
        bins.push(Slot {
            count: (before[end] - before[start]) as u32,
            lower: slots[start].lower,
            upper: slots[end - 1].upper,
        });
        end = start;
    }
    bins.reverse();
    OptimizedBins {
        bins,
        cost_bits: best[n_slots],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bins::histogram::histogram_of_sorted;

    #[test]
    fn a_spike_leaves_the_noise_around_it() {
        let mut latents: Vec<u32> = (0..4096).map(|i| i * 1001).collect();
        latents.extend([2_000_000; 4000]);
        latents.sort_unstable();
        let slots = histogram_of_sorted(&latents, 64);
        let optimized = optimize_bins(&slots, 50.0);
        let spike = optimized.bins.iter().find(|bin| bin.lower == 2_000_000);
        assert_eq!(
            spike.map(|bin| (bin.upper, bin.count)),
            Some((2_000_000, 4000))
        );
        assert!(optimized.bins.len() <= 4);
    }

    #[test]
    fn uniform_noise_is_one_bin() {
        let latents: Vec<u64> = (0..4096).map(|i| i * 1000).collect();
        let optimized = optimize_bins(&histogram_of_sorted(&latents, 64), 80.0);
        assert_eq!(optimized.bins.len(), 1);
        assert!((optimized.cost_bits - (80.0 + 4096.0 * 22.0)).abs() < 1e-6);
    }
}
