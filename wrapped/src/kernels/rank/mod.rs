//! Ranks: which of some sorted starts is the last at or below each latent.
//!
//! A tree of nodes that are one vector each: where a vector compares eight starts with a latent at once, three loads
//! find one of 512 (two vectors, where they are short). Elsewhere a node is bisected. Which way it goes, nobody can
//! predict: there are no branches.
#![expect(
    unsafe_code,
    reason = "nodes and starts are loaded without a check each, under one of the tree's size or by ranks of the table's own"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;
mod table;

use table::Table;

#[cfg(target_arch = "x86_64")]
use super::isa::Known;
use super::isa::Tier;
use crate::dtype::Latent;

/// Starts of a node.
const FANOUT: usize = 1 << FANOUT_LOG;
const FANOUT_LOG: u32 = 3;
/// Latents that are on their way down the tree together, so that their loads overlap.
const GROUP_N: usize = 8;

/// Sorted starts, to find ranks by: with a table where there is one, else as a tree.
pub(crate) struct Starts<L> {
    table: Option<Table<L>>,
    /// Level after level, the root first: the children of node `k` are the eight from `8 k + 1` on. Of the last level,
    /// nodes hold all starts; above it, the first ones of their children. What is missing is the largest latent.
    nodes: Vec<[L; FANOUT]>,
    /// The same for latents of 64 bits, the order of which has a sign where vectors know no other: with the highest bit
    /// turned over.
    #[cfg(target_arch = "x86_64")]
    signed_nodes: Vec<[L; FANOUT]>,
    n_levels: u32,
    /// The place of the last start.
    last: u16,
}

impl<L: Latent> Starts<L> {
    /// Takes starts in order: at least one, at most 2^16.
    pub(crate) fn new(starts: &[L]) -> Self {
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
            table: Table::new(starts),
            nodes,
            #[cfg(target_arch = "x86_64")]
            signed_nodes,
            n_levels,
            last,
        }
    }

    /// Writes the place of the last start at or below each latent; the first start is at or below all.
    #[inline(always)]
    pub(crate) fn ranks<S: Tier>(&self, tier: S, latents: &[L], ranks: &mut [u16]) {
        if let Some(table) = &self.table {
            table.ranks(latents, ranks);
            return;
        }
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
    fn descend<const N: usize>(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::{Isa, Kernel};

    struct Ranks<'a, L>(&'a Starts<L>, &'a [L], &'a mut [u16]);

    impl<L: Latent> Kernel for Ranks<'_, L> {
        type Output = ();
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) {
            self.0.ranks(tier, self.1, self.2);
        }
    }

    fn every_tier_finds_the_last_start_below<L: Latent>() {
        for n_starts in [1, 2, 7, 8, 9, 63, 64, 65, 200] {
            for top in [0, 1] {
                let mut starts: Vec<L> = (0..n_starts - 1)
                    .map(|i| L::from_u64(1 + i * i % 251 * 3))
                    .chain([L::max_value() - L::from_u64(top)])
                    .collect();
                starts.sort_unstable();
                starts.dedup();
                let around = |&start: &L| {
                    [
                        start.saturating_sub(L::one()),
                        start,
                        start.saturating_add(L::one()),
                    ]
                };
                let mut latents: Vec<L> = starts.iter().flat_map(around).collect();
                latents.retain(|latent| *latent >= starts[0]);
                let expected: Vec<u16> = latents
                    .iter()
                    .map(|latent| starts.partition_point(|start| start <= latent) as u16 - 1)
                    .collect();
                let tree = Starts {
                    table: None,
                    ..Starts::new(&starts)
                };
                for starts in [tree, Starts::new(&starts)] {
                    for n in 0..latents.len().min(80) {
                        for isa in Isa::available() {
                            let latents = &latents[latents.len() - n..];
                            let mut found = vec![0; n];
                            isa.run(Ranks(&starts, latents, &mut found));
                            assert_eq!(found, expected[expected.len() - n..], "{n} of {n_starts}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn ranks_are_found_at_every_tier() {
        every_tier_finds_the_last_start_below::<u16>();
        every_tier_finds_the_last_start_below::<u32>();
        every_tier_finds_the_last_start_below::<u64>();
    }
}
