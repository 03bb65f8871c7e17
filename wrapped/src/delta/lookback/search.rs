//! Finding distances for lookbacks.
//!
//! Any distance is legal, so the encoder is free to choose well or fast. It proposes, for each latent: the nearest
//! neighbours, the distances that were last good, and where the same value, or one that shares its high bits, was seen
//! last. The one that leaves the smallest difference wins, with a bonus for distances in frequent use.
//!
//! Which one that is, nobody can predict: so all are weighed, without branches.

use std::hint::select_unpredictable;

use crate::delta::difference_bits;
use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::spare::Spare;

/// Neighbours that are always proposed.
const N_NEAREST: usize = 2;
/// Distances of late that are proposed.
const N_RECENT: usize = 4;
/// And where a value was last seen, by all its bits and by its high ones.
const N_PROPOSALS: usize = N_NEAREST + N_RECENT + 2;
/// How seldom distances at which latents repeat are used at least, as a power of two: else a distance that is in use
/// already, to a latent of few bits, would win for ever.
const REPEAT_PRIOR_LOG: u32 = 6;
/// The largest table of places where a value was seen last, as a power of two.
const MAX_PLACES_LOG: u32 = 19;
/// Low bits that values may differ in and still be found.
const COARSE_SHIFT: u32 = 8;

/// Proposes and chooses distances; made once a chunk.
pub(crate) struct LookbackSearch {
    isa: Isa,
    window_n: usize,
    /// What each distance costs, from index 1, each a [`Cost`].
    costs: Spare<i64>,
    /// The distance that costs least.
    favourite: usize,
    recent: [usize; N_RECENT],
    /// For hashes of whole values and of values without their low bits, the last place, counted from 1 and through all
    /// pages.
    places: Spare<[u32; 2]>,
    places_log: u32,
    /// Latents of the pages before.
    n_before: usize,
}

impl LookbackSearch {
    /// Searches windows of `2^window_n_log` latents.
    pub(crate) fn new(isa: Isa, window_n_log: u32) -> Self {
        let places_log = (window_n_log + 1).min(MAX_PLACES_LOG);
        Self {
            isa,
            window_n: 1 << window_n_log,
            costs: Spare::filled((1 << window_n_log) + 1, Cost::of_count(0).0),
            favourite: 1,
            recent: [1; N_RECENT],
            places: Spare::filled(1 << places_log, [0; 2]),
            places_log,
            n_before: 0,
        }
    }

    /// Begins with one distance as if it had been good for a part of `n` latents; 0 for none.
    pub(crate) fn favour(&mut self, distance: usize, n: usize) {
        /// That part: what it has not earned, others overtake soon.
        const PART: usize = 8;
        if (1..self.costs.len()).contains(&distance) {
            self.costs[distance] = Cost::of_count((n / PART) as u32).0;
            self.favourite = distance;
            self.recent[0] = distance;
        }
    }

    /// Appends the distances for the latents of a page from its second on.
    pub(crate) fn find<L: Latent>(&mut self, latents: &[L], distances: &mut Vec<u32>) {
        let start = distances.len();
        distances.resize(start + latents.len().saturating_sub(1), 0);
        self.find_into(latents, &mut distances[start..]);
    }

    /// Writes the distances for the latents of a page from its second on.
    pub(crate) fn find_into<L: Latent>(&mut self, latents: &[L], distances: &mut [u32]) {
        self.isa.run(Find {
            search: self,
            latents,
            distances,
        });
    }

    /// Takes note of a choice.
    #[inline(always)]
    fn count(&mut self, distance: usize) {
        let cost = Cost::of_count(Cost(self.costs[distance]).count() + 1);
        self.costs[distance] = cost.0;
        if cost < Cost(self.costs[self.favourite]) {
            self.favourite = distance;
        }
        if !self.recent.contains(&distance) {
            self.recent.rotate_right(1);
            self.recent[0] = distance;
        }
    }

    #[inline(always)]
    fn choose<L: Latent>(&self, latents: &[L], i: usize, keys: [usize; 2]) -> usize {
        let latent = latents[i];
        // Nothing costs less than the favourite where it leaves nothing.
        if self.favourite <= i && latents[i - self.favourite] == latent {
            return self.favourite;
        }
        let before = latents[i - 1];
        let prior = Cost::of_count(i as u32 >> REPEAT_PRIOR_LOG);
        let mut best = (Cost::MAX, 1);
        for distance in self.proposals(i, keys) {
            let n_bits = difference_bits(latent, latents[i - distance]);
            let is_repeat = (n_bits == 0)
                & (distance < i)
                & (before == latents[(i - distance).saturating_sub(1)]);
            let cost = Cost(self.costs[distance]);
            let cost = select_unpredictable(is_repeat, cost.at_most(prior), cost);
            let cost = cost.with_bits(n_bits);
            let is_better = cost < best.0;
            best.0 = select_unpredictable(is_better, cost, best.0);
            best.1 = select_unpredictable(is_better, distance, best.1);
        }
        best.1
    }

