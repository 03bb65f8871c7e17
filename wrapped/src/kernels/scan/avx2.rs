//! Vectors of 32 bytes: sums in log-steps within each lane of 16 bytes, then over the two lanes.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads and stores of whole vectors"
)]

use std::arch::x86_64::*;

use crate::dtype::Latent;
use crate::kernels::isa::Avx2;

/// [`super::exclusive_sum`] of as many latents as make whole vectors; returns the others, and where they start.
#[inline(always)]
pub(super) fn exclusive_sum<L: Latent>(
    _: Avx2,
    latents: &mut [L],
    flip: L,
    start: L,
) -> (&mut [L], L) {
    let n = latents.len() / (BYTES / size_of::<L>()) * (BYTES / size_of::<L>());
    let (vectors, rest) = latents.split_at_mut(n);
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    let sum = unsafe { sum_vectors(vectors, flip, start) };
    (rest, sum)
}

/// Bytes of a vector.
const BYTES: usize = 32;

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn sum_vectors<L: Latent>(latents: &mut [L], flip: L, start: L) -> L {
    let flip = splat(flip);
    // The sum so far, in every place.
    let mut sum = splat(start);
    for vector in latents.chunks_exact_mut(BYTES / size_of::<L>()) {
        // SAFETY: a chunk is as long as a vector.
        let values = unsafe { _mm256_loadu_si256(vector.as_ptr().cast()) };
        let values = _mm256_xor_si256(values, flip);
        let (inclusive, all) = prefix_sums::<L>(values);
        let out = add::<L>(sub::<L>(inclusive, values), sum);
        // SAFETY: a chunk is as long as a vector.
        unsafe { _mm256_storeu_si256(vector.as_mut_ptr().cast(), out) };
        sum = add::<L>(sum, all);
    }
    L::from_u64(_mm_cvtsi128_si64(_mm256_castsi256_si128(sum)) as u64)
}

/// The sum of each value and all before it, and in every place the sum of all.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn prefix_sums<L: Latent>(values: __m256i) -> (__m256i, __m256i) {
    let mut sums = values;
    if L::BITS == 8 {
        sums = add::<L>(sums, _mm256_bslli_epi128::<1>(sums));
    }
    if L::BITS <= 16 {
        sums = add::<L>(sums, _mm256_bslli_epi128::<2>(sums));
    }
    if L::BITS <= 32 {
        sums = add::<L>(sums, _mm256_bslli_epi128::<4>(sums));
    }
    let in_lane = add::<L>(sums, _mm256_bslli_epi128::<8>(sums));
    let totals = _mm256_shuffle_epi8(in_lane, last_of_lane::<L>());
    // What lanes before each add up to: nothing, then the first lane.
    let before = _mm256_permute2x128_si256::<0x08>(totals, totals);
    let sums = add::<L>(before, totals);
    let all = _mm256_permute2x128_si256::<0x11>(sums, sums);
    (add::<L>(in_lane, before), all)
}

/// The byte shuffle that puts a lane's last value in every place of it.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn last_of_lane<L: Latent>() -> __m256i {
    let half: u64 = match L::BITS {
        8 => 0x0f0f_0f0f_0f0f_0f0f,
        16 => 0x0f0e_0f0e_0f0e_0f0e,
        32 => 0x0f0e_0d0c_0f0e_0d0c,
        _ => 0x0f0e_0d0c_0b0a_0908,
    };
    _mm256_set1_epi64x(half as i64)
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn splat<L: Latent>(value: L) -> __m256i {
    let value = value.to_u64();
    match L::BITS {
        8 => _mm256_set1_epi8(value as i8),
        16 => _mm256_set1_epi16(value as i16),
        32 => _mm256_set1_epi32(value as i32),
        _ => _mm256_set1_epi64x(value as i64),
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn add<L: Latent>(a: __m256i, b: __m256i) -> __m256i {
    match L::BITS {
        8 => _mm256_add_epi8(a, b),
        16 => _mm256_add_epi16(a, b),
        32 => _mm256_add_epi32(a, b),
        _ => _mm256_add_epi64(a, b),
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn sub<L: Latent>(a: __m256i, b: __m256i) -> __m256i {
    match L::BITS {
        8 => _mm256_sub_epi8(a, b),
        16 => _mm256_sub_epi16(a, b),
        32 => _mm256_sub_epi32(a, b),
        _ => _mm256_sub_epi64(a, b),
    }
}
