//! Which few distances do best together, for a part of the latents.

use std::cmp::Reverse;

use super::costs::Tally;
use super::search::{Favoured, LookbackSearch, N_FREQUENT};
use crate::dtype::Latent;
use crate::kernels::weigh::difference_bits;

/// Distances that are weighed: those at which latents were seen most often.
const N_CANDIDATES: usize = 32;
/// Latents that they are chosen for, the first of a part.
pub(super) const LOOKED_AT: usize = 1 << 10;
/// Bits that it takes to say that a further distance is meant.
const FURTHER_BITS: u8 = 2;
/// So many latents have to be better off by a bit: one of 2 to this power.
const MIN_SAVED_LOG: u32 = 5;

impl LookbackSearch {
    /// What the distances would be used for that leave the narrowest differences together, in the part of the latents from
    /// `start` on; those before were noted.
    ///
    /// Each is the one that saves most beside those chosen before it: greedy selection for the problem of facility location
    /// (Cornuejols, Fisher and Nemhauser, 1977).
    pub(super) fn best_together<L: Latent>(&self, start: usize, latents: &[L]) -> Tally {
        let candidates = self.most_seen(start, latents);
        let end = latents.len().min(start + LOOKED_AT);
        let widths_at = |&distance: &u32| -> Vec<u8> {
            let width = |i: usize| match i.checked_sub(distance as usize) {
                Some(before) => difference_bits(latents[i], latents[before]) as u8,
                None => u8::MAX,
            };
            (start..end).map(width).collect()
        };
        let widths: Vec<Vec<u8>> = candidates.iter().map(widths_at).collect();
        let mut left = vec![u8::MAX; end - start];
        let mut chosen = vec![Favoured::NONE; end - start];
        let mut further_bits = 0;
        for _ in 0..N_FREQUENT {
            let saved = |widths: &Vec<u8>| -> u64 {
                let pairs = left.iter().zip(widths);
                let saved = pairs
                    .map(|(left, width)| left.saturating_sub(width.saturating_add(further_bits)));
                saved.map(u64::from).sum()
            };
            let all_saved = widths.iter().map(saved).zip(0..);
            // Of equals, the first.
            let Some((saved, k)) = all_saved.max_by_key(|&(saved, k)| (saved, Reverse(k))) else {
                break;
            };
            if saved << MIN_SAVED_LOG < left.len() as u64 {
                break;
            }
            for ((left, chosen), &width) in left.iter_mut().zip(&mut chosen).zip(&widths[k]) {
                if width.saturating_add(further_bits) < *left {
                    (*left, *chosen) = (width, candidates[k]);
                }
            }
            further_bits = FURTHER_BITS;
        }
        let mut tally = Tally::new(self.window_n);
        for (i, &distance) in (start..).zip(&chosen) {
            if distance != Favoured::NONE {
                tally.add(latents, i, &[distance]);
            }
        }
        tally
    }

    /// The distances at which latents of a part were seen most often, and the nearest ones.
    fn most_seen<L: Latent>(&self, start: usize, latents: &[L]) -> Vec<u32> {
        let window_n = self.window_n;
        let mut places = self.places.clone();
        let mut counts = vec![0u32; window_n + 1];
        for (i, latent) in latents.iter().enumerate().skip(start) {
            let (bits, place) = (Latent::to_u64(*latent), self.place(i));
            let [below, above] = places.beside(bits);
            let seen = [
                places.swap(bits, place),
                places.swap_coarse(bits, place),
                below,
                above,
            ];
            for distance in seen.map(|seen| place - seen) {
                if distance as usize <= window_n.min(i) {
                    counts[distance as usize] += 1;
                }
            }
        }
        let is_seen_again = |&distance: &u32| counts[distance as usize] > 1;
        let mut most: Vec<u32> = (1..=window_n as u32).filter(is_seen_again).collect();
        most.sort_by_key(|&distance| Reverse(counts[distance as usize]));
        most.truncate(N_CANDIDATES);
        let nearest = Favoured::NEAREST.into_iter().chain(Favoured::FIRST);
        let nearest: Vec<u32> = nearest.filter(|near| !most.contains(near)).collect();
        most.extend(nearest);
        most.retain(|&distance| distance as usize <= window_n);
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::Isa;

    #[test]
    fn distances_are_chosen_that_do_best_together() {
        // A wave, noise on it, and every third latent of another kind, which counts.
        let wave = |i: usize| {
            let phase = (i % 699) as f64 * std::f64::consts::TAU / 699.0;
            (phase.sin() * 1e6) as i64 as u64 ^ (i as u64).wrapping_mul(0x9e37_79b9) >> 24 & 0xff
        };
        let latents: Vec<u64> = (0..6000usize)
            .map(|i| {
                if i % 3 == 0 {
                    (i / 3 * 1_000_003) as u64
                } else {
                    wave(i)
                }
            })
            .map(|x| x.wrapping_add(1 << 40))
            .collect();
        let start = 4096;
        let mut search = LookbackSearch::new(Isa::best().expect("a tier"), 12);
        for (i, &latent) in latents[..start].iter().enumerate() {
            search.places.note(latent, search.place(i));
        }
        let tally = search.best_together(start, &latents);
        let counts = |distance: usize| tally.distances[distance];
        // Two thirds repeat at a multiple of the period, the others are a step from the one before.
        let n_of_wave: u32 = (1..=5).map(|k| counts(699 * k)).sum();
        assert!(n_of_wave > 600, "{n_of_wave}");
        assert!(counts(3) > 300, "{}", counts(3));
        assert_eq!(tally.distances.iter().sum::<u32>(), LOOKED_AT as u32);
    }

    #[test]
    fn a_window_may_be_shorter_than_the_nearest_distances() {
        let latents: Vec<u32> = (0..100).map(|i| i * i).collect();
        let search = LookbackSearch::new(Isa::best().expect("a tier"), 2);
        let tally = search.best_together(50, &latents);
        assert_eq!(tally.distances.len(), 5);
        assert!(tally.distances[1] > 40);
    }
}
