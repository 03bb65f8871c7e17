//! Finding distances for lookbacks.
//!
//! Any distance is legal, so the encoder is free to choose well or fast. It proposes, for each latent: the nearest
//! neighbours, the distances that were last good and those that were good most often, and where the same value, or one
//! that shares its high bits or is next to that, was seen last. The one that leaves the smallest difference wins, with a
//! bonus for distances in frequent use.
//!
//! Which those are, a part of the latents tells beforehand: else a distance that comes into use early wins against better
//! ones that nobody used yet.
//!
//! Which one that is, nobody can predict: so all are weighed, without branches.

use std::array;
use std::hint::select_unpredictable;

use crate::delta::difference_bits;
use crate::dtype::Latent;
use crate::entropy::log2;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Neighbours that are always proposed.
const N_NEAREST: usize = 2;
/// Distances of late that are proposed.
const N_RECENT: usize = 4;
/// Those that were good most often in what was searched beforehand.
const N_FREQUENT: usize = 6;
/// And where a value was last seen, by all its bits, and by its high ones, plus 0, minus 1 and plus 1.
const N_SEEN: usize = 4;
const N_PROPOSALS: usize = N_NEAREST + N_RECENT + N_FREQUENT + N_SEEN;
/// Latents of a part that is searched beforehand.
const LEARNED_N: usize = 1 << 12;
/// Parts that are, at least, and the most from one to the next.
const LEARNED_PARTS: (usize, usize) = (4, 8);
/// How seldom distances at which latents repeat are used at least, as a power of two: else a distance that is in use
/// already, to a latent of few bits, would win for ever.
const REPEAT_PRIOR_LOG: u32 = 6;
/// Latents that are looked up together, ahead of all choices: so that misses of the cache, which each is, overlap.
const BLOCK_N: usize = 32;
/// The largest table of places where a value was seen last, as a power of two.
const MAX_PLACES_LOG: u32 = 19;
/// Low bits that values may differ in and still be found.
const COARSE_SHIFT: u32 = 8;

