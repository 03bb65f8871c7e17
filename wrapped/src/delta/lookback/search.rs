//! Finding distances for lookbacks.
//!
//! Any distance is legal, so the encoder is free to choose well or fast. It proposes, for each latent: the nearest
//! neighbours, the distances that were last good and those that were good most often, and where the same value was seen
//! last; also where one was that shares its high bits or is next to that, where that saves anything. The one that leaves
//! the smallest difference wins, with a bonus for distances in frequent use.
//!
//! Which those are, a part of the latents tells beforehand (`learn.rs`): else a distance that comes into use early wins
//! against better ones that nobody used yet. It also tells which few distances do best together (`cover.rs`).
//!
//! Which one that is, nobody can predict: so all are weighed, without branches ([`Find`]).

use std::hint::select_unpredictable;
use std::ops::Range;

use super::costs::{Tally, Widths};
use super::find::Find;
use super::places::{MAX_PLACES_LOG, N_SEEN, Places};
use super::savings::Savings;
use crate::dtype::Latent;
use crate::kernels::isa::Isa;
use crate::kernels::range::range_of;

/// Neighbours that are always proposed.
const N_NEAREST: usize = 2;
/// Distances of late that are proposed.
const N_RECENT: usize = 4;
/// Those that were good most often in what was searched beforehand.
pub(super) const N_FREQUENT: usize = 6;
pub(super) const N_FAVOURED: usize = N_NEAREST + N_RECENT + N_FREQUENT;
/// The first of them, which are searched before anything is known. That takes four times as long for each latent; but a
/// period longer than these is met by chance only.
pub(super) const FIRST_N: (usize, usize) = (1 << 9, 1 << 11);
/// So many are many.
const MIN_MANY: usize = 1 << 15;
/// Proposes and chooses distances; made once a chunk.
pub(crate) struct LookbackSearch {
    pub(super) isa: Isa,
    pub(super) window_n: usize,
    /// How often each distance was chosen, from index 1.
    pub(super) counts: Vec<u32>,
    pub(super) favoured: Favoured,
    /// What differences cost.
    pub(super) widths: Widths,
    /// Whether `counts` began with what a part of the latents showed.
    pub(super) has_learned: bool,
    pub(super) places: Places,
    /// So many ways in which values were seen are asked, the first ones.
    pub(super) n_seen: usize,
    /// What these save, while that is learned.
    pub(super) savings: Option<Savings>,
    /// Latents of the pages before.
    pub(super) n_before: usize,
}

impl LookbackSearch {
    /// Searches windows of `2^window_n_log` latents.
    pub(crate) fn new(isa: Isa, window_n_log: u32) -> Self {
        let n_distances = (1 << window_n_log) + 1;
        Self {
            isa,
            window_n: 1 << window_n_log,
            counts: vec![0; n_distances],
            favoured: Favoured::new(Favoured::FIRST),
            widths: Widths::plain(),
            has_learned: false,
            places: Places::new((window_n_log + 1).min(MAX_PLACES_LOG)),
            n_seen: N_SEEN,
            savings: None,
            n_before: 0,
        }
    }

    /// The distances of a single page, from its second latent on, where those of its first ones tell what the others begin
    /// with.
    pub(crate) fn find_alone<L: Latent>(self, latents: &[L]) -> Vec<u32> {
        self.find_learning(latents, of_few_or_many(FIRST_N, latents.len()))
    }

    /// The same, where the first `learned_n` latents tell.
    pub(crate) fn find_learning<L: Latent>(mut self, latents: &[L], learned_n: usize) -> Vec<u32> {
        let mut distances = vec![0; latents.len().saturating_sub(1)];
        match narrowed(self.isa, latents) {
            Some(narrow) => self.find_first(&narrow, learned_n, &mut distances),
            None => self.find_first(latents, learned_n, &mut distances),
        }
        distances
    }

