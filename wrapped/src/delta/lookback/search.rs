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

use super::costs::{Cost, Tally, Widths, cost_of_count};
use super::places::{MAX_PLACES_LOG, N_SEEN, Places};
use crate::delta::difference_bits;
use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Neighbours that are always proposed.
const N_NEAREST: usize = 2;
/// Distances of late that are proposed.
const N_RECENT: usize = 4;
/// Those that were good most often in what was searched beforehand.
const N_FREQUENT: usize = 6;
pub(super) const N_PROPOSALS: usize = N_NEAREST + N_RECENT + N_FREQUENT + N_SEEN;
/// Latents of a part that is searched beforehand, of few latents and of many.
const LEARNED_N: (usize, usize) = (1 << 11, 1 << 12);
/// So many are many.
const MIN_MANY: usize = 1 << 15;
/// Parts that are, at least, and the most from one to the next.
const LEARNED_PARTS: (usize, usize) = (4, 8);
/// How seldom distances at which latents repeat are used at least, as a power of two: else a distance that is in use
/// already, to a latent of few bits, would win for ever.
const REPEAT_PRIOR_LOG: u32 = 6;
/// Latents that are looked up together, ahead of all choices: so that misses of the cache, which each is, overlap.
const BLOCK_N: usize = 32;
/// Proposes and chooses distances; made once a chunk.
pub(crate) struct LookbackSearch {
    isa: Isa,
    window_n: usize,
    /// How often each distance was chosen, from index 1.
    counts: Vec<u32>,
    /// What each costs.
    costs: Vec<Cost>,
    favoured: Favoured,
    /// What differences cost.
    widths: Widths,
    /// Whether `costs` began with what a part of the latents showed.
    has_learned: bool,
    places: Places,
    /// Latents of the pages before.
    n_before: usize,
}

impl LookbackSearch {
    /// Searches windows of `2^window_n_log` latents.
    pub(crate) fn new(isa: Isa, window_n_log: u32) -> Self {
        let n_distances = (1 << window_n_log) + 1;
        Self {
            isa,
            window_n: 1 << window_n_log,
            counts: vec![0; n_distances],
            costs: vec![cost_of_count(0); n_distances],
            favoured: Favoured {
                best: 1,
                recent: [1; N_RECENT],
                frequent: [1; N_FREQUENT],
            },
            widths: Widths::plain(),
            has_learned: false,
            places: Places::new((window_n_log + 1).min(MAX_PLACES_LOG)),
            n_before: 0,
        }
    }

    /// Searches parts of all latents beforehand, each with what those before it showed: what the distances cost that are
    /// good there, pages begin with. Returns what was found, if there are parts enough to tell what a search of all finds.
    pub(crate) fn learn<L: Latent>(&mut self, latents: &[L]) -> Option<Found<L>> {
        let part_n = match latents.len() {
            ..MIN_MANY => LEARNED_N.0,
            _ => LEARNED_N.1,
        };
        let n_parts = latents.len().div_ceil(part_n);
        let step = (n_parts / LEARNED_PARTS.0).clamp(1, LEARNED_PARTS.1);
        let mut tally = Tally::new(self.window_n);
        let mut distances = Vec::new();
        let mut found = Found {
            residuals: Vec::new(),
            distances: Vec::new(),
        };
        for (part, start) in (0..latents.len()).step_by(part_n).enumerate() {
            let end = latents.len().min(start + part_n);
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
            // The first part knew nothing, and all parts are no sample.
            let is_sample = part > 0 && step > 1;
            for (i, &distance) in (start..).zip(&distances) {
                let before = latents[i - distance as usize];
                tally.count(distance, difference_bits(latents[i], before));
                if is_sample {
                    found.distances.push(distance);
                    found
                        .residuals
                        .push(latents[i].wrapping_sub(&before).toggled());
                }
            }
            self.start_from(&tally, step as u32);
        }
        self.places.clear();
        (!found.distances.is_empty()).then_some(found)
    }

