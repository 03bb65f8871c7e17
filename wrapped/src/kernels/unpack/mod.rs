//! Offsets: from bins to latents (wire format section 1.5).
//!
//! Each latent is its bin's lower bound plus an offset whose width the bin gives; offsets follow each other without
//! gaps. With a single bin all widths are equal, and positions need no adding up.
#![expect(unsafe_code, reason = "loads whose bounds are proven once a batch")]

use super::isa::Tier;
use super::load::{assert_loadable, load_57, load_64};
use super::tans::Entry;
use crate::dtype::Latent;

/// Widest offset that one 8-byte load brings at any bit position.
const MAX_LOAD_57: u32 = 57;

/// Reads the offsets of `entries` from `src` at `*bit` on and writes the latents to `out`; moves `*bit` behind them.
/// No entry's offset is wider than `max_offset_bits`.
///
/// `src` has to be 16 bytes longer than `entries.len() * max_offset_bits` bits from `*bit` on.
#[inline(always)]
pub(crate) fn add_offsets<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    bit: &mut u64,
    max_offset_bits: u32,
    entries: &[Entry<L>],
    out: &mut [L],
) {
    assert_eq!(entries.len(), out.len());
    assert_loadable(src, *bit, entries.len() as u64 * u64::from(max_offset_bits));
    let mut position = *bit;
    // Widths are clamped to the bound that was asserted: a minimum costs nothing beside the load.
    if max_offset_bits <= MAX_LOAD_57 {
        for (latent, entry) in out.iter_mut().zip(entries) {
            let width = entry.offset_bits().min(max_offset_bits);
            // SAFETY: positions grow by at most `max_offset_bits` a number, as was asserted to be loadable.
            let word = unsafe { load_57(src, position) };
            let offset = tier.low_bits(word, u64::from(width));
            *latent = entry.lower().wrapping_add(&L::from_u64(offset));
            position += u64::from(width);
        }
    } else {
        for (latent, entry) in out.iter_mut().zip(entries) {
            let width = entry.offset_bits().min(max_offset_bits);
            // SAFETY: positions grow by at most `max_offset_bits` a number, as was asserted to be loadable.
            let word = unsafe { load_64(src, position) };
            let offset = if width == 64 {
                word
            } else {
                tier.low_bits(word, u64::from(width))
            };
            *latent = entry.lower().wrapping_add(&L::from_u64(offset));
            position += u64::from(width);
        }
    }
    *bit = position;
}

/// Reads `out.len()` offsets of `width` bits each from `src` at `*bit` on, adds `lower`, and moves `*bit` behind them.
///
/// `src` has to be 16 bytes longer than `out.len() * width` bits from `*bit` on.
#[inline(always)]
pub(crate) fn unpack<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    bit: &mut u64,
    width: u32,
    lower: L,
    out: &mut [L],
) {
    let n_bits = out.len() as u64 * u64::from(width);
    assert_loadable(src, *bit, n_bits);
    let start = *bit;
    if width == 0 {
        out.fill(lower);
    } else if width <= MAX_LOAD_57 {
        for (i, latent) in out.iter_mut().enumerate() {
            // SAFETY: position `start + i * width` lies in the range that was asserted to be loadable.
            let word = unsafe { load_57(src, start + i as u64 * u64::from(width)) };
            let offset = tier.low_bits(word, u64::from(width));
            *latent = lower.wrapping_add(&L::from_u64(offset));
        }
    } else {
        for (i, latent) in out.iter_mut().enumerate() {
            // SAFETY: position `start + i * width` lies in the range that was asserted to be loadable.
            let word = unsafe { load_64(src, start + i as u64 * u64::from(width)) };
            let offset = if width == 64 {
                word
            } else {
                tier.low_bits(word, u64::from(width))
            };
            *latent = lower.wrapping_add(&L::from_u64(offset));
        }
    }
    *bit = start + n_bits;
}
