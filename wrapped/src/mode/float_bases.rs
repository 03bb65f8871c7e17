//! Bases that floats are multiples of, up to rounding.
//!
//! Three guesses: a power of ten, since people write decimals; a power of two times an integer, for floats that were
//! integers; and what Euclid's algorithm finds between pairs. Each is judged by the bits that it takes off a number:
//! those of the mantissa below the base, less what the adjustment costs.

use crate::dtype::{Latent, Number};

/// Numbers that bases are judged by.
const MAX_JUDGES: usize = 128;
/// The first of them, which can reject a base at once.
const N_FIRST_JUDGES: usize = 12;
/// Bits a number that a base has to save to be worth a trial.
const MIN_SAVED_BITS: f64 = 0.5;
/// The same for 16 bits: there, few values being multiples at all is what saves most.
const MIN_SAVED_BITS_OF_16: f64 = -1.0;

/// At most two bases that are worth a trial, the best guess first.
pub(crate) fn float_bases<T: Number>(numbers: &[T]) -> Vec<T> {
    let precision = T::MANTISSA_BITS.unwrap_or(0);
    let judges = judges(numbers);
    if judges.len() < N_FIRST_JUDGES {
        return Vec::new();
    }
    let mut bases: Vec<(f64, T)> = Vec::new();
    let min_saved_bits = if T::Latent::BITS == 16 {
        MIN_SAVED_BITS_OF_16
    } else {
        MIN_SAVED_BITS
    };
    let mut judge = |base: f64| {
        let base = T::from_f64(base);
        let first = saved_bits(&judges[..N_FIRST_JUDGES], base);
        if first <= min_saved_bits.min(0.0) {
            return;
        }
        let saved = saved_bits(&judges, base);
        if saved >= min_saved_bits && bases.iter().all(|&(_, known)| known != base) {
            bases.push((saved, base));
        }
    };
    powers_of_ten(&judges, precision).for_each(&mut judge);
    units(&judges, precision).for_each(&mut judge);
    euclid(&judges, precision).for_each(&mut judge);
    for (saved, base) in &mut bases {
        (*saved, *base) = nearby(&judges, *saved, *base);
    }
    bases.sort_by(|a, b| b.0.total_cmp(&a.0));
    bases.truncate(2);
    bases.into_iter().map(|(_, base)| base).collect()
}

/// Numbers that say something about bases: neither zero, nor subnormal, nor infinite.
fn judges<T: Number>(numbers: &[T]) -> Vec<T> {
    let n_judges = (numbers.len() / 8).clamp(2 * N_FIRST_JUDGES, MAX_JUDGES);
    let step = (numbers.len() / n_judges).max(1);
    let largest = T::from_f64(f64::INFINITY).to_f64().min(f64::MAX);
    let smallest = smallest_normal::<T>();
    numbers
        .iter()
        .step_by(step | 1)
        .copied()
        .filter(|x| (smallest..largest).contains(&x.to_f64().abs()))
        .take(n_judges)
        .collect()
}

fn smallest_normal<T: Number>() -> f64 {
    let one = T::Latent::from_u64(1);
    let bits = one << T::MANTISSA_BITS.unwrap_or(0) as usize;
    T::from_latent(bits ^ T::Latent::MID).to_f64()
}

/// The exponent of a normal number: 0 for 1.0.
fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

/// Bits a number that a base saves.
fn saved_bits<T: Number>(judges: &[T], base: T) -> f64 {
    let (base_f64, inverse_f64) = (base.to_f64(), 1.0 / base.to_f64());
    let inverse = T::from_f64(inverse_f64);
    if base_f64.abs() < smallest_normal::<T>() || !inverse.to_f64().is_finite() {
        return 0.0;
    }
    let precision = T::MANTISSA_BITS.unwrap_or(0) as i32;
    let log2_base = base_f64.abs().log2();
    let saved = judges.iter().map(|x| {
        let multiple = x.nearest_multiple(inverse);
        let approximation = T::int_float_times(multiple, base).to_u64();
        let distance = approximation.abs_diff(x.to_latent().to_u64());
        let below_base = log2_base - f64::from(exponent(x.to_f64()) - precision);
        let adjustment = match distance {
            0 => 0,
            distance => 1 + 2 * (u64::BITS - distance.leading_zeros()),
        };
        // A multiple of zero loses the number altogether.
        below_base.max(0.0).min(f64::from(precision)) - f64::from(adjustment)
    });
    saved.sum::<f64>() / judges.len() as f64
}

/// The best of a base and of the floats next to it: the last bit of a base makes many adjustments.
fn nearby<T: Number>(judges: &[T], mut saved: f64, mut base: T) -> (f64, T) {
    /// Errors of a guess are a few units in the last place.
    const MAX_STEPS: usize = 256;
    for step in [1, u64::MAX] {
        for _ in 0..MAX_STEPS {
            let latent = base.to_latent().to_u64().wrapping_add(step);
            let next = T::from_latent(T::Latent::from_u64(latent));
            let saved_by_next = saved_bits(judges, next);
            if saved_by_next <= saved {
                break;
            }
            (saved, base) = (saved_by_next, next);
        }
    }
    (saved, base)
}

