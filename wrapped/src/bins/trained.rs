//! One latent variable of a chunk, trained: its bins with weights, ready to encode with.

use super::histogram::histogram_of_sorted;
use super::optimize::optimize_bins;
use super::search::BinSearch;
use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::entropy::{EncoderTable, best_weights};
use crate::format::chunk_meta::offset_bits_width;
use crate::format::{Bin, LatentVarMeta};

/// How finely a latent variable is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrainingParams {
    /// The level that was asked for.
    pub(crate) level: u32,
    /// Slots of the histogram, as a power of two.
    pub(crate) n_slots_log: u32,
}

impl TrainingParams {
    /// The largest tANS table that an encoder makes: past that, tables leave the caches of decoders.
    const MAX_ANS_SIZE_LOG: u32 = 12;

    /// What a level means for a primary latent variable of `n` latents.
    pub(crate) fn primary(level: u32, n: usize) -> Self {
        // Slots of few latents each describe nothing but chance.
        let finest = n.max(1).ilog2().saturating_sub(4);
        let n_slots_log = if level <= finest {
            level
        } else {
            finest + (level - finest) / 2
        };
        Self { level, n_slots_log }
    }

    /// The same for a secondary variable, which is mostly noise.
    pub(crate) fn secondary(self) -> Self {
        Self {
            n_slots_log: self.n_slots_log.min(6),
            ..self
        }
    }

    /// Bits of a bin's metadata, before the size of the tANS table is known.
    pub(crate) fn bin_meta_bits<L: Latent>(self) -> u32 {
        let ans_size_log = (self.n_slots_log + 2).min(Self::MAX_ANS_SIZE_LOG);
        ans_size_log + L::BITS + offset_bits_width(L::BITS)
    }

    /// The largest tANS table for `n` latents; smaller ones are made where they do as well.
    fn max_ans_size_log(self, n: usize) -> u32 {
        let useful = n.next_power_of_two().ilog2();
        let asked_for = match self.level {
            // Coarse bins do not need fine weights.
            0..4 => self.n_slots_log + 2,
            _ => Self::MAX_ANS_SIZE_LOG,
        };
        useful.min(asked_for)
    }
}

/// A latent variable's metadata and what encodes it.
#[derive(Clone, Debug)]
pub(crate) struct TrainedVar<L> {
    pub(crate) meta: LatentVarMeta,
    pub(crate) search: BinSearch<L>,
    /// The smallest latent of each bin.
    pub(crate) lowers: Vec<L>,
    /// The offset width of each bin.
    pub(crate) offset_bits: Vec<u8>,
    pub(crate) max_offset_bits: u32,
    pub(crate) table: EncoderTable,
    /// What its latents take, roughly, without the metadata.
    pub(crate) estimated_bits: f64,
}

impl<L: Latent> TrainedVar<L> {
    /// Chooses bins for these latents.
    pub(crate) fn train(latents: &[L], params: TrainingParams) -> Self {
        let mut sorted = latents.to_vec();
        sorted.sort_unstable();
        let slots = histogram_of_sorted(&sorted, 1 << params.n_slots_log);
        let bin_meta_bits = params.bin_meta_bits::<L>();
        let optimized = optimize_bins(&slots, f64::from(bin_meta_bits));
        let bins = optimized.bins;
        let counts: Vec<u32> = bins.iter().map(|bin| bin.count).collect();
        let max_ans_size_log = params.max_ans_size_log(latents.len());
        let (weights, ans_size_log) = best_weights(&counts, max_ans_size_log);
        let estimated_bits = optimized.cost_bits - f64::from(bin_meta_bits) * bins.len() as f64;
        let bins = bins.iter().zip(weights).map(|(bin, weight)| Bin {
            weight,
            lower: bin.lower.to_u64(),
            offset_bits: bit_length(bin.upper - bin.lower),
        });
        Self::new(bins.collect(), ans_size_log, estimated_bits)
    }

    /// One bin over all latents: nothing is compressed.
    pub(crate) fn raw(n: usize) -> Self {
        let bin = Bin {
            weight: 1,
            lower: 0,
            offset_bits: L::BITS,
        };
        Self::new(vec![bin], 0, n as f64 * f64::from(L::BITS))
    }

    fn new(bins: Vec<Bin>, ans_size_log: u32, estimated_bits: f64) -> Self {
        let lowers: Vec<L> = bins.iter().map(|bin| L::from_u64(bin.lower)).collect();
        let offset_bits: Vec<u8> = bins.iter().map(|bin| bin.offset_bits as u8).collect();
        let weights: Vec<u32> = bins.iter().map(|bin| bin.weight).collect();
        Self {
            search: BinSearch::new(&lowers),
            max_offset_bits: u32::from(offset_bits.iter().copied().max().unwrap_or(0)),
            lowers,
            offset_bits,
            table: match bins.len() {
                0 => EncoderTable::new(&[1], 0),
                _ => EncoderTable::new(&weights, ans_size_log),
            },
            meta: LatentVarMeta {
                latent_bits: L::BITS,
                ans_size_log,
                bins,
            },
            estimated_bits,
        }
    }

    /// The most bits that `n` latents can take, without the metadata.
    pub(crate) fn max_bits(&self, n: usize) -> u64 {
        n as u64 * u64::from(self.max_offset_bits + self.meta.ans_size_log)
    }
}
