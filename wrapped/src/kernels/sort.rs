//! Sorts words in vector registers.
//!
//! A quicksort: what is less than a pivot and what is not are compressed to the front of a register each. What fits eight
//! registers is sorted by a network. (K. E. Batcher, "Sorting networks and their applications", 1968; B. Bramas, "A novel
//! hybrid quicksort algorithm vectorized using AVX-512 on Intel Skylake", 2017.)
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and loads and stores of parts of registers"
)]

use std::arch::x86_64::*;

use super::isa::Avx512;

/// Words of a register.
const N: usize = 16;
/// Words that are sorted in registers.
const MAX_SMALL_N: usize = 8 * N;
/// A register for each [`N`] of those.
const MAX_REGISTERS: usize = MAX_SMALL_N / N;

/// Sorts words; `scratch` is as long, and overwritten.
pub(crate) fn sort_words(_isa: Avx512, words: &mut [u32], scratch: &mut [u32]) {
    assert_eq!(words.len(), scratch.len());
    // Twice as many halvings as it takes if all are even.
    let depth = 2 * (usize::BITS - words.len().leading_zeros());
    // SAFETY: an `Avx512` exists only where the CPU has these features.
    unsafe { sort_part(words, scratch, true, depth) };
}

/// Sorts words, with as long a scratch, in place or into the scratch. What is not sorted after so many partitions has bad
/// pivots, and is left to the standard library.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn sort_part(words: &mut [u32], scratch: &mut [u32], is_in_place: bool, depth: u32) {
    if words.len() <= MAX_SMALL_N {
        sort_small(words, scratch);
        if is_in_place {
            words.copy_from_slice(scratch);
        }
        return;
    }
    if depth == 0 {
        words.sort_unstable();
        if !is_in_place {
            scratch.copy_from_slice(words);
        }
        return;
    }
    let (pivot, is_least) = pivot_of(words);
    let part = partition(words, scratch, pivot, is_least);
    let (low, high) = scratch.split_at_mut(part.n_low);
    let (to_low, to_high) = words.split_at_mut(part.n_low);
    if part.is_low_equal {
        if is_in_place {
            to_low.copy_from_slice(low);
        }
    } else {
        sort_part(low, to_low, !is_in_place, depth - 1);
    }
    sort_part(high, to_high, !is_in_place, depth - 1);
}

/// The median of some words from all over, and whether it is the least of them, too.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn pivot_of(words: &[u32]) -> (u32, bool) {
    let step = (words.len() - 1) / (N - 1);
    let mut some = [0; N];
    for (i, word) in some.iter_mut().enumerate() {
        *word = words[i * step];
    }
    let sorted = sort_register(load(&some, 0));
    store(&mut some, sorted);
    (some[N / 2], some[N / 2] == some[0])
}

/// What a partition comes to.
struct Partition {
    /// Words that belong to the first part.
    n_low: usize,
    /// They are all equal.
    is_low_equal: bool,
}

/// Moves words below a pivot to the front of `to`, others to its end; with `is_inclusive`, those equal to the pivot to the front.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn partition(words: &[u32], to: &mut [u32], pivot: u32, is_inclusive: bool) -> Partition {
    let pivots = _mm512_set1_epi32(pivot as i32);
    let (mut low_end, mut high_start) = (0, to.len());
    let mut least = pivots;
    for group in words.chunks(N) {
        let valid = mask_of(group.len());
        let group = load(group, pivot);
        let is_low = if is_inclusive {
            least = _mm512_min_epu32(least, group);
            _mm512_mask_cmple_epu32_mask(valid, group, pivots)
        } else {
            _mm512_mask_cmplt_epu32_mask(valid, group, pivots)
        };
        let is_high = valid & !is_low;
        let low = low_end..low_end + is_low.count_ones() as usize;
        store(
            &mut to[low.clone()],
            _mm512_maskz_compress_epi32(is_low, group),
        );
        low_end = low.end;
        let high = high_start - is_high.count_ones() as usize..high_start;
        store(
            &mut to[high.clone()],
            _mm512_maskz_compress_epi32(is_high, group),
        );
        high_start = high.start;
    }
    Partition {
        n_low: low_end,
        is_low_equal: is_inclusive && _mm512_reduce_min_epu32(least) == pivot,
    }
}

/// Writes up to [`MAX_SMALL_N`] words in order.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn sort_small(words: &[u32], sorted: &mut [u32]) {
    match words.len().div_ceil(N) {
        0 | 1 => sort_registers::<1>(words, sorted),
        2 => sort_registers::<2>(words, sorted),
        3 | 4 => sort_registers::<4>(words, sorted),
        _ => sort_registers::<MAX_REGISTERS>(words, sorted),
    }
}

/// The same of what fits `M` registers: each is sorted, then twice as many in order are merged, until all are.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn sort_registers<const M: usize>(words: &[u32], sorted: &mut [u32]) {
    // The largest words are behind all others.
    let mut registers = [_mm512_set1_epi32(-1); M];
    for (register, words) in registers.iter_mut().zip(words.chunks(N)) {
        *register = sort_register(load(words, u32::MAX));
    }
    // Each number is a constant of its own, so that registers are not looked up.
    if M >= 2 {
        merge::<M, 1>(&mut registers);
    }
    if M >= 4 {
        merge::<M, 2>(&mut registers);
    }
    if M >= 8 {
        merge::<M, 4>(&mut registers);
    }
    for (words, register) in sorted.chunks_mut(N).zip(registers) {
        store(words, register);
    }
}

