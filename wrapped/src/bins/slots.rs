//! Slots of latents that lie far apart: cut by a sample, counted exactly.
//!
//! A full sort would cost more than all else. So a sorted sample says where to cut; then one pass finds the slot of
//! each latent, counts, and keeps the smallest and the largest of each slot, so that bins fit tightly. The slots are
//! kept: what encodes the latents later needs no search any more.

use super::histogram::{Seen, Slot, cut_wide_gaps, histogram_of_sorted};
use super::sort::sort;
use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::rank::Starts;
use crate::spare::Spare;

/// Latents of the sample, at least.
const MIN_SAMPLE_N: usize = 1 << 12;
/// Latents of the sample for each slot, at least.
const SAMPLE_N_PER_SLOT: usize = 16;
/// Latents that are found and then counted: a count right behind each search would hold up the searches behind it,
/// since they could be about the same slot.
const BLOCK_N: usize = 512;

/// Slots with exact counts, and the slot of each latent.
#[derive(Clone, Debug)]
pub(crate) struct CountedSlots<L> {
    /// In order, none of them empty.
    pub(crate) slots: Vec<Slot<L>>,
    /// The place of each latent in `slots`.
    pub(crate) slot_of: Spare<u16>,
}

/// Some of the latents in order, enough to cut all of them into `max_slots` slots.
pub(crate) fn sorted_sample<L: Latent>(isa: Isa, latents: &[L], max_slots: usize) -> Vec<L> {
    let mut sample = sample(latents, MIN_SAMPLE_N.max(SAMPLE_N_PER_SLOT * max_slots));
    sort(isa, &mut sample);
    sample
}

/// Cuts latents into about `max_slots` slots, where a sorted sample says.
pub(crate) fn counted_slots<L: Latent>(
    isa: Isa,
    latents: &[L],
    (min, max): (L, L),
    sorted_sample: &[L],
    max_slots: usize,
) -> CountedSlots<L> {
    let starts = slot_starts(sorted_sample, min, max_slots);
    let (slots, slot_of) = if L::BITS == 64 && (max - min).to_u64() <= u64::from(u32::MAX) {
        // Twice as many starts are compared at once.
        let narrow = |latent: L| (latent - min).to_u64() as u32;
        let starts: Vec<u32> = starts.into_iter().map(narrow).collect();
        let (slots, slot_of) = counted(isa, latents, &starts, narrow);
        let widened = slots.into_iter().map(|slot| Slot {
            count: slot.count,
            lower: min + L::from_u64(u64::from(slot.lower)),
            upper: min + L::from_u64(u64::from(slot.upper)),
        });
        (widened.collect(), slot_of)
    } else {
        counted(isa, latents, &starts, |latent| latent)
    };
    let mut counted = CountedSlots { slots, slot_of };
    counted.cut_surprises(isa, latents, sorted_sample);
    counted
}

/// Slots that begin at these starts, without the empty ones, of latents in another form; and the slot of each.
fn counted<L: Latent, N: Latent>(
    isa: Isa,
    latents: &[L],
    starts: &[N],
    form: impl Fn(L) -> N + Copy,
) -> (Vec<Slot<N>>, Spare<u16>) {
    let mut turns = vec![[Slot::none(); 2]; starts.len()];
    let mut slot_of = Spare::new(latents.len());
    let starts = Starts::new(isa, starts);
    let mut block = [N::zero(); BLOCK_N];
    for (latents, slot_of) in latents.chunks(BLOCK_N).zip(slot_of.chunks_mut(BLOCK_N)) {
        let block = &mut block[..latents.len()];
        isa.run(FindSlots {
            starts: &starts,
            latents,
            form,
            block,
            slot_of,
        });
        count_in_turns(block, slot_of, &mut turns);
    }
    let mut slots: Vec<Slot<N>> = turns.into_iter().map(|[a, b]| a.merged(b)).collect();
    // Slots that the sample promised and no latent is in cannot be: their starts are latents, or next to one. Where
    // they are next to one, they can be empty.
    let mut places = Vec::with_capacity(slots.len());
    let mut n_filled = 0u16;
    for slot in &slots {
        places.push(n_filled);
        n_filled += u16::from(slot.count > 0);
    }
    if usize::from(n_filled) < slots.len() {
        slots.retain(|slot| slot.count > 0);
        slot_of
            .iter_mut()
            .for_each(|slot| *slot = places[usize::from(*slot)]);
    }
    (slots, slot_of)
}

