//! IntMult: `multiple * base + remainder`.

use super::NumberKind;
use crate::dtype::{Latent, Number};
use crate::spare::Spare;

/// Multiples and remainders.
///
/// The quotient is a product with the inverse `2^64 / base`, rounded down, and one more where that leaves room for it: a
/// division takes several times as long.
#[inline(always)]
pub(crate) fn split<T: Number>(
    numbers: &[T],
    base: T::Latent,
) -> (Spare<T::Latent>, Spare<T::Latent>) {
    debug_assert!(base != T::Latent::default());
    let base = base.to_u64();
    let inverse = u64::MAX / base;
    let mut multiples = Spare::new(numbers.len());
    let mut remainders = Spare::new(numbers.len());
    let places = multiples.iter_mut().zip(remainders.iter_mut());
    for (number, (multiple, remainder)) in numbers.iter().zip(places) {
        let latent = number.to_latent().to_u64();
        // At most one too small, since `latent * (2^64 / base - inverse)` is at most `2^64`.
        let quotient = ((u128::from(latent) * u128::from(inverse)) >> 64) as u64;
        let rest = latent - quotient * base;
        let is_one_more = rest >= base;
        *multiple = T::Latent::from_u64(quotient + u64::from(is_one_more));
        *remainder = T::Latent::from_u64(rest - if is_one_more { base } else { 0 });
    }
    (multiples, remainders)
}

/// Turns multiples into the bits of numbers.
#[inline(always)]
pub(crate) fn join<L: Latent>(kind: NumberKind, base: L, remainders: &[L], numbers: &mut [L]) {
    kind.finish(numbers, remainders.iter(), |multiple, rest| {
        multiple.wrapping_mul(&base).wrapping_add(rest)
    });
}

/// `base` as a latent, if it is one.
pub(crate) fn base_from<L: Latent>(base: u64) -> Option<L> {
    let latent = L::from_u64(base);
    (base != 0 && latent.to_u64() == base).then_some(latent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_and_remainders_make_the_number() {
        let (multiples, remainders) = split(&[0u32, 99, 100, 12345, u32::MAX], 100);
        assert_eq!(multiples[..], [0, 0, 1, 123, u32::MAX / 100]);
        assert_eq!(remainders[..], [0, 99, 0, 45, u32::MAX % 100]);
    }

    #[test]
    fn quotients_are_exact_for_every_base() {
        let ends = |x: u64| [x.wrapping_sub(1), x, x.wrapping_add(1), !x];
        let numbers: Vec<u64> = (0..64).flat_map(|bits| ends(1 << bits)).collect();
        for &base in numbers.iter().filter(|&&base| base > 0) {
            let (multiples, remainders) = split(&numbers, base);
            for (i, number) in numbers.iter().enumerate() {
                let found = (multiples[i], remainders[i]);
                assert_eq!(found, (number / base, number % base), "{number} / {base}");
            }
        }
    }
}
