//! tANS decoding: from bits to bins (wire format section 1.4).
//!
//! The loop is bound by latency: state -> table entry -> number of bits -> position of the next word. So it does as
//! little as it can beside that chain: four states take turns in general registers, one load brings the bits of all
//! four, an entry is one word that is stored whole for the offset pass, and bit counts are added as whole words of which
//! only the low byte counts.
#![expect(
    unsafe_code,
    reason = "table look-ups and loads whose bounds are proven once a batch"
)]

mod table;

pub(crate) use table::{DecodeTable, Entry};

use super::isa::Tier;
use super::load::{assert_loadable, load_57};
use crate::dtype::Latent;

/// Decodes `out.len()` symbols from `src` at `*bit` on and leaves their table entries in `out`; symbol `i` uses state
/// `i % 4`. Moves `*bit` behind the symbols' bits and returns the sum of their offset bits.
///
/// `src` has to be 16 bytes longer than `out.len() * size_log` bits from `*bit` on.
#[inline(always)]
pub(crate) fn decode<S: Tier, L: Latent>(
    tier: S,
    table: &DecodeTable<L>,
    src: &[u8],
    bit: &mut u64,
    states: &mut [u32; 4],
    out: &mut [Entry<L>],
) -> u64 {
    let n_bits = out.len() as u64 * u64::from(table.size_log());
    assert_loadable(src, *bit, n_bits);
    assert!(
        states.iter().all(|&state| (state as usize) < table.len()),
        "state outside its table"
    );

    let entries = table.entries();
    let mut position = *bit;
    let [mut s0, mut s1, mut s2, mut s3] = states.map(u64::from);
    let (groups, rest) = out.as_chunks_mut::<4>();
    for group in groups {
        // SAFETY: a state is below the table's length: checked above for the first, and `DecodeTable` holds only
        // entries whose next state is, whatever the bits.
        let [e0, e1, e2, e3] = unsafe {
            [
                *entries.get_unchecked(s0 as usize),
                *entries.get_unchecked(s1 as usize),
                *entries.get_unchecked(s2 as usize),
                *entries.get_unchecked(s3 as usize),
            ]
        };
        // SAFETY: each symbol takes at most `size_log` bits, for all of which `src` was asserted to be loadable.
        let word = unsafe { load_57(src, position) };
        // Four counts of at most 14 add up inside the low byte; what is above is cut off where it matters.
        let (w0, w1, w2, w3) = (e0.word(), e1.word(), e2.word(), e3.word());
        let w01 = w0.wrapping_add(w1);
        let w012 = w01.wrapping_add(w2);
        let sum = w01.wrapping_add(w2.wrapping_add(w3));
        s0 = e0.next() + tier.low_bits(word, w0);
        s1 = e1.next() + tier.low_bits(word >> (w0 % 64), w1);
        s2 = e2.next() + tier.low_bits(word >> (w01 % 64), w2);
        s3 = e3.next() + tier.low_bits(word >> (w012 % 64), w3);
        *group = [e0, e1, e2, e3];
        position += sum % 256;
    }
    *states = [s0 as u32, s1 as u32, s2 as u32, s3 as u32];
    for (symbol, state) in rest.iter_mut().zip(states.iter_mut()) {
        let entry = entries[*state as usize];
        // SAFETY: as above.
        let word = unsafe { load_57(src, position) };
        *state = (entry.next() + tier.low_bits(word, entry.word())) as u32;
        *symbol = entry;
        position += entry.word() % 256;
    }
    *bit = position;
    // A loop of its own, since this one is made of vector instructions.
    out.iter().map(|entry| u64::from(entry.offset_bits())).sum()
}

#[cfg(test)]
mod tests;
