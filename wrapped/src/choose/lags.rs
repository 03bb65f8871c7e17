//! Which lags are worth a trial: records of so many numbers, or a short period; and which high order of differences.
//!
//! What differences take is judged in two ways: each by its width; and, where few values are distinct, by their entropy.
//! Neither needs to sort.

use super::runs::Runs;
use crate::delta::consecutive;
use crate::dtype::Latent;
use crate::entropy::entropy_bits;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::weigh::{Weigher, difference_bits};

/// The longest lag that is looked for.
pub(super) const MAX_LAG: usize = 128;

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
    /// How often a lag has to fit into a run; and of few latents, of which the first ones, stated whole, are a larger part.
    const MIN_TIMES: usize = 2;
    const MIN_TIMES_OF_FEW: usize = 4;
    /// Those are fewer.
    const MIN_MANY: usize = 1 << 9;
    let min_times = if runs.latents.len() < MIN_MANY {
        MIN_TIMES_OF_FEW
    } else {
        MIN_TIMES
    };
    let max_lag = MAX_LAG.min(runs.cuts.long_n() / min_times);
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
    /// Of more, only a part is looked at: a sample is large because a small one was no likeness.
    const MAX_N: usize = 1 << 11;
    let step = if runs.latents.len() > MAX_N { PART } else { 1 };
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
    /// How far apart bits of lags are that are close: as a part of them, and beside that.
    const CLOSE: (f64, f64) = (1.04, 0.02);
    /// Slots for steps, half of which there may be: no more are few.
    const SLOTS: usize = 64;
    /// The longest that is looked at, and how often it has to fit into all.
    const MAX_STEPS_LAG: usize = 32;
    const MIN_TIMES: usize = 8;
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
    let n: usize = runs.iter().map(|run| run.len()).sum();
    let longest = MAX_STEPS_LAG.min(n / MIN_TIMES);
    let bits: Vec<(f64, usize)> = (2..=longest).filter_map(bits_at).collect();
    let least = bits.iter().map(|of| of.0).reduce(f64::min)?;
    // Multiples of a lag are as good, but for chance.
    let (bits, lag) = bits
        .into_iter()
        .find(|of| of.0 <= least * CLOSE.0 + CLOSE.1)?;
    (bits + min_saved_bits <= of_neighbours).then_some(lag)
}

/// The order of consecutive differences that leaves fewest values in some run, if the numbers of that run are not few: of
/// polynomials that wrap around, lower orders are worse than none.
pub(super) fn order_of_few_values<L: Latent>(runs: Runs<'_, L>) -> Option<usize> {
    /// The highest order.
    const MAX_ORDER: usize = 4;
    /// Runs that are looked at, and latents of each.
    const N_RUNS: usize = 8;
    const N: usize = 64;
    /// Slots for values, half of which there may be: no more are few.
    const SLOTS: usize = 16;
    let all: Vec<&[L]> = runs.iter().collect();
    let step = all.len().div_ceil(N_RUNS).max(1);
    let looked_at = all.into_iter().step_by(step).filter_map(|run| run.get(..N));
    let of_run = |run: &[L]| {
        let mut differences = run.to_vec();
        let is_few = bits_of_few_values::<L, SLOTS>(run.iter().copied()).is_some();
        let orders = (1..=MAX_ORDER).filter_map(|order| {
            let n = consecutive::encode_in_place(&mut differences, 1, &mut Vec::new());
            differences.truncate(n);
            let values = differences.iter().copied();
            Some((bits_of_few_values::<L, SLOTS>(values)?, order))
        });
        let orders: Vec<(f64, usize)> = if is_few { Vec::new() } else { orders.collect() };
        orders.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let least = looked_at
        .filter_map(of_run)
        .min_by(|a, b| a.0.total_cmp(&b.0));
    least.map(|(_, order)| order)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::sample::Sample;

    #[test]
    fn polynomials_that_wrap_around_show_their_order() {
        let order = |latents: &[u8]| {
            let sample = Sample::small(latents, 1);
            order_of_few_values(Runs::of(&sample, &sample.numbers))
        };
        let squares: Vec<u8> = (0..5000u32).map(|i| (i * i) as u8).collect();
        let cubes: Vec<u8> = (0..5000u32)
            .map(|i| i.wrapping_pow(3).wrapping_mul(7) as u8)
            .collect();
        let mixed = |i: u64| {
            (i ^ (i >> 7))
                .wrapping_mul(i | 1)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let noise: Vec<u8> = (0..5000).map(|i| (mixed(i) >> 40) as u8).collect();
        assert_eq!(order(&squares), Some(2));
        assert_eq!(order(&cubes), Some(3));
        assert_eq!(order(&noise[..200]), None);
        // Few values need no differences.
        assert_eq!(order(&[1, 2, 3, 4].repeat(100)), None);
    }

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
