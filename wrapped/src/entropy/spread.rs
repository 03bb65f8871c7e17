//! Which state belongs to which symbol.

/// Spreads symbols over the `2^size_log` states of a tANS table: `result[state]` is a symbol, and symbol `s` appears
/// `weights[s]` times. The weights add up to `2^size_log`.
///
/// A stride of about three fifths of the table, which is odd and so visits each state once, keeps the states of a
/// symbol apart (wire format section 1.4).
pub(crate) fn spread_symbols(weights: &[u32], size_log: u32) -> Vec<u16> {
    let size = 1usize << size_log;
    debug_assert_eq!(weights.iter().map(|&w| w as usize).sum::<usize>(), size);
    // 3 * size / 5, made odd.
    let stride = (3 * size / 5) | 1;
    let mut symbols = vec![0; size];
    let mut state = 0;
    for (symbol, &weight) in weights.iter().enumerate() {
        for _ in 0..weight {
            symbols[state] = symbol as u16;
            state = (state + stride) & (size - 1);
        }
    }
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_symbol_has_as_many_states_as_its_weight() {
        for size_log in 0..=14u32 {
            let size = 1u32 << size_log;
            let weights = if size < 4 {
                vec![size]
            } else {
                vec![1, size / 2, size / 2 - 1]
            };
            let symbols = spread_symbols(&weights, size_log);
            for (symbol, &weight) in weights.iter().enumerate() {
                let n = symbols
                    .iter()
                    .filter(|&&s| usize::from(s) == symbol)
                    .count();
                assert_eq!(n, weight as usize, "size_log {size_log}, symbol {symbol}");
            }
        }
    }
}
