//! The range of latents, in vectors.

use super::isa::{Isa, Kernel, Tier};
use crate::dtype::Latent;

/// The smallest and the largest of some latents.
pub(crate) fn range_of<L: Latent>(isa: Isa, latents: &[L]) -> (L, L) {
    isa.run(RangeOf(latents))
}

/// Minima in vectors, which the baseline of x86-64 lacks for most widths.
struct RangeOf<'a, L>(&'a [L]);

impl<L: Latent> Kernel for RangeOf<'_, L> {
    type Output = (L, L);

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> (L, L) {
        let mut range = (L::max_value(), L::zero());
        for &latent in self.0 {
            range = (range.0.min(latent), range.1.max(latent));
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_finds_the_range() {
        for n in [1, 7, 64, 1001u64] {
            let latents: Vec<u64> = (1..=n)
                .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .collect();
            let expected = (
                *latents.iter().min().unwrap(),
                *latents.iter().max().unwrap(),
            );
            for isa in Isa::available() {
                assert_eq!(range_of(isa, &latents), expected);
            }
        }
    }
}
