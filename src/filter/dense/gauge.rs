//! What words would take, reckoned from a few thousand of them, without coding any.
//!
//! The engine gives each range of latents a symbol, and tells those in a range apart by bits. So do these: ranges of a few
//! sorted words each, under the latents as they are or under differences, whichever come to less. A mode is not
//! looked for: what the engine found for the chunk as it is serves all that is made of its numbers.

use paginum_wrapped::{ChunkModel, Latent, Mode, Number};

/// Words that follow each other in what is looked at.
const RUN_N: usize = 16;
/// How many are looked at.
const LOOKED_AT: usize = 1 << 12;
/// One of so many, and no fewer than that.
const ONE_OF: usize = 6;
const FEWEST: usize = 1 << 10;
/// Ranges that those are cut into, about, and the fewest of one.
const N_RANGES: usize = 96;
const MIN_RANGE_N: usize = 8;

/// How numbers are looked at: by their latents, or by both of a mode.
#[derive(Clone, Copy, Debug)]
pub(super) enum View {
    Latents,
    /// Of integers.
    Quotients {
        base: u64,
    },
    /// Of floats.
    Multiples {
        base: f64,
    },
    /// So many bits apart.
    Shifted {
        bits: u32,
    },
}

impl View {
    /// As a chunk of numbers was written.
    pub(super) fn of<T: Number>(model: &ChunkModel<T::Latent>) -> Self {
        match &model.mode {
            Mode::IntMult { base } => Self::Quotients {
                base: base.to_u64().max(1),
            },
            Mode::FloatMult { base } => Self::Multiples {
                base: T::from_latent(*base).to_f64(),
            },
            Mode::FloatQuant { k } => Self::Shifted { bits: *k },
            Mode::Classic | Mode::Dict { .. } => Self::Latents,
        }
    }

    fn latents<N: Number>(self, number: N) -> (u64, u64) {
        let all = number.to_latent().to_u64();
        match self {
            Self::Latents => (all, 0),
            Self::Quotients { base } => (all / base, all % base),
            Self::Multiples { base } => {
                let multiple = number.nearest_multiple(N::from_f64(1.0 / base));
                let nearest = N::int_float_times(multiple, N::from_f64(base));
                let rest = all.wrapping_sub(nearest.to_u64()).toggled();
                (multiple.to_u64(), rest)
            }
            Self::Shifted { bits } => (all >> bits, all & ((1 << bits) - 1)),
        }
    }

    /// Bits of each of some numbers, as they are or as differences.
    pub(super) fn bits_each<N: Number>(self, numbers: &[N]) -> f64 {
        let most = (numbers.len() / ONE_OF).clamp(FEWEST, LOOKED_AT);
        let step = (numbers.len() / most).max(1);
        let mut orders: [Vec<u64>; 3] = Default::default();
        let mut seconds = Vec::new();
        let mut run = Vec::with_capacity(RUN_N);
        for numbers in numbers.chunks(RUN_N).step_by(step) {
            run.clear();
            for number in numbers {
                let (first, second) = self.latents(*number);
                run.push(first);
                seconds.push(second);
            }
            for order in &mut orders {
                order.extend_from_slice(&run);
                differences(&mut run);
            }
        }
        let second_bits = match self {
            Self::Latents => 0.0,
            _ => bits_of_each(&mut seconds),
        };
        second_bits + least_bits(orders)
    }
}

/// The bits of what takes least: latents, or differences of the first or second order.
fn least_bits([mut plain, mut first, mut second]: [Vec<u64>; 3]) -> f64 {
    let of_plain = bits_of_each(&mut plain);
    let of_first = bits_of_each(&mut first);
    if of_first >= of_plain {
        return of_plain;
    }
    of_first.min(bits_of_each(&mut second))
}

fn differences(run: &mut Vec<u64>) {
    for i in (1..run.len()).rev() {
        run[i] = run[i].wrapping_sub(run[i - 1]) ^ u64::MID;
    }
    if !run.is_empty() {
        run.remove(0);
    }
}

/// Bits of each of some latents, which are sorted for that.
fn bits_of_each(latents: &mut [u64]) -> f64 {
    let n = latents.len();
    if n == 0 {
        return 0.0;
    }
    latents.sort_unstable();
    let range_n = (n / N_RANGES).max(MIN_RANGE_N);
    let mut bits = 0.0;
    let (mut start, mut at) = (0, 0);
    for run in latents.chunk_by(|a, b| a == b) {
        // What is frequent is a range of its own.
        if run.len() >= range_n {
            bits += bits_of_range(&latents[start..at], start == 0, n);
            bits += bits_of_symbols(run.len(), n);
            start = at + run.len();
        }
        at += run.len();
        if at - start >= range_n {
            bits += bits_of_range(&latents[start..at], start == 0, n);
            start = at;
        }
    }
    (bits + bits_of_range(&latents[start..], true, n)) / n as f64
}

/// What tells `count` latents of `n` from the others.
fn bits_of_symbols(count: usize, n: usize) -> f64 {
    count as f64 * (n as f64 / count as f64).log2()
}

/// A range of sorted latents, or those at an end of all.
fn bits_of_range(range: &[u64], is_end: bool, n: usize) -> f64 {
    let [first, .., last] = range else {
        return match range {
            [] => 0.0,
            _ => bits_of_symbols(1, n),
        };
    };
    let count = range.len() as f64;
    // A few latents hardly reach as far as all of their kind do.
    let even = ((last - first) as f64 * (count + 1.0) / (count - 1.0) + 1.0).log2() * count;
    let symbols = bits_of_symbols(range.len(), n);
    if !is_end {
        return symbols + even;
    }
    // Where most are at one end, narrower ranges are for them.
    let middle = range[range.len() / 2];
    let inner = if last - middle > middle - first {
        first
    } else {
        last
    };
    let widths = range
        .iter()
        .map(|latent| u64::BITS + 1 - latent.abs_diff(*inner).leading_zeros());
    let skew = f64::from(widths.sum::<u32>());
    symbols + even.min(skew)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::Random;

    /// Numbers of which each takes about so many bits.
    fn check(numbers: &[u32], bits: std::ops::Range<f64>) {
        let reckoned = View::Latents.bits_each(numbers);
        assert!(bits.contains(&reckoned), "{reckoned}, and not {bits:?}");
    }

    #[test]
    fn bits_are_those_of_what_varies() {
        let mut random = Random(7);
        let mut random = |below| random.below(below) as u32;
        let even: Vec<u32> = (0..50_000).map(|_| random(1 << 12)).collect();
        check(&even, 11.7..12.3);
        let walk: Vec<u32> = even
            .iter()
            .scan(0_u32, |at, step| {
                *at += step >> 6;
                Some(*at)
            })
            .collect();
        check(&walk, 5.7..6.3);
        let few: Vec<u32> = (0..50_000).map(|_| random(4) * 77_777).collect();
        check(&few, 1.9..2.1);
        check(&[5; 5000], 0.0..0.001);
        let line: Vec<u32> = (0..50_000).map(|i| i * 37).collect();
        check(&line, 0.0..0.001);
    }
}
