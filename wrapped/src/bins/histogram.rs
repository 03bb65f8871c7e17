//! Histograms: latents in order, cut into slots of about equal counts.

use std::hint::select_unpredictable;

use super::counts::Counts;
use crate::dtype::Latent;

/// A range of latents and how many there are: what bins are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot<L> {
    pub(crate) count: u32,
    /// The smallest latent of the slot.
    pub(crate) lower: L,
    /// The largest one.
    pub(crate) upper: L,
}

impl<L: Latent> Slot<L> {
    /// Of no latents.
    pub(crate) fn none() -> Self {
        Self {
            count: 0,
            lower: L::max_value(),
            upper: L::zero(),
        }
    }

    /// The slot of the latents of both.
    pub(crate) fn merged(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            lower: self.lower.min(other.lower),
            upper: self.upper.max(other.upper),
        }
    }
}

/// Cuts sorted latents into at most about `2 * max_slots` slots: equal latents stay together, and those that would
/// fill a slot get one of their own, so that frequent values never hide among others.
pub(crate) fn histogram_of_sorted<L: Latent>(sorted: &[L], max_slots: usize) -> Vec<Slot<L>> {
    histogram_of_runs(&runs_of(sorted), sorted.len(), max_slots)
}

/// The same for `n` latents that were counted: each distinct one, in order, with its count.
pub(crate) fn histogram_of_runs<L: Latent>(
    runs: &[(L, u32)],
    n: usize,
    max_slots: usize,
) -> Vec<Slot<L>> {
    let full = full_count(counts_of(runs), n, max_slots);
    slots_of_runs(runs.iter().copied(), full)
}

/// The same for `n` latents of a range, all counted.
pub(crate) fn histogram_of_counts<L: Latent>(
    counts: &Counts<L>,
    n: usize,
    max_slots: usize,
) -> Vec<Slot<L>> {
    let full = full_count(counts.counts.iter().copied(), n, max_slots);
    slots_of_runs(counts.runs(), full)
}

/// What sorted latents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// All latents: a gap is one.
    All,
    /// A sample: a gap may be chance.
    Sample,
}

/// Cuts slots of sorted latents again where a gap takes up more than half of one: so a latent far from all others does
/// not widen the bin of its neighbours, and no slot holds parts of two clusters.
pub(crate) fn cut_wide_gaps<L: Latent>(
    sorted: &[L],
    slots: Vec<Slot<L>>,
    seen: Seen,
) -> Vec<Slot<L>> {
    let mut cut = Vec::with_capacity(slots.len());
    let mut start = 0;
    for slot in slots {
        let end = start + slot.count as usize;
        push_cut(&sorted[start..end], seen, &mut cut);
        start = end;
    }
    cut
}

/// Appends the slots of one: itself, or the two sides of its wide gap, cut in turn. Each cut halves what is left.
fn push_cut<L: Latent>(sorted: &[L], seen: Seen, cut: &mut Vec<Slot<L>>) {
    let (lower, upper) = (sorted[0], sorted[sorted.len() - 1]);
    let range = upper - lower;
    let wide = rest_log(sorted.len(), seen).map(|log| range - (range >> log));
    let gap = wide.and_then(|wide| sorted.windows(2).position(|pair| pair[1] - pair[0] > wide));
    match gap {
        Some(place) => {
            let (before, after) = sorted.split_at(place + 1);
            push_cut(before, seen, cut);
            push_cut(after, seen, cut);
        }
        None => cut.push(Slot {
            count: sorted.len() as u32,
            lower,
            upper,
        }),
    }
}

/// The part of a range, as a power of two, that may lie outside a gap which `n` latents show. By chance, of `n` within a range
/// three in a thousand have a gap of more than `1 - x` of it where `(n - 1) x^(n - 2)` is 0.003.
fn rest_log(n: usize, seen: Seen) -> Option<usize> {
    match (seen, n) {
        (_, 0 | 1) => None,
        (Seen::All, _) | (Seen::Sample, 14..) => Some(1),
        (Seen::Sample, 2 | 3) => None,
        (Seen::Sample, 4) => Some(5),
        (Seen::Sample, 5) => Some(4),
        (Seen::Sample, 6 | 7) => Some(3),
        (Seen::Sample, 8..) => Some(2),
    }
}

