//! Offsets one by one, with as few loads as their widths allow.
#![expect(unsafe_code, reason = "loads whose bounds are proven once a batch")]

use super::{MAX_LOAD_57, STEP_N, Step};
use crate::dtype::Latent;
use crate::kernels::isa::Tier;
use crate::kernels::load::{CheckedSource, load_57, load_64};
use crate::kernels::tans::Entry;

/// No offsets: latents are the lower bounds of their bins.
#[derive(Clone, Copy)]
pub(super) struct NoOffsets;

impl Step for NoOffsets {
    #[inline(always)]
    fn read<L: Latent>(
        self,
        _: CheckedSource<'_>,
        position: u64,
        entries: &[Entry<L>; STEP_N],
        latents: &mut [L; STEP_N],
    ) -> u64 {
        *latents = entries.map(Entry::lower);
        position
    }
}

/// Offsets of which `N` are no wider together than what a load brings.
#[derive(Clone, Copy)]
pub(super) struct Loads<S, const N: usize>(pub(super) S);

impl<S: Tier, const N: usize> Step for Loads<S, N> {
    #[inline(always)]
    fn read<L: Latent>(
        self,
        source: CheckedSource<'_>,
        mut position: u64,
        entries: &[Entry<L>; STEP_N],
        latents: &mut [L; STEP_N],
    ) -> u64 {
        let groups = latents.chunks_exact_mut(N).zip(entries.chunks_exact(N));
        for (latents, entries) in groups {
            let mut word = source.load_57(position);
            for (latent, entry) in latents.iter_mut().zip(entries) {
                let width = u64::from(entry.offset_bits());
                let offset = self.0.low_bits(word, width);
                *latent = entry.lower().wrapping_add(&L::from_u64(offset));
                word >>= width % 64;
                position += width;
            }
        }
        position
    }
}

/// Offsets of which some are too wide for one load.
#[derive(Clone, Copy)]
pub(super) struct WideOffsets<S>(pub(super) S);

impl<S: Tier> Step for WideOffsets<S> {
    #[inline(always)]
    fn read<L: Latent>(
        self,
        source: CheckedSource<'_>,
        position: u64,
        entries: &[Entry<L>; STEP_N],
        latents: &mut [L; STEP_N],
    ) -> u64 {
        add_offsets(self.0, source, position, entries, latents)
    }
}

/// Reads offsets of any width, one by one.
#[inline(always)]
pub(super) fn add_offsets<S: Tier, L: Latent>(
    tier: S,
    source: CheckedSource<'_>,
    mut position: u64,
    entries: &[Entry<L>],
    latents: &mut [L],
) -> u64 {
    for (latent, entry) in latents.iter_mut().zip(entries) {
        let width = u64::from(entry.offset_bits());
        let word = source.load_64(position);
        let offset = if width == 64 {
            word
        } else {
            tier.low_bits(word, width)
        };
        *latent = entry.lower().wrapping_add(&L::from_u64(offset));
        position += width;
    }
    position
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
