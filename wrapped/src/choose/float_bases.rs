//! Bases that floats are multiples of, up to rounding.
//!
//! Three guesses: a power of ten, since people write decimals; a power of two times an integer, for floats that were
//! integers; and what Euclid's algorithm finds between pairs, fitted to all numbers (`base_fit.rs`). Each is judged by
//! the bits that it takes off a number: those of the mantissa below the base, less what the adjustment costs.

use super::base_fit::{self, Guess};
use super::int_bases::greatest_common_divisor;
use super::judges::{Judges, MIN_SAVED_BITS, exponent, smallest_normal};
use crate::dtype::Number;
use crate::kernels::isa::Isa;
use crate::mode::float_mult::base_from;

/// At most two bases that are worth a trial, the best guess first: by a sample, and by all numbers where few of the sample
/// say anything.
pub(crate) fn float_bases<T: Number>(sample: &[T], numbers: &[T], isa: Isa) -> Vec<T> {
    let Some(judges) = Judges::of(sample, numbers, isa) else {
        return Vec::new();
    };
    let mut bases = proposed(&judges, sample, isa);
    bases.sort_by(|a, b| b.0.total_cmp(&a.0));
    // One that explains all numbers beside one that saves more on most.
    if let Some(place) = bases
        .iter()
        .position(|&(_, base)| judges.share_of_multiples(base) > 0.98)
    {
        bases[1.min(place)..=place].rotate_right(1);
    }
    bases.truncate(2);
    for (saved, base) in &mut bases {
        (*saved, *base) = judges.nearby(*saved, *base);
    }
    bases.sort_by(|a, b| b.0.total_cmp(&a.0));
    bases.dedup_by(|a, b| a.1 == b.1);
    bases.into_iter().map(|(_, base)| base).collect()
}

/// All guesses that are worth a trial, with what each saves.
fn proposed<T: Number>(judges: &Judges<T>, sample: &[T], isa: Isa) -> Vec<(f64, T)> {
    let precision = T::MANTISSA_BITS.unwrap_or(0);
    let numbers = &judges.numbers;
    let mut bases: Vec<(f64, T)> = Vec::new();
    let judge = |bases: &mut Vec<(f64, T)>, base: f64| {
        let judged = judges.judge(base);
        bases.extend(judged.filter(|judged| bases.iter().all(|known| known.1 != judged.1)));
    };
    let unit = unit(numbers);
    let guesses = powers_of_ten(numbers, precision).chain(units(numbers, unit, precision));
    let guesses = guesses.chain(euclid(numbers, precision, isa));
    guesses.for_each(|base| judge(&mut bases, base));
    let is_explained = |&(_, base): &(f64, T)| judges.share_of_multiples(base) > 0.9;
    if !bases.iter().any(is_explained) {
        // Nearer to zero, numbers are more precise and their multiples smaller.
        let nearest = nearest_to_zero(sample);
        euclid(&nearest, precision, isa).for_each(|base| judge(&mut bases, base));
    }
    // What has been found may be a multiple of the base.
    for found in bases.clone() {
        if !is_explained(&found) {
            for part in [2.0, 3.0, 4.0] {
                judge(&mut bases, found.1.to_f64() / part);
            }
        }
    }
    bases.extend(congruent(judges, unit, precision));
    bases
}

/// The numbers nearest to zero, in no order.
fn nearest_to_zero<T: Number>(sample: &[T]) -> Vec<T> {
    const N: usize = 200;
    let least = smallest_normal::<T>();
    let mut numbers: Vec<(f64, T)> = sample
        .iter()
        .map(|&x| (x.to_f64().abs(), x))
        .filter(|(magnitude, _)| (least..f64::MAX).contains(magnitude))
        .collect();
    if numbers.len() > N {
        numbers.select_nth_unstable_by(N, |a, b| a.0.total_cmp(&b.0));
        numbers.truncate(N);
    }
    numbers.into_iter().map(|(_, x)| x).collect()
}

/// Powers of ten, from the largest that numbers could be multiples of to the smallest that a quarter of them can tell apart.
fn powers_of_ten<T: Number>(judges: &[T], precision: u32) -> impl Iterator<Item = f64> {
    let mut magnitudes: Vec<f64> = judges.iter().map(|x| x.to_f64().abs()).collect();
    magnitudes.sort_unstable_by(f64::total_cmp);
    let power_of = |x: f64| x.log10().floor() as i32;
    let highest = power_of(magnitudes[magnitudes.len() - 1]);
    let lowest = power_of(magnitudes[magnitudes.len() / 4]);
    let n_digits = (f64::from(precision) * std::f64::consts::LOG10_2).ceil() as i32;
    (lowest - n_digits..=highest).rev().map(|power| {
        // A negative power is the nearest float to a decimal fraction only as a quotient.
        if power < 0 {
            1.0 / 10f64.powi(-power)
        } else {
            10f64.powi(power)
        }
    })
}

