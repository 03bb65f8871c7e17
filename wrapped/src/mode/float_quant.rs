//! FloatQuant: the last `k` bits of the mantissa apart from the rest.

use crate::dtype::{Latent, Number};

/// Appends latents without their last `k` bits, and these bits as they stand in the float, whatever its sign: then
/// zeros at the end of a mantissa are zeros here.
pub(crate) fn split<T: Number>(
    numbers: &[T],
    k: u32,
    quotients: &mut Vec<T::Latent>,
    remainders: &mut Vec<T::Latent>,
) {
    let low_bits = (T::Latent::from_u64(1) << k as usize) - T::Latent::from_u64(1);
    quotients.reserve(numbers.len());
    remainders.reserve(numbers.len());
    for number in numbers {
        let latent = number.to_latent();
        let is_negative = latent < T::Latent::MID;
        quotients.push(latent >> k as usize);
        remainders.push(if is_negative { !latent } else { latent } & low_bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_are_zeros_for_both_signs() {
        let (mut quotients, mut remainders) = (Vec::new(), Vec::new());
        split(&[1.5f64, -1.5, 0.1], 40, &mut quotients, &mut remainders);
        assert_eq!(remainders[..2], [0, 0]);
        assert_eq!(remainders[2], 0.1f64.to_bits() & ((1 << 40) - 1));
        assert_eq!(quotients[0], 1.5f64.to_latent() >> 40);
    }
}
