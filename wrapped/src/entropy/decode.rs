//! Building decode tables.

use super::spread_symbols;
use crate::dtype::Latent;
use crate::kernels::tans::{DecodeTable, Entry};

/// Builds the decode table of bins given as `(weight, lower, offset_bits)`, whose weights add up to `2^size_log` and
/// whose offsets are no wider than latents. No bins stand for a single one of zeros: nothing is stored of such a variable, in
/// pages that are no longer than what they state.
pub(crate) fn decode_table<L: Latent>(
    size_log: u32,
    bins: impl ExactSizeIterator<Item = (u32, L, u32)>,
) -> DecodeTable<L> {
    if bins.len() == 0 {
        return DecodeTable::new(0, std::iter::once(Entry::new(L::zero(), 0, 0, 0)));
    }
    let bins: Vec<(u32, L, u32)> = bins.collect();
    let weights: Vec<u32> = bins.iter().map(|&(weight, ..)| weight).collect();
    // A bin's states are numbered from its weight on: the higher the number, the fewer bits complete it.
    let mut numbers = weights.clone();
    let entries = spread_symbols(&weights, size_log)
        .into_iter()
        .map(|symbol| {
            let (_, lower, offset_bits) = bins[usize::from(symbol)];
            let number = &mut numbers[usize::from(symbol)];
            let n_bits = size_log - number.ilog2();
            let next = (*number << n_bits) - (1 << size_log);
            *number += 1;
            Entry::new(lower, offset_bits, next, n_bits)
        });
    DecodeTable::new(size_log, entries)
}