/// The power of two that most numbers are multiples of, and that times what the multiples have in common.
fn units<T: Number>(judges: &[T], unit: f64, precision: u32) -> impl Iterator<Item = f64> {
    let common = multiples(judges, unit, precision).fold(0, |common, multiple| {
        greatest_common_divisor(common, multiple.unsigned_abs())
    });
    [unit, unit * common.max(1) as f64]
        .into_iter()
        .filter(|base| base.is_finite() && *base > 0.0)
}

/// What the differences of all numbers have in common, and about how many bits that saves, where it is more than the numbers
/// have: these are a constant off its multiples. In units of the last place, that is as many constants as numbers have
/// exponents.
fn congruent<T: Number>(judges: &Judges<T>, unit: f64, precision: u32) -> Option<(f64, T)> {
    /// About what it takes to tell some exponents apart, and to say so.
    const OF_EXPONENTS: f64 = 4.0;
    let multiples: Vec<i64> = multiples(&judges.numbers, unit, precision).collect();
    let (&first, others) = multiples.split_first()?;
    if multiples.len() < judges.numbers.len() {
        return None;
    }
    let common = others.iter().fold(0, |common, &multiple| {
        greatest_common_divisor(common, multiple.abs_diff(first))
    });
    // More than the unit does.
    let more = f64::from(common.max(1).ilog2()) - OF_EXPONENTS;
    let saved = judges.saved_bits(T::from_f64(unit)) + more;
    let base = base_from(unit * common as f64)?;
    (first.unsigned_abs() % common.max(1) != 0 && more >= MIN_SAVED_BITS).then_some((saved, base))
}

/// The power of two that most numbers are multiples of.
fn unit<T: Number>(judges: &[T]) -> f64 {
    let low_bits = |x: f64| {
        let zeros = (x.to_bits() | 1 << 52).trailing_zeros() as i32;
        exponent(x) - 52 + zeros
    };
    let mut lows: Vec<i32> = judges.iter().map(|x| low_bits(x.to_f64())).collect();
    lows.sort_unstable();
    // Some numbers may be of another kind.
    f64::from(lows[lows.len() / 10]).exp2()
}

/// The numbers in units, those that are multiples of one.
fn multiples<T: Number>(judges: &[T], unit: f64, precision: u32) -> impl Iterator<Item = i64> {
    let most = 2f64.powi(precision as i32 + 1);
    let multiples = judges.iter().map(move |x| x.to_f64() / unit);
    multiples
        .filter(move |multiple| multiple.abs() <= most && multiple.fract() == 0.0)
        .map(|multiple| multiple as i64)
}

