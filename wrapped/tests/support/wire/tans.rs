//! tANS encoding as wire format section 1.4 describes it, symbol by symbol.

/// What a symbol adds to the stream: the value and the number of its bits.
pub type Emitted = (u64, u32);

/// The slots of each symbol in the table of `2^size_log` states, ascending.
fn slots(size_log: u32, weights: &[u32]) -> Vec<Vec<u64>> {
    let size = 1u64 << size_log;
    let stride = (3 * size / 5) | 1;
    let mut slots = vec![Vec::new(); weights.len()];
    let mut k = 0;
    for (symbol, &weight) in weights.iter().enumerate() {
        for _ in 0..weight {
            slots[symbol].push((stride * k) & (size - 1));
            k += 1;
        }
    }
    slots.iter_mut().for_each(|slots| slots.sort_unstable());
    slots
}

/// Encodes `symbols` in four interleaved lanes: the state that the decoder starts each lane in, and what each symbol adds,
/// in the order of the symbols. `last_states` are where the decoder ends: free, and never checked.
pub fn encode(
    size_log: u32,
    weights: &[u32],
    symbols: &[usize],
    last_states: [u64; 4],
) -> ([u64; 4], Vec<Emitted>) {
    let size = 1u64 << size_log;
    let slots = slots(size_log, weights);
    let mut states = last_states.map(|index| size + index);
    let mut emitted = vec![(0, 0); symbols.len()];
    for (i, &symbol) in symbols.iter().enumerate().rev() {
        let state = &mut states[i % 4];
        let weight = u64::from(weights[symbol]);
        // As many bits as bring the state into weight..2 * weight.
        let n_bits = (0..)
            .find(|&n_bits| *state >> n_bits < 2 * weight)
            .expect("a state shrinks to 0");
        emitted[i] = (*state & super::mask(n_bits), n_bits);
        *state = size + slots[symbol][(*state >> n_bits) as usize - weight as usize];
    }
    (states.map(|state| state - size), emitted)
}
