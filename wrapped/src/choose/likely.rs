//! Which differences are worth a trial: orders of consecutive ones, and lags, judged by cheap bounds.
//!
//! What residuals will cost is bounded in two ways: each by its width, sign and bits, with the widths entropy coded; and,
//! where few values are distinct, by their entropy. Neither needs to sort.

use super::deltas::MAX_CONSECUTIVE_ORDER;
use super::runs::Runs;
use super::widths::Widths;
use crate::delta::consecutive;
use crate::dtype::Latent;
use crate::entropy::entropy_bits;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::weigh::{Weigher, difference_bits};

/// How far apart bounds are that are close.
const CLOSE: f64 = 1.04;
/// The same for orders: bounds see no steps that come again.
const CLOSE_ORDERS: f64 = 1.15;
/// The same for few latents, of which bounds say less.
const CLOSE_OF_FEW: f64 = 1.25;
/// Those are few.
const MAX_FEW: usize = 1 << 11;
/// Bits a number that an order leaves more than a lower one where higher ones are no better: of noise, each adds about one.
const FAR_WORSE_BITS: f64 = 2.0;
/// Latents that bounds are of, at most.
const MAX_BOUNDED_N: usize = 1 << 11;
/// The part of a large sample that they are.
const BOUNDED_PART: usize = 4;
/// What bounds err by where they are low, in bits a number: then rare numbers decide, of which samples have few.
const CLOSE_BITS: f64 = 0.3;
/// Those are low.
const LOW_BITS: f64 = 4.0;
/// So few that bounds say nothing.
const VERY_FEW: usize = 64;
/// How much worse than no differences a bound may be, as a part and in bits a number: differences of noise
/// are 0.7 bits wider.
const CLEARLY_WORSE: (f64, f64) = (1.01, 0.2);
/// Of fewer, bins cost too much to leave no differences out: bounds know nothing of these.
const MIN_JUDGED: usize = 1 << 9;
/// The part of all bits that differences save in some of the runs, where they leave more in all and are worth a trial.
const MIN_SAVED_IN_PART: f64 = 0.1;
/// How much worse no differences are by their bound where they need no trial, as a part and in bits a number.
const CLEARLY_BETTER: (f64, f64) = (1.5, 0.5);
/// The longest lag that is looked for.
pub(super) const MAX_LAG: usize = 128;

/// What is worth a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Likely {
    /// Orders of consecutive deltas, the lowest first.
    pub(super) orders: Vec<usize>,
    /// Whether latents as they are may be as good; so where there are no orders.
    pub(super) is_none_likely: bool,
}

/// The orders of consecutive deltas that leave least, by cheap bounds: the best, and those that are close; none where
/// differences leave more than the latents.
pub(super) fn orders<L: Latent>(runs: Runs<'_, L>, isa: Isa) -> Likely {
    isa.run(Orders { runs })
}

struct Orders<'a, L> {
    runs: Runs<'a, L>,
}

impl<L: Latent> Kernel for Orders<'_, L> {
    type Output = Likely;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Likely {
        orders_of(self.runs)
    }
}

