//! Runs of the latents of a sample, and what their residuals cost.

use super::sample::{Cuts, Sample};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::dtype::Latent;

/// Runs of consecutive latents, one behind the other: what deltas are tried on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs<'a, L> {
    pub(crate) latents: &'a [L],
    pub(crate) cuts: Cuts,
}

/// What latents of a sample stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkShape {
    /// Numbers of the chunk.
    pub(crate) n: usize,
    /// Its pages, each with a delta state of its own.
    pub(crate) n_pages: usize,
}

impl<'a, L> Runs<'a, L> {
    /// What was made of each number of a sample, in its runs.
    pub(super) fn of<T>(sample: &Sample<T>, latents: &'a [L]) -> Self {
        Self {
            latents,
            cuts: sample.cuts,
        }
    }

    /// Whether they are no sample.
    fn are_all_of(self, shape: ChunkShape) -> bool {
        self.latents.len() >= shape.n
    }

    /// What residuals of these runs cost, in bits a number; sorts them.
    pub(super) fn bits_of<R: Latent>(
        self,
        residuals: &mut [R],
        shape: ChunkShape,
        params: TrainingParams,
    ) -> f64 {
        let n = residuals.len();
        if self.are_all_of(shape) {
            // They are fewer than the numbers by the state, and yet no sample.
            let bits = estimate_bits_per_latent(residuals, n, params);
            return bits * n as f64 / shape.n.max(1) as f64;
        }
        estimate_bits_per_latent(residuals, shape.n, params)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'a [L]> + Clone {
        self.cuts.runs(self.latents)
    }
}