/// Powers of ten, from the largest that numbers could be multiples of to the smallest that they can tell apart.
fn powers_of_ten<T: Number>(judges: &[T], precision: u32) -> impl Iterator<Item = f64> {
    let largest = judges.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
    let highest = largest.log10().floor() as i32;
    let n_digits = (f64::from(precision) * std::f64::consts::LOG10_2).ceil() as i32;
    (highest - n_digits..=highest).rev().map(|power| {
        // A negative power is the nearest float to a decimal fraction only as a quotient.
        if power < 0 {
            1.0 / 10f64.powi(-power)
        } else {
            10f64.powi(power)
        }
    })
}

/// The power of two that most numbers are multiples of, times what the multiples have in common.
fn units<T: Number>(judges: &[T], precision: u32) -> impl Iterator<Item = f64> {
    let low_bits = |x: f64| {
        let zeros = (x.to_bits() | 1 << 52).trailing_zeros() as i32;
        exponent(x) - 52 + zeros
    };
    let mut lows: Vec<i32> = judges.iter().map(|x| low_bits(x.to_f64())).collect();
    lows.sort_unstable();
    // Some numbers may be of another kind.
    let low = lows[lows.len() / 10];
    let unit = f64::from(low).exp2();
    let most = 2f64.powi(precision as i32 + 1);
    let multiples = judges.iter().map(|x| (x.to_f64() / unit).abs());
    let common = multiples
        .filter(|&multiple| multiple <= most && multiple.fract() == 0.0)
        .fold(0u64, |common, multiple| {
            greatest_common_divisor(common, multiple as u64)
        });
    [unit, unit * common.max(1) as f64]
        .into_iter()
        .filter(|base| base.is_finite() && *base > 0.0)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What pairs of numbers, and of differences between numbers that are near each other, have in common, most agreed upon
/// first.
fn euclid<T: Number>(judges: &[T], precision: u32) -> impl Iterator<Item = f64> {
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
    let refined: Vec<f64> = of_numbers
        .into_iter()
        .chain(of_differences)
        .flat_map(|base| refine(judges, base))
        .collect();
    refined.into_iter()
}

/// Common divisors of pairs of positive numbers, each with the error of the larger one, that many pairs have.
fn agreed_divisors(pairs: impl Iterator<Item = (f64, f64, f64)>) -> Vec<f64> {
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
                divisors.push(b);
                break;
            }
            (a, b) = (b, rest);
        }
    }
    divisors.sort_by(f64::total_cmp);
    match divisors.len() {
        0..4 => Vec::new(),
        n => vec![divisors[n / 10], divisors[n * 3 / 10], divisors[n / 2]],
    }
}

/// A base that fits all numbers, and the simpler one next to it.
fn refine<T: Number>(judges: &[T], base: f64) -> [f64; 2] {
    let (mut products, mut squares) = (0.0, 0.0);
    for x in judges {
        let multiple = (x.to_f64() / base).round();
        // Beyond that, the error of the base hides the multiple.
        if multiple.abs() < 64.0 {
            products += multiple * x.to_f64();
            squares += multiple * multiple;
        }
    }
    let fitted = if squares > 0.0 {
        products / squares
    } else {
        base
    };
    let inverse = 1.0 / fitted;
    let simple = if (inverse - inverse.round()).abs() < 0.02 && inverse > 0.5 {
        1.0 / inverse.round()
    } else {
        fitted
    };
    [fitted, simple]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_multiples_of_their_last_digit() {
        let prices: Vec<f64> = (0..500).map(|i| f64::from(i * i % 9973) / 100.0).collect();
        assert_eq!(float_bases(&prices).first(), Some(&0.01));
        let degrees: Vec<f32> = (0..500).map(|i| (i * i % 9973) as f32 / 1000.0).collect();
        assert_eq!(float_bases(&degrees).first(), Some(&0.001));
    }

    #[test]
    fn integers_are_multiples_of_what_they_share() {
        let counts: Vec<f64> = (0..500).map(|i| f64::from(i * i % 9973) * 3.0).collect();
        assert_eq!(float_bases(&counts).first(), Some(&3.0));
    }

    #[test]
    fn any_base_can_be_found() {
        let base = 0.763_428_1;
        let numbers: Vec<f64> = (0..500).map(|i| f64::from(i * i % 997) * base).collect();
        let found = float_bases(&numbers)[0];
        assert!((found / base - 1.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn noise_has_none() {
        let noise: Vec<f64> = (1..500u64)
            .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / 1e17)
            .collect();
        assert!(float_bases(&noise).is_empty());
    }
}