#[inline(always)]
fn orders_of<L: Latent>(runs: Runs<'_, L>) -> Likely {
    let n = runs.latents.len();
    if n < VERY_FEW {
        return Likely {
            orders: vec![1, 2],
            is_none_likely: true,
        };
    }
    let close = if n < MAX_FEW {
        CLOSE_OF_FEW
    } else {
        CLOSE_ORDERS
    };
    let part = bounded_part(n);
    let (mut residuals, mut states, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut orders: Vec<(f64, usize)> = Vec::new();
    let mut least = f64::INFINITY;
    for order in 1..=MAX_CONSECUTIVE_ORDER.min(n - 1) {
        residuals.clear();
        states.clear();
        ends.clear();
        for run in runs.iter().step_by(part) {
            consecutive::encode(run, order, &mut residuals, &mut states);
            ends.push(residuals.len());
        }
        let bits = bound(&residuals).min(bits_around_own(&residuals, &ends));
        let bits = bits / residuals.len().max(1) as f64;
        // Orders improve up to the best one, then get worse: clearly so, or a better one may still come.
        let is_over = orders.last().is_some_and(|&(last, _)| bits >= last * close);
        orders.push((bits, order));
        least = least.min(bits);
        if is_over || bits >= least + FAR_WORSE_BITS {
            break;
        }
    }
    let thinned: Vec<L> = runs.iter().step_by(part).flatten().copied().collect();
    let without = bound(&thinned) / thinned.len() as f64;
    if least > without * CLEARLY_WORSE.0 + CLEARLY_WORSE.1 {
        let saved = saved_where_better(runs, part) / thinned.len() as f64;
        let is_likely_in_part = saved > MIN_SAVED_IN_PART * without;
        return Likely {
            orders: if is_likely_in_part {
                vec![1]
            } else {
                Vec::new()
            },
            is_none_likely: true,
        };
    }
    let close_bits = if least < LOW_BITS { CLOSE_BITS } else { 0.0 };
    orders.retain(|&(bits, _)| bits <= least * close + close_bits);
    Likely {
        orders: orders.into_iter().map(|(_, order)| order).collect(),
        is_none_likely: part > 1
            || n < MIN_JUDGED
            || without <= least * CLEARLY_BETTER.0 + CLEARLY_BETTER.1,
    }
}

/// Of how many runs one is looked at: a sample is large because a small one was no likeness.
fn bounded_part(n: usize) -> usize {
    if n > MAX_BOUNDED_N { BOUNDED_PART } else { 1 }
}

/// The bits that differences of neighbours save in those runs where they do.
fn saved_where_better<L: Latent>(runs: Runs<'_, L>, part: usize) -> f64 {
    let runs = runs.iter().step_by(part);
    let saved = runs.map(|run| {
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        consecutive::encode(run, 1, &mut residuals, &mut states);
        let around = |latents: &[L]| bits_around(latents, rough_median_of_run(latents));
        (around(run) - around(&residuals)).max(0.0)
    });
    saved.sum()
}

/// The lag at which latents differ least, if that is clearly less than from one to the next.
pub(super) fn lag<L: Latent>(runs: Runs<'_, L>, isa: Isa) -> Option<usize> {
    isa.run(Lag { runs })
}

struct Lag<'a, L> {
    runs: Runs<'a, L>,
}

impl<L: Latent> Kernel for Lag<'_, L> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Option<usize> {
        lag_of(tier, self.runs)
    }
}

