//! Counts of symbols, rounded to weights that add up to a power of two.
//!
//! A symbol of count `c` and weight `w` costs `-c * log2(w / size)` bits. That is convex in the weights, so handing
//! out the states one by one, each to the symbol that saves most by it, finds the best integers. Almost all states go
//! where proportion says; only the last few are handed out so.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::N_STATES;
use super::cost::log2;

/// Weights of at least 1 that add up to `2^size_log`, and that `size_log`: at most the one that is asked for, since
/// common factors of two are taken out. `counts` are positive and at most `2^size_log` in number.
pub(crate) fn quantize_weights(counts: &[u32], size_log: u32) -> (Vec<u32>, u32) {
    let size = 1u64 << size_log;
    debug_assert!(counts.len() as u64 <= size);
    if counts.len() <= 1 {
        return (vec![1; counts.len()], 0);
    }
    let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let mut weights: Vec<u32> = counts
        .iter()
        .map(|&count| (u64::from(count) * size / total).max(1) as u32)
        .collect();
    let sum: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    // A proportional share can be too many where rare symbols take their one state out of the others' shares; so what
    // is missing is handed out only after some of every large share was taken back.
    let margin = counts.len() as u64;
    let taken_back = sum.saturating_sub(size.saturating_sub(margin));
    take_back(
        counts,
        &mut weights,
        taken_back.min(sum - counts.len() as u64),
    );
    let sum: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    hand_out(counts, &mut weights, size - sum);
    let common = weights
        .iter()
        .fold(0, |bits, weight| bits | weight)
        .trailing_zeros();
    weights.iter_mut().for_each(|weight| *weight >>= common);
    (weights, size_log - common)
}

/// The smallest table that codes nearly as well as the best, of up to `2^max_size_log` entries: its weights and the
/// logarithm of its size. What a larger one costs in metadata counts too; `offset_bits` are those of all symbols.
pub(crate) fn best_weights(counts: &[u32], max_size_log: u32, offset_bits: u64) -> (Vec<u32>, u32) {
    /// What a smaller table, which decodes faster, may cost, as a part of all bits.
    const TOLERANCE: f64 = 0.001;
    /// Tables that are not made smaller where many bits are coded: what symbols cost there depends on their order, too.
    const LEAST_LOG_OF_MANY: u32 = 8;
    /// Those are many.
    const MANY_BITS: f64 = 4096.0;
    let mut smallest = counts.len().next_power_of_two().ilog2();
    let mut best = quantize_weights(counts, max_size_log.max(smallest));
    let mut least = coded_bits(counts, &best.0, best.1);
    if least > MANY_BITS {
        smallest = smallest.max(LEAST_LOG_OF_MANY);
    }
    let tolerated = (least + offset_bits as f64) * TOLERANCE;
    while best.1 > smallest {
        let smaller = quantize_weights(counts, best.1 - 1);
        let bits = coded_bits(counts, &smaller.0, smaller.1);
        if bits > least + tolerated {
            break;
        }
        least = least.min(bits);
        best = smaller;
    }
    best
}

/// Bits of all symbols, and of what comes with their table.
fn coded_bits(counts: &[u32], weights: &[u32], size_log: u32) -> f64 {
    symbol_bits(counts, weights, size_log) + table_bits(counts.len(), size_log)
}

/// Bits of all symbols, whatever their order.
pub(crate) fn symbol_bits(counts: &[u32], weights: &[u32], size_log: u32) -> f64 {
    let symbols = counts.iter().zip(weights);
    let bits = symbols.map(|(&count, &weight)| f64::from(count) * bits_of_one(weight, size_log));
    bits.sum()
}

/// Bits of a symbol of this weight.
pub(crate) fn bits_of_one(weight: u32, size_log: u32) -> f64 {
    f64::from(size_log) - log2(f64::from(weight))
}

/// Bits of the weights in the metadata, and of the states that a page begins with.
pub(crate) fn table_bits(n_symbols: usize, size_log: u32) -> f64 {
    ((n_symbols + N_STATES) as u32 * size_log) as f64
}

/// A symbol whose weight could change, ordered by what that saves; among equals the first symbol wins.
struct Candidate {
    saved: f64,
    symbol: usize,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_saving = self.saved.total_cmp(&other.saved);
        by_saving.then(other.symbol.cmp(&self.symbol))
    }
}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Candidate {}

/// Raises weights, `n` times by one.
fn hand_out(counts: &[u32], weights: &mut [u32], n: u64) {
    let saved = |symbol: usize, weight: u32| {
        f64::from(counts[symbol]) * log2(f64::from(weight + 1) / f64::from(weight))
    };
    let mut candidates: BinaryHeap<_> = weights
        .iter()
        .enumerate()
        .map(|(symbol, &weight)| Candidate {
            saved: saved(symbol, weight),
            symbol,
        })
        .collect();
    for _ in 0..n {
        let mut best = candidates.peek_mut().expect("there are symbols");
        let symbol = best.symbol;
        weights[symbol] += 1;
        best.saved = saved(symbol, weights[symbol]);
    }
}

/// Lowers weights above 1, `n` times by one.
fn take_back(counts: &[u32], weights: &mut [u32], n: u64) {
    let saved = |symbol: usize, weight: u32| match weight {
        1 => f64::NEG_INFINITY,
        weight => f64::from(counts[symbol]) * log2(f64::from(weight - 1) / f64::from(weight)),
    };
    let mut candidates: BinaryHeap<_> = weights
        .iter()
        .enumerate()
        .map(|(symbol, &weight)| Candidate {
            saved: saved(symbol, weight),
            symbol,
        })
        .collect();
    for _ in 0..n {
        let mut best = candidates.peek_mut().expect("there are symbols");
        let symbol = best.symbol;
        weights[symbol] -= 1;
        best.saved = saved(symbol, weights[symbol]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(counts: &[u32], weights: &[u32], size_log: u32) -> f64 {
        let pairs = counts.iter().zip(weights);
        pairs
            .map(|(&c, &w)| f64::from(c) * (f64::from(size_log) - f64::from(w).log2()))
            .sum()
    }

    #[test]
    fn weights_add_up_whatever_the_counts() {
        for counts in [
            vec![1, 1_000_000],
            vec![1; 16],
            vec![1, 1, 1, 16_000_000],
            vec![3, 5, 7, 11, 13],
            (1..=16).collect(),
        ] {
            for size_log in 4..=14 {
                let (weights, size_log) = quantize_weights(&counts, size_log);
                assert!(weights.iter().all(|&w| w > 0), "{counts:?}");
                assert_eq!(weights.iter().sum::<u32>(), 1 << size_log, "{counts:?}");
            }
        }
    }

    #[test]
    fn no_exchange_of_one_state_is_better() {
        let counts = [1, 2, 3, 50, 700, 10_000, 9];
        for size_log in 3..=12 {
            let (weights, size_log) = quantize_weights(&counts, size_log);
            let best = cost(&counts, &weights, size_log);
            for from in 0..counts.len() {
                for to in 0..counts.len() {
                    let mut other = weights.clone();
                    if from == to || other[from] == 1 {
                        continue;
                    }
                    other[from] -= 1;
                    other[to] += 1;
                    assert!(cost(&counts, &other, size_log) >= best - 1e-9);
                }
            }
        }
    }

    #[test]
    fn common_factors_of_two_are_taken_out() {
        assert_eq!(quantize_weights(&[5, 5, 5, 5], 10), (vec![1; 4], 2));
        assert_eq!(quantize_weights(&[7], 10), (vec![1], 0));
    }
}
