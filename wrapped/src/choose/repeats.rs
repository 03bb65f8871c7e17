//! Repeats anywhere in a chunk, however far apart: what share of it repeats, and what lookbacks at their distances cost.

use super::delta_choice::DeltaChoice;
use super::modes::{Choice, Chooser};
use super::segments::{Look, Segments};
use super::surcharge::Surcharge;
use crate::dtype::Number;
use crate::entropy::{bit_length, entropy_bits, log2};
use crate::kernels::isa::Isa;
use crate::mode::ModeChoice;

/// The largest window of lookbacks that decoders take, as a power of two.
const MAX_WINDOW_N_LOG: u32 = 24;
/// What repeats in a chunk, by a look at runs from all over it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeats {
    /// The share of numbers that repeat others at a distance.
    pub(crate) share: f64,
    /// What a distance costs, in bits for each number that repeats.
    pub(crate) distance_bits: f64,
    /// The most frequent distance.
    pub(crate) distance: usize,
    /// The share of repeats at that distance.
    pub(crate) share_of_distance: f64,
    /// The largest distance.
    pub(crate) farthest: usize,
}

impl Repeats {
    /// Looks for repeats; `None` if there are next to none.
    pub(crate) fn find<T: Number>(isa: Isa, numbers: &[T]) -> Option<Self> {
        /// Shares that are not worth a lookback.
        const MIN_SHARE: f64 = 0.03;
        /// Parts that repeat something, and numbers in all: less is chance.
        const MIN_PARTS: usize = 4;
        const MIN_N: f64 = 64.0;
        let segments = Segments::of(numbers.len())?;
        let seen = isa.run(Look { numbers, segments });
        let mut found = seen.repeated;
        let n: f64 = found.iter().map(|part| part.n as f64).sum();
        // Numbers of few values are equal by chance, whatever the distance; those that repeat something near, a distance that
        // explains the others mostly explains, too.
        let n_open = (seen.n_open as f64 - seen.n_by_chance).max(1.0);
        let share = (n - seen.n_repeated_by_chance) / n_open;
        if share < MIN_SHARE || found.len() < MIN_PARTS && n < MIN_N {
            return None;
        }
        found.sort_unstable_by_key(|part| part.distance);
        let equal = found.chunk_by(|a, b| a.distance == b.distance);
        let counts: Vec<u32> = equal
            .clone()
            .map(|equal| equal.iter().map(|part| part.n as u32).sum())
            .collect();
        let distances = equal.map(|equal| equal[0].distance);
        let most = counts.iter().zip(distances).max()?;
        Some(Self {
            share: share.min(1.0),
            distance_bits: entropy_bits(&counts) / n,
            distance: most.1,
            share_of_distance: f64::from(*most.0) / n,
            farthest: found.last()?.distance,
        })
    }
}

impl<T: Number> Chooser<'_, T> {
    /// Lookbacks at distances that no sample holds, if the chunk repeats itself.
    pub(super) fn add_repeats(&self, choices: &mut Vec<Choice<T>>) {
        /// Fewer numbers are sampled whole.
        const MIN_N: usize = 1 << 10;
        /// What a lookback has to save.
        const MIN_SAVED_BITS: f64 = 0.1;
        let best = &choices[0];
        let (mode, price) = (best.mode, best.price);
        let goes_on = matches!(best.delta, DeltaChoice::Consecutive(_));
        let n = self.numbers.len();
        let charged =
            |delta, bits| Surcharge::of::<T::Latent>(delta, self.params.level, n).on(bits);
        let least = charged(DeltaChoice::Lag(1), MIN_SAVED_BITS);
        if self.delta.is_some() || n < MIN_N || price < least {
            return;
        }
        let Some(repeats) = Repeats::find(self.params.isa, self.numbers) else {
            return;
        };
        let window_n_log = bit_length(repeats.farthest as u64).clamp(4, MAX_WINDOW_N_LOG);
        let lookback = match DeltaChoice::lookback(n) {
            DeltaChoice::Lookback { window_n_log: near } => DeltaChoice::Lookback {
                window_n_log: near.max(window_n_log),
            },
            other => other,
        };
        /// Where all repeats are equally far apart, there is nothing to search for, unless what repeats nothing differs little
        /// from its neighbours: a search finds these, too.
        const ALL: f64 = 0.95;
        let modes = [ModeChoice::Classic, mode];
        let modes = &modes[..if mode == modes[0] { 1 } else { 2 }];
        let of_mode = |&mode| (mode, others(choices, mode), self.second_bits(mode));
        let of_modes: Vec<_> = modes.iter().map(of_mode).collect();
        let lag = DeltaChoice::Lag(repeats.distance);
        let at_lag = (lag, repeats.share * repeats.share_of_distance, 0.0);
        let at_all = (lookback, repeats.share, repeats.distance_bits);
        let is_one_enough = repeats.share_of_distance >= ALL && (repeats.share >= ALL || !goes_on);
        let search = (!is_one_enough).then_some(at_all);
        for (delta, share, distance_bits) in search.into_iter().chain([at_lag]) {
            for &(mode, (least, most), second_bits) in &of_modes {
                // Second latents are coded as they are, those of repeats, too.
                let repeat_bits = distance_bits + second_bits;
                let bits = |others| charged(delta, bits_with_repeats(share, repeat_bits, others));
                choices.push(Choice {
                    price: bits(most),
                    promise: bits(least),
                    ..Choice::new(mode, delta)
                });
            }
        }
    }
}

