//! A base, fitted to numbers that are multiples of it.
//!
//! Small multiples tell what large ones are multiples of; large ones tell the base most precisely. So the fit starts with
//! those lengths whose multiple the guess is good enough to tell, and takes in longer ones as it gets better: least squares
//! over the multiples each time.

use crate::kernels::isa::{Isa, Kernel, Tier};

/// A base, and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    pub(crate) base: f64,
    pub(crate) error: f64,
}

/// Bases of constants that people multiply by.
const CONSTANTS: [f64; 8] = [
    std::f64::consts::PI,
    std::f64::consts::TAU,
    std::f64::consts::PI / 180.0,
    180.0 / std::f64::consts::PI,
    std::f64::consts::E,
    std::f64::consts::SQRT_2,
    std::f64::consts::LN_2,
    std::f64::consts::LN_10,
];

/// The magnitudes of sorted numbers and of their differences, near and far: lengths at every scale, in order.
pub(crate) fn lengths(sorted: &[f64]) -> Vec<f64> {
    let mut lengths: Vec<f64> = sorted.iter().map(|x| x.abs()).collect();
    let mut stride = 1;
    while stride < sorted.len() {
        let far = &sorted[stride..];
        lengths.extend(sorted.iter().zip(far).map(|(a, b)| b - a));
        stride *= 4;
    }
    lengths.retain(|length| *length > 0.0 && length.is_finite());
    lengths.sort_unstable_by(f64::total_cmp);
    lengths
}

/// The base of which most lengths are multiples, near a guess.
pub(crate) fn fit(lengths: &[f64], guess: Guess, isa: Isa) -> f64 {
    isa.run(Fit { lengths, guess })
}

/// Rounding is one instruction only where vectors are.
struct Fit<'a> {
    lengths: &'a [f64],
    guess: Guess,
}

impl Kernel for Fit<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> f64 {
        fit_to(self.lengths, self.guess)
    }
}

#[inline(always)]
fn fit_to(lengths: &[f64], guess: Guess) -> f64 {
    /// How far a length may be from its multiple, in bases.
    const TOLERANCE: f64 = 0.2;
    /// How far in the end, where some lengths may be no multiples at all.
    const FINEST_TOLERANCE: f64 = 1e-4;
    /// How many times larger the multiples are that a fit to smaller ones can tell.
    const GROWTH: f64 = 8.0;
    let mut base = guess.base;
    // Multiples that the base is good enough to tell.
    let mut limit = (TOLERANCE * base / guess.error.max(base * f64::EPSILON)).min(1e15);
    let mut tolerance = TOLERANCE;
    loop {
        let (mut products, mut squares, mut largest) = (0.0, 0.0, 0.0f64);
        for length in lengths {
            let exact = length / base;
            if exact > limit {
                break;
            }
            let multiple = exact.round();
            if (exact - multiple).abs() < tolerance {
                products += multiple * length;
                squares += multiple * multiple;
                largest = largest.max(multiple);
            }
        }
        if squares == 0.0 {
            return base;
        }
        base = products / squares;
        let is_all = lengths.last().is_none_or(|last| last / base <= limit);
        if is_all && tolerance <= FINEST_TOLERANCE {
            return base;
        }
        if is_all {
            tolerance /= GROWTH;
        } else {
            // A fit to multiples of up to `largest` is about as good as one of them is exact.
            limit = (limit * 2.0).max(largest * GROWTH);
        }
    }
}

/// Simpler numbers next to a base, which the one who multiplied may have meant: one over an integer, a fraction, a
/// decimal, a constant. `unit` is how precise the numbers are, as a part of them.
pub(crate) fn simple(base: f64, unit: f64) -> impl Iterator<Item = f64> {
    let near = (unit * 64.0).max(1e-12);
    let is_near = move |x: f64| (x / base - 1.0).abs() <= near;
    let inverse = (1.0 / base).round();
    let of_inverse = [1.0 / inverse].into_iter().filter(move |_| {
        // Whole units in a second, a day: told from few numbers, too.
        inverse >= 1.0 && (inverse * base - 1.0).abs() < 0.02 / inverse.max(1.0)
    });
    let decimal = (0..=9).map(move |digits| {
        let power = 10f64.powi(digits);
        (base * power).round() / power
    });
    let decimal = decimal.into_iter().find(move |&x| is_near(x));
    let constants = CONSTANTS.into_iter().filter(move |&x| is_near(x));
    of_inverse.chain(decimal).chain(constants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rough_guess_becomes_the_base() {
        let base = 0.123_456_789;
        let sorted: Vec<f64> = (0..200).map(|i| f64::from(i * i * 7) * base).collect();
        let guess = Guess {
            base: base * 1.001,
            error: base * 0.002,
        };
        let lengths = lengths(&sorted);
        for isa in Isa::available() {
            let fitted = fit(&lengths, guess, isa);
            assert!((fitted / base - 1.0).abs() < 1e-14, "{fitted}");
        }
    }

    #[test]
    fn simple_numbers_are_found() {
        let found = |base: f64| simple(base, f64::EPSILON).collect::<Vec<_>>();
        assert!(found(2.540_000_000_000_01).contains(&2.54));
        assert!(found(std::f64::consts::PI * (1.0 + 1e-15)).contains(&std::f64::consts::PI));
        assert!(found(0.016_666_666_6).contains(&(1.0 / 60.0)));
    }
}
