//! Offsets: from bins to latents (wire format section 1.5).
//!
//! Each latent is its bin's lower bound plus an offset whose width the bin gives; offsets follow each other without
//! gaps. With a single bin all widths are equal, and positions need no adding up.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
use super::isa::Known;
use super::isa::Tier;
use super::load::{CheckedSource, assert_loadable};
use super::tans::Entry;
use crate::dtype::Latent;

/// Widest offset that one 8-byte load brings at any bit position.
const MAX_LOAD_57: u32 = 57;

/// Numbers that are read in a step.
pub(super) const STEP_N: usize = 8;

/// Offsets that are to be read, and added to the lower bounds of their bins.
pub(crate) struct OffsetJob<'a, L: Latent> {
    /// Where they start.
    pub(crate) bit: u64,
    /// None is wider.
    pub(crate) max_offset_bits: u32,
    pub(crate) entries: &'a [Entry<L>],
    /// Takes as many latents as there are entries.
    pub(crate) latents: &'a mut [L],
}

/// A way to read the offsets of a step.
pub(super) trait Step: Copy {
    /// Reads the offsets of `entries` at `position` on, and returns the position behind them.
    fn read<L: Latent>(
        self,
        source: CheckedSource<'_>,
        position: u64,
        entries: &[Entry<L>; STEP_N],
        latents: &mut [L; STEP_N],
    ) -> u64;
}

/// A loop over steps, which is compiled for each way to read one.
pub(super) trait Steps {
    /// What the loop returns.
    type Output;
    /// Runs the loop; to be marked `#[inline(always)]`.
    fn run<T: Step>(self, step: T) -> Self::Output;
}

/// Runs a loop over steps in the way that suits a tier and offsets of up to `max_offset_bits`.
#[inline(always)]
pub(super) fn by_step<S: Tier, F: Steps>(tier: S, max_offset_bits: u32, steps: F) -> F::Output {
    if max_offset_bits == 0 {
        return steps.run(scalar::NoOffsets);
    }
    match (tier.isa().known(), MAX_LOAD_57 / max_offset_bits) {
        #[cfg(target_arch = "x86_64")]
        (Known::Avx512(tier), 0) => steps.run(avx512::Window::<true>(tier)),
        #[cfg(target_arch = "x86_64")]
        (Known::Avx512(tier), _) => steps.run(avx512::Window::<false>(tier)),
        (_, 0) => steps.run(scalar::WideOffsets(tier)),
        (_, 1) => steps.run(scalar::Loads::<S, 1>(tier)),
        (_, 2 | 3) => steps.run(scalar::Loads::<S, 2>(tier)),
        _ => steps.run(scalar::Loads::<S, 4>(tier)),
    }
}

/// Reads offsets, and returns where they end.
///
/// `src` has to be [`LOAD_BYTES`](super::LOAD_BYTES) longer than the offsets.
#[inline(always)]
pub(crate) fn add_offsets<S: Tier, L: Latent>(tier: S, src: &[u8], job: OffsetJob<'_, L>) -> u64 {
    assert_eq!(job.entries.len(), job.latents.len());
    let source = CheckedSource::new(src);
    let (entries, rest) = job.entries.as_chunks::<STEP_N>();
    let (latents, latents_rest) = job.latents.as_chunks_mut::<STEP_N>();
    let position = by_step(
        tier,
        job.max_offset_bits,
        AddOffsets {
            source,
            position: job.bit,
            entries,
            latents,
        },
    );
    scalar::add_offsets(tier, source, position, rest, latents_rest)
}

struct AddOffsets<'a, L: Latent> {
    source: CheckedSource<'a>,
    position: u64,
    entries: &'a [[Entry<L>; STEP_N]],
    latents: &'a mut [[L; STEP_N]],
}

impl<L: Latent> Steps for AddOffsets<'_, L> {
    type Output = u64;

    #[inline(always)]
    fn run<T: Step>(self, step: T) -> u64 {
        let mut position = self.position;
        for (entries, latents) in self.entries.iter().zip(self.latents) {
            position = step.read(self.source, position, entries, latents);
        }
        position
    }
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
    let out = match tier.isa().known() {
        #[cfg(target_arch = "x86_64")]
        Known::Avx512(tier) => avx512::unpack(tier, src, bit, width, lower, out),
        _ => out,
    };
    scalar::unpack(tier, src, bit, width, lower, out);
}
