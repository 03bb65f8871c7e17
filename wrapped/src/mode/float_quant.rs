//! FloatQuant: the last `k` bits of the mantissa apart from the rest.

use crate::dtype::{Latent, Number};
use crate::spare::Spare;

/// Latents without their last `k` bits, and these bits as they stand in the float, whatever its sign: then zeros at the
/// end of a mantissa are zeros here.
#[inline(always)]
pub(crate) fn split<T: Number>(numbers: &[T], k: u32) -> (Spare<T::Latent>, Spare<T::Latent>) {
    let low_bits = (T::Latent::from_u64(1) << k as usize) - T::Latent::from_u64(1);
    let mut quotients = Spare::new(numbers.len());
    let mut remainders = Spare::new(numbers.len());
    let places = quotients.iter_mut().zip(remainders.iter_mut());
    for (number, (quotient, remainder)) in numbers.iter().zip(places) {
        let latent = number.to_latent();
        let is_negative = latent < T::Latent::MID;
        let bits = if is_negative { !latent } else { latent };
        *quotient = latent >> k as usize;
        *remainder = bits & low_bits;
    }
    (quotients, remainders)
}

/// Turns latents without their last `k` bits into the bits of floats. The last bits are those of the float itself, not of its
/// ordered latent: so both signs share their statistics.
#[inline(always)]
pub(crate) fn join<L: Latent>(k: u32, low_bits: &[L], numbers: &mut [L]) {
    // Positive floats are the upper half of the latents.
    let first_positive = L::MID >> k as usize;
    let low_mask = (L::one() << k as usize) - L::one();
    for (number, &low) in numbers.iter_mut().zip(low_bits) {
        let high = *number;
        let sign = if high < first_positive {
            !low_mask
        } else {
            L::MID
        };
        *number = (high << k as usize) ^ low ^ sign;
    }
}

/// The `k` that are worth a trial: the one that saves most, since most numbers have so many zeros at the end; and the whole
/// mantissa, where many numbers are powers of two.
pub(crate) fn likely_k<T: Number>(numbers: &[T]) -> Vec<u32> {
    /// Bits a number that it has to save.
    const MIN_SAVED_BITS: f64 = 1.0;
    /// One in so many numbers are many.
    const MANY: usize = 4;
    let Some(mantissa_bits) = T::MANTISSA_BITS else {
        return Vec::new();
    };
    let mut counts = [0u32; 64];
    let mut n_powers = 0;
    for number in numbers {
        let latent = number.to_latent();
        let bits = if latent < T::Latent::MID {
            !latent
        } else {
            latent
        };
        if bits.to_u64().trailing_zeros() >= mantissa_bits {
            n_powers += 1;
        }
        // Zeros and powers of two say nothing about the others.
        if let Some(count) =
            counts[..mantissa_bits as usize].get_mut(bits.to_u64().trailing_zeros() as usize)
        {
            *count += 1;
        }
    }
    let n = f64::from(counts.iter().sum::<u32>().max(1));
    let mut best = (MIN_SAVED_BITS, None);
    let mut n_with_zeros = 0;
    for k in (1..mantissa_bits).rev() {
        n_with_zeros += counts[k as usize];
        let share = f64::from(n_with_zeros) / n;
        let others = 1.0 - share;
        let entropy = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
        let saved = share * f64::from(k) - entropy(share) - entropy(others);
        if saved > best.0 {
            best = (saved, Some(k));
        }
    }
    let whole = (n_powers * MANY > numbers.len()).then_some(mantissa_bits);
    best.1.into_iter().chain(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_of_narrower_floats_is_likely() {
        let widened: Vec<f64> = (0..1000)
            .map(|i| f64::from((i as f32 * 0.37).sin()))
            .collect();
        assert_eq!(likely_k(&widened), [29]);
        let full: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.37).sin()).collect();
        assert!(likely_k(&full).is_empty());
        let powers: Vec<f64> = (0..1000).map(|i| 2f64.powi(i % 40)).collect();
        assert_eq!(likely_k(&powers), [52]);
        let beside_others: Vec<f64> = powers.iter().chain(&full).chain(&full).copied().collect();
        assert_eq!(likely_k(&beside_others), [52]);
    }

    #[test]
    fn zeros_at_the_end_are_zeros_for_both_signs() {
        let (quotients, remainders) = split(&[1.5f64, -1.5, 0.1], 40);
        assert_eq!(remainders[..2], [0, 0]);
        assert_eq!(remainders[2], 0.1f64.to_bits() & ((1 << 40) - 1));
        assert_eq!(quotients[0], 1.5f64.to_latent() >> 40);
    }
}
