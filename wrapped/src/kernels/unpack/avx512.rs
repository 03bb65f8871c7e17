//! Offsets eight at a time, out of a window of 64 bytes.
//!
//! Eight offsets of any widths start within 56 bytes. So one unaligned load brings them all; the byte positions, added
//! up at once, become the index of a byte permutation (VBMI) that gives each 64-bit lane its own eight bytes; a
//! shift by lane and a mask do the rest. Offsets wider than 57 bits take a ninth byte from a second window that starts
//! seven bytes later.
#![expect(
    unsafe_code,
    reason = "intrinsics, and loads whose bounds are proven once a batch"
)]

use std::arch::x86_64::*;

use super::{MAX_LOAD_57, STEP_N, Step};
use crate::dtype::Latent;
use crate::kernels::isa::{Avx512, Tier};
use crate::kernels::load::{CheckedSource, byte_of};
use crate::kernels::tans::Entry;

/// Offsets of up to 57 bits, or `WIDE` ones.
#[derive(Clone, Copy)]
pub(super) struct Window<const WIDE: bool>(pub(super) Avx512);

impl<const WIDE: bool> Step for Window<WIDE> {
    #[inline(always)]
    fn read<L: Latent>(
        self,
        source: CheckedSource<'_>,
        position: u64,
        entries: &[Entry<L>; STEP_N],
        latents: &mut [L; STEP_N],
    ) -> u64 {
        // SAFETY: an `Avx512` exists only where the CPU has these features.
        unsafe { add_offsets::<L, WIDE>(self.0, source, position, entries, latents) }
    }
}

/// [`super::unpack`], whose checks hold, for as many numbers as make whole steps; returns the others.
#[inline(always)]
pub(super) fn unpack<'a, L: Latent>(
    _: Avx512,
    src: &[u8],
    bit: &mut u64,
    width: u32,
    lower: L,
    out: &'a mut [L],
) -> &'a mut [L] {
    let n = out.len() / STEP_N * STEP_N;
    let (out, out_rest) = out.split_at_mut(n);
    if width <= MAX_LOAD_57 {
        // SAFETY: an `Avx512` exists only where the CPU has these features; the caller checked that `width` bits a
        // number can be loaded.
        unsafe { unpack_steps::<L, false>(src, bit, width, lower, out) };
    } else {
        // SAFETY: as above.
        unsafe { unpack_steps::<L, true>(src, bit, width, lower, out) };
    }
    out_rest
}

/// Lane-wise values at bit `positions`, counted from the byte of position `first`, of `widths` bits.
///
/// # Safety
/// [`LOAD_BYTES`](crate::kernels::LOAD_BYTES) bytes from that byte on can be read, and each value lies in them.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
unsafe fn extract<const WIDE: bool>(
    src: &[u8],
    first: u64,
    positions: __m512i,
    widths: __m512i,
) -> __m512i {
    // Byte `k` of each lane, and the low byte of each lane eight times.
    let byte_in_lane = _mm512_set1_epi64(0x0706_0504_0302_0100);
    let low_byte = _mm512_broadcast_i64x2(_mm_set_epi64x(0x0808_0808_0808_0808, 0));
    let bytes = _mm512_srli_epi64::<3>(positions);
    let index = _mm512_add_epi8(_mm512_shuffle_epi8(bytes, low_byte), byte_in_lane);
    let shifts = _mm512_and_si512(positions, _mm512_set1_epi64(7));
    // SAFETY: the caller says that these bytes can be read.
    let window = unsafe { byte_of(src, first) };
    // SAFETY: 64 of the 72 bytes.
    let low = unsafe { _mm512_loadu_si512(window.cast()) };
    let mut words = _mm512_srlv_epi64(_mm512_permutexvar_epi8(index, low), shifts);
    if WIDE {
        // SAFETY: bytes 7 to 70 of the 72.
        let high = unsafe { _mm512_loadu_si512(window.wrapping_add(7).cast()) };
        let high = _mm512_srlv_epi64(_mm512_permutexvar_epi8(index, high), shifts);
        let last_byte = _mm512_set1_epi64(!(u64::MAX >> 8) as i64);
        // Where a bit of `last_byte` is set the shifted high word, else the low word.
        words = _mm512_ternarylogic_epi64::<0xca>(last_byte, _mm512_slli_epi64::<56>(high), words);
    }
    let above = as_it_is(_mm512_sllv_epi64(_mm512_set1_epi64(-1), widths));
    _mm512_andnot_si512(above, words)
}

/// The same vector: the compiler would compare widths with 64 instead of letting the shift do that.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn as_it_is(mut vector: __m512i) -> __m512i {
    // SAFETY: no instruction at all.
    unsafe {
        std::arch::asm!("/* {} */", inlateout(zmm_reg) vector, options(pure, nomem, nostack, preserves_flags));
    }
    vector
}

