//! How far prices of a sample may be off, where its runs are of different kinds.
//!
//! Where one delta encoding is better in some runs and another one in others, the share of each decides, which few runs do
//! not show well. What the runs differ by says how far off the difference of two prices may be: as the standard error of a mean.

use super::delta_choice::DeltaChoice;
use super::deltas::encode_run;
use super::modes::{Choice, Chooser};
use super::runs::Runs;
use crate::dtype::{Latent, Number};
use crate::kernels::weigh::difference_bits;
use crate::mode::split;

/// Choices that are doubted, at most.
const N_DOUBTED: usize = 4;
/// Those are at most so many times as dear as the cheapest.
const MAX_PRICE: f64 = 1.6;
/// How many standard errors a price may be off.
const ERRORS: f64 = 1.0;

impl<T: Number> Chooser<'_, T> {
    /// Lowers what choices promise that may be better than the first, by what runs of the sample differ: those of its mode
    /// whose residuals need no more than a run.
    pub(super) fn doubt(&self, choices: &mut [Choice<T>]) {
        let Some((best, others)) = choices.split_first_mut() else {
            return;
        };
        let limit = best.price * MAX_PRICE;
        let doubted: Vec<_> = others
            .iter_mut()
            .filter(|choice| choice.price <= limit)
            .filter(|choice| choice.mode == best.mode && choice.delta != best.delta)
            .take(N_DOUBTED)
            .filter(|choice| choice.delta.is_of_runs())
            .collect();
        if doubted.is_empty() || !best.delta.is_of_runs() {
            return;
        }
        let (first, _) = split(self.params.isa, &self.sample.numbers, best.mode);
        let runs = Runs::of(&self.sample, &first);
        let of_best = bits_of_runs(runs, best.delta);
        for choice in doubted {
            let error = standard_error(&bits_of_runs(runs, choice.delta), &of_best);
            choice.promise = choice.promise.min(choice.price - ERRORS * error);
        }
    }
}

/// What the residuals of each run take, by their widths in bits, and how many latents it has.
fn bits_of_runs<L: Latent>(runs: Runs<'_, L>, delta: DeltaChoice) -> Vec<(f64, f64)> {
    let (mut residuals, mut states) = (Vec::new(), Vec::new());
    let bits = runs.iter().map(|run| {
        residuals.clear();
        states.clear();
        encode_run(run, delta, &mut residuals, &mut states);
        let n = residuals.len().max(1) as f64;
        (width_bits(&residuals) / n, run.len() as f64)
    });
    bits.collect()
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
