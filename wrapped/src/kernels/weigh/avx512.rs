//! A block as one vector of words, or two: leading zeros are counted, and costs looked up in two registers.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole blocks"
)]

use std::arch::x86_64::*;

use bytemuck::Pod;

use super::avx2::{load_bytes, load_part, store};
use super::{BLOCK_N, Least, WidthCosts};
use crate::dtype::Latent;
use crate::kernels::isa::Avx512;

/// [`Least::weigh`].
#[inline(always)]
pub(super) fn weigh<L: Latent>(
    _: Avx512,
    least: &mut Least,
    proposal: u16,
    latents: &[L; BLOCK_N],
    others: &[L; BLOCK_N],
    costs: &[u16; BLOCK_N],
    of_widths: &WidthCosts,
) {
    // SAFETY: an `Avx512` exists only where the CPU has these features.
    unsafe { weigh_block(least, proposal, latents, others, costs, of_widths) };
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn weigh_block<L: Latent>(
    least: &mut Least,
    proposal: u16,
    latents: &[L; BLOCK_N],
    others: &[L; BLOCK_N],
    costs: &[u16; BLOCK_N],
    of_widths: &WidthCosts,
) {
    let widths = widths(latents, others);
    let cost = _mm256_add_epi16(load_part(costs, 0), costs_of(widths, of_widths));
    let before = load_part(&least.costs, 0);
    let is_less = _mm256_cmplt_epu16_mask(cost, before);
    store(&mut least.costs, _mm256_min_epu16(before, cost));
    let proposals = load_part(&least.proposals, 0);
    let proposal = _mm256_set1_epi16(proposal as i16);
    store(
        &mut least.proposals,
        _mm256_mask_mov_epi16(proposals, is_less, proposal),
    );
}

/// Bits of the magnitude of each difference.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn widths<L: Latent>(latents: &[L; BLOCK_N], others: &[L; BLOCK_N]) -> __m256i {
    match L::BITS {
        8 => {
            let difference = _mm_sub_epi8(load_bytes(latents), load_bytes(others));
            widths_of_words(_mm512_cvtepu8_epi32(_mm_abs_epi8(difference)))
        }
        16 => {
            let difference = _mm256_sub_epi16(load_part(latents, 0), load_part(others, 0));
            widths_of_words(_mm512_cvtepu16_epi32(_mm256_abs_epi16(difference)))
        }
        32 => {
            let difference = _mm512_sub_epi32(load(latents, 0), load(others, 0));
            widths_of_words(_mm512_abs_epi32(difference))
        }
        _ => {
            let part = |k| {
                let difference = _mm512_sub_epi64(load(latents, k), load(others, k));
                let zeros = _mm512_lzcnt_epi64(_mm512_abs_epi64(difference));
                _mm512_cvtepi64_epi16(zeros)
            };
            let zeros = _mm256_set_m128i(part(1), part(0));
            _mm256_sub_epi16(_mm256_set1_epi16(64), zeros)
        }
    }
}

/// How many bits sixteen words have.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn widths_of_words(words: __m512i) -> __m256i {
    let zeros = _mm512_cvtepi32_epi16(_mm512_lzcnt_epi32(words));
    _mm256_sub_epi16(_mm256_set1_epi16(32), zeros)
}

/// What widths cost.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn costs_of(widths: __m256i, of_widths: &WidthCosts) -> __m256i {
    let widths = _mm256_min_epu16(widths, _mm256_set1_epi16(WidthCosts::MOST as i16));
    let [first, second] = of_widths.words.as_chunks().0 else {
        unreachable!("64 costs");
    };
    let costs = _mm512_permutex2var_epi16(
        load_words(first),
        _mm512_castsi256_si512(widths),
        load_words(second),
    );
    _mm512_castsi512_si256(costs)
}

/// Vector `k` of a block.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn load<T: Pod>(block: &[T; BLOCK_N], k: usize) -> __m512i {
    let bytes: &[u8] = bytemuck::cast_slice(block);
    let part: &[u8; size_of::<__m512i>()] = &bytes.as_chunks().0[k];
    // SAFETY: the part is as long as a vector.
    unsafe { _mm512_loadu_si512(part.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512vl")]
fn load_words(words: &[u16; 32]) -> __m512i {
    // SAFETY: thirty-two words are a vector.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}