impl<L: Latent> CountedSlots<L> {
    /// Cuts the slots again whose latents need clearly wider offsets than those of the sample.
    fn cut_surprises(&mut self, isa: Isa, latents: &[L], sorted_sample: &[L]) {
        /// What a slot may waste, as a part of all bits.
        const TOLERATED: u64 = 700;
        // About what symbols and offsets take.
        let bits_of = |slot: &Slot<L>| {
            let symbol_bits = (latents.len() as u32 / slot.count).ilog2();
            u64::from(slot.count) * u64::from(symbol_bits + bit_length(slot.upper - slot.lower))
        };
        let tolerated = 64 + self.slots.iter().map(bits_of).sum::<u64>() / TOLERATED;
        let mut rest = sorted_sample;
        let surprises: Vec<bool> = self
            .slots
            .iter()
            .map(|slot| {
                let n = rest.partition_point(|&latent| latent <= slot.upper);
                let (inside, after) = rest.split_at(n);
                rest = after;
                let (Some(&first), Some(&last)) = (inside.first(), inside.last()) else {
                    return false;
                };
                let expected = bit_length(last - first);
                let found = bit_length(slot.upper - slot.lower);
                u64::from(slot.count) * u64::from(found - expected) > tolerated
            })
            .collect();
        if !surprises.contains(&true) {
            return;
        }
        let mut members: Vec<Vec<L>> = vec![Vec::new(); self.slots.len()];
        for (&latent, &slot) in latents.iter().zip(self.slot_of.iter()) {
            if surprises[usize::from(slot)] {
                members[usize::from(slot)].push(latent);
            }
        }
        // For each slot, the place of the first that it becomes.
        let mut places = Vec::with_capacity(self.slots.len());
        let mut slots = Vec::with_capacity(self.slots.len());
        for (slot, mut members) in self.slots.iter().zip(members) {
            places.push(slots.len());
            if members.is_empty() {
                slots.push(*slot);
            } else {
                sort(isa, &mut members);
                slots.extend(cut_at_gaps(&members));
            }
        }
        debug_assert!(slots.len() <= usize::from(u16::MAX));
        for (&latent, slot) in latents.iter().zip(self.slot_of.iter_mut()) {
            let mut place = places[usize::from(*slot)];
            while slots[place].upper < latent {
                place += 1;
            }
            *slot = place as u16;
        }
        self.slots = slots;
    }
}

/// Cuts sorted latents where the gaps between them are widest.
fn cut_at_gaps<L: Latent>(sorted: &[L]) -> Vec<Slot<L>> {
    /// Gaps that are cut at, at most.
    const MAX_CUTS: usize = 24;
    let mut gaps: Vec<(L, usize)> = sorted
        .windows(2)
        .zip(1..)
        .map(|(pair, at)| (pair[1] - pair[0], at))
        .filter(|&(gap, _)| gap > L::zero())
        .collect();
    if gaps.len() > MAX_CUTS {
        gaps.select_nth_unstable_by(MAX_CUTS, |a, b| b.cmp(a));
        gaps.truncate(MAX_CUTS);
    }
    let mut ends: Vec<usize> = gaps.into_iter().map(|(_, at)| at).collect();
    ends.push(sorted.len());
    ends.sort_unstable();
    let mut start = 0;
    ends.into_iter()
        .map(|end| {
            let slot = Slot {
                count: (end - start) as u32,
                lower: sorted[start],
                upper: sorted[end - 1],
            };
            start = end;
            slot
        })
        .collect()
}

