//! What choices are made by: runs of numbers from all over a chunk.

use std::borrow::Cow;
use std::ops::Range;

use crate::dtype::Number;

/// Numbers in a long run: enough to see most repetitions.
const LONG_N: usize = 256;
/// Long runs of a sample, at least: of few, none may be where a period is.
const MIN_LONG: usize = 4;
/// Numbers in a short run: enough for differences. Many of them weigh what differs from place to place.
const SHORT_N: usize = 64;

/// So few numbers are a sample whole.
pub(super) const MAX_WHOLE_N: usize = LONG_N * (MIN_RUNS + MIN_LONG / 2);
/// A small sample has as many numbers as so many long runs, at least.
const MIN_RUNS: usize = 4;

/// Runs of consecutive numbers, evenly spread, one behind the other: long ones, then short ones.
#[derive(Clone, Debug)]
pub(crate) struct Sample<T> {
    pub(crate) numbers: Vec<T>,
    pub(crate) cuts: Cuts,
    /// Where each run is among all numbers.
    places: Vec<Range<usize>>,
}

/// How numbers one behind the other are cut into runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts {
    long_n: usize,
    n_long: usize,
    short_n: usize,
}

impl Cuts {
    /// A single run of so many numbers.
    fn single(n: usize) -> Self {
        Self {
            long_n: n.max(1),
            n_long: 1,
            short_n: SHORT_N,
        }
    }

    /// The length of the first run.
    pub(super) fn long_n(self) -> usize {
        self.long_n
    }

    /// All runs of the numbers that were sampled, or of what was made of each.
    pub(super) fn runs<X>(self, sampled: &[X]) -> impl Iterator<Item = &[X]> + Clone {
        let (long, short) = self.split(sampled);
        long.chunks(self.long_n).chain(short.chunks(self.short_n))
    }

    /// The long ones.
    pub(super) fn long_runs<X>(self, sampled: &[X]) -> std::slice::Chunks<'_, X> {
        self.split(sampled).0.chunks(self.long_n)
    }

    fn split<X>(self, sampled: &[X]) -> (&[X], &[X]) {
        sampled.split_at(self.n_long.saturating_mul(self.long_n).min(sampled.len()))
    }
}

impl<T: Number> Sample<T> {
    /// The numbers without the one that most of them are: it says nothing of what the others have in common.
    pub(super) fn uncommon(&self) -> Cow<'_, [T]> {
        /// Fewer others say nothing, either.
        const MIN_OTHERS: usize = 32;
        let is_common = |x: &T, common: T| x.to_latent() == common.to_latent();
        // The majority vote of Boyer and Moore: what most numbers are outlives all others.
        let (mut common, mut lead) = (None, 0usize);
        for &x in &self.numbers {
            match common {
                Some(common) if is_common(&x, common) => lead += 1,
                _ if lead > 0 => lead -= 1,
                _ => (common, lead) = (Some(x), 1),
            }
        }
        if let Some(common) = common.filter(|_| lead > 0) {
            let others = self.numbers.iter().filter(|x| !is_common(x, common));
            let n_others = others.clone().count();
            if (MIN_OTHERS..=self.numbers.len() / 2).contains(&n_others) {
                return others.copied().collect();
            }
        }
        Cow::Borrowed(&self.numbers)
    }

    /// A small sample of these numbers, to be looked at in many ways; all of them, if they are few. `scale` times as large
    /// as usual.
    pub(crate) fn small(numbers: &[T], scale: usize) -> Self {
        Self::of(numbers, scale * Self::small_n_runs(numbers.len()))
    }

    /// A larger sample, which decides where a small one cannot.
    pub(crate) fn large(numbers: &[T], scale: usize) -> Self {
        Self::of(numbers, 3 * scale * Self::small_n_runs(numbers.len()))
    }

    fn small_n_runs(n: usize) -> usize {
        (n >> 14).clamp(MIN_RUNS, 8)
    }

    /// As many numbers as so many long runs have: half of them in long runs, half in short ones.
    fn of(numbers: &[T], n_runs: usize) -> Self {
        let n = numbers.len();
        if n <= LONG_N * (n_runs + MIN_LONG / 2) {
            return Self {
                numbers: numbers.to_vec(),
                cuts: Cuts::single(n),
                places: std::iter::once(0..n).collect(),
            };
        }
        let n_long = MIN_LONG.max(n_runs / 2);
        let spread = |n_runs: usize, run_n: usize| {
            (0..n_runs).map(move |run| {
                let start = (n - run_n) * (2 * run + 1) / (2 * n_runs);
                start..start + run_n
            })
        };
        let n_short = n_runs.div_ceil(2) * (LONG_N / SHORT_N);
        let places: Vec<_> = spread(n_long, LONG_N)
            .chain(spread(n_short, SHORT_N))
            .collect();
        let runs = places.iter().flat_map(|place| &numbers[place.clone()]);
        Self {
            numbers: runs.copied().collect(),
            cuts: Cuts {
                long_n: LONG_N,
                n_long,
                short_n: SHORT_N,
            },
            places,
        }
    }

    /// What belongs to the numbers of the sample, of what belongs to all numbers.
    pub(super) fn part_of<'a, X>(&'a self, all: &'a [X]) -> impl Iterator<Item = &'a X> {
        self.places.iter().flat_map(|place| &all[place.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_numbers_are_is_left_out() {
        let mut numbers = vec![7i32; 300];
        numbers.iter_mut().step_by(3).for_each(|x| *x = 8);
        let others = |numbers: &[i32]| Sample::small(numbers, 1).uncommon().into_owned();
        assert_eq!(others(&numbers), [8; 100]);
        // Half of them are not most; and few others say nothing.
        let halves: Vec<i32> = (0..100).map(|i| 5 + i % 2).collect();
        assert_eq!(others(&halves), halves);
        assert_eq!(others(&numbers[..60]), numbers[..60]);
    }
}
