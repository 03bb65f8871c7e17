//! A block as vectors: differences, the exponents of floats, and tables in registers.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole blocks"
)]

use std::arch::x86_64::*;

use bytemuck::Pod;

use super::{BLOCK_N, Least, WidthCosts};
use crate::dtype::Latent;
use crate::kernels::isa::Avx2;

/// [`Least::weigh`].
#[inline(always)]
pub(super) fn weigh<L: Latent>(
    _: Avx2,
    least: &mut Least,
    proposal: u16,
    latents: &[L; BLOCK_N],
    others: &[L; BLOCK_N],
    costs: &[u16; BLOCK_N],
    of_widths: &WidthCosts,
) {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { weigh_block(least, proposal, latents, others, costs, of_widths) };
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn weigh_block<L: Latent>(
    least: &mut Least,
    proposal: u16,
    latents: &[L; BLOCK_N],
    others: &[L; BLOCK_N],
    costs: &[u16; BLOCK_N],
    of_widths: &WidthCosts,
) {
    let widths = widths(latents, others);
    let cost = _mm256_add_epi16(load_part(costs, 0), costs_of(widths, L::BITS, of_widths));
    let before = load_part(&least.costs, 0);
    let after = _mm256_min_epu16(before, cost);
    let stays = _mm256_cmpeq_epi16(after, before);
    let proposals = _mm256_blendv_epi8(
        _mm256_set1_epi16(proposal as i16),
        load_part(&least.proposals, 0),
        stays,
    );
    store(&mut least.costs, after);
    store(&mut least.proposals, proposals);
}

/// Bits of the magnitude of each difference, a byte each.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn widths<L: Latent>(latents: &[L; BLOCK_N], others: &[L; BLOCK_N]) -> __m128i {
    let (first, second) = match L::BITS {
        8 => {
            let difference = _mm_sub_epi8(load_bytes(latents), load_bytes(others));
            let magnitude = _mm_abs_epi8(difference);
            let second = _mm_unpackhi_epi64(magnitude, magnitude);
            (
                widths_of_words(_mm256_cvtepu8_epi32(magnitude)),
                widths_of_words(_mm256_cvtepu8_epi32(second)),
            )
        }
        16 => {
            let difference = _mm256_sub_epi16(load_part(latents, 0), load_part(others, 0));
            let magnitude = _mm256_abs_epi16(difference);
            let second = _mm256_extracti128_si256::<1>(magnitude);
            (
                widths_of_words(_mm256_cvtepu16_epi32(_mm256_castsi256_si128(magnitude))),
                widths_of_words(_mm256_cvtepu16_epi32(second)),
            )
        }
        32 => {
            let part = |k| {
                let difference = _mm256_sub_epi32(load_part(latents, k), load_part(others, k));
                widths_of_words(_mm256_abs_epi32(difference))
            };
            (part(0), part(1))
        }
        _ => (
            widths_of_long(latents, others, 0),
            widths_of_long(latents, others, 2),
        ),
    };
    // Packing goes by halves of vectors.
    let packed = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi32(first, second));
    _mm_packus_epi16(
        _mm256_castsi256_si128(packed),
        _mm256_extracti128_si256::<1>(packed),
    )
}

/// The widths of differences of 64 bits, of eight latents that are the vectors `k` and `k + 1` of a block.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn widths_of_long<L: Latent>(latents: &[L; BLOCK_N], others: &[L; BLOCK_N], k: usize) -> __m256i {
    let magnitude = |k| {
        let difference = _mm256_sub_epi64(load_part(latents, k), load_part(others, k));
        let sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), difference);
        let magnitude = _mm256_sub_epi64(_mm256_xor_si256(difference, sign), sign);
        _mm256_castsi256_ps(magnitude)
    };
    let (first, second) = (magnitude(k), magnitude(k + 1));
    let low = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(first, second));
    let high = _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(first, second));
    let is_short = _mm256_cmpeq_epi32(high, _mm256_setzero_si256());
    let word = _mm256_blendv_epi8(high, low, is_short);
    let more = _mm256_andnot_si256(is_short, _mm256_set1_epi32(32));
    let widths = _mm256_add_epi32(widths_of_words(word), more);
    // Shuffles go by halves of vectors, too.
    _mm256_permute4x64_epi64::<0b11_01_10_00>(widths)
}

/// How many bits eight words have.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn widths_of_words(words: __m256i) -> __m256i {
    /// What the exponent of a float is above the width of an integer.
    const BIAS: i32 = 126;
    // Without the bits that could round it up to another power of two.
    let rounded = _mm256_andnot_si256(_mm256_srli_epi32::<1>(words), words);
    let floats = _mm256_castps_si256(_mm256_cvtepi32_ps(rounded));
    // From 2^31 on, words count as negative: then the sign is above the exponent.
    let exponents = _mm256_srli_epi32::<23>(floats);
    let bias = _mm256_set1_epi32(BIAS);
    let exponents = _mm256_min_epi32(exponents, _mm256_set1_epi32(BIAS + 32));
    _mm256_sub_epi32(_mm256_max_epi32(exponents, bias), bias)
}

/// What widths cost, of at most `most` bits.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn costs_of(widths: __m128i, most: u32, of_widths: &WidthCosts) -> __m256i {
    let widths = _mm_min_epu8(widths, _mm_set1_epi8(WidthCosts::MOST as i8));
    let (mut low, mut high) = (_mm_setzero_si128(), _mm_setzero_si128());
    let n_tables = of_widths.bytes.len().min(most as usize / BLOCK_N + 1);
    for (k, [low_bytes, high_bytes]) in of_widths.bytes[..n_tables].iter().enumerate() {
        // Widths of other tables become places at which a shuffle finds zeros.
        let places = _mm_sub_epi8(widths, _mm_set1_epi8((k * BLOCK_N) as i8));
        let places = _mm_adds_epu8(places, _mm_set1_epi8(0x70));
        low = _mm_or_si128(low, _mm_shuffle_epi8(load_bytes(low_bytes), places));
        high = _mm_or_si128(high, _mm_shuffle_epi8(load_bytes(high_bytes), places));
    }
    _mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high))
}

/// A block of bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
pub(super) fn load_bytes<T: Pod>(block: &[T; BLOCK_N]) -> __m128i {
    assert!(size_of::<T>() == 1);
    // SAFETY: sixteen bytes are a vector.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

/// Vector `k` of a block.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
pub(super) fn load_part<T: Pod>(block: &[T; BLOCK_N], k: usize) -> __m256i {
    let bytes: &[u8] = bytemuck::cast_slice(block);
    let part: &[u8; size_of::<__m256i>()] = &bytes.as_chunks().0[k];
    // SAFETY: the part is as long as a vector.
    unsafe { _mm256_loadu_si256(part.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
pub(super) fn store(block: &mut [u16; BLOCK_N], vector: __m256i) {
    // SAFETY: sixteen numbers of 16 bits are a vector.
    unsafe { _mm256_storeu_si256(block.as_mut_ptr().cast(), vector) };
}
