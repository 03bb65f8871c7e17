//! Offsets eight at a time, out of a window of 64 bytes.
//!
//! Eight offsets of any widths start within 56 bytes. So one unaligned load brings them all; the byte positions, summed
//! up in log-steps, become the index of a byte permutation (VBMI) that gives each 64-bit lane its own eight bytes; a
//! shift by lane and a mask do the rest. Offsets wider than 57 bits take a ninth byte from a second window that starts
//! seven bytes later.
#![expect(
    unsafe_code,
    reason = "intrinsics, and loads whose bounds are proven once a batch"
)]

use std::arch::x86_64::*;

use super::MAX_LOAD_57;
use crate::dtype::Latent;
use crate::kernels::isa::Avx512;
use crate::kernels::load::byte_of;
use crate::kernels::tans::EntrySlice;

/// Numbers of a step.
const LANES: usize = 8;

/// [`super::add_offsets`], where loads at positions up to `last` stay inside `src`, for as many numbers as make whole
/// steps; returns the others.
#[inline(always)]
pub(super) fn add_offsets<'a, L: Latent>(
    _: Avx512,
    src: &[u8],
    last: u64,
    bit: &mut u64,
    max_offset_bits: u32,
    entries: EntrySlice<'a, L>,
    out: &'a mut [L],
) -> (EntrySlice<'a, L>, &'a mut [L]) {
    let n = entries.len() / LANES * LANES;
    let (entries, rest) = entries.split_at(n);
    let (out, out_rest) = out.split_at_mut(n);
    if max_offset_bits <= MAX_LOAD_57 {
        // SAFETY: an `Avx512` exists only where the CPU has these features; the caller checked that the slices are of
        // one length, and says where loads stay inside.
        unsafe { add_steps::<L, false>(src, last, bit, entries, out) };
    } else {
        // SAFETY: as above.
        unsafe { add_steps::<L, true>(src, last, bit, entries, out) };
    }
    (rest, out_rest)
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
    let n = out.len() / LANES * LANES;
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
    _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), widths), words)
}

/// The words of eight entries from `first` on, and their lower bounds, of which only the low bits are theirs.
///
/// # Safety
/// There are eight entries from `first` on.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
unsafe fn load_entries<L: Latent>(entries: EntrySlice<'_, L>, first: usize) -> (__m512i, __m512i) {
    debug_assert!(first + LANES <= entries.len());
    // SAFETY: eight words of 64 bits.
    let words = unsafe { _mm512_loadu_si512(entries.words.as_ptr().wrapping_add(first).cast()) };
    if size_of::<L::Tail>() == 0 {
        return (words, _mm512_srli_epi64::<16>(words));
    }
    const { assert!(size_of::<L::Tail>() == 0 || size_of::<L::Tail>() == 8) };
    // SAFETY: eight tails, which are 64-bit latents.
    let lowers = unsafe { _mm512_loadu_si512(entries.tails.as_ptr().wrapping_add(first).cast()) };
    (words, lowers)
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

/// # Safety
/// The CPU has the features; `entries` and `out` hold one whole number of steps; loads at positions up to `last` stay
/// inside `src`.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
unsafe fn add_steps<L: Latent, const WIDE: bool>(
    src: &[u8],
    last: u64,
    bit: &mut u64,
    entries: EntrySlice<'_, L>,
    out: &mut [L],
) {
    debug_assert_eq!(entries.len(), out.len());
    let zero = _mm512_setzero_si512();
    // The second byte of each word.
    let second_byte = [0x8080_8080_8080_8001_u64, 0x8080_8080_8080_8009].map(|x| x as i64);
    let second_byte = _mm512_broadcast_i64x2(_mm_set_epi64x(second_byte[1], second_byte[0]));
    let mut position = *bit;
    for (step, latents) in out.chunks_exact_mut(LANES).enumerate() {
        // SAFETY: there are as many entries as latents.
        let (words, lowers) = unsafe { load_entries(entries, step * LANES) };
        let widths = _mm512_shuffle_epi8(words, second_byte);
        let sums = _mm512_add_epi64(widths, _mm512_alignr_epi64::<7>(widths, zero));
        let sums = _mm512_add_epi64(sums, _mm512_alignr_epi64::<6>(sums, zero));
        let sums = _mm512_add_epi64(sums, _mm512_alignr_epi64::<4>(sums, zero));
        let before = _mm512_sub_epi64(sums, widths);
        let positions = _mm512_add_epi64(before, _mm512_set1_epi64((position % 8) as i64));
        assert!(position <= last, "offsets end inside the source");
        // SAFETY: the position was checked. Seven offsets of at most 64 bits and seven bits more lie before the last one's
        // first byte, which is the 57th at most.
        let offsets = unsafe { extract::<WIDE>(src, position, positions, widths) };
        let values = _mm512_add_epi64(lowers, offsets);
        // SAFETY: a chunk holds eight latents.
        unsafe { store(latents.as_mut_ptr(), values) };
        let total = _mm_cvtsi128_si64(_mm512_castsi512_si128(_mm512_alignr_epi64::<7>(zero, sums)));
        position += total as u64;
    }
    *bit = position;
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
    for latents in out.chunks_exact_mut(LANES) {
        let positions = _mm512_add_epi64(before, _mm512_set1_epi64((position % 8) as i64));
        // SAFETY: the caller made `width` bits a number loadable; see `add_steps` for the window.
        let offsets = unsafe { extract::<WIDE>(src, position, positions, widths) };
        let values = _mm512_add_epi64(lowers, offsets);
        // SAFETY: a chunk holds eight latents.
        unsafe { store(latents.as_mut_ptr(), values) };
        position += u64::from(width) * LANES as u64;
    }
    *bit = position;
}
