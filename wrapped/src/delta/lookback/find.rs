//! Weighs what is proposed, a block of latents at a time.
//!
//! A block is compared with the one that lies a distance back, distance by distance: so that vectors hold differences,
//! and nothing waits for a choice. What was chosen counts from the next block on.

use std::array;
use std::hint::select_unpredictable;
use std::ops::Range;

use super::costs::{Cost, OUT_OF_REACH, cost_of_count};
use super::places::N_SEEN;
use super::search::{Favoured, LookbackSearch, N_FAVOURED, of_few_or_many};
use crate::dtype::Latent;
use crate::kernels::isa::{Kernel, Tier};
use crate::kernels::weigh::{BLOCK_N, Least};

/// Distances at which latents repeat count as if one in `2^6` latents had used them, at least. Else a distance that is in use
/// already, and leaves few bits, would win for ever.
const REPEAT_PRIOR_LOG: u32 = 6;

/// Latents of a block before anything was learned, of few latents and of many: what was good just now is all that is known;
/// but of few, that takes most of the time.
const UNLEARNED_BLOCK_N: (usize, usize) = (8, 4);

/// The search of a page, from a latent on that is not the first.
pub(super) struct Find<'a, L> {
    pub(super) search: &'a mut LookbackSearch,
    pub(super) latents: &'a [L],
    pub(super) start: usize,
    pub(super) distances: &'a mut [u32],
}

impl<L: Latent> Kernel for Find<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        let Self {
            search,
            latents,
            mut start,
            distances,
        } = self;
        let block_n = if search.has_learned {
            BLOCK_N
        } else {
            of_few_or_many(UNLEARNED_BLOCK_N, search.window_n)
        };
        for found in distances.chunks_mut(block_n) {
            search.find_block(tier, latents, start, found);
            start += found.len();
        }
    }
}

impl LookbackSearch {
    /// Writes the distances of a block, or of what is left for the last one.
    #[inline(always)]
    fn find_block<S: Tier, L: Latent>(
        &mut self,
        tier: S,
        latents: &[L],
        start: usize,
        found: &mut [u32],
    ) {
        let n = found.len();
        let mut spare = [L::zero(); BLOCK_N];
        let block = block_at(latents, start, &mut spare);
        let seen = self.seen(&block[..n], start);
        let best = self.favoured.best as usize;
        // Nothing costs less than the best where it leaves nothing.
        if self.widths.is_zero_best
            && best <= start
            && block[..n] == latents[start - best..start - best + n]
        {
            found.fill(self.favoured.best);
            self.favoured.note(self.favoured.best);
        } else {
            let mut spare = [L::zero(); BLOCK_N];
            let unlearned = (!self.has_learned).then(|| Unlearned {
                before: block_at(latents, start - 1, &mut spare),
                priors: array::from_fn(|j| cost_of_count((start + j) as u32 >> REPEAT_PRIOR_LOG)),
            });
            let block = Block {
                latents: block,
                places: start..start + n,
                unlearned,
            };
            let mut least = Least::NONE;
            self.weigh_favoured(tier, &mut least, latents, &block);
            self.weigh_seen(tier, &mut least, latents, &block, &seen);
            self.take(found, &least, &seen);
        }
        self.count(found);
    }

    /// The distances at which each latent was seen last, in the ways that are asked; takes note of these.
    #[inline(always)]
    fn seen<L: Latent>(&mut self, block: &[L], start: usize) -> [[u32; BLOCK_N]; N_SEEN] {
        let first_place = self.place(start);
        let mut seen = [[0; BLOCK_N]; N_SEEN];
        let noted = || {
            let bits = block.iter().map(|latent| Latent::to_u64(*latent));
            bits.zip(first_place..).enumerate()
        };
        for (j, (bits, place)) in noted() {
            seen[0][j] = self.places.swap(bits, place);
        }
        if self.n_seen > 2 {
            for (j, (bits, place)) in noted() {
                [seen[2][j], seen[3][j]] = self.places.beside(bits);
                seen[1][j] = self.places.swap_coarse(bits, place);
            }
        } else if self.n_seen > 1 {
            for (j, (bits, place)) in noted() {
                seen[1][j] = self.places.swap_coarse(bits, place);
            }
        }
        let reach = self.window_n as u32;
        for seen in &mut seen[..self.n_seen] {
            for (j, place) in (0..).zip(seen) {
                let distance = first_place + j - *place;
                // What is out of reach gives way to the neighbour, which is proposed anyway.
                let is_in_reach = distance <= reach.min(start as u32 + j);
                *place = if is_in_reach { distance } else { 1 };
            }
        }
        seen
    }

    /// Weighs the distances that are proposed for all latents of the block, where the page reaches so far back.
    #[inline(always)]
    fn weigh_favoured<S: Tier, L: Latent>(
        &self,
        tier: S,
        least: &mut Least,
        latents: &[L],
        block: &Block<'_, L>,
    ) {
        let start = block.places.start;
        for (proposal, &distance) in (0..).zip(&self.favoured.all) {
            let n_short = (distance as usize).saturating_sub(start);
            if distance == Favoured::NONE || n_short >= block.places.len() {
                continue;
            }
            let mut spare = [L::zero(); BLOCK_N];
            let mut costs = [cost_of_count(self.counts[distance as usize]); BLOCK_N];
            let others = if n_short > 0 {
                // The first latents of the block have none so far before them.
                let known = &latents[..BLOCK_N.min(latents.len()) - n_short];
                spare[n_short..][..known.len()].copy_from_slice(known);
                costs[..n_short].fill(OUT_OF_REACH);
                &spare
            } else {
                block_at(latents, start - distance as usize, &mut spare)
            };
            let before = start.checked_sub(distance as usize + 1);
            if let (Some(unlearned), Some(before)) = (&block.unlearned, before) {
                let mut spare = [L::zero(); BLOCK_N];
                let before = block_at(latents, before, &mut spare);
                unlearned.favour_repeats(&mut costs, block.latents, others, before);
            }
            least.weigh(
                tier,
                proposal,
                block.latents,
                others,
                &costs,
                &self.widths.costs,
            );
        }
    }

