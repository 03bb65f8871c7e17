//! The bins that cost least: neighbouring slots of a histogram, merged.
//!
//! A bin of `c` of all `n` latents costs its metadata, `c * log2(n / c)` bits of entropy, and `c` offsets as wide as
//! its range needs. `best[i]`, the least cost of the first `i` slots, is the minimum over the start `j` of the last bin
//! of `best[j] + cost(j..i)`.
//!
//! That is quadratic in the slots, but little of it has to be computed: a last bin only costs more the later it ends.
//! (More latents cost more at the same width from width 2 on; and a bin that grows by a slot either has that width or
//! gets it.) So what a block of starts came to at an earlier end is a lower bound for all later ones, and the block is
//! looked at again only where the least that is known is above that. The result is exactly that of trying all.

use super::histogram::Slot;
use crate::dtype::Latent;
use crate::entropy::log2;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Starts that are skipped or tried together.
const BLOCK_N: usize = 16;

/// Bins in order, and what they cost.
#[derive(Clone, Debug)]
pub(crate) struct OptimizedBins<L> {
    /// Ranges with their counts.
    pub(crate) bins: Vec<Slot<L>>,
    /// Bits of all latents and of the bins' metadata.
    pub(crate) cost_bits: f64,
}

/// Merges slots at a price of `bin_meta_bits` a bin.
pub(crate) fn optimize_bins<L: Latent>(
    isa: Isa,
    slots: &[Slot<L>],
    bin_meta_bits: f64,
) -> OptimizedBins<L> {
    isa.run(Optimize {
        slots,
        bin_meta_bits,
    })
}

struct Optimize<'a, L> {
    slots: &'a [Slot<L>],
    bin_meta_bits: f64,
}

impl<L: Latent> Kernel for Optimize<'_, L> {
    type Output = OptimizedBins<L>;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> OptimizedBins<L> {
        let Self {
            slots,
            bin_meta_bits,
        } = self;
        let mut search = Search::new(slots);
        for end in 1..=slots.len() {
            let upper = slots[end - 1].upper.to_u64();
            let last_block = (end - 1) / BLOCK_N;
            let mut least = (f64::INFINITY, 0);
            for block in (0..=last_block).rev() {
                if search.bounds[block] >= least.0 {
                    continue;
                }
                let costs = search.costs(block, end, upper);
                let of_block = least_of(costs);
                // Later ends bring more starts into the last block.
                if block < last_block {
                    search.bounds[block] = of_block;
                }
                if of_block < least.0 {
                    let last = costs.iter().rposition(|&cost| cost == of_block);
                    least = (of_block, block * BLOCK_N + last.expect("one of them"));
                }
            }
            search.best[end] = least.0 + bin_meta_bits;
            search.starts[end] = least.1 as u32;
        }
        OptimizedBins {
            bins: search.bins(slots),
            cost_bits: search.best[slots.len()],
        }
    }
}

/// Where the search stands; `lowers`, `before` and `best` go on to the end of a block.
struct Search {
    /// Where each slot starts.
    lowers: Vec<u64>,
    /// Latents before each slot.
    before: Vec<f64>,
    log2_n: f64,
    /// The least cost of the slots before each; infinite where it is not known yet.
    best: Vec<f64>,
    /// For each block of starts, what the last bins from there on cost at least.
    bounds: Vec<f64>,
    /// Where the last bin starts for each end.
    starts: Vec<u32>,
}

impl Search {
    #[inline(always)]
    fn new<L: Latent>(slots: &[Slot<L>]) -> Self {
        let len = (slots.len() / BLOCK_N + 1) * BLOCK_N;
        let mut lowers: Vec<u64> = slots.iter().map(|slot| slot.lower.to_u64()).collect();
        lowers.resize(len, 0);
        let mut before = Vec::with_capacity(len);
        let mut n = 0.0;
        before.push(n);
        for slot in slots {
            n += f64::from(slot.count);
            before.push(n);
        }
        before.resize(len, n);
        let mut best = vec![f64::INFINITY; len];
        best[0] = 0.0;
        Self {
            lowers,
            before,
            log2_n: log2(n.max(1.0)),
            best,
            bounds: vec![f64::NEG_INFINITY; len / BLOCK_N],
            starts: vec![0; slots.len() + 1],
        }
    }

