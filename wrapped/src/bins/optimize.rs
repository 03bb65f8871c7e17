//! The bins that cost least: neighbouring slots of a histogram, merged.
//!
//! A bin of `c` of all `n` latents costs its metadata, `c * log2(n / c)` bits of entropy, and `c` offsets as wide as
//! its range needs. `best[i]`, the least cost of the first `i` slots, is the minimum over the start `j` of the last bin
//! of `best[j] + cost(j..i)`.
//!
//! That is quadratic in the slots, but little of it has to be computed. For one end, starts with offsets of equal width
//! lie side by side; within such a class the cost of the last bin is a concave function of its count, so it is least
//! at one of the ends of the class. The least `best` of the class and that give a lower bound, and a class, or a
//! block of it, whose bound is above what is already known is skipped. The result is exactly that of trying all.

use super::histogram::Slot;
use crate::dtype::Latent;
use crate::entropy::{bit_length, log2};
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
        // The first start whose offsets to the current end are at most so wide; only ever moves on.
        let mut first_of_width = [0usize; 65];
        for end in 1..=slots.len() {
            let upper = slots[end - 1].upper;
            let mut class_end = end;
            let widest = bit_length(upper - slots[0].lower);
            for width in 0..=widest {
                let first = &mut first_of_width[width as usize];
                while *first < end && bit_length(upper - slots[*first].lower) > width {
                    *first += 1;
                }
                search.try_class(*first, class_end, end, f64::from(width));
                class_end = *first;
            }
            search.finish_end(end, bin_meta_bits);
        }
        OptimizedBins {
            bins: search.bins(slots),
            cost_bits: search.best[slots.len()],
        }
    }
}

/// Where the search stands; `before` and `best` go on to the end of a block.
struct Search {
    /// Latents before each slot.
    before: Vec<f64>,
    log2_n: f64,
    /// The least cost of the slots before each.
    best: Vec<f64>,
    /// The least of `best` in each block.
    block_best: Vec<f64>,
    /// Where the last bin starts for each end.
    starts: Vec<u32>,
    /// The least cost for the current end, without its bin's metadata, and the start of that bin.
    least: (f64, usize),
}

impl Search {
    const NONE_YET: (f64, usize) = (f64::INFINITY, 0);

    #[inline(always)]
    fn new<L: Latent>(slots: &[Slot<L>]) -> Self {
        let len = (slots.len() / BLOCK_N + 1) * BLOCK_N;
        let mut before = Vec::with_capacity(len);
        let mut n = 0.0;
        before.push(n);
        for slot in slots {
            n += f64::from(slot.count);
            before.push(n);
        }
        before.resize(len, n);
        let mut block_best = vec![f64::INFINITY; len / BLOCK_N];
        block_best[0] = 0.0;
        Self {
            before,
            log2_n: log2(n.max(1.0)),
            best: vec![0.0; len],
            block_best,
            starts: vec![0; slots.len() + 1],
            least: Self::NONE_YET,
        }
    }

    /// Entropy and offsets of `count` latents in one bin.
    #[inline(always)]
    fn bin_cost(&self, count: f64, width: f64) -> f64 {
        count * (self.log2_n + width - log2(count))
    }

    /// The least that a last bin can cost which starts in `first..=last`.
    #[inline(always)]
    fn least_bin_cost(&self, first: usize, last: usize, end: usize, width: f64) -> f64 {
        let count_of = |start: usize| self.before[end] - self.before[start];
        self.bin_cost(count_of(first), width)
            .min(self.bin_cost(count_of(last), width))
    }

    /// Tries last bins from `first..class_end` to `end`, whose offsets are all equally wide.
    #[inline(always)]
    fn try_class(&mut self, first: usize, class_end: usize, end: usize, width: f64) {
        if class_end - first > BLOCK_N {
            let blocks = &self.block_best[first / BLOCK_N..=(class_end - 1) / BLOCK_N];
            let least_before = blocks.iter().copied().fold(f64::INFINITY, f64::min);
            let least_bin = self.least_bin_cost(first, class_end - 1, end, width);
            if least_before + least_bin >= self.least.0 {
                return;
            }
        }
        let mut block_end = class_end;
        while block_end > first {
            let block_first = ((block_end - 1) / BLOCK_N * BLOCK_N).max(first);
            self.try_block(block_first, block_end, end, width);
            block_end = block_first;
        }
    }

    #[inline(always)]
    fn try_block(&mut self, first: usize, block_end: usize, end: usize, width: f64) {
        /// Fewer starts are tried one by one.
        const MIN_AT_ONCE: usize = 4;
        let to_end = self.before[end];
        if block_end - first < MIN_AT_ONCE {
            for start in (first..block_end).rev() {
                let cost = self.best[start] + self.bin_cost(to_end - self.before[start], width);
                self.take_note(cost, start);
            }
            return;
        }
        let block = first / BLOCK_N;
        let least_bin = self.least_bin_cost(first, block_end - 1, end, width);
        if self.block_best[block] + least_bin >= self.least.0 {
            return;
        }
        // All starts of the block at once, since vectors take no longer; those outside the class mean nothing.
        let best = &self.best.as_chunks::<BLOCK_N>().0[block];
        let before = &self.before.as_chunks::<BLOCK_N>().0[block];
        let in_class = first % BLOCK_N..block_end - block * BLOCK_N;
        let mut costs = [f64::INFINITY; BLOCK_N];
        for (i, cost) in costs.iter_mut().enumerate() {
            let of_start = best[i] + self.bin_cost(to_end - before[i], width);
            *cost = if in_class.contains(&i) {
                of_start
            } else {
                f64::INFINITY
            };
        }
        let least = least_of(costs);
        if least < self.least.0 {
            let last = costs.iter().rposition(|&cost| cost == least);
            self.least = (
                least,
                block * BLOCK_N + last.expect("the least is one of them"),
            );
        }
    }

    #[inline(always)]
    fn take_note(&mut self, cost: f64, start: usize) {
        if cost < self.least.0 {
            self.least = (cost, start);
        }
    }

    #[inline(always)]
    fn finish_end(&mut self, end: usize, bin_meta_bits: f64) {
        let (least, start) = std::mem::replace(&mut self.least, Self::NONE_YET);
        self.best[end] = least + bin_meta_bits;
        self.starts[end] = start as u32;
        let block = &mut self.block_best[end / BLOCK_N];
        *block = block.min(self.best[end]);
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
