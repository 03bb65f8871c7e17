//! The latents of a chunk, page after page.

use crate::bins::{TrainedVar, TrainingParams};
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::page::encoder::PageVar;
use crate::spare::Spare;

/// A latent variable of a chunk, delta encoded.
#[derive(Clone, Debug)]
pub(crate) struct ChunkVar<L> {
    /// The bodies of all pages.
    residuals: Spare<L>,
    /// Where each page's body ends.
    ends: Vec<usize>,
    /// The states of all pages, equally long.
    states: Vec<L>,
    state_n: usize,
}

impl<L: Latent> ChunkVar<L> {
    /// Latents as they are.
    pub(crate) fn plain(latents: Spare<L>, n_per_page: &[usize]) -> Self {
        let mut end = 0;
        let ends = n_per_page.iter().map(|n| {
            end += n;
            end
        });
        Self {
            ends: ends.collect(),
            residuals: latents,
            states: Vec::new(),
            state_n: 0,
        }
    }

    /// Runs `encode` on the latents of each page: it leaves residuals at the page's start, returns how many they are, and
    /// appends `state_n` states.
    pub(crate) fn encoded(
        mut latents: Spare<L>,
        n_per_page: &[usize],
        state_n: usize,
        mut encode: impl FnMut(&mut [L], &mut Vec<L>) -> usize,
    ) -> Self {
        let mut ends = Vec::with_capacity(n_per_page.len());
        let mut states = Vec::with_capacity(state_n * n_per_page.len());
        let (mut start, mut end) = (0, 0);
        for &n in n_per_page {
            let n_residuals = encode(&mut latents[start..start + n], &mut states);
            latents.copy_within(start..start + n_residuals, end);
            end += n_residuals;
            ends.push(end);
            start += n;
        }
        latents.truncate(end);
        debug_assert_eq!(states.len(), state_n * n_per_page.len());
        Self {
            residuals: latents,
            ends,
            states,
            state_n,
        }
    }

    pub(crate) fn train(self, params: TrainingParams) -> TrainedChunkVar<L> {
        TrainedChunkVar {
            trained: TrainedVar::train(&self.residuals, params),
            latents: self,
        }
    }

    pub(crate) fn raw(self) -> TrainedChunkVar<L> {
        TrainedChunkVar {
            trained: TrainedVar::raw(self.residuals.len()),
            latents: self,
        }
    }
}

/// A latent variable of a chunk with its bins.
#[derive(Clone, Debug)]
pub(crate) struct TrainedChunkVar<L> {
    latents: ChunkVar<L>,
    pub(crate) trained: TrainedVar<L>,
}

impl<L: Latent> TrainedChunkVar<L> {
    pub(crate) fn page(&self, page: usize) -> PageVar<'_, L> {
        let latents = &self.latents;
        let start = match page {
            0 => 0,
            page => latents.ends[page - 1],
        };
        PageVar {
            trained: &self.trained,
            start,
            state: &latents.states[page * latents.state_n..(page + 1) * latents.state_n],
            residuals: &latents.residuals[start..latents.ends[page]],
        }
    }

    /// What all pages take for it, in bits.
    pub(crate) fn bits(&self) -> f64 {
        self.trained.bits + self.state_bits() as f64
    }

    /// The states of all pages.
    fn state_bits(&self) -> u64 {
        let states = self.latents.states.len() as u64 * u64::from(L::BITS);
        let n_tans_states = (N_STATES * self.latents.ends.len()) as u64;
        states + n_tans_states * u64::from(self.trained.meta.ans_size_log)
    }

    /// The most that all pages can take for it.
    pub(crate) fn most_bits(&self) -> u64 {
        self.trained.most_bits + self.state_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::consecutive;

    #[test]
    fn pages_are_encoded_each_on_its_own() {
        let latents: Vec<u32> = (0..1000).map(|i| i * i % 777).collect();
        for n_per_page in [vec![1000], vec![1, 2, 3, 494, 500], vec![0, 999, 1]] {
            for order in 1..=4 {
                let mut copy = Spare::new(latents.len());
                copy.copy_from_slice(&latents);
                let var = ChunkVar::encoded(copy, &n_per_page, order, |page, states| {
                    consecutive::encode_in_place(page, order, states)
                });
                let (mut residuals, mut states, mut ends) = (Vec::new(), Vec::new(), Vec::new());
                let mut rest = &latents[..];
                for &n in &n_per_page {
                    let (page, after) = rest.split_at(n);
                    consecutive::encode(page, order, &mut residuals, &mut states);
                    ends.push(residuals.len());
                    rest = after;
                }
                assert_eq!(var.residuals[..], residuals, "{n_per_page:?} {order}");
                assert_eq!(var.states, states, "{n_per_page:?} {order}");
                assert_eq!(var.ends, ends, "{n_per_page:?} {order}");
            }
        }
    }
}
