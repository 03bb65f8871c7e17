//! IntMult: `multiple * base + remainder`.

use num_traits::{WrappingMul, WrappingSub};

use crate::dtype::{Latent, Number};

/// Appends multiples and remainders.
#[inline(always)]
pub(crate) fn split<T: Number>(
    numbers: &[T],
    base: T::Latent,
    multiples: &mut Vec<T::Latent>,
    remainders: &mut Vec<T::Latent>,
) {
    debug_assert!(base != T::Latent::default());
    multiples.extend(numbers.iter().map(|number| number.to_latent() / base));
    let pairs = numbers.iter().zip(&*multiples);
    remainders.extend(pairs.map(|(number, multiple)| {
        number
            .to_latent()
            .wrapping_sub(&multiple.wrapping_mul(&base))
    }));
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
        let (mut multiples, mut remainders) = (Vec::new(), Vec::new());
        split(
            &[0u32, 99, 100, 12345, u32::MAX],
            100,
            &mut multiples,
            &mut remainders,
        );
        assert_eq!(multiples, [0, 0, 1, 123, u32::MAX / 100]);
        assert_eq!(remainders, [0, 99, 0, 45, u32::MAX % 100]);
    }
}
