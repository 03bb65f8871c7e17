//! As many pixels as 16 bytes hold at a time. Wider registers gain little: their bytes would have to cross from half to half.
#![expect(
    unsafe_code,
    reason = "calls a function compiled for instructions that the tier proves"
)]

use std::arch::x86_64::*;

use crate::kernels::isa::Avx2;

const BYTES: usize = 16;

/// Sums as many pixels as it can, and returns how many bytes these are.
pub(super) fn add_left(_tier: Avx2, bytes: &mut [u8], last: &mut [u8]) -> usize {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { add_any(bytes, last) }
}

#[target_feature(enable = "avx2")]
fn add_any(bytes: &mut [u8], last: &mut [u8]) -> usize {
    match last.len() {
        1 => add_pixels::<1>(bytes, last),
        2 => add_pixels::<2>(bytes, last),
        3 => add_pixels::<3>(bytes, last),
        4 => add_pixels::<4>(bytes, last),
        6 => add_pixels::<6>(bytes, last),
        8 => add_pixels::<8>(bytes, last),
        _ => 0,
    }
}

/// Bytes of the next vector are loaded before the one before it is stored, whose last bytes are theirs.
#[target_feature(enable = "avx2")]
fn add_pixels<const N: usize>(bytes: &mut [u8], last: &mut [u8]) -> usize {
    let step = BYTES / N * N;
    if bytes.len() < BYTES {
        return 0;
    }
    // From a vector of sums, its last pixel in every place.
    let spread: [u8; BYTES] = std::array::from_fn(|i| (step - N + i % N) as u8);
    let spread: __m128i = bytemuck::cast(spread);
    let before: [u8; BYTES] = std::array::from_fn(|i| last[i % N]);
    let mut before: __m128i = bytemuck::cast(before);
    let mut next: __m128i = bytemuck::pod_read_unaligned(&bytes[..BYTES]);
    let mut done = 0;
    while let Some(behind) = bytes.get(done + step..done + step + BYTES) {
        let sums = _mm_add_epi8(sums_within::<N>(next), before);
        next = bytemuck::pod_read_unaligned(behind);
        bytes[done..done + BYTES].copy_from_slice(bytemuck::bytes_of(&sums));
        before = _mm_shuffle_epi8(sums, spread);
        done += step;
    }
    let sums = _mm_add_epi8(sums_within::<N>(next), before);
    bytes[done..done + step].copy_from_slice(&bytemuck::bytes_of(&sums)[..step]);
    done += step;
    last.copy_from_slice(&bytes[done - N..done]);
    done
}

/// The sum of each pixel and those before it in the vector.
#[inline]
#[target_feature(enable = "avx2")]
fn sums_within<const N: usize>(pixels: __m128i) -> __m128i {
    let mut sums = pixels;
    if N == 1 {
        sums = _mm_add_epi8(sums, _mm_slli_si128::<1>(sums));
    }
    if N <= 2 {
        sums = _mm_add_epi8(sums, _mm_slli_si128::<2>(sums));
    }
    if N == 3 {
        sums = _mm_add_epi8(sums, _mm_slli_si128::<3>(sums));
    }
    if N == 1 || N == 2 || N == 4 {
        sums = _mm_add_epi8(sums, _mm_slli_si128::<4>(sums));
    }
    if N == 3 || N == 6 {
        sums = _mm_add_epi8(sums, _mm_slli_si128::<6>(sums));
    }
    if N == 3 {
        return _mm_add_epi8(sums, _mm_slli_si128::<12>(sums));
    }
    if N == 6 {
        return sums;
    }
    _mm_add_epi8(sums, _mm_slli_si128::<8>(sums))
}
