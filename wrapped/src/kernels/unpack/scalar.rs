//! Offsets one by one, with as few loads as their widths allow.
#![expect(unsafe_code, reason = "loads whose bounds are proven once a batch")]

use super::MAX_LOAD_57;
use crate::dtype::Latent;
use crate::kernels::isa::Tier;
use crate::kernels::load::{load_57, load_64};
use crate::kernels::tans::EntrySlice;

/// [`super::add_offsets`], where loads at positions up to `last` stay inside `src`.
#[inline(always)]
pub(super) fn add_offsets<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    last: u64,
    bit: &mut u64,
    max_offset_bits: u32,
    entries: EntrySlice<'_, L>,
    out: &mut [L],
) {
    match MAX_LOAD_57 / max_offset_bits {
        0 => add_wide_offsets(tier, src, last, bit, entries, out),
        1 => add_by_loads::<S, L, 1>(tier, src, last, bit, entries, out),
        2 | 3 => add_by_loads::<S, L, 2>(tier, src, last, bit, entries, out),
        _ => add_by_loads::<S, L, 4>(tier, src, last, bit, entries, out),
    }
}

/// Reads `N` offsets with each load: they are no wider than that together.
#[inline(always)]
fn add_by_loads<S: Tier, L: Latent, const N: usize>(
    tier: S,
    src: &[u8],
    last: u64,
    bit: &mut u64,
    entries: EntrySlice<'_, L>,
    out: &mut [L],
) {
    let (entries, rest) = entries.split_at(entries.len() / N * N);
    let (groups, out_rest) = out.as_chunks_mut::<N>();
    let mut entries = entries.iter();
    let mut position = *bit;
    for latents in groups {
        assert!(position <= last, "offsets end inside the source");
        // SAFETY: the position was checked.
        let mut word = unsafe { load_57(src, position) };
        for (latent, entry) in latents.iter_mut().zip(&mut entries) {
            let width = u64::from(entry.offset_bits());
            let offset = tier.low_bits(word, width);
            *latent = entry.lower().wrapping_add(&L::from_u64(offset));
            word >>= width % 64;
            position += width;
        }
    }
    *bit = position;
    if N > 1 {
        add_by_loads::<S, L, 1>(tier, src, last, bit, rest, out_rest);
    }
}

/// Reads offsets of which some are too wide for one load.
#[inline(always)]
fn add_wide_offsets<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    last: u64,
    bit: &mut u64,
    entries: EntrySlice<'_, L>,
    out: &mut [L],
) {
    for (latent, entry) in out.iter_mut().zip(entries.iter()) {
        let width = u64::from(entry.offset_bits());
        assert!(*bit <= last, "offsets end inside the source");
        // SAFETY: the position was checked.
        let word = unsafe { load_64(src, *bit) };
        let offset = if width == 64 {
            word
        } else {
            tier.low_bits(word, width)
        };
        *latent = entry.lower().wrapping_add(&L::from_u64(offset));
        *bit += width;
    }
}

/// [`super::unpack`], whose checks hold.
#[inline(always)]
pub(super) fn unpack<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    bit: &mut u64,
    width: u32,
    lower: L,
    out: &mut [L],
) {
    let start = *bit;
    let position = |i: usize| start + i as u64 * u64::from(width);
    if width <= MAX_LOAD_57 {
        for (i, latent) in out.iter_mut().enumerate() {
            // SAFETY: the position lies in the range that was asserted to be loadable.
            let word = unsafe { load_57(src, position(i)) };
            let offset = tier.low_bits(word, u64::from(width));
            *latent = lower.wrapping_add(&L::from_u64(offset));
        }
    } else {
        for (i, latent) in out.iter_mut().enumerate() {
            // SAFETY: the position lies in the range that was asserted to be loadable.
            let word = unsafe { load_64(src, position(i)) };
            let offset = if width == 64 {
                word
            } else {
                tier.low_bits(word, u64::from(width))
            };
            *latent = lower.wrapping_add(&L::from_u64(offset));
        }
    }
    *bit = position(out.len());
}
