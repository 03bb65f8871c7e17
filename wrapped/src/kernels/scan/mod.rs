//! Prefix sums: what undoes consecutive deltas.
//!
//! One addition waits for the one before it. Within a vector, sums of 2, 4, 8 ... neighbours need only a logarithm of
//! steps (W. D. Hillis and G. L. Steele, "Data parallel algorithms", 1986), and from one vector to the next only the
//! total is carried.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use super::isa::{Known, Tier};
use crate::dtype::Latent;

/// Replaces each latent by `start` plus all latents before it, with `flip` applied to each by exclusive or beforehand,
/// and returns the sum of all and `start`. Everything wraps.
#[inline(always)]
pub(crate) fn exclusive_sum<S: Tier, L: Latent>(
    tier: S,
    latents: &mut [L],
    flip: L,
    start: L,
) -> L {
    let (rest, start) = match tier.isa().known() {
        #[cfg(target_arch = "x86_64")]
        Known::Avx2(tier) => avx2::exclusive_sum(tier, latents, flip, start),
        #[cfg(target_arch = "x86_64")]
        Known::Avx512(tier) => avx512::exclusive_sum(tier, latents, flip, start),
        Known::Scalar(_) => (latents, start),
    };
    scalar::exclusive_sum(rest, flip, start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::{Isa, Kernel};

    struct Sum<'a, L>(&'a mut [L], L, L);

    impl<L: Latent> Kernel for Sum<'_, L> {
        type Output = L;
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) -> L {
            exclusive_sum(tier, self.0, self.1, self.2)
        }
    }

    fn every_tier_sums_the_same<L: Latent>() {
        for n in (0..140).chain([256]) {
            let value = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i << 7;
            let latents: Vec<L> = (0..n).map(|i| L::from_u64(value(i + 1))).collect();
            for (flip, start) in [(L::zero(), L::one()), (L::MID, L::max_value())] {
                let mut sum = start;
                let mut expected = Vec::new();
                for &latent in &latents {
                    expected.push(sum);
                    sum = sum.wrapping_add(&(latent ^ flip));
                }
                for isa in Isa::available() {
                    let mut out = latents.clone();
                    assert_eq!(
                        isa.run(Sum(&mut out, flip, start)),
                        sum,
                        "isa {isa:?}, n {n}"
                    );
                    assert_eq!(out, expected, "isa {isa:?}, {} bits, n {n}", L::BITS);
                }
            }
        }
    }

    #[test]
    fn every_tier_adds_up_as_one_by_one() {
        every_tier_sums_the_same::<u8>();
        every_tier_sums_the_same::<u16>();
        every_tier_sums_the_same::<u32>();
        every_tier_sums_the_same::<u64>();
    }
}