/// Adds latents to their slots: the halves take turns, so that repeated ones do not wait for each other.
fn count_in_turns<L: Latent>(latents: &[L], slot_of: &[u16], turns: &mut [[Slot<L>; 2]]) {
    let mut add = |turn: usize, latent: L, slot: u16| {
        let slot = &mut turns[usize::from(slot)][turn];
        slot.count += 1;
        slot.lower = slot.lower.min(latent);
        slot.upper = slot.upper.max(latent);
    };
    let half = latents.len() / 2;
    let (first, second) = latents.split_at(half);
    let (first_slots, second_slots) = slot_of.split_at(half);
    let pairs = first
        .iter()
        .zip(first_slots)
        .zip(second.iter().zip(second_slots));
    for ((&a, &slot_of_a), (&b, &slot_of_b)) in pairs {
        add(0, a, slot_of_a);
        add(1, b, slot_of_b);
    }
    if second.len() > half {
        add(1, second[half], second_slots[half]);
    }
}

/// Latents from all over, at irregular distances, so that no period hides.
fn sample<L: Latent>(latents: &[L], n: usize) -> Vec<L> {
    let step = (latents.len() / n).max(1);
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    latents
        .chunks(step)
        .map(|chunk| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            chunk[((u64::from((state >> 32) as u32) * chunk.len() as u64) >> 32) as usize]
        })
        .collect()
}

/// Where slots start, in order, the first at the smallest latent.
fn slot_starts<L: Latent>(sorted_sample: &[L], min: L, max_slots: usize) -> Vec<L> {
    let mut starts: Vec<L> = Vec::with_capacity(2 * max_slots);
    starts.push(min);
    let slots = histogram_of_sorted(sorted_sample, max_slots);
    for slot in cut_wide_gaps(sorted_sample, slots, Seen::Sample) {
        if slot.lower > starts[starts.len() - 1] {
            starts.push(slot.lower);
        }
        // A frequent value stays alone.
        if slot.lower == slot.upper && slot.upper < L::max_value() {
            starts.push(slot.upper + L::one());
        }
    }
    starts.dedup();
    starts.truncate(usize::from(u16::MAX));
    starts
}

/// The pass that finds the slots of some latents, and leaves these in their other form.
struct FindSlots<'a, L, N, F> {
    starts: &'a Starts<N>,
    latents: &'a [L],
    form: F,
    block: &'a mut [N],
    slot_of: &'a mut [u16],
}

impl<L: Latent, N: Latent, F: Fn(L) -> N> Kernel for FindSlots<'_, L, N, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        for (formed, &latent) in self.block.iter_mut().zip(self.latents) {
            *formed = (self.form)(latent);
        }
        self.starts.ranks(tier, self.block, self.slot_of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::range::range_of;

    #[test]
    fn each_latent_is_in_its_slot() {
        // Of a range that 32 bits hold, and of one that they do not.
        for shift in [0, 31, 32] {
            each_latent_within(u64::MAX >> shift);
        }
    }

    fn each_latent_within(range: u64) {
        let base = u64::MAX - range;
        let latents: Vec<u64> = (0..100_000u64)
            .map(|i| match i % 7 {
                0 => 5,
                1 => i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & range,
                2 => {
                    if i < 7 {
                        0
                    } else {
                        range
                    }
                }
                _ => 5 + i * i % 100_003,
            })
            .map(|latent| base + latent)
            .collect();
        let range = range_of(Isa::SCALAR, &latents);
        for isa in Isa::available() {
            let sample = sorted_sample(Isa::SCALAR, &latents, 256);
            let counted = counted_slots(isa, &latents, range, &sample, 256);
            assert!(counted.slots.len() > 200);
            assert!(counted.slots.windows(2).all(|w| w[0].upper < w[1].lower));
            let n: u32 = counted.slots.iter().map(|slot| slot.count).sum();
            assert_eq!(n as usize, latents.len());
            for (latent, &slot) in latents.iter().zip(counted.slot_of.iter()) {
                let slot = counted.slots[usize::from(slot)];
                assert!((slot.lower..=slot.upper).contains(latent));
            }
            let spike = counted
                .slots
                .iter()
                .find(|slot| slot.lower == base + 5)
                .unwrap();
            assert_eq!(spike.lower, spike.upper);
        }
    }
}
