//! The size of a tANS table, by trial where counts alone do not tell.
//!
//! What a symbol costs depends on the state that the one before left. In a sequence without order that evens out; in a
//! counter or a code it does not, and a table of another size can be a few per cent better.

use std::ops::Range;

use crate::entropy::{
    EncoderTable, N_STATES, best_weights, bits_of_one, quantize_weights, symbol_bits, table_bits,
};

/// Symbols of a trial, from the middle of the chunk, at most.
const MAX_TRIED_N: usize = 1 << 11;
/// And the part of all symbols that they are, at most.
const TRIED_PART: usize = 4;
/// So few latents are tried whole: a byte counts.
pub(crate) const MAX_FEW: usize = 1 << 8;
/// Few symbols, whose tables are tried in every size.
const MAX_FEW_SYMBOLS: usize = 8;
/// Of fewer latents, a trial says nothing.
const MIN_N: usize = 1 << 11;
/// The part of all bits that symbols have to take to be worth a trial.
const MIN_SYMBOL_SHARE: f64 = 0.25;
/// How far symbols with an order are from what they take without one, as a part of that; few symbols can hide it.
const ORDERED: f64 = 0.002;
/// What another table has to save of that: less is chance.
const MIN_SAVED: f64 = 0.002;
/// Bits of a trial that says something, at least: in few of rare symbols there is no order.
const MIN_TRIED_BITS: f64 = 256.0;
/// How much more than the least a table may take without an order: not all of a chunk is as what was tried.
const TOLERATED: f64 = 1.005;
/// The same of few latents, in bits, with what the table takes.
const TOLERATED_BITS: f64 = 8.0;
/// The smallest table that is tried for many latents.
const MIN_TRIED_LOG: u32 = 5;

/// The table of a latent variable.
#[derive(Debug)]
pub(super) struct Weighted {
    /// Of each symbol.
    pub(super) weights: Vec<u32>,
    pub(super) table: EncoderTable,
    /// What all symbols take, in bits.
    pub(super) bits: f64,
}

/// The table of up to `2^max_size_log` states that codes symbols of these counts best; `offset_bits` are those of all
/// their latents, and `symbols_of` tells the symbols of some places.
pub(super) fn weighted(
    counts: &[u32],
    max_size_log: u32,
    offset_bits: u64,
    symbols_of: impl Fn(Range<usize>) -> Vec<u16>,
) -> Weighted {
    let n = counts.iter().sum::<u32>() as usize;
    let by_counts = best_weights(counts, max_size_log, offset_bits);
    let size_log = by_counts.1;
    let bits = symbol_bits(counts, &by_counts.0, size_log);
    let best = Weighted::new(by_counts, bits);
    let is_few = n <= MAX_FEW;
    let is_worth_it = n >= MIN_N && bits >= MIN_SYMBOL_SHARE * (bits + offset_bits as f64);
    if counts.len() <= 1 || !is_few && !is_worth_it {
        return best;
    }
    let smallest = counts.len().next_power_of_two().ilog2();
    let largest = max_size_log.max(smallest);
    if is_few {
        let sizes = if counts.len() <= MAX_FEW_SYMBOLS {
            smallest..=largest
        } else {
            size_log.saturating_sub(1).max(smallest)..=(size_log + 1).min(largest)
        };
        let symbols = symbols_of(0..n);
        let mut best = least_by_trial(best, counts, sizes, 1.0, &symbols);
        best.bits = best.table.coded_bits(&symbols) as f64;
        return best;
    }
    // States take turns: a trial begins where the first one does.
    let tried_n = MAX_TRIED_N.min(n / TRIED_PART);
    let start = ((n - tried_n) / 2) & !(N_STATES - 1);
    let symbols = symbols_of(start..start + tried_n);
    let without_order = best.without_order(&symbols);
    let difference = best.table.coded_bits(&symbols) as f64 - without_order;
    let is_ordered = counts.len() <= MAX_FEW_SYMBOLS || difference.abs() >= ORDERED * without_order;
    if without_order < MIN_TRIED_BITS || !is_ordered {
        return best;
    }
    let sizes = smallest.max(MIN_TRIED_LOG)..=largest;
    let share = tried_n as f64 / n as f64;
    let mut best = least_by_trial(best, counts, sizes, share, &symbols);
    best.bits *= best.table.coded_bits(&symbols) as f64 / best.without_order(&symbols);
    best
}

