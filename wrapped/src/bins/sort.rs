//! Sorts latents: in vector registers where there are any that compress, else by their digits.

use super::radix_sort::radix_sort;
use crate::dtype::Latent;
use crate::kernels::isa::Isa;

/// Sorts latents.
pub(crate) fn sort<L: Latent>(isa: Isa, latents: &mut [L]) {
    #[cfg(target_arch = "x86_64")]
    if L::BITS >= u32::BITS
        && words::MANY.contains(&latents.len())
        && let crate::kernels::isa::Known::Avx512(tier) = isa.known()
    {
        words::sort(tier, latents);
        return;
    }
    radix_sort(isa, latents, &mut Vec::new());
}

/// Latents as words of 32 bits: what they are above the least of them, if that fits; else the high bits of that, and their places.
#[cfg(target_arch = "x86_64")]
mod words {
    use std::ops::RangeInclusive;

    use crate::dtype::Latent;
    use crate::entropy::bit_length;
    use crate::kernels::isa::{Avx512, Kernel, Tier};
    use crate::kernels::range::range_of;
    use crate::kernels::sort::sort_words;

    /// Fewer latents are sorted as they are; of more, places leave too few bits.
    pub(super) const MANY: RangeInclusive<usize> = 48..=1 << 14;

    pub(super) fn sort<L: Latent>(tier: Avx512, latents: &mut [L]) {
        let isa = tier.isa();
        let (min, max) = range_of(isa, latents);
        let bits = bit_length(max - min);
        if bits == 0 {
            return;
        }
        let place_bits = if bits <= u32::BITS {
            0
        } else {
            bit_length(latents.len() as u64 - 1)
        };
        let shift = bits.saturating_sub(u32::BITS - place_bits);
        let mut words = vec![0; 2 * latents.len()];
        let (words, scratch) = words.split_at_mut(latents.len());
        isa.run(Words {
            latents,
            min,
            shift,
            place_bits,
            words,
        });
        sort_words(tier, words, scratch);
        if place_bits == 0 {
            for (latent, &word) in latents.iter_mut().zip(&*words) {
                *latent = min + L::from_u64(u64::from(word));
            }
            return;
        }
        let unsorted = latents.to_vec();
        let place_mask = (1 << place_bits) - 1;
        for (latent, &word) in latents.iter_mut().zip(&*words) {
            *latent = unsorted[(word & place_mask) as usize];
        }
        // Those of the same high bits are in order of their places.
        let high = |latent: L| (latent - min).to_u64() >> shift;
        let alike = latents.chunk_by_mut(|&a, &b| high(a) == high(b));
        for alike in alike.filter(|alike| alike.len() > 1) {
            if MANY.contains(&alike.len()) {
                sort(tier, alike);
            } else {
                alike.sort_unstable();
            }
        }
    }

    /// Makes words of latents.
    struct Words<'a, L> {
        latents: &'a [L],
        min: L,
        shift: u32,
        place_bits: u32,
        words: &'a mut [u32],
    }

    impl<L: Latent> Kernel for Words<'_, L> {
        type Output = ();

        #[inline(always)]
        fn run<S: Tier>(self, _: S) {
            let Self {
                min,
                shift,
                place_bits,
                ..
            } = self;
            if place_bits == 0 {
                for (word, &latent) in self.words.iter_mut().zip(self.latents) {
                    *word = (latent - min).to_u64() as u32;
                }
                return;
            }
            for ((word, &latent), place) in self.words.iter_mut().zip(self.latents).zip(0..) {
                *word = (((latent - min).to_u64() >> shift) as u32) << place_bits | place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Latent>(latents: Vec<L>, words: &str) {
        let mut expected = latents.clone();
        expected.sort_unstable();
        for isa in Isa::available() {
            let mut sorted = latents.clone();
            sort(isa, &mut sorted);
            assert_eq!(sorted, expected, "{words}, {isa:?}");
        }
    }

    #[test]
    fn every_tier_sorts_all_lengths_ranges_and_widths() {
        let mut state = 1u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state ^ state >> 29
        };
        for n in [0, 1, 47, 48, 100, 255, 256, 1001, 5000, 1 << 14, 20_000] {
            for bits in [1, 8, 20, 31, 32, 33, 48, 64] {
                let middle = random();
                let uniform: Vec<u64> = (0..n)
                    .map(|_| (random() >> (64 - bits)).wrapping_add(middle))
                    .collect();
                let mixed: Vec<u64> = (0..n)
                    .map(|_| (random() >> (64 - bits)) >> (random() % bits))
                    .collect();
                for (latents, kind) in [(uniform, "uniform"), (mixed, "of many widths")] {
                    let words = format!("{n} of {bits} bits, {kind}");
                    check(latents.iter().map(|&x| x as u8).collect(), &words);
                    check(latents.iter().map(|&x| x as u16).collect(), &words);
                    check(latents.iter().map(|&x| x as u32).collect(), &words);
                    check(latents, &words);
                }
            }
        }
    }
}
