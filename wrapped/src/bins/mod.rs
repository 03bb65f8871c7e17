//! Bins: ranges of latents that share a symbol of the entropy coder.
//!
//! Training goes in three steps. Latents are counted into many slots, one by one where they lie close together
//! (`counts`), by sorting where they are few (`histogram`), else by a sample's cuts (`slots`). `optimize` merges
//! neighbouring slots into the bins that cost least, entropy and offsets and metadata together. `trained` gives the bins
//! weights, and `symbols` finds the bin of each latent by what the counting left behind.

mod counts;
mod estimate;
mod histogram;
mod optimize;
mod radix_sort;
mod slots;
mod sort;
mod symbols;
mod tables;
mod trained;

pub(crate) use counts::Counts;
pub(crate) use estimate::{estimate_bits_of_runs, estimate_bits_per_latent};
pub(crate) use symbols::Symbols;
pub(crate) use tables::MAX_FEW;
pub(crate) use trained::{EncoderBin, TrainedVar, TrainingParams};
