//! Sorts latents by their digits, the lowest first: no branches to mispredict, and no more digits than their range has.

use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::kernels::isa::Isa;
use crate::kernels::range::range_of;

/// Below that, comparing is faster.
const MIN_RADIX_N: usize = 256;
/// From there on, larger digits save more passes than their tables cost.
const MIN_LARGE_DIGITS_N: usize = 5000;
const LARGE_DIGIT_BITS: u32 = 11;
const SMALL_DIGIT_BITS: u32 = 8;
/// Digits that all latents are sorted by, from the highest on.
const MAX_DIGITS: u32 = 3;

/// Sorts `latents`; `scratch` is overwritten.
pub(crate) fn radix_sort<L: Latent>(latents: &mut [L], scratch: &mut Vec<L>) {
    if latents.len() < MIN_RADIX_N {
        latents.sort_unstable();
        return;
    }
    // From the smallest on: latents around the middle of their type differ in all bits, but not by much.
    let (min, max) = range_of(Isa::SCALAR, latents);
    let bits = bit_length(max - min);
    let most_bits = if latents.len() < MIN_LARGE_DIGITS_N {
        SMALL_DIGIT_BITS
    } else {
        LARGE_DIGIT_BITS
    };
    // Some digits from the top tell most latents apart; those that share them are sorted on their own.
    let shared_bits = bits.saturating_sub(MAX_DIGITS * most_bits);
    let sorted_bits = bits - shared_bits;
    let n_digits = sorted_bits.div_ceil(most_bits);
    scratch.clear();
    scratch.resize(latents.len(), L::zero());
    // No larger than digits need: small tables are cleared in no time.
    let mut small = [0; 2 << SMALL_DIGIT_BITS];
    let mut large = Vec::new();
    let tables = if most_bits == SMALL_DIGIT_BITS {
        &mut small[..]
    } else {
        large.resize(2 << LARGE_DIGIT_BITS, 0);
        &mut large[..]
    };
    let (first, second) = tables.split_at_mut(1 << most_bits);
    for i in 0..n_digits {
        let digit_bits = sorted_bits.div_ceil(n_digits);
        let digit = Digit {
            min,
            shift: shared_bits + i * digit_bits,
            mask: (1 << digit_bits) - 1,
        };
        let (from, to) = if i % 2 == 0 {
            (&*latents, &mut scratch[..])
        } else {
            (&scratch[..], &mut *latents)
        };
        digit.sort(from, to, first, second);
    }
    if n_digits % 2 == 1 {
        latents.copy_from_slice(scratch);
    }
    if shared_bits > 0 {
        let top = |latent: L| (latent - min).to_u64() >> shared_bits;
        let alike = latents.chunk_by_mut(|&a, &b| top(a) == top(b));
        alike
            .filter(|alike| alike.len() > 1)
            .for_each(|alike| radix_sort(alike, scratch));
    }
}

/// Some bits of what latents are above the smallest.
#[derive(Clone, Copy)]
struct Digit<L> {
    min: L,
    shift: u32,
    mask: usize,
}

impl<L: Latent> Digit<L> {
    #[inline(always)]
    fn of(self, latent: L) -> usize {
        ((latent - self.min).to_u64() >> self.shift) as usize & self.mask
    }

    /// Moves latents to the order of one digit, equal ones as they were.
    ///
    /// Both halves are on their way at once, each with a table of its own: most digits of most latents are like those
    /// before, so that one table would be waited for.
    fn sort(self, from: &[L], to: &mut [L], first: &mut [u32], second: &mut [u32]) {
        let (first, second) = (&mut first[..=self.mask], &mut second[..=self.mask]);
        first.fill(0);
        second.fill(0);
        let (first_half, rest) = from.split_at(from.len() / 2);
        let (second_half, last) = rest.split_at(first_half.len());
        let pairs = || first_half.iter().zip(second_half);
        for (&a, &b) in pairs() {
            first[self.of(a)] += 1;
            second[self.of(b)] += 1;
        }
        last.iter().for_each(|&latent| second[self.of(latent)] += 1);
        // From counts to places; those of the second half come behind those of the first.
        let mut next = 0;
        for (first, second) in first.iter_mut().zip(&mut *second) {
            next += std::mem::replace(first, next);
            next += std::mem::replace(second, next);
        }
        let mut put = |table: &mut [u32], latent| {
            let place = &mut table[self.of(latent)];
            to[*place as usize] = latent;
            *place += 1;
        };
        for (&a, &b) in pairs() {
            put(first, a);
            put(second, b);
        }
        last.iter().for_each(|&latent| put(second, latent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_and_ranges_are_sorted() {
        for n in [0, 1, 255, 256, 1001, 5000] {
            for shift in [0, 1, 20, 42, 43, 63] {
                for middle in [0, 1 << 63, u64::MAX] {
                    let mut latents: Vec<u64> = (0..n)
                        .map(|i: u64| {
                            (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift).wrapping_add(middle)
                        })
                        .collect();
                    let mut expected = latents.clone();
                    expected.sort_unstable();
                    radix_sort(&mut latents, &mut Vec::new());
                    assert_eq!(latents, expected, "{n} >> {shift} + {middle:x}");
                }
            }
        }
    }
}