    /// Begins with what was counted in a part of the latents, one in `step`.
    fn start_from(&mut self, tally: &Tally, step: u32) {
        self.widths = Widths::of_counts(&tally.widths);
        let mut most: [(u32, usize); N_FREQUENT] = [(0, 1); N_FREQUENT];
        for (distance, &found) in tally.distances.iter().enumerate() {
            let count = found * step;
            // Few were ever chosen.
            if count == self.counts[distance] {
                continue;
            }
            self.counts[distance] = count;
            self.costs[distance] = cost_of_count(count);
        }
        for (distance, &count) in self.counts.iter().enumerate() {
            let place = most.iter().position(|&(other, _)| count > other);
            if let Some(place) = place {
                most[place..].rotate_right(1);
                most[place] = (count, distance);
            }
        }
        self.favoured = Favoured {
            best: most[0].1,
            recent: [1; N_RECENT],
            frequent: most.map(|(_, distance)| distance),
        };
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

    /// Where latent `i` of the page was seen last; takes note of this one.
    #[inline(always)]
    fn look_up<L: Latent>(&mut self, latent: L, i: usize) -> [u32; N_SEEN] {
        self.places
            .swap(latent.to_u64(), (self.n_before + i + 1) as u32)
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
        if self.search.has_learned {
            self.find::<true>();
        } else {
            self.find::<false>();
        }
    }
}

impl<L: Latent> Find<'_, L> {
    #[inline(always)]
    fn find<const HAS_LEARNED: bool>(self) {
        let Self {
            search,
            latents,
            start,
            distances,
        } = self;
        let reach = search.window_n;
        let n_before = search.n_before + 1;
        // Of its own, that it stays in registers.
        let mut favoured = search.favoured;
        let mut seen = [[0; N_SEEN]; BLOCK_N];
        let starts = (start..latents.len()).step_by(BLOCK_N);
        for (start, distances) in starts.zip(distances.chunks_mut(BLOCK_N)) {
            let block = start..start + BLOCK_N.min(latents.len() - start);
            for (i, seen) in block.zip(&mut seen) {
                *seen = search.look_up(latents[i], i);
            }
            let mut choice = Choice {
                counts: &mut search.counts,
                costs: &mut search.costs,
                widths: &search.widths,
                favoured,
            };
            for ((i, &seen), found) in (start..).zip(&seen).zip(distances) {
                let seen = seen.map(|place| {
                    let distance = n_before + i - place as usize;
                    // What is out of reach gives way to the neighbour, which is proposed anyway.
                    select_unpredictable(distance <= i.min(reach), distance, 1)
                });
                let distance = choice.of::<L, HAS_LEARNED>(latents, i, seen);
                choice.count(distance);
                *found = distance as u32;
            }
            favoured = choice.favoured;
        }
        search.favoured = favoured;
    }
}

/// Distances in use.
#[derive(Clone, Copy)]
struct Favoured {
    /// The one that costs least.
    best: usize,
    recent: [usize; N_RECENT],
    frequent: [usize; N_FREQUENT],
}

/// The choice of distances, by what each costs.
struct Choice<'a> {
    counts: &'a mut [u32],
    costs: &'a mut [Cost],
    widths: &'a Widths,
    favoured: Favoured,
}

impl Choice<'_> {
    /// The distance for latent `i`, of those in use, the neighbours, and where it was seen.
    #[inline(always)]
    fn of<L: Latent, const HAS_LEARNED: bool>(
        &self,
        latents: &[L],
        i: usize,
        seen: [usize; N_SEEN],
    ) -> usize {
        let latent = latents[i];
        // Nothing costs less than the best where it leaves nothing.
        let best = self.favoured.best;
        if self.widths.is_zero_best && best <= i && latents[i - best] == latent {
            return best;
        }
        let proposals = self.proposals(i, seen);
        let ranks: [u32; N_PROPOSALS] = array::from_fn(|k| {
            let distance = proposals[k];
            let n_bits = difference_bits(latent, latents[i - distance]);
            let mut cost = self.costs[distance];
            if !HAS_LEARNED {
                let before = latents[(i - distance).saturating_sub(1)];
                let is_repeat = (n_bits == 0) & (distance < i) & (before == latents[i - 1]);
                let prior = cost_of_count(i as u32 >> REPEAT_PRIOR_LOG);
                cost = select_unpredictable(is_repeat, cost.min(prior), cost);
            }
            // Of equals, the first.
            ((cost + self.widths.costs[n_bits as usize]) << N_PROPOSALS.ilog2()) | k as u32
        });
        let least = ranks.into_iter().fold(u32::MAX, u32::min);
        proposals[least as usize % N_PROPOSALS]
    }

    /// The distances that latent `i` has to choose from, all in reach.
    #[inline(always)]
    fn proposals(&self, i: usize, seen: [usize; N_SEEN]) -> [usize; N_PROPOSALS] {
        let mut proposals = [1; N_PROPOSALS];
        let (nearest, rest) = proposals.split_at_mut(N_NEAREST);
        let (recent, rest) = rest.split_at_mut(N_RECENT);
        let (frequent, last) = rest.split_at_mut(N_FREQUENT);
        nearest.copy_from_slice(&array::from_fn::<_, N_NEAREST, _>(|k| i.min(k + 1)));
        // Those of the page before may go too far back.
        recent.copy_from_slice(&self.favoured.recent.map(|distance| i.min(distance)));
        frequent.copy_from_slice(&self.favoured.frequent.map(|distance| i.min(distance)));
        last.copy_from_slice(&seen);
        proposals
    }

    /// Takes note of a choice.
    #[inline(always)]
    fn count(&mut self, distance: usize) {
        let count = self.counts[distance] + 1;
        self.counts[distance] = count;
        self.costs[distance] = cost_of_count(count);
        let Favoured { best, recent, .. } = &mut self.favoured;
        *best = select_unpredictable(count > self.counts[*best], distance, *best);
        let is_recent = recent.iter().fold(false, |is, &of| is | (of == distance));
        let mut newer = distance;
        for place in recent {
            let older = *place;
            *place = select_unpredictable(is_recent, older, newer);
            newer = older;
        }
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
}
