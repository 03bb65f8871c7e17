//! Conv1: residuals of an integer linear prediction from the last 1 to 32 latents.

use crate::dtype::Latent;
use crate::entropy::BATCH_N;

/// The highest order: its field has five bits.
pub(crate) const MAX_ORDER: usize = 32;

/// A prediction and where a page stands: the next latents to give out.
///
/// Sums are kept in 64 bits whatever the width: the metadata's check proves that they fit the width that the format
/// gives them, in which nothing wraps.
#[derive(Clone, Debug)]
pub(crate) struct Convolution<L> {
    weights: Vec<i64>,
    bias: i64,
    quantization: u32,
    pending: [L; MAX_ORDER],
}

impl<L: Latent> Convolution<L> {
    /// A checked prediction of order `state.len()`, with the page's first latents.
    pub(crate) fn new(weights: &[i32], bias: i64, quantization: u32, state: &[L]) -> Self {
        debug_assert_eq!(weights.len(), state.len());
        let mut pending = [L::zero(); MAX_ORDER];
        pending[..state.len()].copy_from_slice(state);
        let weights = weights.iter().map(|&w| i64::from(w)).collect();
        Self {
            weights,
            bias,
            quantization,
            pending,
        }
    }

    /// The next latents to give out.
    pub(crate) fn state(&self) -> &[L] {
        &self.pending[..self.weights.len()]
    }

    /// What comes after `previous`, which holds as many latents as there are weights, the oldest first.
    #[inline(always)]
    fn predict(&self, previous: &[L]) -> L {
        let products = previous
            .iter()
            .zip(&self.weights)
            .map(|(&x, w)| x.to_u64() as i64 * w);
        let sum = self.bias + products.sum::<i64>();
        // The shift comes after the clamp, and the conversion keeps the low bits.
        L::from_u64(sum.max(0) as u64 >> self.quantization)
    }

    /// Turns residuals into latents in place, and moves on.
    #[inline(always)]
    pub(crate) fn decode(&mut self, latents: &mut [L]) {
        let order = self.weights.len();
        // Latents known so far, those to give out first: the pending ones, then one for each residual.
        let mut known = [L::zero(); MAX_ORDER + BATCH_N];
        known[..order].copy_from_slice(&self.pending[..order]);
        for (i, residual) in latents.iter().enumerate() {
            let prediction = self.predict(&known[i..i + order]);
            known[i + order] = prediction.wrapping_add(&residual.toggled());
        }
        latents.copy_from_slice(&known[..latents.len()]);
        self.pending[..order].copy_from_slice(&known[latents.len()..latents.len() + order]);
    }
}
