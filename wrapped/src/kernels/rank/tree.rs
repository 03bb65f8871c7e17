//! Ranks by a tree of nodes that are one vector each.
//!
//! Where a vector compares eight starts with a latent at once, three loads find one of 512 (two vectors, where they are short).
//! Elsewhere a node is bisected. Which way it goes, nobody can predict: there are no branches.
#![expect(
    unsafe_code,
    reason = "nodes are loaded without a check each, under one of the tree's size"
)]

use super::scalar;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};
use crate::dtype::Latent;
#[cfg(target_arch = "x86_64")]
use crate::kernels::isa::Known;
use crate::kernels::isa::Tier;

/// Starts of a node.
pub(super) const FANOUT: usize = 1 << FANOUT_LOG;
const FANOUT_LOG: u32 = 3;
/// Latents that are on their way down the tree together, so that their loads overlap.
pub(super) const GROUP_N: usize = 8;

/// Sorted starts as a tree.
pub(super) struct Tree<L> {
    /// Level after level, the root first: the children of node `k` are the eight from `8 k + 1` on. Of the last level,
    /// nodes hold all starts; above it, the first ones of their children. What is missing is the largest latent.
    pub(super) nodes: Vec<[L; FANOUT]>,
    /// The same for latents of 64 bits, the order of which has a sign where vectors know no other: with the highest bit
    /// turned over.
    #[cfg(target_arch = "x86_64")]
    pub(super) signed_nodes: Vec<[L; FANOUT]>,
    n_levels: u32,
    /// The place of the last start.
    last: u16,
}

impl<L: Latent> Tree<L> {
    /// Takes starts in order: at least one, at most 2^16.
    pub(super) fn new(starts: &[L]) -> Self {
        let last = u16::try_from(starts.len() - 1).expect("no more starts than ranks");
        let n_levels = starts
            .len()
            .next_power_of_two()
            .ilog2()
            .div_ceil(FANOUT_LOG)
            .max(1);
        let mut nodes = Vec::with_capacity(first_node(n_levels));
        for level in 0..n_levels {
            let step = FANOUT.pow(n_levels - 1 - level);
            let mut firsts = starts.iter().step_by(step);
            for _ in 0..FANOUT.pow(level) {
                nodes.push([(); FANOUT].map(|()| firsts.next().copied().unwrap_or(L::max_value())));
            }
        }
        #[cfg(target_arch = "x86_64")]
        let signed_nodes = match L::BITS {
            64 => nodes.iter().map(|node| node.map(L::toggled)).collect(),
            _ => Vec::new(),
        };
        Self {
            nodes,
            #[cfg(target_arch = "x86_64")]
            signed_nodes,
            n_levels,
            last,
        }
    }

    /// Writes the place of the last start at or below each latent; the first start is at or below all.
    #[inline(always)]
    pub(super) fn ranks<S: Tier>(&self, tier: S, latents: &[L], ranks: &mut [u16]) {
        let (groups, rest) = latents.as_chunks::<GROUP_N>();
        let (rank_groups, rank_rest) = ranks.as_chunks_mut::<GROUP_N>();
        match tier.isa().known() {
            #[cfg(target_arch = "x86_64")]
            Known::Avx512(tier) if L::BITS >= 32 => avx512::ranks(tier, self, groups, rank_groups),
            #[cfg(target_arch = "x86_64")]
            Known::Avx2(tier) if L::BITS >= 32 => avx2::ranks(tier, self, groups, rank_groups),
            _ => scalar::ranks(self, groups, rank_groups),
        }
        scalar::ranks(self, rest.as_chunks::<1>().0, rank_rest.as_chunks_mut().0);
    }

    /// Goes down a tree of nodes, in the form that `n_at_most` counts in: how many starts of one are at or below a latent.
    #[inline(always)]
    pub(super) fn descend<const N: usize>(
        &self,
        nodes: &[[L; FANOUT]],
        latents: &[L; N],
        n_at_most: impl Fn(&[L; FANOUT], L) -> usize,
    ) -> [u16; N] {
        let first = first_node(self.n_levels);
        assert!(nodes.len() == first, "nodes of another tree");
        let mut places = [0; N];
        for _ in 0..self.n_levels {
            for (place, &latent) in places.iter_mut().zip(latents) {
                // SAFETY: nodes of a level are `first_node(level)..first_node(level + 1)`, which is `8 k + 1..8 k + 9` for
                // those `k` of the level above. What is added is at most 8, so that nodes up to the last level are below
                // `first`, as many as there are.
                let node = unsafe { nodes.get_unchecked(*place) };
                // The compiler sees that nothing counts to more.
                *place = *place * FANOUT + n_at_most(node, latent).min(FANOUT);
            }
        }
        // The largest latent goes on to what is missing.
        let rank = |place: usize| place.wrapping_sub(first).min(usize::from(self.last));
        places.map(|place| rank(place) as u16)
    }
}

/// The number of nodes above a level.
fn first_node(level: u32) -> usize {
    (FANOUT.pow(level) - 1) / (FANOUT - 1)
}
