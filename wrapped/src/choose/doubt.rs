//! How far prices of a sample may be off, where its runs are of different kinds.
//!
//! Where one delta encoding is better in some runs and another one in others, the share of each decides, which few runs do
//! not show well. What the runs differ by says how far off the difference of two prices may be: as the standard error of a mean.

use super::deltas::{DeltaChoice, encode_run};
use super::modes::{Choice, Chooser};
use crate::dtype::{Latent, Number};
use crate::kernels::weigh::difference_bits;
use crate::mode::{ModeChoice, split};

/// Choices that are doubted, at most.
const N_DOUBTED: usize = 4;
/// Those are at most so many times as dear as the cheapest.
const MAX_PRICE: f64 = 1.6;
/// How many standard errors a price may be off.
const ERRORS: f64 = 1.0;

impl<T: Number> Chooser<'_, T> {
    /// Lowers what choices promise that may be better than the first, by what runs of the sample differ.
    pub(super) fn doubt(&self, choices: &mut [Choice<T>]) {
        let Some((best, others)) = choices.split_first_mut() else {
            return;
        };
        let limit = best.price * MAX_PRICE;
        let doubted = others
            .iter_mut()
            .filter(|choice| choice.price <= limit)
            .filter(|choice| choice.mode == best.mode && choice.delta != best.delta);
        let mut of_best = None;
        for choice in doubted.take(N_DOUBTED) {
            let Some(bits) = self.bits_of_runs(choice.mode, choice.delta) else {
                continue;
            };
            if of_best.is_none() {
                of_best = self.bits_of_runs(best.mode, best.delta);
            }
            let Some(of_best) = &of_best else {
                return;
            };
            let error = standard_error(&bits, of_best);
            choice.promise = choice.promise.min(choice.price - ERRORS * error);
        }
    }

    /// What the latents of each run of the sample take, by their widths in bits, and how many they are; for deltas that need
    /// no more than a run.
    fn bits_of_runs(&self, mode: ModeChoice<T>, delta: DeltaChoice) -> Option<Vec<(f64, f64)>> {
        if !delta.is_of_runs() {
            return None;
        }
        let (first, _) = split(self.params.isa, &self.sample.numbers, mode);
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        let bits = self.sample.cuts.runs(&first[..]).map(|run| {
            residuals.clear();
            states.clear();
            encode_run(run, delta, &mut residuals, &mut states);
            let n = residuals.len().max(1) as f64;
            (width_bits(&residuals) / n, run.len() as f64)
        });
        Some(bits.collect())
    }
}

/// The standard error of the mean of what runs take more one way than another.
fn standard_error(bits: &[(f64, f64)], others: &[(f64, f64)]) -> f64 {
    let all: f64 = bits.iter().map(|&(_, n)| n).sum();
    let differences = || bits.iter().zip(others).map(|(&(a, n), &(b, _))| (a - b, n));
    let mean = differences().map(|(bits, n)| bits * n).sum::<f64>() / all;
    let squares = differences().map(|(bits, n)| ((bits - mean) * n).powi(2));
    squares.sum::<f64>().sqrt() / all
}

/// The bits of latents around one from among them.
fn width_bits<L: Latent>(latents: &[L]) -> f64 {
    let centre = latents.get(latents.len() / 2).copied().unwrap_or_default();
    let widths = latents
        .iter()
        .map(|&latent| difference_bits(latent, centre));
    f64::from(widths.sum::<u32>())
}
