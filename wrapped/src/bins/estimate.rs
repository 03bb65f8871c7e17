//! What latents would cost, judged by a sample.

use super::histogram::{Slot, histogram_of_runs, histogram_of_sample, histogram_of_sorted};
use super::optimize::{OptimizedBins, optimize_bins};
use super::sort::sort;
use super::trained::TrainingParams;
use crate::dtype::Latent;

/// Latents of a sample for each slot, as a power of two: fewer show chance.
const SAMPLE_N_PER_SLOT_LOG: u32 = 5;
/// The same where the sample is all that there is: few, each byte of which counts, and more.
const ALL_N_PER_SLOT_LOG: (u32, u32) = (2, 4);
/// Those are few: bins are trained by as many slots.
const MAX_FINE_N: usize = 1 << 9;
/// Values that bins may tell apart, where the sample is all that there is.
const MAX_VALUES: usize = 64;
/// The least price of a bin: a sample that may be cut for nothing is cut along its chance gaps.
const MIN_BIN_BITS: f64 = 8.0;

/// Bits for each latent of a chunk of `n`, bins included, if all are like this sample, which it sorts.
pub(crate) fn estimate_bits_per_latent<L: Latent>(
    sample: &mut [L],
    n: usize,
    params: TrainingParams,
) -> f64 {
    if sample.is_empty() {
        return 0.0;
    }
    sort(params.isa, sample);
    let is_all = sample.len() >= n;
    let per_slot_log = match sample.len() {
        _ if !is_all => SAMPLE_N_PER_SLOT_LOG,
        ..=MAX_FINE_N => ALL_N_PER_SLOT_LOG.0,
        _ => ALL_N_PER_SLOT_LOG.1,
    };
    let max_slots = max_slots_of_sample(sample.len(), per_slot_log, params);
    let slots = if !is_all {
        histogram_of_sample(sample, max_slots)
    } else if sample.chunk_by(|a, b| a == b).nth(MAX_VALUES).is_none() {
        histogram_of_sorted(sample, MAX_VALUES)
    } else {
        histogram_of_sorted(sample, max_slots)
    };
    let share = sample.len() as f64 / n.max(sample.len()) as f64;
    bits_of_slots(&slots, share, params) / sample.len() as f64
}

/// Whether latents of a chunk of `n` like this sorted sample gain nothing by more than one bin.
pub(crate) fn is_one_bin<L: Latent>(sorted: &[L], n: usize, params: TrainingParams) -> bool {
    let max_slots = max_slots_of_sample(sorted.len(), SAMPLE_N_PER_SLOT_LOG, params);
    let slots = histogram_of_sample(sorted, max_slots);
    let share = sorted.len() as f64 / n as f64;
    optimize_share(&slots, share, params).0.bins.len() == 1
}

/// Slots that a sample of `n` can fill with so many latents each.
fn max_slots_of_sample(n: usize, per_slot_log: u32, params: TrainingParams) -> usize {
    let finest = n.ilog2().saturating_sub(per_slot_log);
    1 << params.n_slots_log.min(finest.max(2))
}

/// Bits for each of `n` latents that were counted, bins included: each distinct one, in order, with its count.
pub(crate) fn estimate_bits_of_runs<L: Latent>(
    runs: &[(L, u32)],
    n: usize,
    params: TrainingParams,
) -> f64 {
    let slots = histogram_of_runs(runs, n, 1 << params.n_slots_log);
    bits_of_slots(&slots, 1.0, params) / n.max(1) as f64
}

/// Bits of all latents, where the slots are a share of the chunk and bear that share of its bins.
fn bits_of_slots<L: Latent>(slots: &[Slot<L>], share: f64, params: TrainingParams) -> f64 {
    let (optimized, surcharge) = optimize_share(slots, share, params);
    optimized.cost_bits - optimized.bins.len() as f64 * surcharge
}

/// The bins of slots that are a share of the chunk, and how much more each was priced at than that share of it.
fn optimize_share<L: Latent>(
    slots: &[Slot<L>],
    share: f64,
    params: TrainingParams,
) -> (OptimizedBins<L>, f64) {
    let bin_bits = f64::from(params.bin_meta_bits::<L>()) * share;
    let price = bin_bits.max(MIN_BIN_BITS);
    (optimize_bins(params.isa, slots, price), price - bin_bits)
}
