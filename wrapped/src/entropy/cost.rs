//! What coding costs, in bits.

use crate::dtype::Latent;

/// Bits that `x` needs: 0 for 0.
#[inline(always)]
pub(crate) fn bit_length<L: Latent>(x: L) -> u32 {
    L::BITS - x.leading_zeros()
}

/// The logarithm of a positive normal number to base 2, to about 1e-7.
///
/// Own arithmetic instead of the platform's function: it is inlined and vectorised in the loops that need it, and
/// gives the same bits everywhere, so that the same bins are chosen everywhere.
#[inline(always)]
pub(crate) fn log2(x: f64) -> f64 {
    // Split around 1, where the series converges fast: x = 2^exponent * m with sqrt(1/2) <= m < sqrt(2).
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits();
    let exponent = (bits.wrapping_sub(SQRT_HALF) as i64) >> 52;
    let m = f64::from_bits(bits.wrapping_sub((exponent as u64) << 52));
    // ln m = 2 atanh((m - 1) / (m + 1)), a series in odd powers of at most 0.1716.
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let ln = 2.0 * t * (1.0 + t2 * (1.0 / 3.0 + t2 * (1.0 / 5.0 + t2 * (1.0 / 7.0))));
    exponent as f64 + ln * std::f64::consts::LOG2_E
}

/// The entropy of symbols that occur so often, in bits for all of them.
pub(crate) fn entropy_bits(counts: &[u32]) -> f64 {
    let n: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let log2_n = log2(n.max(1) as f64);
    let present = counts.iter().filter(|&&count| count > 0);
    let bits = present.map(|&count| f64::from(count) * (log2_n - log2(f64::from(count))));
    bits.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_close() {
        for i in 1..100_000u32 {
            let x = f64::from(i) * 1.37;
            assert!((log2(x) - x.log2()).abs() < 1e-6, "log2({x}) = {}", log2(x));
        }
        assert_eq!(log2(1.0), 0.0);
        assert_eq!(log2(1024.0), 10.0);
    }

    #[test]
    fn entropy_counts_what_is_there() {
        assert_eq!(entropy_bits(&[]), 0.0);
        assert_eq!(entropy_bits(&[0, 7, 0]), 0.0);
        assert!((entropy_bits(&[4, 0, 4, 8]) - 24.0).abs() < 1e-6);
    }
}