/// The table of these sizes, or the one that is known, that codes these symbols, a share of all, best.
fn least_by_trial(
    known: Weighted,
    counts: &[u32],
    sizes: impl Iterator<Item = u32>,
    share: f64,
    symbols: &[u16],
) -> Weighted {
    let mut least = known.tried(symbols, share);
    let known_log = known.table.size_log;
    let max = if share < 1.0 {
        least * (1.0 - MIN_SAVED)
    } else {
        least
    };
    // What all symbols take is off its mean by little.
    let max_ideal = if share < 1.0 {
        known.bits * TOLERATED
    } else {
        known.ideal() + TOLERATED_BITS
    };
    let mut best = known;
    for size_log in sizes.filter(|&size_log| size_log != known_log) {
        let weights = quantize_weights(counts, size_log);
        // Common factors make a table that was tried already.
        if weights.1 != size_log {
            continue;
        }
        let bits = symbol_bits(counts, &weights.0, size_log);
        let of_table = if share < 1.0 {
            0.0
        } else {
            table_bits(counts.len(), size_log)
        };
        if bits + of_table > max_ideal {
            continue;
        }
        let other = Weighted::new(weights, bits);
        let tried = other.tried(symbols, share);
        if tried < least && tried < max {
            (least, best) = (tried, other);
        }
    }
    best
}

impl Weighted {
    fn new((weights, size_log): (Vec<u32>, u32), bits: f64) -> Self {
        Self {
            table: EncoderTable::new(&weights, size_log),
            weights,
            bits,
        }
    }

    /// What all symbols and the table take without an order, in bits.
    fn ideal(&self) -> f64 {
        self.bits + table_bits(self.weights.len(), self.table.size_log)
    }

    /// What these symbols take without an order, in bits.
    fn without_order(&self, symbols: &[u16]) -> f64 {
        let costs: Vec<f64> = self
            .weights
            .iter()
            .map(|&weight| bits_of_one(weight, self.table.size_log))
            .collect();
        symbols
            .iter()
            .map(|&symbol| costs[usize::from(symbol)])
            .sum()
    }

    /// Bits of these symbols, and their share of weights in the metadata and of states that a page begins with.
    fn tried(&self, symbols: &[u16], share: f64) -> f64 {
        let of_table = table_bits(self.weights.len(), self.table.size_log);
        self.table.coded_bits(symbols) as f64 + of_table * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter modulo 6 whose wraps are one symbol and whose steps are the other.
    #[test]
    fn an_order_finds_its_table() {
        let symbols: Vec<u16> = (0..60_000).map(|i| u16::from(i % 6 != 5)).collect();
        let counts = [10_000, 50_000];
        let found = weighted(&counts, 12, 0, |places| symbols[places].to_vec());
        let all = |weighted: &Weighted| weighted.table.coded_bits(&symbols);
        for size_log in 5..=12 {
            let other = Weighted::new(quantize_weights(&counts, size_log), 0.0);
            assert!(
                all(&found) as f64 <= all(&other) as f64 * 1.001,
                "2^{size_log}: {} instead of {} bits",
                all(&found),
                all(&other)
            );
        }
        assert!((found.bits - all(&found) as f64).abs() < 0.01 * found.bits);
    }

    #[test]
    fn few_symbols_are_tried_whole() {
        let symbols: Vec<u16> = (0..60).map(|i| u16::from(i % 7 == 3)).collect();
        let found = weighted(&[51, 9], 6, 0, |places| symbols[places].to_vec());
        assert_eq!(found.bits, found.table.coded_bits(&symbols) as f64);
    }
}
