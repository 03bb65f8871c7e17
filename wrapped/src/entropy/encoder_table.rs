//! The tANS table as the encoder walks it: last symbol first.
//!
//! In state `x` of `size..2 * size`, coding symbol `s` of weight `w` emits the low bits of `x`, as many as leave a
//! number of `w..2 * w`, and goes to the state with that number among those of `s`. How many that is takes one of two
//! neighbouring values, with the limit at a multiple of a power of two; both fit into one added constant
//! (Y. Collet's form of the step, known from FSE).

use super::{N_STATES, spread_symbols};

/// Symbols of one byte.
pub(crate) const N_NARROW: usize = 1 << u8::BITS;

/// How a symbol changes the state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SymbolStep {
    /// Bits to emit in a state `x`: `(x + bits_bias) >> 16`.
    pub(crate) bits_bias: u32,
    /// Added to what is left of the state: an index into the table's successors.
    pub(crate) successor_bias: i32,
}

/// The states that follow each state, and how each symbol finds them.
#[derive(Clone, Debug)]
pub(crate) struct EncoderTable {
    /// The number of states, as a power of two; states count from there.
    pub(crate) size_log: u32,
    /// One a symbol; at least 256, the last of which are no symbols', so that a symbol of one byte is always in.
    pub(crate) steps: Vec<SymbolStep>,
    /// The states of each symbol in ascending order, symbol after symbol.
    pub(crate) successors: Vec<u16>,
}

impl EncoderTable {
    /// Builds the table of weights that add up to `2^size_log`.
    pub(crate) fn new(weights: &[u32], size_log: u32) -> Self {
        let size = 1u32 << size_log;
        let mut steps = Vec::with_capacity(weights.len().max(N_NARROW));
        let mut next_slots = Vec::with_capacity(weights.len());
        let mut first_slot = 0;
        for &weight in weights {
            let fewest_bits = size_log - (2 * weight - 1).ilog2();
            let limit = (2 * weight) << fewest_bits;
            steps.push(SymbolStep {
                bits_bias: ((fewest_bits + 1) << 16) - limit,
                successor_bias: first_slot as i32 - weight as i32,
            });
            next_slots.push(first_slot);
            first_slot += weight;
        }
        let mut successors = vec![0; size as usize];
        for (state, symbol) in spread_symbols(weights, size_log).into_iter().enumerate() {
            let slot = &mut next_slots[usize::from(symbol)];
            successors[*slot as usize] = (size + state as u32) as u16;
            *slot += 1;
        }
        steps.resize(weights.len().max(N_NARROW), SymbolStep::default());
        Self {
            size_log,
            steps,
            successors,
        }
    }

    /// What symbols take, in bits, without the states at their start: those of a page, or some from the middle of it.
    pub(crate) fn coded_bits(&self, symbols: &[u16]) -> u64 {
        let mut states = [self.first_state(); N_STATES];
        let mut bits = 0;
        for group in symbols.chunks(N_STATES).rev() {
            for (state, &symbol) in states.iter_mut().zip(group) {
                let step = self.steps[usize::from(symbol)];
                let n_bits = (*state + step.bits_bias) >> 16;
                let successor = (*state >> n_bits).wrapping_add_signed(step.successor_bias);
                *state = u32::from(self.successors[successor as usize]);
                bits += u64::from(n_bits);
            }
        }
        bits
    }

    /// The state in which an encoder starts; a decoder never checks that it ends there.
    pub(crate) fn first_state(&self) -> u32 {
        1 << self.size_log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of the format, section 1.4, word by word.
    fn plain_step(weights: &[u32], size_log: u32, state: u32, symbol: usize) -> (u32, u32) {
        let weight = weights[symbol];
        let m = size_log - (2 * weight - 1).ilog2();
        let n_bits = m + u32::from(state >= (2 * weight) << m);
        let spread = spread_symbols(weights, size_log);
        let mut slots = (0..spread.len()).filter(|&i| usize::from(spread[i]) == symbol);
        let slot = slots.nth(((state >> n_bits) - weight) as usize).unwrap();
        (n_bits, (1 << size_log) + slot as u32)
    }

    #[test]
    fn steps_follow_the_definition() {
        for (weights, size_log) in [(vec![1, 7, 8], 4), (vec![5, 3], 3), (vec![1, 1], 1)] {
            let table = EncoderTable::new(&weights, size_log);
            for state in 1 << size_log..2 << size_log {
                for (symbol, step) in table.steps.iter().enumerate().take(weights.len()) {
                    let n_bits = (state + step.bits_bias) >> 16;
                    let slot = (state >> n_bits) as i32 + step.successor_bias;
                    let next = u32::from(table.successors[slot as usize]);
                    let expected = plain_step(&weights, size_log, state, symbol);
                    assert_eq!((n_bits, next), expected, "state {state}, symbol {symbol}");
                }
            }
        }
    }
}