/// Proposes and chooses distances; made once a chunk.
pub(crate) struct LookbackSearch {
    isa: Isa,
    window_n: usize,
    /// What each distance costs, from index 1.
    costs: Vec<Cost>,
    /// The distance that costs least.
    favourite: usize,
    recent: [usize; N_RECENT],
    frequent: [usize; N_FREQUENT],
    /// What differences cost.
    widths: Widths,
    /// Whether `costs` began with what a part of the latents showed.
    has_learned: bool,
    /// For hashes of whole values and of values without their low bits, the last place, counted from 1 and through all
    /// pages.
    places: Vec<[u32; 2]>,
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
            costs: vec![Cost::of_count(0); (1 << window_n_log) + 1],
            favourite: 1,
            recent: [1; N_RECENT],
            frequent: [1; N_FREQUENT],
            widths: Widths::plain(),
            has_learned: false,
            places: vec![[0; 2]; 1 << places_log],
            places_log,
            n_before: 0,
        }
    }

    /// Searches parts of all latents beforehand, each with what those before it showed: what the distances cost that are
    /// good there, pages begin with. Returns what was found, if there are parts enough to tell what a search of all finds.
    pub(crate) fn learn<L: Latent>(&mut self, latents: &[L]) -> Option<Found<L>> {
        let n_parts = latents.len().div_ceil(LEARNED_N);
        let step = (n_parts / LEARNED_PARTS.0).clamp(1, LEARNED_PARTS.1);
        let mut tally = Tally::new(self.window_n);
        let mut distances = Vec::new();
        let mut found = Found {
            residuals: Vec::new(),
            distances: Vec::new(),
        };
        for (part, start) in (0..latents.len()).step_by(LEARNED_N).enumerate() {
            let end = latents.len().min(start + LEARNED_N);
            if part % step > 0 {
                // What lies between is noted only: so that it is found again.
                for (i, &latent) in (start..).zip(&latents[start..end]) {
                    self.look_up(latent, i);
                }
                continue;
            }
            // The first latent has none before it.
            let start = start.max(1);
            distances.resize(end - start, 0);
            self.find_from(start, &latents[..end], &mut distances);
            for (i, &distance) in (start..).zip(&distances) {
                let before = latents[i - distance as usize];
                tally.count(distance, difference_bits(latents[i], before));
            }
            // The first part knew nothing.
            if part > 0 && step > 1 {
                let before = (start..)
                    .zip(&distances)
                    .map(|(i, &distance)| &latents[i - distance as usize]);
                let pairs = latents[start..end].iter().zip(before);
                found
                    .residuals
                    .extend(pairs.map(|(x, before)| x.wrapping_sub(before).toggled()));
                found.distances.extend_from_slice(&distances);
            }
            self.start_from(&tally, step as u32);
        }
        self.places.fill([0; 2]);
        (!found.distances.is_empty()).then_some(found)
    }

    /// Begins with what was counted in a part of the latents, one in `step`.
    fn start_from(&mut self, tally: &Tally, step: u32) {
        self.widths = Widths::of_counts(&tally.widths);
        let mut most: [(u32, usize); N_FREQUENT] = [(0, 1); N_FREQUENT];
        for (distance, (cost, &found)) in self.costs.iter_mut().zip(&tally.distances).enumerate() {
            let count = found * step;
            *cost = Cost::of_count(count);
            let place = most.iter().position(|&(other, _)| count > other);
            if let Some(place) = place {
                most[place..].rotate_right(1);
                most[place] = (count, distance);
            }
        }
        self.frequent = most.map(|(_, distance)| distance);
        self.favourite = self.frequent[0];
        self.recent = [1; N_RECENT];
        self.has_learned = true;
    }

    /// Appends the distances for the latents of a page from its second on.
    pub(crate) fn find<L: Latent>(&mut self, latents: &[L], distances: &mut Vec<u32>) {
        let start = distances.len();
        distances.resize(start + latents.len().saturating_sub(1), 0);
        self.find_into(latents, &mut distances[start..]);
    }

    /// Writes the distances for the latents of a page from its second on.
    pub(crate) fn find_into<L: Latent>(&mut self, latents: &[L], distances: &mut [u32]) {
        if let [_, ..] = latents {
            self.look_up(latents[0], 0);
            self.find_from(1, latents, distances);
        }
        self.n_before += latents.len();
    }

    /// Writes the distances for the latents of a page from `start` on, which is not the first; those before were noted.
    fn find_from<L: Latent>(&mut self, start: usize, latents: &[L], distances: &mut [u32]) {
        self.isa.run(Find {
            search: self,
            latents,
            start,
            distances,
        });
    }

    /// Takes note of a choice.
    #[inline(always)]
    fn count(&mut self, distance: usize) {
        let cost = Cost::of_count(self.costs[distance].count() + 1);
        self.costs[distance] = cost;
        if cost < self.costs[self.favourite] {
            self.favourite = distance;
        }
        if !self.recent.contains(&distance) {
            self.recent.rotate_right(1);
            self.recent[0] = distance;
        }
    }

    #[inline(always)]
    fn choose<L: Latent>(&self, latents: &[L], i: usize, seen: [u32; N_SEEN]) -> usize {
        let latent = latents[i];
        // Nothing costs less than the favourite where it leaves nothing.
        if self.widths.is_zero_best && self.favourite <= i && latents[i - self.favourite] == latent
        {
            return self.favourite;
        }
        let before = latents[i - 1];
        // What was learned says how seldom.
        let prior = match self.has_learned {
            true => Cost::NEVER,
            false => Cost::of_count(i as u32 >> REPEAT_PRIOR_LOG),
        };
        let mut best = (Cost::MAX, 1);
        for distance in self.proposals(i, seen) {
            let n_bits = difference_bits(latent, latents[i - distance]);
            let is_repeat = (n_bits == 0)
                & (distance < i)
                & (before == latents[(i - distance).saturating_sub(1)]);
            let cost = self.costs[distance];
            let cost = select_unpredictable(is_repeat, cost.at_most(prior), cost);
            let cost = self.widths.added_to(cost, n_bits);
            let is_better = cost < best.0;
            best.0 = select_unpredictable(is_better, cost, best.0);
            best.1 = select_unpredictable(is_better, distance, best.1);
        }
        best.1
    }

    /// The distances that latent `i` has to choose from, all in reach.
    #[inline(always)]
    fn proposals(&self, i: usize, seen: [u32; N_SEEN]) -> [usize; N_PROPOSALS] {
        let mut proposals = [1; N_PROPOSALS];
        let (nearest, rest) = proposals.split_at_mut(N_NEAREST);
        let (known, last) = rest.split_at_mut(N_RECENT + N_FREQUENT);
        for (nearest, distance) in nearest.iter_mut().zip(1..) {
            *nearest = i.min(distance);
        }
        // Those of the page before may go too far back.
        let of_use = self.recent.iter().chain(&self.frequent);
        for (place, &distance) in known.iter_mut().zip(of_use) {
            *place = i.min(distance);
        }
        let reach = i.min(self.window_n);
        for (place, seen) in last.iter_mut().zip(seen) {
            let distance = self.n_before + i + 1 - seen as usize;
            // What is out of reach gives way to the neighbour, which is proposed anyway.
            *place = select_unpredictable(distance <= reach, distance, 1);
        }
        proposals
    }

    /// Where latent `i` of the page was seen last, by all its bits, by its high ones, and its neighbours by those; takes note
    /// of this one.
    #[inline(always)]
    fn look_up<L: Latent>(&mut self, latent: L, i: usize) -> [u32; N_SEEN] {
        let bits = latent.to_u64();
        let high = bits >> COARSE_SHIFT;
        let [exact, coarse, below, above] =
            [bits, high, high.wrapping_sub(1), high + 1].map(|bits| {
                (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - self.places_log)) as usize
            });
        let places = &mut self.places[..];
        let seen = [
            places[exact][0],
            places[coarse][1],
            places[below][1],
            places[above][1],
        ];
        let place = (self.n_before + i + 1) as u32;
        places[exact][0] = place;
        places[coarse][1] = place;
        seen
    }
}