/// What numbers that repeat nothing cost under a mode, in bits each: at least, and at most. At least, they cost no more than
/// under the best mode: those that come again elsewhere are found there, too.
fn others<T: Number>(choices: &[Choice<T>], mode: ModeChoice<T>) -> (f64, f64) {
    /// Bits that such a number may take more, beside distances.
    const NO_REPEAT_BITS: f64 = 1.0;
    let by_price = |a: &&Choice<T>, b: &&Choice<T>| a.price.total_cmp(&b.price);
    let of_mode = choices.iter().filter(|choice| choice.mode == mode);
    let bits = |least: &Choice<T>| match least.delta.is_lookback() {
        true => (least.price, least.price),
        false => (least.price, least.price + NO_REPEAT_BITS),
    };
    let of_mode = of_mode.min_by(by_price).map(bits);
    let of_best = choices.iter().min_by(by_price).map(bits);
    match (of_mode, of_best) {
        (Some((least, most)), Some((_, of_best))) => (least.min(of_best), most),
        _ => (f64::INFINITY, f64::INFINITY),
    }
}

/// Bits a number, where a share of all repeats others and takes so many bits each.
fn bits_with_repeats(share: f64, repeat_bits: f64, other_bits: f64) -> f64 {
    let others = 1.0 - share;
    let entropy = if others > 0.0 {
        -others * log2(others)
    } else {
        0.0
    };
    share * repeat_bits + others * other_bits + entropy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<u64> {
        let mut state = 1u64;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                state >> 11
            })
            .collect()
    }

    #[test]
    fn a_period_of_any_length_is_found() {
        for isa in Isa::available() {
            for period in [300, 1000, 30_000, 100_000] {
                let pattern = noise(period);
                let latents: Vec<u64> = (0..250_000).map(|i| pattern[i % period]).collect();
                let repeats = Repeats::find(isa, &latents).expect("repeats");
                assert_eq!(repeats.distance, period);
                assert!(repeats.share > 0.45, "{repeats:?}");
                assert!(repeats.distance_bits < 0.01, "{repeats:?}");
            }
        }
    }

    #[test]
    fn a_period_is_found_though_single_numbers_differ() {
        let (pattern, others) = (noise(40_000), noise(200_000));
        let of_period = |i: usize| pattern[i % pattern.len()];
        let one_in = |n: usize, i: usize| {
            if i.is_multiple_of(n) {
                others[i] + 1
            } else {
                of_period(i)
            }
        };
        let at_random = |i: usize| {
            if others[i].is_multiple_of(5) {
                others[i] + 1
            } else {
                of_period(i)
            }
        };
        for isa in Isa::available() {
            // A column of a table, whatever its width has in common with a segment's; and a fifth of all.
            for width in [5, 8, 16] {
                let latents: Vec<u64> = (0..others.len()).map(|i| one_in(width, i)).collect();
                let repeats = Repeats::find(isa, &latents).expect("repeats");
                assert_eq!(repeats.distance, 40_000);
                assert!(repeats.share > 0.6, "{width}: {repeats:?}");
            }
            let latents: Vec<u64> = (0..others.len()).map(at_random).collect();
            let repeats = Repeats::find(isa, &latents).expect("repeats");
            assert_eq!(repeats.distance, 40_000);
            assert!(repeats.share > 0.4, "{repeats:?}");
        }
    }

    #[test]
    fn noise_and_constants_repeat_nothing_afar() {
        let isa = Isa::best().expect("a tier");
        assert!(Repeats::find(isa, &noise(100_000)).is_none());
        assert!(Repeats::find(isa, &[7u32; 100_000]).is_none());
    }
}