    /// Weighs where each latent of the block was seen.
    #[inline(always)]
    fn weigh_seen<S: Tier, L: Latent>(
        &mut self,
        tier: S,
        least: &mut Least,
        latents: &[L],
        block: &Block<'_, L>,
        seen: &[[u32; BLOCK_N]; N_SEEN],
    ) {
        // Only a search beforehand asks what each way saves.
        let is_asked = self.savings.is_some();
        let n = if is_asked { block.places.len() } else { 0 };
        let before = least.sum_of(n);
        let mut left = [before; N_SEEN];
        for (way, distances) in seen[..self.n_seen].iter().enumerate() {
            let mut others = [L::zero(); BLOCK_N];
            let mut counts = [0; BLOCK_N];
            // A block may have fewer.
            for (j, i) in block.places.clone().enumerate().take(BLOCK_N) {
                others[j] = latents[i - distances[j] as usize];
                counts[j] = self.counts[distances[j] as usize];
            }
            let mut costs = counts.map(cost_of_count);
            if let Some(unlearned) = &block.unlearned {
                let mut before = [L::zero(); BLOCK_N];
                for (j, i) in block.places.clone().enumerate().take(BLOCK_N) {
                    before[j] = latents[(i - distances[j] as usize).saturating_sub(1)];
                }
                unlearned.favour_repeats(&mut costs, block.latents, &others, &before);
            }
            least.weigh(
                tier,
                (N_FAVOURED + way) as u16,
                block.latents,
                &others,
                &costs,
                &self.widths.costs,
            );
            if is_asked {
                left[way] = least.sum_of(n);
            }
        }
        if let Some(savings) = &mut self.savings {
            savings.add(before, &left[..self.n_seen]);
        }
    }

    /// Writes the distances of the proposals that cost least. Those that were seen may be new ones of late: the others are
    /// favoured already.
    #[inline(always)]
    fn take(&mut self, found: &mut [u32], least: &Least, seen: &[[u32; BLOCK_N]; N_SEEN]) {
        let mut are_seen = 0u32;
        for (j, (found, &proposal)) in found.iter_mut().zip(&least.proposals).enumerate() {
            let proposal = usize::from(proposal);
            let is_seen = proposal >= N_FAVOURED;
            are_seen |= u32::from(is_seen) << j;
            let of_seen = seen[proposal.wrapping_sub(N_FAVOURED) % N_SEEN][j];
            let of_favoured = self.favoured.all[proposal.min(N_FAVOURED - 1)];
            *found = select_unpredictable(is_seen, of_seen, of_favoured);
        }
        while are_seen > 0 {
            self.favoured
                .note(found[are_seen.trailing_zeros() as usize]);
            are_seen &= are_seen - 1;
        }
    }

    /// Takes note of choices.
    #[inline(always)]
    fn count(&mut self, distances: &[u32]) {
        let mut best = self.favoured.best;
        let mut most = self.counts[best as usize];
        for &distance in distances {
            let count = &mut self.counts[distance as usize];
            *count += 1;
            let is_best = *count > most;
            most = select_unpredictable(is_best, *count, most);
            best = select_unpredictable(is_best, distance, best);
        }
        self.favoured.best = best;
    }
}

/// Latents that are weighed together.
struct Block<'a, L> {
    latents: &'a [L; BLOCK_N],
    /// Where they are in the page: of the last block, there may be fewer.
    places: Range<usize>,
    /// Before anything was learned.
    unlearned: Option<Unlearned<'a, L>>,
}

/// What a block is told by before anything was learned.
struct Unlearned<'a, L> {
    /// The latent before each of the block.
    before: &'a [L; BLOCK_N],
    /// What a distance costs each that so many repeats speak for as there could be.
    priors: [Cost; BLOCK_N],
}

impl<L: Latent> Unlearned<'_, L> {
    /// Lowers what distances cost at which a latent of the block repeats the other one, and the one before it, too.
    #[inline(always)]
    fn favour_repeats(
        &self,
        costs: &mut [Cost; BLOCK_N],
        latents: &[L; BLOCK_N],
        others: &[L; BLOCK_N],
        before_others: &[L; BLOCK_N],
    ) {
        for j in 0..BLOCK_N {
            let is_repeat = (latents[j] == others[j]) & (self.before[j] == before_others[j]);
            let favoured = self.priors[j].min(costs[j]);
            costs[j] = if is_repeat { favoured } else { costs[j] };
        }
    }
}

/// The latents from `start` on, with zeros where they end.
#[inline(always)]
fn block_at<'a, L: Latent>(
    latents: &'a [L],
    start: usize,
    spare: &'a mut [L; BLOCK_N],
) -> &'a [L; BLOCK_N] {
    let latents = &latents[start..];
    match latents.first_chunk() {
        Some(block) => block,
        None => {
            spare[..latents.len()].copy_from_slice(latents);
            spare
        }
    }
}