    /// Writes the distances of the first latents, from the second on, where those of `learned_n` tell what the others begin
    /// with.
    pub(super) fn find_first<L: Latent>(
        &mut self,
        latents: &[L],
        learned_n: usize,
        distances: &mut [u32],
    ) {
        let start = learned_n.clamp(1, latents.len().max(1));
        let n_learned = (start - 1).min(distances.len());
        let (learned, others) = distances.split_at_mut(n_learned);
        self.find_page(&latents[..start.min(latents.len())], learned);
        let mut tally = Tally::new(self.window_n);
        tally.add(latents, 1, learned);
        self.start_from(&tally, 1);
        self.find_from(start, latents, others);
    }

    /// Writes the distances for the latents of a page from its second on.
    pub(crate) fn find_into<L: Latent>(&mut self, latents: &[L], distances: &mut [u32]) {
        match narrowed(self.isa, latents) {
            Some(narrow) => self.find_page(&narrow, distances),
            None => self.find_page(latents, distances),
        }
        self.n_before += latents.len();
    }

    fn find_page<L: Latent>(&mut self, latents: &[L], distances: &mut [u32]) {
        if let [first, ..] = latents {
            self.places.note(Latent::to_u64(*first), self.place(0));
            self.find_from(1, latents, distances);
        }
    }

    /// Writes the distances for the latents of a page from `start` on, which is not the first; those before were noted.
    pub(super) fn find_from<L: Latent>(
        &mut self,
        start: usize,
        latents: &[L],
        distances: &mut [u32],
    ) {
        self.isa.run(Find {
            search: self,
            latents,
            start,
            distances,
        });
    }

    /// The place of a latent of the page: they count from 1, through all pages.
    #[inline(always)]
    pub(super) fn place(&self, i: usize) -> u32 {
        (self.n_before + i + 1) as u32
    }
}

/// Which of two numbers is for `n` latents.
pub(super) fn of_few_or_many((few, many): (usize, usize), n: usize) -> usize {
    if n < MIN_MANY { few } else { many }
}

/// Latents of 64 bits as words of 32, where these have the same differences: twice as many are weighed at once.
pub(super) fn narrowed<L: Latent>(isa: Isa, latents: &[L]) -> Option<Vec<u32>> {
    if L::BITS < u64::BITS || latents.is_empty() {
        return None;
    }
    let (min, max) = range_of(isa, latents);
    let is_narrow = Latent::to_u64(max - min) <= i32::MAX as u64;
    // Differences of the low bits are right but for what is above them, which is their sign.
    is_narrow.then(|| {
        latents
            .iter()
            .map(|latent| Latent::to_u64(*latent) as u32)
            .collect()
    })
}

/// Distances that are proposed for all latents.
#[derive(Clone, Copy)]
pub(super) struct Favoured {
    /// The nearest neighbours, those of late that are none of the others, and those that were good most often; `NONE`
    /// where there are not so many.
    pub(super) all: [u32; N_FAVOURED],
    /// The one that costs least.
    pub(super) best: u32,
}

impl Favoured {
    /// No distance.
    pub(super) const NONE: u32 = 0;
    pub(super) const NEAREST: [u32; N_NEAREST] = [1, 2];
    /// Those that are proposed before any was found to be good: the next neighbours.
    pub(super) const FIRST: [u32; N_FREQUENT] = [3, 4, 5, 6, 7, 8];
    const RECENT: Range<usize> = N_NEAREST..N_NEAREST + N_RECENT;

    pub(super) fn new(frequent: [u32; N_FREQUENT]) -> Self {
        let mut all = [Self::NONE; N_FAVOURED];
        all[..N_NEAREST].copy_from_slice(&Self::NEAREST);
        all[Self::RECENT.end..].copy_from_slice(&frequent);
        Self {
            all,
            best: frequent[0].max(1),
        }
    }

