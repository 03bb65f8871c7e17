//! Slots of latents that lie far apart: cut by a sample, counted exactly.
//!
//! A full sort would cost more than all else. So a sorted sample says where to cut; then one pass finds the slot of
//! each latent, counts, and keeps the smallest and the largest of each slot, so that bins fit tightly. The slots are
//! kept: what encodes the latents later needs no search any more.
//!
//! The search goes by a table over the sign, exponent and first bits of the distance from the median: fine where
//! latents are dense, as they mostly are near their middle, and coarse far out. What lies in one cell is told apart by
//! bisection: as many steps for each latent as the fullest cell needs, since a branch that depends on the latent costs more.

use super::histogram::{Slot, histogram_of_sorted};
use super::radix_sort::radix_sort;
use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Latents of the sample, at least.
const MIN_SAMPLE_N: usize = 1 << 12;
/// Latents of the sample for each slot, at least.
const SAMPLE_N_PER_SLOT: usize = 16;
/// First bits of a distance that tell cells apart.
const LEADING_BITS: u32 = 5;
/// Cells of each sign.
const N_CELLS: usize = (u64::BITS as usize + 1) << LEADING_BITS;

/// Slots with exact counts, and the slot of each latent.
#[derive(Clone, Debug)]
pub(crate) struct CountedSlots<L> {
    /// In order, none of them empty.
    pub(crate) slots: Vec<Slot<L>>,
    /// The place of each latent in `slots`.
    pub(crate) slot_of: Vec<u16>,
}

/// Cuts latents into about `max_slots` slots.
pub(crate) fn counted_slots<L: Latent>(
    isa: Isa,
    latents: &[L],
    min: L,
    max_slots: usize,
) -> CountedSlots<L> {
    let mut sample = sample(latents, MIN_SAMPLE_N.max(SAMPLE_N_PER_SLOT * max_slots));
    radix_sort(&mut sample, &mut Vec::new());
    let cuts = Cuts::new(&sample, min, max_slots);
    let mut slots = vec![
        Slot {
            count: 0,
            lower: L::max_value(),
            upper: L::zero(),
        };
        cuts.n_slots
    ];
    let mut slot_of = vec![0; latents.len()];
    isa.run(Count {
        latents,
        cuts: &cuts,
        slots: &mut slots,
        slot_of: &mut slot_of,
    });
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
    CountedSlots { slots, slot_of }
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

/// Where slots start, and how to find them.
struct Cuts<L> {
    /// Where each slot starts, and behind them the largest latent, so that steps need not look where they end.
    starts: Vec<L>,
    n_slots: usize,
    centre: L,
    /// For each cell, the first slot that reaches into it.
    cells: Vec<u16>,
    /// The first step of bisection, a power of two; 0 where no cell holds two slots.
    first_step: usize,
}

impl<L: Latent> Cuts<L> {
    fn new(sorted_sample: &[L], min: L, max_slots: usize) -> Self {
        let mut starts: Vec<L> = Vec::with_capacity(2 * max_slots);
        starts.push(min);
        for slot in histogram_of_sorted(sorted_sample, max_slots) {
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
        let n_slots = starts.len();
        let centre = sorted_sample[sorted_sample.len() / 2];
        let n_cells = 2 * N_CELLS;
        // Cells are in the order of latents, so the slots of a cell are those from that of its first latent, which is
        // the last that starts in an earlier cell, to the last that starts in it.
        let mut cells = Vec::with_capacity(n_cells);
        let (mut next, mut most) = (0, 1);
        for cell in 0..n_cells {
            let first = next.max(1) - 1;
            while next < n_slots && cell_of(starts[next], centre) <= cell {
                next += 1;
            }
            cells.push(first as u16);
            most = most.max(next - first);
        }
        let first_step = most.next_power_of_two() / 2;
        starts.resize(n_slots + 2 * first_step, L::max_value());
        Self {
            starts,
            n_slots,
            centre,
            cells,
            first_step,
        }
    }

    #[inline(always)]
    fn slot_of(&self, latent: L) -> usize {
        let mut slot = usize::from(self.cells[cell_of(latent, self.centre)]);
        let mut step = self.first_step;
        while step > 0 {
            // Slots of later cells start above the latent.
            slot += step * usize::from(self.starts[slot + step] <= latent);
            step /= 2;
        }
        // The largest latent may have gone on to what is behind the last slot.
        slot.min(self.n_slots - 1)
    }
}

/// The cell of a latent: ascending with the latent.
#[inline(always)]
fn cell_of<L: Latent>(latent: L, centre: L) -> usize {
    // Below the centre, distances count from one less, so that both sides start at zero.
    let is_below = latent < centre;
    let sign = u64::from(is_below).wrapping_neg();
    let distance = latent.to_u64().wrapping_sub(centre.to_u64()) ^ sign;
    // The exponent, and the bits behind the leading one, as a float has them: below 2^LEADING_BITS, all distances have
    // cells of their own.
    let exponent = bit_length(distance | ((1 << LEADING_BITS) - 1)) - LEADING_BITS;
    let cell = ((exponent as usize) << LEADING_BITS) + (distance >> exponent) as usize;
    // Minus one minus the cell, or the cell.
    N_CELLS.wrapping_add(cell ^ sign as usize)
}

/// The pass over all latents.
struct Count<'a, L> {
    latents: &'a [L],
    cuts: &'a Cuts<L>,
    slots: &'a mut [Slot<L>],
    slot_of: &'a mut [u16],
}

impl<L: Latent> Kernel for Count<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, _tier: S) {
        for (&latent, place) in self.latents.iter().zip(self.slot_of) {
            let slot = self.cuts.slot_of(latent);
            *place = slot as u16;
            let slot = &mut self.slots[slot];
            slot.count += 1;
            slot.lower = slot.lower.min(latent);
            slot.upper = slot.upper.max(latent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bins::counts::range_of;

    #[test]
    fn cells_ascend() {
        for centre in [0u64, 1 << 63, u64::MAX, 1000] {
            let mut latents: Vec<u64> = (0..64)
                .flat_map(|shift| {
                    [
                        1u64 << shift,
                        (3 << shift) - 1,
                        !0 << shift,
                        centre + (1 << shift >> 1).min(u64::MAX - centre),
                    ]
                })
                .collect();
            latents.sort_unstable();
            let cells: Vec<usize> = latents.iter().map(|&l| cell_of(l, centre)).collect();
            assert!(cells.is_sorted(), "{cells:?}");
            assert!(cells.iter().all(|&cell| cell < 2 * N_CELLS));
        }
    }

    #[test]
    fn each_latent_is_in_its_slot() {
        let latents: Vec<u64> = (0..100_000u64)
            .map(|i| match i % 7 {
                0 => 5 << 50,
                1 => i.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                _ => (5 << 50) + i * i % 100_003,
            })
            .collect();
        let (min, _) = range_of(&latents);
        for isa in Isa::available() {
            let counted = counted_slots(isa, &latents, min, 256);
            assert!(counted.slots.len() > 200);
            assert!(counted.slots.windows(2).all(|w| w[0].upper < w[1].lower));
            let n: u32 = counted.slots.iter().map(|slot| slot.count).sum();
            assert_eq!(n as usize, latents.len());
            for (latent, &slot) in latents.iter().zip(&counted.slot_of) {
                let slot = counted.slots[usize::from(slot)];
                assert!((slot.lower..=slot.upper).contains(latent));
            }
            let spike = counted
                .slots
                .iter()
                .find(|slot| slot.lower == 5 << 50)
                .unwrap();
            assert_eq!(spike.lower, spike.upper);
        }
    }
}
