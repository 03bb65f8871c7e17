//! Conv1: residuals of an integer linear prediction from the last 1 to 32 latents.
//!
//! The encoder fits the prediction by least squares on a sample and rounds it to integers, as finely as the sum of the
//! products can hold without overflow.

use super::linear::LeastSquares;
use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::kernels::isa::Tier;
use crate::model::Conv1;

/// Latents that a prediction is fitted to.
const MAX_FITTED_N: usize = 1 << 14;
/// Length of the runs that they are taken in.
const FITTED_RUN_N: usize = 1 << 10;

impl Conv1 {
    /// Width of the sum: twice that of the latents, at least 16 bits.
    fn sum_bits(latent_bits: u32) -> u32 {
        latent_bits * 2
    }

    /// Refuses a prediction that latents of this width do not have or whose sum could overflow.
    ///
    /// The bound is computed in `f64`, as the reference does: for 32 bits, integers would accept a little more.
    pub(crate) fn check(&self, latent_bits: u32) -> Result<()> {
        if latent_bits > 32 {
            return Err(Error::corrupt(format!(
                "Conv1 in latents of {latent_bits} bits"
            )));
        }
        let sum_bits = Self::sum_bits(latent_bits);
        if self.quantization > (sum_bits - 1).min(31) {
            return Err(Error::corrupt(format!(
                "Conv1 quantization of {} in sums of {sum_bits} bits",
                self.quantization
            )));
        }
        let weight: f64 = self.weights.iter().map(|&w| f64::from(w).abs()).sum();
        let largest = (self.bias as f64).abs() + 2f64.powi(latent_bits as i32) * weight;
        if largest >= 2f64.powi(sum_bits as i32 - 1) {
            return Err(Error::corrupt("Conv1 weights whose sum could overflow"));
        }
        Ok(())
    }
}

/// Fits a prediction from `order` latents; `None` where there is none worth having.
pub(crate) fn fit<L: Latent>(latents: &[L], order: usize) -> Option<Conv1> {
    let n_runs = latents.len().min(MAX_FITTED_N).div_ceil(FITTED_RUN_N);
    let run_n = FITTED_RUN_N.min(latents.len());
    let runs = (0..n_runs).map(|run| {
        let start = (latents.len() - run_n) * run / n_runs.max(2).saturating_sub(1).max(1);
        &latents[start..start + run_n]
    });
    fit_runs(runs, order)
}

/// The same to runs of latents: what lies on both sides of a cut predicts nothing.
pub(crate) fn fit_runs<'a, L: Latent>(
    runs: impl Iterator<Item = &'a [L]> + Clone,
    order: usize,
) -> Option<Conv1> {
    let n_windows: usize = runs
        .clone()
        .map(|run| run.len().saturating_sub(order))
        .sum();
    if order == 0 || n_windows <= order || L::BITS > 32 {
        return None;
    }
    let middle = runs.clone().nth(runs.clone().count() / 2)?;
    let pivot = middle[middle.len() / 2].to_u64() as f64;
    let mut squares = LeastSquares::new(order + 1);
    for run in runs {
        let centred: Vec<f64> = run
            .iter()
            .map(|latent| Latent::to_u64(*latent) as f64 - pivot)
            .collect();
        for window in centred.windows(order + 1) {
            squares.add(window);
        }
    }
    let mut weights = squares.solve()?;
    let mean = weights.pop()?;
    let bias = mean + pivot * (1.0 - weights.iter().sum::<f64>());
    quantize::<L>(&weights, bias)
}

/// Rounds a prediction to integers.
fn quantize<L: Latent>(weights: &[f64], bias: f64) -> Option<Conv1> {
    (0..(2 * L::BITS).min(32)).rev().find_map(|quantization| {
        let scale = f64::from(quantization).exp2();
        let mut rounded = Vec::with_capacity(weights.len());
        for weight in weights {
            let scaled = (weight * scale).round();
            if scaled.abs() > f64::from(i32::MAX) {
                return None;
            }
            rounded.push(scaled as i32);
        }
        // The shift rounds down; half a unit makes it round to nearest.
        let scaled_bias = (bias + 0.5) * scale;
        let conv = Conv1 {
            quantization,
            bias: scaled_bias as i64,
            weights: rounded,
        };
        (scaled_bias.abs() < 2f64.powi(62) && conv.check(L::BITS).is_ok()).then_some(conv)
    })
}

/// The prediction that follows `previous`, which are as many as the weights.
#[inline(always)]
fn predict<L: Latent>(conv: &Conv1, previous: &[L]) -> L {
    // The bound that metadata is checked for keeps this sum within twice the width of a latent, at most 64 bits.
    let products = conv.weights.iter().zip(previous);
    let sum = products.fold(conv.bias, |sum, (&weight, &latent)| {
        sum.wrapping_add(i64::from(weight).wrapping_mul(signed(latent)))
    });
    prediction_of(sum, conv.quantization)
}

