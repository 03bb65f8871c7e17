//! What it saves to know where a value was seen last.

use super::places::N_SEEN;

/// What the places that a value was seen at take off the costs of latents, way by way: each of those that the ways before it
/// left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Savings {
    by_way: [u64; N_SEEN],
    /// What all of them left.
    left: u64,
}

impl Savings {
    /// Adds what latents of a block cost before any place was weighed, and after those of each way.
    pub(super) fn add(&mut self, before: u64, after: &[u64]) {
        let mut left = before;
        for (saved, &after) in self.by_way.iter_mut().zip(after) {
            *saved += left - after;
            left = after;
        }
        self.left += left;
    }

    /// How many ways are worth their time: up to the last one that saves more than next to nothing, and the first in any case.
    /// What no part that was looked at has, only a place where a value was seen can propose.
    pub(super) fn n_worth(&self) -> usize {
        /// The part of all costs that is next to nothing.
        const LITTLE: f64 = 0.0005;
        let little = (self.left as f64 * LITTLE) as u64;
        let last = self.by_way.iter().rposition(|&saved| saved > little);
        last.map_or(1, |last| last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_up_to_the_last_that_saves_are_worth_it() {
        let n_worth = |after: [u64; N_SEEN]| {
            let mut savings = Savings::default();
            savings.add(1_000_000, &after);
            savings.n_worth()
        };
        assert_eq!(n_worth([1_000_000; N_SEEN]), 1);
        assert_eq!(n_worth([900_000; N_SEEN]), 1);
        assert_eq!(n_worth([1_000_000, 1_000_000, 900_000, 899_999]), 3);
        assert_eq!(Savings::default().n_worth(), 1);
    }
}