/// Cuts sorted latents of a sample like [`histogram_of_sorted`], but values as rare as chance makes them share slots: that
/// a sample has only one of them says nothing about how many there are near it.
pub(crate) fn histogram_of_sample<L: Latent>(sorted: &[L], max_slots: usize) -> Vec<Slot<L>> {
    /// Latents that are no chance any more.
    const MIN_COUNT: u32 = 4;
    let runs = runs_of(sorted);
    let full = full_count(counts_of(&runs), sorted.len(), max_slots);
    let slots = slots_of_runs(runs.into_iter(), full.max(MIN_COUNT));
    cut_wide_gaps(sorted, slots, Seen::Sample)
}

/// Each distinct latent with its count. Where a run ends, nobody can predict: there are no branches.
fn runs_of<L: Latent>(sorted: &[L]) -> Vec<(L, u32)> {
    let mut runs = vec![(L::zero(), 0); sorted.len()];
    let (mut n_runs, mut start) = (0, 0);
    for (i, &latent) in sorted.iter().enumerate() {
        let end = i as u32 + 1;
        runs[n_runs] = (latent, end - start);
        let is_last = sorted.get(i + 1) != Some(&latent);
        n_runs += usize::from(is_last);
        start = select_unpredictable(is_last, end, start);
    }
    runs.truncate(n_runs);
    runs
}

fn counts_of<L>(runs: &[(L, u32)]) -> impl Iterator<Item = u32> + Clone {
    runs.iter().map(|run| run.1)
}

/// Slots of at least `full` latents each, but for what is left before one that fills a slot alone.
fn slots_of_runs<L: Latent>(runs: impl Iterator<Item = (L, u32)>, full: u32) -> Vec<Slot<L>> {
    let mut slots: Vec<Slot<L>> = Vec::new();
    // Whether the last slot takes more latents.
    let mut is_open = false;
    for (value, count) in runs {
        match slots.last_mut() {
            Some(last) if is_open && count < full => {
                last.count += count;
                last.upper = value;
            }
            _ => slots.push(Slot {
                count,
                lower: value,
                upper: value,
            }),
        }
        is_open = slots.last().is_some_and(|last| last.count < full);
    }
    slots
}

/// The count at which a slot is full: 1 where each distinct latent can have its own; else such that those which do
/// not fill a slot share as many as are asked for. Counts of zero are of no latent.
fn full_count(counts: impl Iterator<Item = u32> + Clone, n: usize, max_slots: usize) -> u32 {
    let max_slots = max_slots.max(1);
    if counts.clone().filter(|&count| count > 0).count() <= max_slots {
        return 1;
    }
    let full = n.div_ceil(max_slots) as u32;
    let shared: u32 = counts.filter(|&count| count < full).sum();
    (shared as usize).div_ceil(max_slots) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_those_of_equal_latents() {
        for n in [0, 1, 2, 500] {
            let mut latents: Vec<u16> = (0..n).map(|i| (i % 97) * (i % 89) % 97 / 3).collect();
            latents.sort_unstable();
            let equal = latents.chunk_by(|a, b| a == b);
            let expected: Vec<(u16, u32)> = equal.map(|run| (run[0], run.len() as u32)).collect();
            assert_eq!(runs_of(&latents), expected);
        }
    }

    #[test]
    fn frequent_values_have_slots_of_their_own() {
        let mut latents: Vec<u32> = (0..1000).collect();
        latents.extend([500; 300]);
        latents.sort_unstable();
        let slots = histogram_of_sorted(&latents, 16);
        let n: u32 = slots.iter().map(|slot| slot.count).sum();
        assert_eq!(n, 1300);
        assert!(slots.windows(2).all(|w| w[0].upper < w[1].lower));
        let spike = slots.iter().find(|slot| slot.lower == 500).unwrap();
        assert_eq!((spike.upper, spike.count), (500, 301));
        assert!(slots.len() <= 33);
    }
}
