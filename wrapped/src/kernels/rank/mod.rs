//! Ranks: which of some sorted starts is the last at or below each latent.
//!
//! There are three ways: starts in registers (`registers.rs`), by a table of keys (`table.rs`), and as a tree of nodes
//! (`tree.rs`), which is there for any starts.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod registers;
mod scalar;
mod table;
mod tree;

#[cfg(target_arch = "x86_64")]
use registers::Registers;
use table::Table;
use tree::Tree;

#[cfg(target_arch = "x86_64")]
use super::isa::Known;
use super::isa::{Isa, Tier};
use crate::dtype::Latent;

/// Sorted starts, to find ranks by.
pub(crate) struct Starts<L>(Way<L>);

/// How.
enum Way<L> {
    #[cfg(target_arch = "x86_64")]
    Registers(Registers<L>),
    Table(Table<L>),
    Tree(Tree<L>),
}

impl<L: Latent> Starts<L> {
    /// Takes starts in order: at least one, at most 2^16. Ranks are found fastest at the tier `isa`.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(
            unused_variables,
            reason = "other processors have no tier of their own"
        )
    )]
    pub(crate) fn new(isa: Isa, starts: &[L]) -> Self {
        let table = Table::new(starts);
        #[cfg(target_arch = "x86_64")]
        if table.as_ref().is_none_or(|table| table.n_tried() > 1)
            && let Known::Avx512(isa) = isa.known()
            && let Some(registers) = Registers::new(isa, starts)
        {
            return Self(Way::Registers(registers));
        }
        Self(match table {
            Some(table) => Way::Table(table),
            None => Way::Tree(Tree::new(starts)),
        })
    }

    /// Writes the place of the last start at or below each latent; the first start is at or below all.
    #[inline(always)]
    pub(crate) fn ranks<S: Tier>(&self, tier: S, latents: &[L], ranks: &mut [u16]) {
        match &self.0 {
            #[cfg(target_arch = "x86_64")]
            Way::Registers(registers) => registers.ranks(latents, ranks),
            Way::Table(table) => table.ranks(latents, ranks),
            Way::Tree(tree) => tree.ranks(tier, latents, ranks),
        }
    }
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
        for n_starts in [1, 2, 7, 8, 9, 32, 33, 63, 64, 65, 200, 500, 1000, 1030] {
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
                let mut ways = vec![Starts(Way::Tree(Tree::new(&starts)))];
                ways.extend(Table::new(&starts).map(|table| Starts(Way::Table(table))));
                ways.extend(
                    Isa::available()
                        .into_iter()
                        .map(|isa| Starts::new(isa, &starts)),
                );
                for starts in ways {
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