    /// The distances that latent `i` has to choose from, all in reach.
    #[inline(always)]
    fn proposals(&self, i: usize, keys: [usize; 2]) -> [usize; N_PROPOSALS] {
        let mut proposals = [1; N_PROPOSALS];
        let (nearest, rest) = proposals.split_at_mut(N_NEAREST);
        let (recent, seen) = rest.split_at_mut(N_RECENT);
        for (nearest, distance) in nearest.iter_mut().zip(1..) {
            *nearest = i.min(distance);
        }
        // Those of the page before may go too far back.
        for (place, &distance) in recent.iter_mut().zip(&self.recent) {
            *place = i.min(distance);
        }
        let reach = i.min(self.window_n);
        for ((which, key), place) in keys.into_iter().enumerate().zip(seen) {
            let distance = self.n_before + i + 1 - self.places[key][which] as usize;
            // What is out of reach gives way to the neighbour, which is proposed anyway.
            *place = select_unpredictable(distance <= reach, distance, 1);
        }
        proposals
    }

    /// Where the table keeps a value: by all its bits, and by its high ones.
    #[inline(always)]
    fn keys<L: Latent>(&self, latent: L) -> [usize; 2] {
        let bits = latent.to_u64();
        [bits, bits >> COARSE_SHIFT].map(|bits| {
            (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - self.places_log)) as usize
        })
    }
}

/// The search of a page.
struct Find<'a, L> {
    search: &'a mut LookbackSearch,
    latents: &'a [L],
    distances: &'a mut [u32],
}

impl<L: Latent> Kernel for Find<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let Self {
            search,
            latents,
            distances,
        } = self;
        for i in 0..latents.len() {
            let keys = search.keys(latents[i]);
            if i > 0 {
                let distance = search.choose(latents, i, keys);
                search.count(distance);
                distances[i - 1] = distance as u32;
            }
            for (which, key) in keys.into_iter().enumerate() {
                search.places[key][which] = (search.n_before + i + 1) as u32;
            }
        }
        search.n_before += latents.len();
    }
}

/// What a distance costs, but for a constant: in the upper half, in fractions of bits, minus the logarithm of how often it
/// was chosen; in the lower half, minus that count, so that of equals the one in use wins: else both would go on costing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(i64);

impl Cost {
    const MAX: Self = Self(i64::MAX);
    /// Fraction bits: of distances that are chosen about as often, one has to win.
    const FRACTION: u32 = 3;

    /// That of a distance that was chosen so often; the logarithm is that of one more, off by less than a tenth of a bit.
    #[inline(always)]
    fn of_count(count: u32) -> Self {
        // The bits of a float are a logarithm.
        let log = ((count + 1) as f32).to_bits() >> (f32::MANTISSA_DIGITS - 1 - Self::FRACTION);
        Self(-(i64::from(log) << 32) - i64::from(count))
    }

    #[inline(always)]
    fn count(self) -> u32 {
        (self.0 as u32).wrapping_neg()
    }

    /// This, or that of another one if that is less, with the count of this one.
    #[inline(always)]
    fn at_most(self, other: Self) -> Self {
        let of_other = other.0 + i64::from(other.count()) - i64::from(self.count());
        Self(self.0.min(of_other))
    }

    /// With bits that are left to store.
    #[inline(always)]
    fn with_bits(self, n_bits: u32) -> Self {
        Self(self.0 + (i64::from(n_bits) << (32 + Self::FRACTION)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interleaved_sequences_are_found() {
        let latents: Vec<u32> = (0..3000).map(|i| (i % 5) * 1_000_000 + i / 5).collect();
        for isa in Isa::available() {
            let mut distances = Vec::new();
            LookbackSearch::new(isa, 8).find(&latents, &mut distances);
            assert_eq!(distances.len(), 2999);
            let n_fives = distances.iter().filter(|&&distance| distance == 5).count();
            assert!(n_fives > 2900, "{n_fives}");
        }
    }

    #[test]
    fn costs_fall_with_their_counts() {
        let costs = [0, 1, 2, 100, 1 << 24].map(Cost::of_count);
        assert!(costs.is_sorted_by(|a, b| a > b));
        assert_eq!(costs.map(Cost::count), [0, 1, 2, 100, 1 << 24]);
        assert!(costs[2].with_bits(1) > costs[1]);
        assert_eq!(costs[1].at_most(costs[3]).count(), 1);
        assert!(costs[1].at_most(costs[3]) > costs[3]);
    }
}
