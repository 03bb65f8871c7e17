//! FloatMult: the nearest multiple of a base, and how many units in the last place the number lies beside it.

use num_traits::WrappingSub;

use super::NumberKind;
use crate::dtype::{Latent, Number};
use crate::spare::Spare;

/// `base` as a number, if it is one.
pub(crate) fn base_from<T: Number>(base: f64) -> Option<T> {
    Some(T::from_f64(base)).filter(|&base| is_base(base))
}

/// Whether a number has multiples that tell others apart.
pub(crate) fn is_base<T: Number>(base: T) -> bool {
    base.to_f64().is_finite() && base.to_f64() != 0.0
}

/// Multiples, as `int_float` latents, and adjustments, toggled.
///
/// Any multiple is correct, since the adjustment is taken from what a decoder will make of it; so rounding and even
/// overflow in the division do no harm beyond size.
#[inline(always)]
pub(crate) fn split<T: Number>(numbers: &[T], base: T) -> (Spare<T::Latent>, Spare<T::Latent>) {
    let inverse = T::from_f64(1.0 / base.to_f64());
    let mut multiples = Spare::new(numbers.len());
    let mut adjustments = Spare::new(numbers.len());
    // A loop over places, since what `extend` calls need not be compiled for the tier.
    let places = multiples.iter_mut().zip(adjustments.iter_mut());
    for (number, (multiple, adjustment)) in numbers.iter().zip(places) {
        *multiple = number.nearest_multiple(inverse);
        let approximation = T::int_float_times(*multiple, base);
        *adjustment = number.to_latent().wrapping_sub(&approximation).toggled();
    }
    (multiples, adjustments)
}

/// Turns multiples into the bits of numbers.
#[inline(always)]
pub(crate) fn join<L: Latent>(
    kind: NumberKind,
    base: L::Float,
    adjustments: &[L],
    numbers: &mut [L],
) {
    let adjustments = adjustments.iter();
    // One loop to see that all is plain, and then one without branches: faster than one with them.
    let exact = numbers
        .iter()
        .fold(true, |all, &m| all & L::Float::counts_exactly(m));
    if exact {
        let nearest = |multiple| L::Float::exact_int_times(multiple, base);
        let sum = |m, ulps| nearest(m).wrapping_add(ulps).toggled();
        kind.finish(numbers, adjustments, sum);
    } else {
        let nearest = |multiple| L::Float::int_float_times(multiple, base);
        let sum = |m, ulps| nearest(m).wrapping_add(ulps).toggled();
        kind.finish(numbers, adjustments, sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_multiples_with_small_adjustments() {
        let numbers = [0.1f64, 12.34, -7.77, 1e6, 0.0, -0.0];
        let (multiples, adjustments) = split(&numbers, 0.01);
        for (i, &number) in numbers.iter().enumerate() {
            assert!(adjustments[i].abs_diff(u64::MID) <= 1, "{number}");
            let approximation = f64::int_float_times(multiples[i], 0.01);
            let back = approximation.wrapping_add(adjustments[i].toggled());
            assert_eq!(f64::from_latent(back).to_bits(), number.to_bits());
        }
    }
}