#[inline(always)]
fn lag_of<S: Tier, L: Latent>(tier: S, runs: Runs<'_, L>) -> Option<usize> {
    /// Latents of each run that are looked at.
    const N: usize = 64;
    /// Runs that are looked at.
    const N_RUNS: usize = 2;
    /// More than any lag leaves.
    const TOO_MANY: u64 = u32::MAX as u64;
    /// Bits a number that a lag has to save on the differences of neighbours.
    const MIN_SAVED_BITS: f64 = 0.5;
    let max_lag = MAX_LAG.min(runs.cuts.long_n() / 2);
    if max_lag < 2 {
        return None;
    }
    let long_runs = runs.cuts.long_runs(runs.latents);
    let step = long_runs.len().div_ceil(N_RUNS);
    let looked_at: Vec<&[L]> = long_runs
        .step_by(step.max(1))
        .filter(|run| run.len() >= 2 * max_lag)
        .collect();
    let n: usize = looked_at.iter().map(|run| N.min(run.len() - max_lag)).sum();
    let weigher = Weigher::new();
    let bits_at = |lag: usize, limit: f64| {
        let mut bits = 0;
        for run in &looked_at {
            let looked_at = &run[max_lag..run.len().min(max_lag + N)];
            let (blocks, rest) = looked_at.as_chunks();
            let (before, rest_before) = run[max_lag - lag..][..looked_at.len()].as_chunks();
            for (block, before) in blocks.iter().zip(before) {
                bits += weigher.bits(tier, block, before);
                if bits as f64 > limit {
                    return TOO_MANY;
                }
            }
            let pairs = rest.iter().zip(rest_before);
            bits += pairs
                .map(|(&x, &y)| u64::from(difference_bits(x, y)))
                .sum::<u64>();
        }
        bits
    };
    let mut bits = [0; MAX_LAG + 1];
    bits[1] = bits_at(1, f64::INFINITY);
    // What saves too little, and is not nearly as good as what does not, need not be known to the end.
    let limit = (bits[1] as f64 - MIN_SAVED_BITS * n as f64) * 1.03;
    for (lag, bits) in bits.iter_mut().enumerate().take(max_lag + 1).skip(2) {
        *bits = bits_at(lag, limit);
    }
    let least = *bits[2..=max_lag].iter().min()?;
    // Multiples of a lag are as good, but for what has changed meanwhile.
    let lag = (2..=max_lag).find(|&lag| bits[lag] * 50 <= least * 51)?;
    (bits[lag] as f64 + MIN_SAVED_BITS * n as f64 <= bits[1] as f64).then_some(lag)
}

/// The short lag at which latents differ by fewest values, if that is clearly less than from one to the next: of columns that
/// count, each by a step of its own, differences repeat, however wide they are.
pub(super) fn lag_of_steps<L: Latent>(runs: Runs<'_, L>) -> Option<usize> {
    /// Bits a number that it has to save on the differences of neighbours.
    const MIN_SAVED_BITS: f64 = 0.5;
    /// The same in a part of the runs, of which one in so many is looked at first: mostly there is no such lag.
    const MIN_SAVED_BITS_IN_PART: f64 = 0.25;
    const PART: usize = 4;
    /// Of fewer latents, there is no part.
    const MIN_N: usize = 1 << 9;
    let step = bounded_part(runs.latents.len());
    let runs: Vec<&[L]> = runs.iter().step_by(step).collect();
    let part: Vec<&[L]> = match &runs[..] {
        [run] if run.len() >= MIN_N => vec![&run[..run.len() / PART]],
        [_] => Vec::new(),
        several => several.iter().copied().step_by(PART).collect(),
    };
    if !part.is_empty() {
        lag_of_fewest_steps(&part, MIN_SAVED_BITS_IN_PART)?;
    }
    lag_of_fewest_steps(&runs, MIN_SAVED_BITS)
}

/// The lag, if it saves so many bits a number.
fn lag_of_fewest_steps<L: Latent>(runs: &[&[L]], min_saved_bits: f64) -> Option<usize> {
    /// How far apart bits of lags are, beside their part, that are close.
    const CLOSE_STEPS_BITS: f64 = 0.02;
    /// Slots for steps, half of which there may be: no more are few.
    const SLOTS: usize = 64;
    /// The longest that is looked at.
    const MAX_STEPS_LAG: usize = 32;
    let bits_at = |lag: usize| {
        let differences = runs.iter().flat_map(|run| {
            let before = run.iter().zip(run.iter().skip(lag));
            before.map(|(before, x)| x.wrapping_sub(before))
        });
        let n: usize = runs.iter().map(|run| run.len().saturating_sub(lag)).sum();
        let bits = bits_of_few_values::<L, SLOTS>(differences)?;
        Some((bits / n.max(1) as f64, lag))
    };
    let of_neighbours = bits_at(1).map_or(f64::from(L::BITS), |(bits, _)| bits);
    if of_neighbours < min_saved_bits {
        return None;
    }
    let bits: Vec<(f64, usize)> = (2..=MAX_STEPS_LAG).filter_map(bits_at).collect();
    let least = bits.iter().map(|of| of.0).reduce(f64::min)?;
    // Multiples of a lag are as good, but for chance.
    let (bits, lag) = bits
        .into_iter()
        .find(|of| of.0 <= least * CLOSE + CLOSE_STEPS_BITS)?;
    (bits + min_saved_bits <= of_neighbours).then_some(lag)
}