/// What pairs of numbers, and of differences between numbers that are near each other, have in common, most agreed upon
/// first; fitted to all.
fn euclid<T: Number>(judges: &[T], precision: u32, isa: Isa) -> impl Iterator<Item = f64> {
    let unit = 2f64.powi(-(precision as i32));
    let magnitudes: Vec<f64> = judges.iter().map(|x| x.to_f64().abs()).collect();
    let pairs = magnitudes
        .windows(2)
        .map(|pair| (pair[0], pair[1], pair[0].max(pair[1]) * unit));
    let of_numbers = agreed_divisors(pairs);
    // Large multiples are too uncertain for that; the differences of neighbours are small ones.
    let mut sorted: Vec<f64> = judges.iter().map(|x| x.to_f64()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let triples = sorted.windows(3).map(|near| {
        let error = near[0].abs().max(near[2].abs()) * unit;
        (near[1] - near[0], near[2] - near[1], error)
    });
    let of_differences = agreed_divisors(triples);
    let lengths = base_fit::lengths(&sorted);
    let guesses = of_numbers.into_iter().chain(of_differences);
    let fitted: Vec<f64> = guesses
        .flat_map(|guess| {
            let fitted = base_fit::fit(&lengths, guess, isa);
            [fitted].into_iter().chain(base_fit::simple(fitted, unit))
        })
        .collect();
    fitted.into_iter()
}

/// Common divisors of pairs of positive numbers, each with the error of the larger one, that many pairs have.
fn agreed_divisors(pairs: impl Iterator<Item = (f64, f64, f64)>) -> Vec<Guess> {
    // Bits of a common divisor that have to be certain.
    const CERTAIN_BITS: i32 = 6;
    let mut divisors = Vec::new();
    for (x, y, mut error) in pairs.take(48) {
        let (mut a, mut b) = (x.max(y), x.min(y));
        // Errors grow with the quotients.
        for _ in 0..32 {
            let quotient = (a / b).round();
            let rest = (a - quotient * b).abs();
            error *= quotient.max(1.0);
            if error * 2f64.powi(CERTAIN_BITS) > b {
                break;
            }
            if rest <= error {
                divisors.push(Guess { base: b, error });
                break;
            }
            (a, b) = (b, rest);
        }
    }
    divisors.sort_by(|a, b| a.base.total_cmp(&b.base));
    match divisors.len() {
        0..4 => Vec::new(),
        n => vec![divisors[n / 10], divisors[n * 3 / 10], divisors[n / 2]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same at every tier.
    fn bases<T: Number>(sample: &[T], numbers: &[T]) -> Vec<T> {
        let mut found: Vec<_> = Isa::available()
            .into_iter()
            .map(|isa| float_bases(sample, numbers, isa))
            .collect();
        found.dedup();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn decimals_are_multiples_of_their_last_digit() {
        let prices: Vec<f64> = (0..500).map(|i| f64::from(i * i % 9973) / 100.0).collect();
        assert_eq!(bases(&prices, &prices).first(), Some(&0.01));
        let degrees: Vec<f32> = (0..500).map(|i| (i * i % 9973) as f32 / 1000.0).collect();
        assert_eq!(bases(&degrees, &degrees).first(), Some(&0.001));
    }

    #[test]
    fn no_base_is_zero() {
        use crate::mode::float_mult::is_base;
        use half::f16;
        // A base of few units of the smallest subnormal: what is nearby is zero.
        let near_zero: Vec<f16> = (0..600u16)
            .map(|i| f16::from_bits(0x0400 + (i * 7 % 13) * 3))
            .collect();
        let judges = Judges::of(&near_zero, &near_zero, Isa::best().expect("a tier"));
        let judges = judges.expect("numbers that say something");
        for units in 1..8 {
            let (_, base) = judges.nearby(-10.0, f16::from_bits(units));
            assert!(is_base(base), "{units}");
        }
        assert!(judges.judge(1e-12).is_none());
        assert!(bases(&near_zero, &near_zero).into_iter().all(is_base));
    }

    #[test]
    fn decimals_are_seen_beside_numbers_too_large_to_have_them() {
        let small = (1..500).map(|i| f64::from(i * i % 9973 - 5000) / 1e13 + 0.1234);
        let small = small.map(|x| (x * 1e13).round() / 1e13);
        let large = (1..500).map(|i| f64::from(i * i % 9973) * 4.270_318_936_521 + 7919.7);
        let both: Vec<f64> = small.zip(large).flat_map(|(x, y)| [x, y]).collect();
        assert!(bases(&both, &both).contains(&1e-13));
    }

    #[test]
    fn a_base_of_all_stands_beside_one_that_saves_more_on_most() {
        let decimals = |i: i32| match i % 4 {
            0..3 => f64::from(i * i % 9973) / 10.0,
            _ => f64::from(i * i % 999_983) / 10_000.0,
        };
        let numbers: Vec<f64> = (1..2000).map(decimals).collect();
        assert!(bases(&numbers, &numbers).contains(&0.0001));
    }

    #[test]
    fn integers_are_multiples_of_what_they_share() {
        let counts: Vec<f64> = (0..500).map(|i| f64::from(i * i % 9973) * 3.0).collect();
        assert_eq!(bases(&counts, &counts).first(), Some(&3.0));
    }

    #[test]
    fn integers_a_constant_off_multiples_share_what_they_differ_by() {
        let noons: Vec<f64> = (0..500)
            .map(|i| f64::from(i * i % 9973 + 40_000) * 86_400.0 + 43_201.0)
            .collect();
        assert!(bases(&noons, &noons).contains(&86_400.0));
        let primes: Vec<f64> = (0..500)
            .map(|i| f64::from(i * i % 9973) * 3.0 + 1.0)
            .collect();
        assert!(!bases(&primes, &primes).contains(&3.0));
    }

    #[test]
    fn any_base_can_be_found() {
        let base = 0.763_428_1;
        let numbers: Vec<f64> = (0..500).map(|i| f64::from(i * i % 997) * base).collect();
        let found = bases(&numbers, &numbers)[0];
        assert!((found / base - 1.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn any_base_is_found_to_its_last_bit() {
        let constants = [
            std::f64::consts::PI,
            2f64.sqrt(),
            2.54,
            1.0 / 60.0,
            0.763_428_1,
        ];
        for base in constants {
            let random = |i: i64| (i * 0x9e37_79b9 % 20_011) - 10_000;
            let numbers: Vec<f64> = (1..1000).map(|i| random(i) as f64 * base).collect();
            let found = bases(&numbers, &numbers);
            assert!(found.contains(&base), "{found:?} {base:?}");
            let base = base as f32;
            let numbers: Vec<f32> = (1..1000).map(|i| random(i) as f32 * base).collect();
            let found = bases(&numbers, &numbers);
            assert!(found.contains(&base), "{found:?} {base:?}");
        }
    }

    #[test]
    fn numbers_that_are_mostly_zero_are_judged_by_the_others() {
        let numbers: Vec<f64> = (0..100_000)
            .map(|i| {
                if i % 101 == 0 {
                    f64::from(i % 1009) / 100.0
                } else {
                    0.0
                }
            })
            .collect();
        assert_eq!(bases(&numbers[..2000], &numbers).first(), Some(&0.01));
    }

    #[test]
    fn noise_has_none() {
        let noise: Vec<f64> = (1..500u64)
            .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / 1e17)
            .collect();
        assert!(bases(&noise, &noise).is_empty());
    }
}