/// The words of eight entries, and their lower bounds, of which only the low bits are theirs.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn load_entries<L: Latent>(entries: &[Entry<L>; STEP_N]) -> (__m512i, __m512i) {
    let first: *const __m512i = entries.as_ptr().cast();
    // SAFETY: eight entries of at least 8 bytes.
    let low = unsafe { _mm512_loadu_si512(first) };
    if size_of::<L::Tail>() == 0 {
        return (low, _mm512_srli_epi64::<16>(low));
    }
    const { assert!(size_of::<Entry<L>>() == 8 || size_of::<Entry<L>>() == 16) };
    // SAFETY: eight entries of 16 bytes.
    let high = unsafe { _mm512_loadu_si512(first.wrapping_add(1)) };
    let even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    let odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    let words = _mm512_permutex2var_epi64(low, even, high);
    (words, _mm512_permutex2var_epi64(low, odd, high))
}

/// Stores the low bits of each lane.
///
/// # Safety
/// Eight latents can be written from `out` on.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
unsafe fn store<L: Latent>(out: *mut L, latents: __m512i) {
    match L::BITS {
        // SAFETY: eight latents of 64 bits.
        64 => unsafe { _mm512_storeu_si512(out.cast(), latents) },
        32 => {
            let latents = _mm512_cvtepi64_epi32(latents);
            // SAFETY: eight latents of 32 bits.
            unsafe { _mm256_storeu_si256(out.cast(), latents) };
        }
        16 => {
            let latents = _mm512_cvtepi64_epi16(latents);
            // SAFETY: eight latents of 16 bits.
            unsafe { _mm_storeu_si128(out.cast(), latents) };
        }
        _ => {
            let latents = _mm512_cvtepi64_epi8(latents);
            // SAFETY: eight latents of 8 bits.
            unsafe { _mm_storel_epi64(out.cast(), latents) };
        }
    }
}

/// [`Step::read`].
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn add_offsets<L: Latent, const WIDE: bool>(
    tier: Avx512,
    source: CheckedSource<'_>,
    position: u64,
    entries: &[Entry<L>; STEP_N],
    latents: &mut [L; STEP_N],
) -> u64 {
    let zero = _mm512_setzero_si512();
    // The second byte of each word: widths.
    let second_byte = _mm512_broadcast_i64x2(_mm_set_epi64x(
        0x8080_8080_8080_8009_u64 as i64,
        0x8080_8080_8080_8001_u64 as i64,
    ));
    let second_bytes = _mm512_set1_epi64(0x3931_2921_1911_0901);
    let (words, lowers) = load_entries(entries);
    let widths = _mm512_shuffle_epi8(words, second_byte);
    // In each lane the widths of all lanes before it, and then their sum.
    let before =
        _mm512_maskz_permutexvar_epi8(tier.in_register(0x7f3f_1f0f_0703_0100), second_bytes, words);
    let before = _mm512_sad_epu8(before, zero);
    let positions = _mm512_add_epi64(before, _mm512_set1_epi64((position % 8) as i64));
    let src = source.loadable_at(position);
    // SAFETY: the position is checked. Seven offsets of at most 64 bits and seven bits more lie before the last one's
    // first byte, which is the 57th at most.
    let offsets = unsafe { extract::<WIDE>(src, position, positions, widths) };
    let values = _mm512_add_epi64(lowers, offsets);
    // SAFETY: eight latents.
    unsafe { store(latents.as_mut_ptr(), values) };
    let ends = _mm512_add_epi64(before, widths);
    let end = _mm_cvtsi128_si64(_mm512_castsi512_si128(_mm512_alignr_epi64::<7>(zero, ends)));
    position + end as u64
}

/// # Safety
/// The CPU has the features; `out` holds a whole number of steps; `width` bits a number from `*bit` on are loadable.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
unsafe fn unpack_steps<L: Latent, const WIDE: bool>(
    src: &[u8],
    bit: &mut u64,
    width: u32,
    lower: L,
    out: &mut [L],
) {
    let widths = _mm512_set1_epi64(i64::from(width));
    let before = _mm512_mullo_epi64(widths, _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
    let lowers = _mm512_set1_epi64(lower.to_u64() as i64);
    let mut position = *bit;
    for latents in out.chunks_exact_mut(STEP_N) {
        let positions = _mm512_add_epi64(before, _mm512_set1_epi64((position % 8) as i64));
        // SAFETY: the caller made `width` bits a number loadable; see `add_offsets` for the window.
        let offsets = unsafe { extract::<WIDE>(src, position, positions, widths) };
        let values = _mm512_add_epi64(lowers, offsets);
        // SAFETY: a chunk holds eight latents.
        unsafe { store(latents.as_mut_ptr(), values) };
        position += u64::from(width) * STEP_N as u64;
    }
    *bit = position;
}