/// About the least bits of residuals by their widths, around zero or around their median, or by their values.
#[inline(always)]
fn bound<L: Latent>(residuals: &[L]) -> f64 {
    let around = |centre| bits_around(residuals, centre);
    let by_width = around(L::MID).min(around(rough_median(residuals)));
    match bits_of_few_values::<L, 256>(residuals.iter().copied()) {
        Some(by_value) => by_width.min(by_value),
        None => by_width,
    }
}

/// The bits of the residuals of runs, each around a median of its own: steps may change from place to place.
#[inline(always)]
fn bits_around_own<L: Latent>(residuals: &[L], ends: &[usize]) -> f64 {
    /// Bits to tell apart whose steps these are.
    const OF_CHANGES: f64 = 1.0;
    let mut widths = Widths::new();
    let mut start = 0;
    for &end in ends {
        let run = &residuals[start..end];
        widths.add(run, rough_median_of_run(run));
        start = end;
    }
    widths.bits() + OF_CHANGES * residuals.len() as f64
}

#[inline(always)]
fn bits_around<L: Latent>(residuals: &[L], centre: L) -> f64 {
    Widths::around(residuals, centre).bits()
}

/// The entropy of residuals, if few are distinct: at most half of the slots of a table, a power of two.
fn bits_of_few_values<L: Latent, const SLOTS: usize>(
    residuals: impl Iterator<Item = L>,
) -> Option<f64> {
    let mut values = [L::zero(); SLOTS];
    let mut counts = [0u32; SLOTS];
    let mut n_left = SLOTS / 2;
    for residual in residuals {
        let hash = residual.to_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut slot = (hash >> (u64::BITS - SLOTS.ilog2())) as usize;
        while counts[slot] > 0 && values[slot] != residual {
            slot = (slot + 1) % counts.len();
        }
        if counts[slot] == 0 {
            if n_left == 0 {
                return None;
            }
            n_left -= 1;
            values[slot] = residual;
        }
        counts[slot] += 1;
    }
    Some(entropy_bits(&counts))
}

/// The median of a few latents from all over.
fn rough_median<L: Latent>(latents: &[L]) -> L {
    median_of::<L, 31>(latents)
}

/// The same for the latents of a run.
fn rough_median_of_run<L: Latent>(latents: &[L]) -> L {
    median_of::<L, 7>(latents)
}

fn median_of<L: Latent, const N: usize>(latents: &[L]) -> L {
    let mut few = [L::MID; N];
    let step = (latents.len() / N).max(1);
    let n = few
        .iter_mut()
        .zip(latents.iter().step_by(step))
        .map(|(place, &latent)| *place = latent)
        .count();
    few[..n].sort_unstable();
    few[n / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::sample::Sample;

    #[test]
    fn steps_that_come_again_after_a_few_latents_show() {
        // Tenths of a second since 1970, as floats: neighbours differ by two values in turn.
        let ticks: Vec<u64> = (0..2000).map(|i| (i * 4_194_304) / 10).collect();
        let noise: Vec<u64> = (0..2000u64).map(|i| i * i * 7919 % 100_003).collect();
        let lag = |latents: &[u64]| {
            let sample = Sample::small(latents, 1);
            lag_of_steps(Runs::of(&sample, &sample.numbers))
        };
        assert_eq!(lag(&ticks), Some(5));
        assert_eq!(lag(&noise), None);
        // One step needs no lag.
        assert_eq!(lag(&(0..2000).map(|i| i * 12).collect::<Vec<u64>>()), None);
    }
}
