//! Bins: ranges of latents that share a symbol of the entropy coder.
//!
//! Training goes in three steps. `histogram` cuts the sorted latents into many slots; `optimize` merges neighbouring
//! slots into the bins that cost least, entropy and offsets and metadata together; `trained` gives the bins weights
//! and finds the bin of each latent.

mod estimate;
mod histogram;
mod optimize;
mod search;
mod trained;

pub(crate) use estimate::{estimate_bits_of_runs, estimate_bits_per_latent};
pub(crate) use trained::{TrainedVar, TrainingParams};
