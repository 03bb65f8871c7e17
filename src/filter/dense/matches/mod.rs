//! Stretches of words that stood in the page before.
//!
//! J. Ziv and A. Lempel, "A universal algorithm for sequential data compression" (1977), whose unit is one word here. A page is
//! literals, which are words as they are, and sequences, each so many of the literals and then so many words from so far
//! back; what literals are left stand at the end. Where whole stretches come again a sequence costs three small numbers
//! for all of them, where a delta of the engine's costs a symbol for each.

mod expand;
mod find;

use std::hint::select_unpredictable;

pub(super) use expand::expand;
pub(super) use find::{Finder, Found};

/// Distances used last, which are told by their place among them.
#[derive(Clone, Copy, Debug)]
struct Recent([u32; Recent::N as usize]);

impl Recent {
    const N: u32 = 3;

    /// As a page starts.
    fn new() -> Self {
        Self([1, 2, 3])
    }

    /// What stands for a distance: its place, or itself and more than any place.
    fn symbol(&mut self, distance: u32) -> u32 {
        let place = self.0.iter().position(|recent| *recent == distance);
        let symbol = place.map_or(distance + (Self::N - 1), |place| place as u32);
        self.distance(symbol);
        symbol
    }

    /// The distance that a symbol stands for: at least 1. Symbols are hard to foretell, so there is no branch.
    #[inline(always)]
    fn distance(&mut self, symbol: u32) -> u32 {
        let [first, second, third] = self.0;
        let far = symbol.wrapping_sub(Self::N - 1);
        let distance = select_unpredictable(symbol == 2, third, far);
        let distance = select_unpredictable(symbol == 1, second, distance);
        let distance = select_unpredictable(symbol == 0, first, distance);
        let third = select_unpredictable(symbol > 1, second, third);
        let second = select_unpredictable(symbol > 0, first, second);
        self.0 = [distance, second, third];
        distance
    }
}
