//! The bin of each latent, found as fast as what is known of the latents allows.

use bytemuck::Pod;

use super::counts::Counts;
use super::histogram::Slot;
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_NARROW};
use crate::spare::Spare;

/// The place of a bin, of one byte where there are few: half as much of the caches.
pub(crate) trait Symbol: Pod + Into<u16> {
    /// The symbol of a bin, of which there are no more than symbols.
    fn of(bin: usize) -> Self;
}

impl Symbol for u8 {
    fn of(bin: usize) -> Self {
        bin as Self
    }
}

impl Symbol for u16 {
    fn of(bin: usize) -> Self {
        bin as Self
    }
}

/// How the symbols of a chunk's latents are found.
#[derive(Clone, Debug)]
pub(crate) enum Symbols<L> {
    /// There is only one.
    One,
    /// There are no more than [`N_NARROW`].
    Narrow(Finder<L, u8>),
    /// There are more.
    Wide(Finder<L, u16>),
}

/// What finds symbols.
#[derive(Clone, Debug)]
pub(crate) enum Finder<L, S> {
    /// A table over a narrow range.
    Table { min: L, symbols: Vec<S> },
    /// Those of all latents.
    Known(Spare<S>),
    /// By bisection of the smallest latents of the bins.
    Search { lowers: Vec<L> },
}

impl<L: Latent> Symbols<L> {
    /// For latents that were counted, in bins in order.
    pub(crate) fn of_counts(counts: &Counts<L>, bins: &[Slot<L>]) -> Self {
        match bins.len() {
            0 | 1 => Self::One,
            2..=N_NARROW => Self::Narrow(Finder::of_counts(counts, bins)),
            _ => Self::Wide(Finder::of_counts(counts, bins)),
        }
    }

    /// For latents whose slots are known, merged into bins in order.
    pub(crate) fn of_slots(slot_of: &[u16], slots: &[Slot<L>], bins: &[Slot<L>]) -> Self {
        match bins.len() {
            0 | 1 => Self::One,
            2..=N_NARROW => Self::Narrow(Finder::of_slots(slot_of, slots, bins)),
            _ => Self::Wide(Finder::of_slots(slot_of, slots, bins)),
        }
    }

    /// For latents of which nothing but the bins is known.
    pub(crate) fn by_search(bins: &[Slot<L>]) -> Self {
        let lowers = bins.iter().map(|bin| bin.lower).collect();
        match bins.len() {
            0 | 1 => Self::One,
            2..=N_NARROW => Self::Narrow(Finder::Search { lowers }),
            _ => Self::Wide(Finder::Search { lowers }),
        }
    }

    /// The symbols of latents, which are all those of the chunk from place `start` on.
    pub(crate) fn words(&self, latents: &[L], start: usize) -> Vec<u16> {
        match self {
            Self::One => vec![0; latents.len()],
            Self::Narrow(finder) => finder.words(latents, start),
            Self::Wide(finder) => finder.words(latents, start),
        }
    }
}

impl<L: Latent, S: Symbol> Finder<L, S> {
    fn of_counts(counts: &Counts<L>, bins: &[Slot<L>]) -> Self {
        Self::Table {
            min: counts.min,
            symbols: table(counts.min, counts.counts.len(), bins),
        }
    }

    fn of_slots(slot_of: &[u16], slots: &[Slot<L>], bins: &[Slot<L>]) -> Self {
        let mut bin = 0;
        let symbols = slots.iter().map(|slot| {
            while bins[bin].upper < slot.lower {
                bin += 1;
            }
            S::of(bin)
        });
        let symbols: Vec<S> = symbols.collect();
        let mut known = Spare::new(slot_of.len());
        for (known, &slot) in known.iter_mut().zip(slot_of) {
            *known = symbols[usize::from(slot)];
        }
        Self::Known(known)
    }

    /// The symbols of a batch of latents, the first of which is the chunk's `start`-th; `found` has room for them.
    #[inline(always)]
    pub(crate) fn of_batch<'a>(
        &'a self,
        latents: &[L],
        start: usize,
        found: &'a mut [S; BATCH_N],
    ) -> &'a [S] {
        let found = &mut found[..latents.len()];
        match self {
            Self::Known(symbols) => return &symbols[start..start + latents.len()],
            Self::Table { min, symbols } => {
                for (symbol, &latent) in found.iter_mut().zip(latents) {
                    *symbol = symbols[(latent - *min).to_u64() as usize];
                }
            }
            Self::Search { lowers } => {
                for (symbol, &latent) in found.iter_mut().zip(latents) {
                    *symbol = S::of(last_at_most(lowers, latent));
                }
            }
        }
        found
    }

    fn words(&self, latents: &[L], start: usize) -> Vec<u16> {
        let mut found = [S::zeroed(); BATCH_N];
        let mut words = Vec::with_capacity(latents.len());
        for (batch, start) in latents.chunks(BATCH_N).zip((start..).step_by(BATCH_N)) {
            let symbols = self.of_batch(batch, start, &mut found);
            words.extend(symbols.iter().map(|&symbol| symbol.into()));
        }
        words
    }
}

/// The symbol of each latent of a range, from its least on.
fn table<L: Latent, S: Symbol>(min: L, len: usize, bins: &[Slot<L>]) -> Vec<S> {
    let mut symbols = vec![S::zeroed(); len];
    for (bin, range) in bins.iter().enumerate() {
        let place = |latent: L| (latent - min).to_u64() as usize;
        symbols[place(range.lower)..=place(range.upper)].fill(S::of(bin));
    }
    symbols
}

/// The last place whose value is at most `latent`; the first one is.
#[inline(always)]
fn last_at_most<L: Latent>(lowers: &[L], latent: L) -> usize {
    let (mut first, mut n) = (0, lowers.len());
    while n > 1 {
        let half = n / 2;
        if lowers[first + half] <= latent {
            first += half;
        }
        n -= half;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latent_is_in_the_last_bin_that_starts_before_it() {
        let lowers = vec![3u8, 10, 255];
        let latents = [3, 9, 10, 254, 255];
        let narrow = Finder::<u8, u8>::Search {
            lowers: lowers.clone(),
        };
        let wide = Finder::<u8, u16>::Search { lowers };
        assert_eq!(narrow.words(&latents, 0), [0, 0, 1, 1, 2]);
        assert_eq!(wide.words(&latents, 0), [0, 0, 1, 1, 2]);
    }
}
