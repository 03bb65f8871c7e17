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
const MAX_DIGITS: usize = 3;

/// Sorts `latents`; `scratch` is overwritten.
pub(crate) fn radix_sort<L: Latent>(isa: Isa, latents: &mut [L], scratch: &mut Vec<L>) {
    if latents.len() < MIN_RADIX_N {
        latents.sort_unstable();
        return;
    }
    // From the smallest on: latents around the middle of their type differ in all bits, but not by much.
    let (min, max) = range_of(isa, latents);
    let bits = bit_length(max - min);
    let most_bits = if latents.len() < MIN_LARGE_DIGITS_N {
        SMALL_DIGIT_BITS
    } else {
        LARGE_DIGIT_BITS
    };
    // Some digits from the top tell most latents apart; those that share them are sorted on their own.
    let shared_bits = bits.saturating_sub(MAX_DIGITS as u32 * most_bits);
    let sorted_bits = bits - shared_bits;
    let digits = |n: u32| Digits {
        min,
        shift: shared_bits,
        bits: sorted_bits.div_ceil(n),
    };
    match sorted_bits.div_ceil(most_bits) {
        0 => {}
        1 => digits(1).sort::<1>(latents, scratch),
        2 => digits(2).sort::<2>(latents, scratch),
        _ => digits(3).sort::<MAX_DIGITS>(latents, scratch),
    }
    if shared_bits > 0 {
        let top = |latent: L| (latent - min).to_u64() >> shared_bits;
        let alike = latents.chunk_by_mut(|&a, &b| top(a) == top(b));
        alike
            .filter(|alike| alike.len() > 1)
            .for_each(|alike| radix_sort(isa, alike, scratch));
    }
}

/// Digits of what latents are above the smallest.
#[derive(Clone, Copy)]
struct Digits<L> {
    min: L,
    /// Where the lowest digit begins.
    shift: u32,
    /// How wide each is.
    bits: u32,
}

/// How often each digit occurs in either half of the latents; then, where the next latents with it go from either end.
type Table<'a> = [&'a mut [u32]; 2];

impl<L: Latent> Digits<L> {
    #[inline(always)]
    fn digit(self, latent: L, digit: usize) -> usize {
        let shifted = (latent - self.min).to_u64() >> (self.shift + digit as u32 * self.bits);
        shifted as usize & ((1 << self.bits) - 1)
    }

    /// Sorts latents by `N` digits.
    fn sort<const N: usize>(self, latents: &mut [L], scratch: &mut Vec<L>) {
        scratch.clear();
        scratch.resize(latents.len(), L::zero());
        // No larger than digits need: small tables are cleared in no time.
        let len = 1 << self.bits;
        let mut small = [0; (2 * MAX_DIGITS) << SMALL_DIGIT_BITS];
        let mut large = Vec::new();
        let tables = if self.bits <= SMALL_DIGIT_BITS {
            &mut small[..]
        } else {
            large.resize(2 * N * len, 0);
            &mut large[..]
        };
        let mut tables = tables.chunks_exact_mut(len);
        let mut tables: [Table<'_>; N] =
            std::array::from_fn(|_| [(); 2].map(|()| tables.next().expect("two a digit")));
        self.count(latents, &mut tables);
        let (mut from, mut to) = (&mut *latents, &mut scratch[..]);
        for (digit, table) in tables.iter_mut().enumerate() {
            self.put(from, to, digit, table);
            std::mem::swap(&mut from, &mut to);
        }
        if N % 2 == 1 {
            latents.copy_from_slice(scratch);
        }
    }

    /// Counts all digits in one pass.
    #[inline(always)]
    fn count<const N: usize>(self, latents: &[L], tables: &mut [Table<'_>; N]) {
        let (first, second) = latents.split_at(latents.len() / 2);
        for (half, latents) in [first, second].into_iter().enumerate() {
            for &latent in latents {
                for (digit, table) in tables.iter_mut().enumerate() {
                    table[half][self.digit(latent, digit)] += 1;
                }
            }
        }
    }

    /// Moves latents to the order of one digit, equal ones as they were.
    ///
    /// From both ends at once, each with places of its own: most digits of most latents are like those before, so that one
    /// place would be waited for.
    #[inline(always)]
    fn put(self, from: &[L], to: &mut [L], digit: usize, [starts, ends]: &mut Table<'_>) {
        let mut n = 0;
        for (start, end) in starts.iter_mut().zip(ends.iter_mut()) {
            let count = *start + *end;
            *start = n;
            n += count;
            *end = n;
        }
        let put_last = |latent, to: &mut [L], ends: &mut [u32]| {
            let end = &mut ends[self.digit(latent, digit)];
            *end -= 1;
            to[*end as usize] = latent;
        };
        let (first_half, second_half) = from.split_at(from.len() / 2);
        for (&first, &last) in first_half.iter().zip(second_half.iter().rev()) {
            let start = &mut starts[self.digit(first, digit)];
            to[*start as usize] = first;
            *start += 1;
            put_last(last, to, ends);
        }
        if second_half.len() > first_half.len() {
            put_last(second_half[0], to, ends);
        }
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
                    radix_sort(Isa::SCALAR, &mut latents, &mut Vec::new());
                    assert_eq!(latents, expected, "{n} >> {shift} + {middle:x}");
                }
            }
        }
    }
}
