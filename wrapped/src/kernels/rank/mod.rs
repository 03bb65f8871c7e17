//! Ranks: which of some sorted starts is the last at or below each latent.
//!
//! A tree of nodes that are one vector each: where a vector compares eight starts with a latent at once, three loads
//! find one of 512. Elsewhere a node is bisected. Which way it goes, nobody can predict: there are no branches.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use super::isa::{Isa, Tier};
use crate::dtype::Latent;

/// Starts of a node.
const FANOUT: usize = 8;
/// Latents that are on their way down the tree together, so that their loads overlap.
const GROUP_N: usize = 8;

/// Sorted starts as a tree.
pub(crate) struct Starts<L> {
    /// From the root down; the last one holds all starts, eight a node, each one above it the first starts of the nodes
    /// below. What is missing in the last node is the largest latent.
    levels: Vec<Vec<[L; FANOUT]>>,
    /// The place of the last start.
    last: u16,
}

impl<L: Latent> Starts<L> {
    /// Takes starts in order: at least one, at most 2^16.
    pub(crate) fn new(starts: &[L]) -> Self {
        let last = u16::try_from(starts.len() - 1).expect("no more starts than ranks");
        let mut levels = vec![nodes(starts)];
        while let [level, ..] = &levels[..]
            && level.len() > 1
        {
            let firsts: Vec<L> = level.iter().map(|node| node[0]).collect();
            levels.insert(0, nodes(&firsts));
        }
        Self { levels, last }
    }

    /// Writes the place of the last start at or below each latent; the first start is at or below all.
    #[inline(always)]
    pub(crate) fn ranks<S: Tier>(&self, tier: S, latents: &[L], ranks: &mut [u16]) {
        let (groups, rest) = latents.as_chunks::<GROUP_N>();
        let (rank_groups, rank_rest) = ranks.as_chunks_mut::<GROUP_N>();
        match tier.isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(tier) if L::BITS >= 32 => avx512::ranks(tier, self, groups, rank_groups),
            _ => scalar::ranks(self, groups, rank_groups),
        }
        for (&latent, rank) in rest.iter().zip(rank_rest) {
            scalar::ranks(
                self,
                &[[latent]],
                std::slice::from_mut(rank).as_chunks_mut().0,
            );
        }
    }

    /// Goes down the tree with some latents, by the place of the last start at or below one in a node.
    #[inline(always)]
    fn descend<const N: usize>(
        &self,
        latents: &[L; N],
        last_in_node: impl Fn(&[L; FANOUT], L) -> usize,
    ) -> [u16; N] {
        let mut places = [0; N];
        for level in &self.levels {
            for (place, &latent) in places.iter_mut().zip(latents) {
                // The largest latent goes on to what is missing.
                let node = (*place).min(level.len() - 1);
                *place = node * FANOUT + last_in_node(&level[node], latent);
            }
        }
        places.map(|place| place.min(usize::from(self.last)) as u16)
    }
}

fn nodes<L: Latent>(starts: &[L]) -> Vec<[L; FANOUT]> {
    let nodes = starts.chunks(FANOUT).map(|starts| {
        let mut node = [L::max_value(); FANOUT];
        node[..starts.len()].copy_from_slice(starts);
        node
    });
    nodes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::Kernel;

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
                let tree = Starts::new(&starts);
                for n in 0..latents.len().min(40) {
                    for isa in Isa::available() {
                        let latents = &latents[latents.len() - n..];
                        let mut found = vec![0; n];
                        isa.run(Ranks(&tree, latents, &mut found));
                        assert_eq!(found, expected[expected.len() - n..], "{n} of {n_starts}");
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
