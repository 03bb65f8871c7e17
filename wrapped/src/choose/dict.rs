//! What distinct values say of a dictionary before there is one.

use super::deltas::{DeltaBid, DeltaChoice};
use super::sample::Sample;
use crate::bins::{TrainingParams, estimate_bits_of_runs};
use crate::dtype::Latent;
use crate::entropy::log2;
use crate::mode::dict::{DictOrder, Distinct};

impl<L: Latent> Distinct<L> {
    /// About how many values there are where these are a sample: of `d` equally likely ones, `n` draws repeat about
    /// `n^2 / 2d`. Where most are repeats, no more are to come.
    pub(crate) fn n_distinct_of_all(&self) -> f64 {
        let (n, n_seen) = (self.indices.len() as f64, self.values.len() as f64);
        let n_repeats = n - n_seen;
        if n_repeats > n_seen {
            return n_seen;
        }
        n * n / (2.0 * n_repeats.max(1.0))
    }

    /// The least entropy, in bits a number, of all values where these are a sample: that of the sample, or how seldom two
    /// numbers are equal (Renyi's entropy of order 2, which is never above Shannon's), which a sample shows without bias.
    pub(crate) fn least_entropy_bits(&self) -> f64 {
        let n = self.indices.len() as f64;
        let (mut bits, mut n_pairs) = (0.0, 0.0);
        for &count in &self.counts {
            let count = f64::from(count);
            bits += count * (log2(n) - log2(count));
            n_pairs += count * (count - 1.0);
        }
        (bits / n).max(log2(n * (n - 1.0) / n_pairs.max(1.0)))
    }

    /// What latents cost without a dictionary and deltas, exactly as training will find it.
    pub(crate) fn bid_classic(&self, params: TrainingParams) -> DeltaBid {
        let mut runs: Vec<(L, u32)> = self
            .values
            .iter()
            .copied()
            .zip(self.counts.iter().copied())
            .collect();
        runs.sort_unstable();
        let bits = estimate_bits_of_runs(&runs, self.indices.len(), params);
        DeltaBid {
            choice: DeltaChoice::None,
            price: bits,
            close: Vec::new(),
        }
    }

    /// What indices cost in order of frequency, exactly as training will find it.
    pub(crate) fn bid_by_frequency(&self, params: TrainingParams) -> DeltaBid {
        let mut counts = self.counts.clone();
        counts.sort_unstable_by_key(|&count| !count);
        let runs: Vec<(u32, u32)> = (0..).zip(counts).collect();
        let bits = estimate_bits_of_runs(&runs, self.indices.len(), params);
        DeltaBid {
            choice: DeltaChoice::None,
            price: bits,
            close: Vec::new(),
        }
    }

    /// A sample's indices in order of value.
    pub(crate) fn indices_by_value<T>(&self, sample: &Sample<T>) -> Vec<u32> {
        let ranks = self.ranks(DictOrder::Value).1;
        let runs = sample
            .starts
            .iter()
            .map(|&start| &self.indices[start..start + sample.run_n]);
        runs.flatten().map(|&index| ranks[index as usize]).collect()
    }
}