/// The prediction that a sum of products means: the shift comes after the clamp, and the conversion keeps the low bits.
#[inline(always)]
fn prediction_of<L: Latent>(sum: i64, quantization: u32) -> L {
    L::from_u64((sum.max(0) >> quantization) as u64)
}

/// Appends the residuals of a page to `residuals` and its first latents to `states`, with zeros for those that a short
/// page lacks.
pub(crate) fn encode<L: Latent>(
    latents: &[L],
    conv: &Conv1,
    residuals: &mut Vec<L>,
    states: &mut Vec<L>,
) {
    let start = residuals.len();
    residuals.extend_from_slice(latents);
    let n_residuals = encode_in_place(&mut residuals[start..], conv, states);
    residuals.truncate(start + n_residuals);
}

/// Turns the latents of a page into residuals where they stand, and returns how many these are.
pub(crate) fn encode_in_place<L: Latent>(
    page: &mut [L],
    conv: &Conv1,
    states: &mut Vec<L>,
) -> usize {
    let order = conv.weights.len();
    let n_state = order.min(page.len());
    states.extend_from_slice(&page[..n_state]);
    states.extend(std::iter::repeat_n(L::zero(), order - n_state));
    // The last one first: each needs those before it.
    for i in (n_state..page.len()).rev() {
        let prediction = predict(conv, &page[i - order..i]);
        page[i] = page[i].wrapping_sub(&prediction).toggled();
    }
    page.copy_within(n_state.., 0);
    page.len() - n_state
}

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

    /// Turns residuals into latents in place, and moves on.
    #[inline(always)]
    pub(crate) fn decode<S: Tier>(&mut self, tier: S, latents: &mut [L]) {
        match self.weights.len() {
            1 => self.decode_by::<S, 1>(tier, latents),
            2 => self.decode_by::<S, 2>(tier, latents),
            3 => self.decode_by::<S, 3>(tier, latents),
            4..8 => self.decode_by::<S, 4>(tier, latents),
            _ => self.decode_by::<S, 8>(tier, latents),
        }
    }

    /// Decodes with the `NEWEST` latents in registers, which are no more than there are weights.
    ///
    /// Each latent waits for the one before: for its product, a sum, a clamp, a shift and the residual. All other products
    /// are added up beforehand, those of older latents from memory, where they have arrived by then.
    #[inline(always)]
    fn decode_by<S: Tier, const NEWEST: usize>(&mut self, tier: S, latents: &mut [L]) {
        let order = self.weights.len();
        let n_older = order - NEWEST;
        // Latents known so far, those to give out first: the pending ones, then one for each residual.
        let mut known = [L::zero(); MAX_ORDER + BATCH_N];
        known[..order].copy_from_slice(&self.pending[..order]);
        let (older_weights, newest_weights) = self.weights.split_at(n_older);
        let newest_weights: [i64; NEWEST] = std::array::from_fn(|k| newest_weights[k]);
        let mut newest: [i64; NEWEST] = std::array::from_fn(|k| signed(known[n_older + k]));
        for (i, residual) in latents.iter().enumerate() {
            let older = older_weights.iter().zip(&known[i..i + n_older]);
            let mut sum = older.fold(self.bias, |sum, (weight, &x)| sum + weight * signed(x));
            // The newest one last: it is not there yet. Each product by itself: one of vectors would wait for it.
            for (weight, x) in newest_weights.iter().zip(&newest) {
                sum += tier.in_register((weight * x) as u64) as i64;
            }
            let latent =
                prediction_of::<L>(sum, self.quantization).wrapping_add(&residual.toggled());
            known[i + order] = latent;
            newest = std::array::from_fn(|k| *newest.get(k + 1).unwrap_or(&signed(latent)));
        }
        latents.copy_from_slice(&known[..latents.len()]);
        self.pending[..order].copy_from_slice(&known[latents.len()..latents.len() + order]);
    }
}

fn signed<L: Latent>(latent: L) -> i64 {
    latent.to_u64() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recurrence_is_found() {
        let mut latents = vec![40_000u32, 41_000];
        for i in 2..2000 {
            let next = 1.9 * f64::from(latents[i - 1]) - 0.95 * f64::from(latents[i - 2]);
            latents.push((next + 2500.0 + f64::from((i as u32 * 47) % 7)) as u32);
        }
        let conv = fit(&latents, 2).unwrap();
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        encode(&latents, &conv, &mut residuals, &mut states);
        assert_eq!(states, latents[..2]);
        let far = residuals
            .iter()
            .filter(|r| r.abs_diff(u32::MID) > 10)
            .count();
        assert_eq!(far, 0, "{conv:?}");
    }

    #[test]
    fn short_pages_have_zeros_behind_their_latents() {
        let conv = Conv1 {
            quantization: 0,
            bias: 0,
            weights: vec![1, 1, 1],
        };
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        encode(&[9u8, 8], &conv, &mut residuals, &mut states);
        assert_eq!(states, [9, 8, 0]);
        assert!(residuals.is_empty());
    }
}
