//! Nodes are compared as a whole, eight starts in one vector or two.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole nodes"
)]

use std::arch::x86_64::*;

use super::tree::{FANOUT, GROUP_N, Tree};
use crate::dtype::Latent;
use crate::kernels::isa::Avx2;

/// [`Tree::ranks`] of latents of 32 or 64 bits.
#[inline(always)]
pub(super) fn ranks<L: Latent>(
    _: Avx2,
    tree: &Tree<L>,
    latents: &[[L; GROUP_N]],
    ranks: &mut [[u16; GROUP_N]],
) {
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { rank_groups(tree, latents, ranks) };
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn rank_groups<L: Latent>(tree: &Tree<L>, latents: &[[L; GROUP_N]], ranks: &mut [[u16; GROUP_N]]) {
    let nodes = if L::BITS == 64 {
        &tree.signed_nodes
    } else {
        &tree.nodes
    };
    for (latents, ranks) in latents.iter().zip(ranks) {
        *ranks = tree.descend(nodes, latents, |node, latent| n_at_most(node, latent));
    }
}

/// How many starts of a node are at or below a latent.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn n_at_most<L: Latent>(node: &[L; FANOUT], latent: L) -> usize {
    let above = if L::BITS == 64 {
        let (first, second) = node.split_at(FANOUT / 2);
        let latent = _mm256_set1_epi64x(latent.toggled().to_u64() as i64);
        wide_above(first, latent) | wide_above(second, latent) << (FANOUT / 2)
    } else {
        // Narrower starts would not fill the vector.
        assert!(L::BITS == 32);
        // SAFETY: eight starts of 32 bits are a vector.
        let node = unsafe { _mm256_loadu_si256(node.as_ptr().cast()) };
        let latent = _mm256_set1_epi32(latent.to_u64() as i32);
        // There are no comparisons without a sign, but there are minima.
        let at_most = _mm256_cmpeq_epi32(_mm256_min_epu32(node, latent), node);
        !(_mm256_movemask_ps(_mm256_castsi256_ps(at_most)) as u32)
    };
    // Starts are in order, so that those above a latent are the last ones.
    (above | 1 << FANOUT).trailing_zeros() as usize
}

/// Which of four starts of 64 bits with a sign are above a latent with one, a bit each.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
fn wide_above<L: Latent>(starts: &[L], latent: __m256i) -> u32 {
    assert!(L::BITS == 64 && starts.len() == FANOUT / 2);
    // SAFETY: four starts of 64 bits are a vector.
    let starts = unsafe { _mm256_loadu_si256(starts.as_ptr().cast()) };
    let above = _mm256_cmpgt_epi64(starts, latent);
    _mm256_movemask_pd(_mm256_castsi256_pd(above)) as u32
}
