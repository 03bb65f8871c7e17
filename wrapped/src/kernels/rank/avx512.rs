//! Nodes are compared as a whole, eight starts at once.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole nodes"
)]

use std::arch::x86_64::*;

use super::tree::{FANOUT, GROUP_N, Tree};
use crate::dtype::Latent;
use crate::kernels::isa::Avx512;

/// [`Tree::ranks`] of latents of 32 or 64 bits.
#[inline(always)]
pub(super) fn ranks<L: Latent>(
    _: Avx512,
    tree: &Tree<L>,
    latents: &[[L; GROUP_N]],
    ranks: &mut [[u16; GROUP_N]],
) {
    // SAFETY: an `Avx512` exists only where the CPU has these features.
    unsafe { rank_groups(tree, latents, ranks) };
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn rank_groups<L: Latent>(tree: &Tree<L>, latents: &[[L; GROUP_N]], ranks: &mut [[u16; GROUP_N]]) {
    for (latents, ranks) in latents.iter().zip(ranks) {
        *ranks = tree.descend(&tree.nodes, latents, |node, latent| n_at_most(node, latent));
    }
}

/// How many starts of a node are at or below a latent.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn n_at_most<L: Latent>(node: &[L; FANOUT], latent: L) -> usize {
    // Narrower starts would not fill the vectors.
    assert!(L::BITS >= 32);
    let node = node.as_ptr();
    let at_most = if L::BITS == 64 {
        // SAFETY: eight starts of 64 bits are a vector.
        let node = unsafe { _mm512_loadu_si512(node.cast()) };
        _mm512_cmple_epu64_mask(node, _mm512_set1_epi64(latent.to_u64() as i64))
    } else {
        // SAFETY: eight starts of 32 bits are half a vector.
        let node = unsafe { _mm256_loadu_si256(node.cast()) };
        _mm256_cmple_epu32_mask(node, _mm256_set1_epi32(latent.to_u64() as i32))
    };
    // Starts are in order, so that those at or below a latent are the first ones.
    at_most.trailing_ones() as usize
}
