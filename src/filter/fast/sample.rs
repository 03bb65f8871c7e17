//! A few stretches of a chunk, on which schemes are tried.

use paginum_wrapped::vertical::BLOCK_N;

use super::bits;
use super::packed::n_blocks;
use super::repeats::Parts;
use super::word::Word;
use crate::filter::paged::component_of;

/// Stretches of a large chunk.
const N_STRETCHES: usize = 3;
/// Each is about so much of the chunk, but at least two blocks, and no more than four.
const PART: usize = 36;
const MIN_STRETCH_N: usize = 2 * BLOCK_N;
const MAX_STRETCH_N: usize = 4 * BLOCK_N;

/// Stretches of neighbours.
#[derive(Clone, Debug)]
pub(super) struct Sample<L> {
    pub(super) stretches: Vec<Vec<L>>,
    /// Words of all of them.
    pub(super) n: usize,
    /// Words that they are a sample of.
    pub(super) among: usize,
}

impl<L: Word> Sample<L> {
    /// Of the words of a chunk: three stretches, or the middle of one that is hardly larger. Each starts at a multiple of
    /// `align`, so that its first word is of the first component of any number that divides it.
    pub(super) fn of(words: &[L], align: usize) -> Self {
        let stretch_n = words.len() / PART / BLOCK_N * BLOCK_N;
        let stretch_n = stretch_n.clamp(MIN_STRETCH_N, MAX_STRETCH_N);
        let n_stretches = match words.len() < (N_STRETCHES + 1) * stretch_n {
            true => 1,
            false => N_STRETCHES,
        };
        let n = words.len().min(N_STRETCHES / n_stretches * stretch_n);
        let gap = words.len() - n;
        let stretch = |i: usize| {
            let start = match n_stretches {
                1 => gap / 2,
                _ => gap / (n_stretches - 1) * i,
            };
            let start = start / align * align;
            words[start..start + n].to_vec()
        };
        Self::made_of((0..n_stretches).map(stretch).collect(), words.len())
    }

    fn made_of(stretches: Vec<Vec<L>>, among: usize) -> Self {
        let n = stretches.iter().map(Vec::len).sum();
        Self {
            stretches,
            n,
            among,
        }
    }

    /// The same sample, of one component of `k`, which divides what stretches are aligned to.
    pub(super) fn component(&self, k: usize, component: usize) -> Self {
        let stretches = self.stretches.iter();
        let own = stretches.map(|words| component_of(words, k, 0, component));
        Self::made_of(own.collect(), self.among / k)
    }

    /// The same sample after a step.
    pub(super) fn map(&self, step: impl Fn(&[L], &mut [L])) -> Self {
        let stretches = self.stretches.iter().map(|from| {
            let mut to = vec![L::zero(); from.len()];
            step(from, &mut to);
            to
        });
        Self::made_of(stretches.collect(), self.among)
    }

    /// What of it stands in pages of its own, and bytes of the rest: places and counts.
    pub(super) fn parts(&self, parts_of: impl Fn(&[L]) -> Parts<L>) -> (Self, usize) {
        let (mut stretches, mut rest) = (Vec::new(), Vec::new());
        for words in &self.stretches {
            let parts = parts_of(words);
            bits::write(&parts.places, &mut rest);
            rest.resize(rest.len() + 2 * n_blocks(words.len()), 0);
            stretches.push(parts.words);
        }
        let mut parts = Self::made_of(stretches, 0);
        parts.among = (self.among as f64 * parts.n as f64 / self.n.max(1) as f64) as usize;
        (parts, rest.len())
    }

    pub(super) fn words(&self) -> impl Iterator<Item = L> {
        self.stretches.iter().flatten().copied()
    }

    /// How many runs of equal words there are.
    pub(super) fn n_runs(&self) -> usize {
        let stretches = self.stretches.iter();
        stretches
            .map(|words| words.chunk_by(|a, b| a == b).count())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_a_sample_are_those_of_the_chunk() {
        for n in [3073 * 2, 10_000, 262_080, 262_144] {
            let words: Vec<u32> = (0..n).collect();
            for k in 2..=8 {
                for align in [k, 840] {
                    let sample = Sample::of(&words, align);
                    for component in 0..k {
                        let own = sample.component(k, component);
                        assert!(own.words().all(|word| word as usize % k == component));
                    }
                }
            }
        }
    }
}
