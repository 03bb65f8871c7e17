//! tANS decoding: from bits to bins (wire format section 1.4).
//!
//! The loop is bound by latency: state -> table entry -> number of bits -> position of the next word. So it does as
//! little as it can beside that chain: four states take turns in general registers, one load brings the bits of all
//! four, an entry is one word that is stored whole for the offset pass, and the four bit counts are added as a tree.
//! Counts of tANS bits and of offset bits sit in neighbouring bytes of one word, so one tree adds up both.
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
    let mut offset_bits = 0u64;
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
        let (c0, c1, c2, c3) = (e0.counts(), e1.counts(), e2.counts(), e3.counts());
        let c01 = c0 + c1;
        let c012 = c01 + c2;
        let sum = c01 + (c2 + c3);
        // The low byte of a sum of counts is at most 4 * 14, so a shift by `% 64` drops only the offset bits.
        s0 = e0.next() + tier.low_bits(word, c0);
        s1 = e1.next() + tier.low_bits(word >> (c0 % 64), c1);
        s2 = e2.next() + tier.low_bits(word >> (c01 % 64), c2);
        s3 = e3.next() + tier.low_bits(word >> (c012 % 64), c3);
        *group = [e0, e1, e2, e3];
        position += sum % 256;
        offset_bits += sum / 256;
    }
    *states = [s0 as u32, s1 as u32, s2 as u32, s3 as u32];
    for (symbol, state) in rest.iter_mut().zip(states.iter_mut()) {
        let entry = entries[*state as usize];
        // SAFETY: as above.
        let word = unsafe { load_57(src, position) };
        let counts = entry.counts();
        *state = (entry.next() + tier.low_bits(word, counts)) as u32;
        *symbol = entry;
        position += counts % 256;
        offset_bits += counts / 256;
    }
    *bit = position;
    offset_bits
}

#[cfg(test)]
mod tests;
