//! What a part of the latents shows beforehand: which distances are good, and what differences cost.

use super::costs::{Tally, Widths};
use super::cover::LOOKED_AT;
use super::savings::Savings;
use super::search::{FIRST_N, Favoured, LookbackSearch, N_FREQUENT, narrowed, of_few_or_many};
use crate::dtype::Latent;

/// Latents of a part that is searched beforehand, of few latents and of many.
const LEARNED_N: (usize, usize) = (1 << 11, 1 << 12);
/// Parts that are, at least, and the most from one to the next.
const LEARNED_PARTS: (usize, usize) = (4, 8);
/// Parts in all, at most: after each, all distances of the window are looked through.
const MAX_LEARNED_PARTS: usize = 64;

impl LookbackSearch {
    /// Searches parts of all latents beforehand, each with what those before it showed: what the distances cost that are
    /// good there, pages of about `page_n` latents begin with. Returns what was found, if there are parts enough to tell what
    /// a search of all finds. `price` tells what such residuals and distances take.
    pub(crate) fn learn<L: Latent>(
        &mut self,
        latents: &[L],
        page_n: usize,
        price: impl Fn(Found<L>) -> f64,
    ) -> Option<Found<L>> {
        match narrowed(self.isa, latents) {
            Some(narrow) => self.learn_by(latents, &narrow, page_n, price),
            None => self.learn_by(latents, latents, page_n, price),
        }
    }

    /// The same, by a form of the latents that has the same differences.
    fn learn_by<L: Latent, N: Latent>(
        &mut self,
        latents: &[L],
        form: &[N],
        page_n: usize,
        price: impl Fn(Found<L>) -> f64,
    ) -> Option<Found<L>> {
        let part_n = of_few_or_many(LEARNED_N, latents.len());
        let n_parts = latents.len().div_ceil(part_n);
        let step = (n_parts / LEARNED_PARTS.0)
            .clamp(1, LEARNED_PARTS.1)
            .max(n_parts / MAX_LEARNED_PARTS);
        let mut tally = Tally::new(self.window_n);
        let mut distances = Vec::new();
        let mut found = Found::default();
        for (part, start) in (0..latents.len()).step_by(part_n).enumerate() {
            let end = latents.len().min(start + part_n);
            if part % step > 0 {
                // What lies between is noted only: so that it is found again.
                for (place, latent) in (self.place(start)..).zip(&form[start..end]) {
                    self.places.note(Latent::to_u64(*latent), place);
                }
                continue;
            }
            // The first latent has none before it.
            let start = start.max(1);
            distances.resize(end - start, 0);
            match part / step {
                0 => {
                    let first_n = of_few_or_many(FIRST_N, latents.len());
                    self.find_first(&form[..end], first_n, &mut distances);
                    self.savings = Some(Savings::default());
                }
                1 => {
                    let price =
                        |start, distances: &[u32]| price(Found::of(latents, start, distances));
                    self.find_by_either(start, &form[..end], step as u32, &mut distances, price);
                    // What was found while nothing was known would be chosen for ever.
                    if distances.len() >= LOOKED_AT {
                        tally = Tally::new(self.window_n);
                    }
                }
                _ => self.find_from(start, &form[..end], &mut distances),
            }
            tally.add(latents, start, &distances);
            // The first part knew nothing, and all parts are no sample.
            if part > 0 && step > 1 {
                found.extend(latents, start, &distances);
            }
            self.start_from(&tally, step as u32);
        }
        self.places.clear();
        let savings = self.savings.take();
        // A few latents behind the first part are not enough to tell.
        if let Some(savings) = savings.filter(|_| latents.len() >= 2 * part_n) {
            self.leave_out(savings, page_n);
        }
        (!found.distances.is_empty()).then_some(found)
    }

    /// Searches a part with the distances that were good before it, and with those that do best there together, and stays
    /// with what takes less by `price`.
    ///
    /// A distance that nobody used yet costs so much that single latents stay with those in use, though many of them would
    /// be better off with another one.
    fn find_by_either<L: Latent>(
        &mut self,
        start: usize,
        latents: &[L],
        step: u32,
        distances: &mut [u32],
        price: impl Fn(usize, &[u32]) -> f64,
    ) {
        let together = self.best_together(start, latents);
        let mut other = Self {
            places: self.places.clone(),
            counts: self.counts.clone(),
            widths: Widths::plain(),
            ..*self
        };
        other.start_from(&together, step);
        let mut by_others = vec![0; distances.len()];
        other.find_from(start, latents, &mut by_others);
        self.find_from(start, latents, distances);
        // By latents that they were not chosen for, where there are.
        let n_known = LOOKED_AT.min(distances.len() / 2);
        let price = |distances: &[u32]| price(start + n_known, &distances[n_known..]);
        if price(&by_others) < price(distances) {
            distances.copy_from_slice(&by_others);
            *self = other;
        }
    }

    /// Leaves out the ways in which values were seen that save next to nothing, unless favoured distances reach before a good
    /// part of each page: there, what was seen is all there is.
    fn leave_out(&mut self, savings: Savings, page_n: usize) {
        /// The part of a page that is no good part.
        const SMALL_PART: usize = 16;
        let farthest = self.favoured.all.into_iter().max().unwrap_or(0);
        if farthest as usize * SMALL_PART <= page_n {
            self.n_seen = savings.n_worth();
        }
    }

    /// Begins with what was counted in a part of the latents, one in `step`.
    pub(super) fn start_from(&mut self, tally: &Tally, step: u32) {
        self.widths = Widths::of_counts(&tally.widths);
        let mut most = [(0, Favoured::NONE); N_FREQUENT];
        let counts = self.counts.iter_mut().zip(&tally.distances);
        for (distance, (count, &found)) in (0..).zip(counts) {
            *count = found * step;
            if *count > most[N_FREQUENT - 1].0 {
                let place = most.iter().position(|&(other, _)| *count > other);
                let place = place.expect("more than the last");
                most[place..].rotate_right(1);
                most[place] = (*count, distance);
            }
        }
        self.favoured = Favoured::new(most.map(|(_, distance)| distance));
        self.has_learned = true;
    }
}

/// What a search found in a part of some latents.
pub(crate) struct Found<L> {
    pub(crate) residuals: Vec<L>,
    pub(crate) distances: Vec<u32>,
}

impl<L> Default for Found<L> {
    fn default() -> Self {
        Self {
            residuals: Vec::new(),
            distances: Vec::new(),
        }
    }
}

impl<L: Latent> Found<L> {
    /// What distances leave of latents from `start` on.
    fn of(latents: &[L], start: usize, distances: &[u32]) -> Self {
        let mut found = Self::default();
        found.extend(latents, start, distances);
        found
    }

    fn extend(&mut self, latents: &[L], start: usize, distances: &[u32]) {
        let residuals = (start..).zip(distances).map(|(i, &distance)| {
            let before = latents[i - distance as usize];
            latents[i].wrapping_sub(&before).toggled()
        });
        self.residuals.extend(residuals);
        self.distances.extend_from_slice(distances);
    }
}
