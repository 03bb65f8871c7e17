//! Offsets: from bins to latents (wire format section 1.5).
//!
//! Each latent is its bin's lower bound plus an offset whose width the bin gives; offsets follow each other without
//! gaps. With a single bin all widths are equal, and positions need no adding up.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;
#[cfg(test)]
mod tests;

use super::isa::{Isa, Tier};
use super::load::{assert_loadable, last_loadable};
use super::tans::EntrySlice;
use crate::dtype::Latent;

/// Widest offset that one 8-byte load brings at any bit position.
const MAX_LOAD_57: u32 = 57;

/// Reads the offsets of `entries` from `src` at `*bit` on and writes the latents to `out`; moves `*bit` behind them.
/// `max_offset_bits` says how many offsets a load may bring: none is wider.
///
/// `src` has to be [`LOAD_BYTES`](super::LOAD_BYTES) longer than the offsets.
#[inline(always)]
pub(crate) fn add_offsets<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    bit: &mut u64,
    max_offset_bits: u32,
    entries: EntrySlice<'_, L>,
    out: &mut [L],
) {
    assert_eq!(entries.len(), out.len());
    if max_offset_bits == 0 {
        out.iter_mut()
            .zip(entries.iter())
            .for_each(|(latent, entry)| *latent = entry.lower());
        return;
    }
    let last = last_loadable(src).expect("source is padded");
    let (entries, out) = match tier.isa() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512(tier) => {
            avx512::add_offsets(tier, src, last, bit, max_offset_bits, entries, out)
        }
        _ => (entries, out),
    };
    scalar::add_offsets(tier, src, last, bit, max_offset_bits, entries, out);
}

/// Reads `out.len()` offsets of `width` bits each from `src` at `*bit` on, adds `lower`, and moves `*bit` behind them.
///
/// `src` has to be [`LOAD_BYTES`](super::LOAD_BYTES) longer than `out.len() * width` bits from `*bit` on.
#[inline(always)]
pub(crate) fn unpack<S: Tier, L: Latent>(
    tier: S,
    src: &[u8],
    bit: &mut u64,
    width: u32,
    lower: L,
    out: &mut [L],
) {
    assert_loadable(src, *bit, out.len() as u64 * u64::from(width));
    if width == 0 {
        out.fill(lower);
        return;
    }
    let out = match tier.isa() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512(tier) => avx512::unpack(tier, src, bit, width, lower, out),
        _ => out,
    };
    scalar::unpack(tier, src, bit, width, lower, out);
}