    /// Takes note of a choice, the first of late.
    #[inline(always)]
    pub(super) fn note(&mut self, distance: u32) {
        let is_known = self.all.iter().fold(false, |is, &of| is | (of == distance));
        let mut newer = distance;
        for place in &mut self.all[Self::RECENT] {
            let older = *place;
            *place = select_unpredictable(is_known, older, newer);
            newer = older;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::lookback::Found;
    use crate::kernels::weigh::difference_bits;

    /// About the bits that differences take, with those of distances beside the nearest.
    fn price(found: Found<u64>) -> f64 {
        let widths = found
            .residuals
            .iter()
            .map(|x| difference_bits(*x, u64::MID));
        let far = found.distances.iter().filter(|&&distance| distance > 1);
        f64::from(widths.sum::<u32>()) + far.count() as f64
    }

    #[test]
    fn words_of_32_bits_find_what_those_of_64_do() {
        let latents: Vec<u64> = (0..40_000u64)
            .map(|i| (1 << 63) - 5000 + (i % 3) * 10_000_000 + (i * i % 1009) + i / 3)
            .collect();
        for isa in Isa::available() {
            let narrow = narrowed(isa, &latents).expect("a narrow range");
            let mut of_words = vec![0; latents.len() - 1];
            let mut of_latents = of_words.clone();
            LookbackSearch::new(isa, 8).find_into(&latents, &mut of_words);
            LookbackSearch::new(isa, 8).find_page(&latents, &mut of_latents);
            let bits = |distances: &[u32]| -> u32 {
                let of = |(i, &distance): (usize, &u32)| {
                    difference_bits(latents[i], latents[i - distance as usize])
                };
                (1..).zip(distances).map(of).sum()
            };
            // Hashes differ, and with them what is met by chance.
            let (of_words, of_latents) = (bits(&of_words), bits(&of_latents));
            assert!(of_words.abs_diff(of_latents) * 100 < of_latents);
            for (pair, words) in latents.windows(2).zip(narrow.windows(2)) {
                assert_eq!(
                    difference_bits(pair[0], pair[1]),
                    difference_bits(words[0], words[1])
                );
            }
            assert!(narrowed(isa, &[0u64, 1 << 31]).is_none());
        }
    }

    #[test]
    fn a_period_is_found_from_its_second_time_on() {
        // No whole number of blocks: of one, some latents have nothing a period before them.
        let latents: Vec<u64> = (0..5000u64)
            .map(|i| (i % 34 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        for isa in Isa::available() {
            let mut search = LookbackSearch::new(isa, 8);
            search.learn(&latents, latents.len(), price);
            let mut distances = vec![0; latents.len() - 1];
            search.find_into(&latents, &mut distances);
            assert!(distances[33..].iter().all(|distance| distance % 34 == 0));
        }
    }

    #[test]
    fn ways_that_save_nothing_are_left_out() {
        let noise = |i: u64| {
            let mixed = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((mixed ^ mixed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) % 1000
        };
        let counted: Vec<u64> = (0..20_000).map(|i| (i % 5) * 1_000_000 + i / 5).collect();
        let ids: Vec<u64> = (0..20_000).map(|i| noise(i) << 20).collect();
        for isa in Isa::available() {
            let n_seen = |latents: &[u64], page_n: usize| {
                let mut search = LookbackSearch::new(isa, 12);
                search.learn(latents, page_n, price);
                search.n_seen
            };
            for latents in [&counted, &ids] {
                assert_eq!(n_seen(latents, latents.len()), 1);
            }
            // Where favoured distances hardly reach within a page, and where next to nothing was looked at.
            assert_eq!(n_seen(&counted, 64), N_SEEN);
            assert_eq!(n_seen(&counted[..2049], 2049), N_SEEN);
        }
    }

    #[test]
    fn interleaved_sequences_are_found() {
        let latents: Vec<u32> = (0..3000).map(|i| (i % 5) * 1_000_000 + i / 5).collect();
        for isa in Isa::available() {
            let distances = LookbackSearch::new(isa, 8).find_alone(&latents);
            assert_eq!(distances.len(), 2999);
            let n_fives = distances.iter().filter(|&&distance| distance == 5).count();
            assert!(n_fives > 2900, "{n_fives}");
        }
    }
}