/// Merges halves of `HALF` registers, each of which is in order.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn merge<const M: usize, const HALF: usize>(registers: &mut [__m512i; M]) {
    let mut first = 0;
    while first < M {
        let last = first + 2 * HALF - 1;
        for i in 0..HALF {
            let (a, b) = (registers[first + i], reverse(registers[last - i]));
            registers[first + i] = _mm512_min_epu32(a, b);
            registers[last - i] = reverse(_mm512_max_epu32(a, b));
        }
        first += 2 * HALF;
    }
    let mut distance = HALF / 2;
    while distance > 0 {
        for low in 0..M {
            if low & distance == 0 {
                let (a, b) = (registers[low], registers[low + distance]);
                registers[low] = _mm512_min_epu32(a, b);
                registers[low + distance] = _mm512_max_epu32(a, b);
            }
        }
        distance /= 2;
    }
    for register in registers {
        *register = merge_register(*register);
    }
}

/// Compares each word with the one whose place differs in some bits; the larger one goes where the mask is set.
macro_rules! exchange {
    ($words:ident, $xor:literal, $larger:literal) => {
        let others = _mm512_permutexvar_epi32(load(&const { places($xor) }, 0), $words);
        let smaller = _mm512_min_epu32($words, others);
        let $words = _mm512_mask_max_epu32(smaller, $larger, $words, others);
    };
}

/// The words of a register in order: halves of 1, 2, 4 and 8 words are merged, the second one backwards.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn sort_register(words: __m512i) -> __m512i {
    exchange!(words, 1, 0xaaaa);
    exchange!(words, 3, 0xcccc);
    exchange!(words, 1, 0xaaaa);
    exchange!(words, 7, 0xf0f0);
    exchange!(words, 2, 0xcccc);
    exchange!(words, 1, 0xaaaa);
    exchange!(words, 15, 0xff00);
    merge_eights(words)
}

/// The words of a register, which rise and then fall, in order.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn merge_register(words: __m512i) -> __m512i {
    exchange!(words, 8, 0xff00);
    merge_eights(words)
}

/// The same of each half of a register.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn merge_eights(words: __m512i) -> __m512i {
    exchange!(words, 4, 0xf0f0);
    exchange!(words, 2, 0xcccc);
    exchange!(words, 1, 0xaaaa);
    words
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn reverse(words: __m512i) -> __m512i {
    _mm512_permutexvar_epi32(load(&const { places(15) }, 0), words)
}

/// The places of words that differ from each in some bits.
const fn places(xor: u32) -> [u32; N] {
    let mut places = [0; N];
    let mut place = 0;
    while place < N {
        places[place] = place as u32 ^ xor;
        place += 1;
    }
    places
}

/// The first words of a register.
#[inline]
fn mask_of(n: usize) -> __mmask16 {
    ((1u32 << n.min(N)) - 1) as __mmask16
}

/// Up to a register's words; `fill` for those that are missing.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn load(words: &[u32], fill: u32) -> __m512i {
    let fill = _mm512_set1_epi32(fill as i32);
    // SAFETY: words that the mask leaves out are not read, and it has no more than there are.
    unsafe { _mm512_mask_loadu_epi32(fill, mask_of(words.len()), words.as_ptr().cast()) }
}

/// As many words of a register as there is room for.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn store(words: &mut [u32], register: __m512i) {
    // SAFETY: words that the mask leaves out are not written, and it has no more than there is room for.
    unsafe { _mm512_mask_storeu_epi32(words.as_mut_ptr().cast(), mask_of(words.len()), register) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::{Isa, Known};

    /// The tier, if this CPU has it.
    fn tier() -> Option<Avx512> {
        Isa::available()
            .into_iter()
            .find_map(|isa| match isa.known() {
                Known::Avx512(tier) => Some(tier),
                _ => None,
            })
    }

    #[test]
    fn words_of_all_lengths_and_kinds_are_sorted_as_the_standard_library_does() {
        let Some(tier) = tier() else { return };
        let mut state = 1u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 32) as u32
        };
        for n in (0..300).chain([1000, 4097, 70_000]) {
            for kind in 0..6 {
                let mut words: Vec<u32> = (0..n as u32)
                    .map(|i| match kind {
                        0 => random(),
                        1 => random() % 3,
                        2 => i,
                        3 => !i,
                        4 => u32::MAX - random() % 2,
                        _ => random() >> (random() % 32),
                    })
                    .collect();
                let mut expected = words.clone();
                expected.sort_unstable();
                let mut scratch = vec![7; n];
                sort_words(tier, &mut words, &mut scratch);
                assert_eq!(words, expected, "{n} words of kind {kind}");
            }
        }
    }

    #[test]
    fn words_without_good_pivots_are_sorted() {
        if tier().is_none() {
            return;
        }
        // What is looked at for a pivot is larger than all else.
        let n = 5000;
        let step = (n - 1) / (N - 1);
        let mut words: Vec<u32> = (0..n as u32).rev().collect();
        words
            .iter_mut()
            .step_by(step)
            .for_each(|word| *word += 10_000);
        let mut expected = words.clone();
        expected.sort_unstable();
        for depth in 0..4 {
            let (mut sorted, mut scratch) = (words.clone(), vec![0; n]);
            // SAFETY: the CPU has the tier.
            unsafe { sort_part(&mut sorted, &mut scratch, depth % 2 == 0, depth) };
            assert_eq!(if depth % 2 == 0 { sorted } else { scratch }, expected);
        }
    }
}
