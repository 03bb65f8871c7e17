//! Nodes are compared as a whole, eight starts in one vector or two.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole nodes"
)]

use std::arch::x86_64::*;

use super::{FANOUT, GROUP_N, Starts};
use crate::dtype::Latent;
use crate::kernels::isa::Avx2;

/// [`Starts::ranks`] of latents of 32 or 64 bits.
#[inline(always)]
pub(super) fn ranks<L: Latent>(
    _: Avx2,
    starts: &Starts<L>,
    latents: &[[L; GROUP_N]],
    ranks: &mut [[u16; GROUP_N]],
) {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { rank_groups(starts, latents, ranks) };
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn rank_groups<L: Latent>(
    starts: &Starts<L>,
    latents: &[[L; GROUP_N]],
    ranks: &mut [[u16; GROUP_N]],
) {
    for (latents, ranks) in latents.iter().zip(ranks) {
        *ranks = starts.descend(latents, |node, latent| last_in_node(node, latent));
    }
}

/// The last start of a node at or below a latent; the first one is.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn last_in_node<L: Latent>(node: &[L; FANOUT], latent: L) -> usize {
    // Narrower starts would not fill the vectors.
    assert!(L::BITS >= 32);
    let above = if L::BITS == 64 {
        let (first, second) = node.split_at(FANOUT / 2);
        let latent = latent.to_u64();
        wide_above(first, latent) | wide_above(second, latent) << (FANOUT / 2)
    } else {
        // SAFETY: eight starts of 32 bits are a vector.
        let node = unsafe { _mm256_loadu_si256(node.as_ptr().cast()) };
        let latent = _mm256_set1_epi32(latent.to_u64() as i32);
        // There are no comparisons without a sign, but there are minima.
        let at_most = _mm256_cmpeq_epi32(_mm256_min_epu32(node, latent), node);
        !(_mm256_movemask_ps(_mm256_castsi256_ps(at_most)) as u32)
    };
    // Starts are in order, so that those above a latent are the last ones.
    (above | 1 << FANOUT).trailing_zeros() as usize - 1
}

/// Which of four starts of 64 bits are above a latent, a bit each.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn wide_above<L: Latent>(starts: &[L], latent: u64) -> u32 {
    assert!(L::BITS == 64 && starts.len() == FANOUT / 2);
    // SAFETY: four starts of 64 bits are a vector.
    let starts = unsafe { _mm256_loadu_si256(starts.as_ptr().cast()) };
    // Without the sign's meaning: both sides are moved by half of the range.
    let middle = _mm256_set1_epi64x(i64::MIN);
    let latent = _mm256_xor_si256(_mm256_set1_epi64x(latent as i64), middle);
    let above = _mm256_cmpgt_epi64(_mm256_xor_si256(starts, middle), latent);
    _mm256_movemask_pd(_mm256_castsi256_pd(above)) as u32
}