    /// The costs of all latents before `end`, with a last bin from each start of a block on, without its metadata. Its
    /// largest latent is `upper`.
    #[inline(always)]
    fn costs(&self, block: usize, end: usize, upper: u64) -> [f64; BLOCK_N] {
        let lowers = &self.lowers.as_chunks::<BLOCK_N>().0[block];
        let before = &self.before.as_chunks::<BLOCK_N>().0[block];
        let best = &self.best.as_chunks::<BLOCK_N>().0[block];
        let to_end = self.before[end];
        let mut costs = [0.0; BLOCK_N];
        for i in 0..BLOCK_N {
            // Starts behind the end have infinite costs, whatever their counts.
            let count = (to_end - before[i]).max(1.0);
            let width = bit_length_as_float(upper.wrapping_sub(lowers[i]));
            costs[i] = best[i] + count * (self.log2_n + width - log2(count));
        }
        costs
    }

    fn bins<L: Latent>(&self, slots: &[Slot<L>]) -> Vec<Slot<L>> {
        let mut bins = Vec::new();
        let mut end = slots.len();
        while end > 0 {
            let start = self.starts[end] as usize;
            bins.push(Slot {
                count: (self.before[end] - self.before[start]) as u32,
                lower: slots[start].lower,
                upper: slots[end - 1].upper,
            });
            end = start;
        }
        bins.reverse();
        bins
    }
}

/// The bit length of an integer, without an instruction that vectors lack.
#[inline(always)]
fn bit_length_as_float(x: u64) -> f64 {
    // Without its second bit an integer is not rounded up to the next power of two.
    let float = (x & !(x >> 1)) as f64;
    // The exponent of 1 is 1023, that of 0 is 0.
    let exponent = (float.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i32;
    f64::from((exponent - 1022).max(0))
}

/// The least of some costs, by halves: in vectors.
#[inline(always)]
fn least_of(mut costs: [f64; BLOCK_N]) -> f64 {
    let mut n = BLOCK_N / 2;
    while n > 0 {
        let (first, second) = costs[..2 * n].split_at_mut(n);
        for (a, &b) in first.iter_mut().zip(&*second) {
            *a = if b < *a { b } else { *a };
        }
        n /= 2;
    }
    costs[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bins::histogram::histogram_of_sorted;
    use crate::entropy::bit_length;

    /// All starts for all ends.
    fn plain_cost(slots: &[Slot<u64>], bin_meta_bits: f64) -> f64 {
        let n: f64 = slots.iter().map(|slot| f64::from(slot.count)).sum();
        let mut best = vec![0.0];
        for end in 1..=slots.len() {
            let costs = (0..end).map(|start| {
                let bin = &slots[start..end];
                let count: f64 = bin.iter().map(|slot| f64::from(slot.count)).sum();
                let width = f64::from(bit_length(bin[bin.len() - 1].upper - bin[0].lower));
                best[start] + bin_meta_bits + count * (log2(n) + width - log2(count))
            });
            best.push(costs.fold(f64::INFINITY, f64::min));
        }
        best[slots.len()]
    }

    #[test]
    fn bit_lengths_are_exact() {
        for bits in 0..=64 {
            let largest = if bits == 0 {
                0
            } else {
                u64::MAX >> (64 - bits)
            };
            for x in [largest, largest / 2 + 1, largest - largest / 4] {
                assert_eq!(bit_length_as_float(x), f64::from(bit_length(x)), "{x:x}");
            }
        }
    }

    #[test]
    fn skipping_loses_nothing() {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
            state >> 33
        };
        for round in 0..60 {
            let n_slots = random() % 150 + 1;
            let mut lower = random();
            let slots: Vec<Slot<u64>> = (0..n_slots)
                .map(|_| {
                    lower += 1 + (random() >> (random() % 31));
                    let width = random() >> (10 + random() % 21);
                    let slot = Slot {
                        count: 1 + (random() >> (random() % 31)) as u32 % 10_000,
                        lower,
                        upper: lower + width,
                    };
                    lower += width;
                    slot
                })
                .collect();
            for bin_meta_bits in [0.5, 80.0, 2000.0] {
                let found = optimize_bins(Isa::best().unwrap(), &slots, bin_meta_bits).cost_bits;
                let expected = plain_cost(&slots, bin_meta_bits);
                assert!(
                    (found - expected).abs() <= 1e-9 * expected,
                    "round {round}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn a_spike_leaves_the_noise_around_it() {
        let mut latents: Vec<u32> = (0..4096).map(|i| i * 1001).collect();
        latents.extend([2_000_000; 4000]);
        latents.sort_unstable();
        let slots = histogram_of_sorted(&latents, 64);
        let optimized = optimize_bins(Isa::SCALAR, &slots, 50.0);
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
        let optimized = optimize_bins(Isa::SCALAR, &histogram_of_sorted(&latents, 64), 80.0);
        assert_eq!(optimized.bins.len(), 1);
        assert!((optimized.cost_bits - (80.0 + 4096.0 * 22.0)).abs() < 1e-6);
    }
}
