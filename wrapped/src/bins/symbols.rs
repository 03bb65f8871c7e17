//! The bin of each latent, found as fast as what is known of the latents allows.

use super::counts::Counts;
use super::histogram::Slot;
use crate::dtype::Latent;
use crate::spare::Spare;

/// How the symbols of a chunk's latents are found.
#[derive(Clone, Debug)]
pub(crate) enum Symbols<L> {
    /// There is only one.
    One,
    /// A table over a narrow range.
    Table { min: L, symbols: Vec<u16> },
    /// The same of up to 256 symbols: half as much of the caches.
    NarrowTable { min: L, symbols: Vec<u8> },
    /// The slots of all latents are known, and the bin of each slot.
    Slots {
        slot_of: Spare<u16>,
        symbols: Vec<u16>,
    },
    /// By bisection of the smallest latents of the bins.
    Search { lowers: Vec<L> },
}

impl<L: Latent> Symbols<L> {
    /// For latents that were counted, in bins in order.
    pub(crate) fn of_counts(counts: &Counts<L>, bins: &[Slot<L>]) -> Self {
        let min = counts.min;
        let len = counts.counts.len();
        if bins.len() <= 1 << u8::BITS {
            let symbols = table(min, len, bins, |symbol| symbol as u8);
            return Self::NarrowTable { min, symbols };
        }
        let symbols = table(min, len, bins, |symbol| symbol as u16);
        Self::Table { min, symbols }
    }

    /// For latents whose slots are known, merged into bins in order.
    pub(crate) fn of_slots(slot_of: Spare<u16>, slots: &[Slot<L>], bins: &[Slot<L>]) -> Self {
        let mut symbol = 0;
        let symbols = slots.iter().map(|slot| {
            while bins[symbol].upper < slot.lower {
                symbol += 1;
            }
            symbol as u16
        });
        Self::Slots {
            symbols: symbols.collect(),
            slot_of,
        }
    }

    /// Writes the symbols of latents, which are all those of the chunk from place `start` on.
    #[inline(always)]
    pub(crate) fn find(&self, latents: &[L], start: usize, found: &mut [u16]) {
        match self {
            Self::One => found.fill(0),
            Self::Table { min, symbols } => {
                for (symbol, &latent) in found.iter_mut().zip(latents) {
                    *symbol = symbols[(latent - *min).to_u64() as usize];
                }
            }
            Self::NarrowTable { min, symbols } => {
                for (symbol, &latent) in found.iter_mut().zip(latents) {
                    *symbol = u16::from(symbols[(latent - *min).to_u64() as usize]);
                }
            }
            Self::Slots { slot_of, symbols } => {
                let slots = &slot_of[start..start + latents.len()];
                for (symbol, &slot) in found.iter_mut().zip(slots) {
                    *symbol = symbols[usize::from(slot)];
                }
            }
            Self::Search { lowers } => {
                for (symbol, &latent) in found.iter_mut().zip(latents) {
                    *symbol = last_at_most(lowers, latent);
                }
            }
        }
    }
}

/// The symbol of each latent of a range, from its least on.
fn table<L: Latent, S: Copy + Default>(
    min: L,
    len: usize,
    bins: &[Slot<L>],
    to_symbol: impl Fn(usize) -> S,
) -> Vec<S> {
    let mut symbols = vec![S::default(); len];
    for (symbol, bin) in bins.iter().enumerate() {
        let place = |latent: L| (latent - min).to_u64() as usize;
        symbols[place(bin.lower)..=place(bin.upper)].fill(to_symbol(symbol));
    }
    symbols
}

/// The last place whose value is at most `latent`; the first one is.
#[inline(always)]
fn last_at_most<L: Latent>(lowers: &[L], latent: L) -> u16 {
    let (mut first, mut n) = (0, lowers.len());
    while n > 1 {
        let half = n / 2;
        if lowers[first + half] <= latent {
            first += half;
        }
        n -= half;
    }
    first as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latent_is_in_the_last_bin_that_starts_before_it() {
        let lowers = vec![3u8, 10, 255];
        let latents = [3, 9, 10, 254, 255];
        let mut symbols = [0; 5];
        Symbols::Search { lowers }.find(&latents, 0, &mut symbols);
        assert_eq!(symbols, [0, 0, 1, 1, 2]);
    }
}