/// What a search found in a part of some latents.
pub(crate) struct Found<L> {
    pub(crate) residuals: Vec<L>,
    pub(crate) distances: Vec<u32>,
}

/// The search of a page, from a latent on.
struct Find<'a, L> {
    search: &'a mut LookbackSearch,
    latents: &'a [L],
    start: usize,
    distances: &'a mut [u32],
}

impl<L: Latent> Kernel for Find<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let Self {
            search,
            latents,
            start,
            distances,
        } = self;
        let mut seen = [[0; N_SEEN]; BLOCK_N];
        let starts = (start..latents.len()).step_by(BLOCK_N);
        for (start, distances) in starts.zip(distances.chunks_mut(BLOCK_N)) {
            let n = BLOCK_N.min(latents.len() - start);
            for (i, seen) in (start..start + n).zip(&mut seen) {
                *seen = search.look_up(latents[i], i);
            }
            for ((i, &seen), found) in (start..).zip(&seen).zip(distances) {
                let distance = search.choose(latents, i, seen);
                search.count(distance);
                *found = distance as u32;
            }
        }
    }
}

/// What a distance costs, but for a constant: in the upper half, in fractions of bits, minus the logarithm of how often it
/// was chosen; in the lower half, minus that count, so that of equals the one in use wins: else both would go on costing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(i64);

impl Cost {
    const MAX: Self = Self(i64::MAX);
    /// More than any other, and still to be added to.
    const NEVER: Self = Self(i64::MAX / 2);
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
}

/// What differences of each width cost.
struct Widths {
    costs: [i64; 65],
    /// Whether none costs less than that of nothing.
    is_zero_best: bool,
}

impl Widths {
    /// Their bits, where nothing else is known.
    fn plain() -> Self {
        Self {
            costs: array::from_fn(|n_bits| (n_bits as i64) << (32 + Cost::FRACTION)),
            is_zero_best: true,
        }
    }

    /// Their bits but for the first, and what it takes to say which width, with these counts of each.
    fn of_counts(counts: &[u32; 65]) -> Self {
        let n: u32 = counts.iter().sum();
        let costs = array::from_fn(|n_bits| {
            let rarity = log2((f64::from(n) + 1.0) / (f64::from(counts[n_bits]) + 0.5));
            let bits = rarity + n_bits.saturating_sub(1) as f64;
            ((bits * f64::from(1 << Cost::FRACTION)) as i64) << 32
        });
        Self {
            is_zero_best: costs.iter().all(|&cost| cost >= costs[0]),
            costs,
        }
    }

    /// The cost of a distance and of the difference there.
    #[inline(always)]
    fn added_to(&self, distance: Cost, n_bits: u32) -> Cost {
        Cost(distance.0 + self.costs[n_bits as usize])
    }
}

/// How often each distance was chosen, and each width of differences was left.
struct Tally {
    distances: Vec<u32>,
    widths: [u32; 65],
}

impl Tally {
    fn new(window_n: usize) -> Self {
        Self {
            distances: vec![0; window_n + 1],
            widths: [0; 65],
        }
    }

    #[inline(always)]
    fn count(&mut self, distance: u32, n_bits: u32) {
        self.distances[distance as usize] += 1;
        self.widths[n_bits as usize] += 1;
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
        assert!(Widths::plain().added_to(costs[2], 1) > costs[1]);
        assert_eq!(costs[1].at_most(costs[3]).count(), 1);
        assert!(costs[1].at_most(costs[3]) > costs[3]);
    }
}
