//! 32 items at a time, by a network of byte interleaves.
//!
//! Number the bytes of 16 items, laid out by planes in `W` half registers, by the bits (plane, item). Interleaving the
//! bytes of the first half of the registers with those of the second moves the top bit of these numbers to the bottom;
//! after log2(W) times they are (item, plane), which is the layout by items. Taking even and odd bytes apart is the way
//! back. Both halves of the registers do the same to 16 items each.
#![expect(
    unsafe_code,
    reason = "calls a function compiled for instructions that the tier proves"
)]

use std::arch::x86_64::*;

use crate::kernels::isa::Avx2;

/// Items in a pass.
const GROUP: usize = 32;
/// Items of each half of the registers.
const HALF: usize = GROUP / 2;

/// Shuffles as many items as it can, and returns how many.
pub(super) fn shuffle(_tier: Avx2, item_bytes: usize, items: &[u8], planes: &mut [u8]) -> usize {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { shuffle_any(item_bytes, items, planes) }
}

/// Gathers as many items as it can, and returns how many.
pub(super) fn unshuffle(_tier: Avx2, item_bytes: usize, planes: &[u8], items: &mut [u8]) -> usize {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { unshuffle_any(item_bytes, planes, items) }
}

#[target_feature(enable = "avx2")]
fn shuffle_any(item_bytes: usize, items: &[u8], planes: &mut [u8]) -> usize {
    match item_bytes {
        2 => shuffle_items::<2>(items, planes),
        4 => shuffle_items::<4>(items, planes),
        8 => shuffle_items::<8>(items, planes),
        16 => shuffle_items::<16>(items, planes),
        _ => 0,
    }
}

#[target_feature(enable = "avx2")]
fn unshuffle_any(item_bytes: usize, planes: &[u8], items: &mut [u8]) -> usize {
    match item_bytes {
        2 => unshuffle_items::<2>(planes, items),
        4 => unshuffle_items::<4>(planes, items),
        8 => unshuffle_items::<8>(planes, items),
        16 => unshuffle_items::<16>(planes, items),
        _ => 0,
    }
}

#[target_feature(enable = "avx2")]
fn shuffle_items<const W: usize>(items: &[u8], planes: &mut [u8]) -> usize {
    let n = items.len() / W;
    let done = n - n % GROUP;
    for (group, bytes) in items.chunks_exact(W * GROUP).enumerate() {
        let mut registers = [_mm256_setzero_si256(); W];
        for (r, register) in registers.iter_mut().enumerate() {
            let low: __m128i = bytemuck::pod_read_unaligned(&bytes[16 * r..][..16]);
            let high: __m128i = bytemuck::pod_read_unaligned(&bytes[W * HALF + 16 * r..][..16]);
            *register = _mm256_set_m128i(high, low);
        }
        for _ in 0..W.ilog2() {
            registers = take_apart(registers);
        }
        for (p, register) in registers.iter().enumerate() {
            planes[p * n + group * GROUP..][..GROUP].copy_from_slice(bytemuck::bytes_of(register));
        }
    }
    done
}

#[target_feature(enable = "avx2")]
fn unshuffle_items<const W: usize>(planes: &[u8], items: &mut [u8]) -> usize {
    let n = items.len() / W;
    let done = n - n % GROUP;
    for (group, bytes) in items.chunks_exact_mut(W * GROUP).enumerate() {
        let mut registers = [_mm256_setzero_si256(); W];
        for (p, register) in registers.iter_mut().enumerate() {
            *register = bytemuck::pod_read_unaligned(&planes[p * n + group * GROUP..][..GROUP]);
        }
        for _ in 0..W.ilog2() {
            registers = interleave(registers);
        }
        let (low, high) = bytes.split_at_mut(W * HALF);
        for (r, &register) in registers.iter().enumerate() {
            let (first, second) = (
                _mm256_castsi256_si128(register),
                _mm256_extracti128_si256::<1>(register),
            );
            low[16 * r..][..16].copy_from_slice(bytemuck::bytes_of(&first));
            high[16 * r..][..16].copy_from_slice(bytemuck::bytes_of(&second));
        }
    }
    done
}

/// Bytes of the first half of the registers and of the second, in turn.
#[inline]
#[target_feature(enable = "avx2")]
fn interleave<const W: usize>(registers: [__m256i; W]) -> [__m256i; W] {
    let mut out = registers;
    for i in 0..W / 2 {
        let (a, b) = (registers[i], registers[i + W / 2]);
        out[2 * i] = _mm256_unpacklo_epi8(a, b);
        out[2 * i + 1] = _mm256_unpackhi_epi8(a, b);
    }
    out
}

/// Even bytes to the first half of the registers, odd ones to the second.
#[inline]
#[target_feature(enable = "avx2")]
fn take_apart<const W: usize>(registers: [__m256i; W]) -> [__m256i; W] {
    let mut out = registers;
    let even = _mm256_set1_epi16(0xFF);
    for i in 0..W / 2 {
        let (a, b) = (registers[2 * i], registers[2 * i + 1]);
        out[i] = _mm256_packus_epi16(_mm256_and_si256(a, even), _mm256_and_si256(b, even));
        out[i + W / 2] = _mm256_packus_epi16(_mm256_srli_epi16::<8>(a), _mm256_srli_epi16::<8>(b));
    }
    out
}
