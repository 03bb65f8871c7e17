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

pub(crate) use table::{DecodeTable, Entries, Entry, EntrySlice, EntrySliceMut};
use table::{next_state, offset_bits};

use super::isa::Tier;
use super::load::{assert_loadable, load_57};
use crate::dtype::{Latent, Tail};

/// Decodes as many symbols as `out` takes from `src` at `*bit` on and leaves their table entries in `out`; symbol `i` uses state
/// `i % 4`. Moves `*bit` behind the symbols' bits and returns the sum of their offset bits.
///
/// `src` has to be [`LOAD_BYTES`](super::LOAD_BYTES) longer than `size_log` bits a symbol from `*bit` on.
#[inline(always)]
pub(crate) fn decode<S: Tier, L: Latent>(
    tier: S,
    table: &DecodeTable<L>,
    src: &[u8],
    bit: &mut u64,
    states: &mut [u32; 4],
    out: EntrySliceMut<'_, L>,
) -> u64 {
    let EntrySliceMut { words, tails } = out;
    assert_eq!(words.len(), tails.len());
    assert_loadable(src, *bit, words.len() as u64 * u64::from(table.size_log()));
    assert!(
        states.iter().all(|&state| (state as usize) < table.len()),
        "state outside its table"
    );

    let entries = table.entries();
    let mut position = *bit;
    let mut s = states.map(u64::from);
    let (word_groups, word_rest) = words.as_chunks_mut::<4>();
    let (tail_groups, tail_rest) = tails.as_chunks_mut::<4>();
    for (words, tails) in word_groups.iter_mut().zip(tail_groups) {
        // SAFETY: each symbol takes at most `size_log` bits, for all of which `src` was asserted to be loadable.
        let bits = unsafe { load_57(src, position) };
        // SAFETY: a state is below the table's length: checked above for the first, and `DecodeTable` holds only
        // entries whose next state is, whatever the bits.
        let looked_up = s.map(|state| unsafe { look_up(entries, state) });
        let [(w0, t0), (w1, t1), (w2, t2), (w3, t3)] = looked_up.map(|(word, tail)| {
            (
                tier.in_register(word),
                tail.map_word(|w| tier.in_register(w)),
            )
        });
        // Four counts of at most 14 add up inside the low byte; what is above is cut off where it matters.
        let w01 = w0.wrapping_add(w1);
        let w012 = w01.wrapping_add(w2);
        let sum = w01.wrapping_add(w2.wrapping_add(w3));
        s = [
            next_state(w0) + tier.low_bits(bits, w0),
            next_state(w1) + tier.low_bits(bits >> (w0 % 64), w1),
            next_state(w2) + tier.low_bits(bits >> (w01 % 64), w2),
            next_state(w3) + tier.low_bits(bits >> (w012 % 64), w3),
        ];
        *words = [w0, w1, w2, w3];
        *tails = [t0, t1, t2, t3];
        position += sum % 256;
    }
    let rest = word_rest.iter_mut().zip(tail_rest).zip(&mut s);
    for ((word, tail), state) in rest {
        // SAFETY: as above.
        (*word, *tail) = unsafe { look_up(entries, *state) };
        // SAFETY: as above.
        let bits = unsafe { load_57(src, position) };
        *state = next_state(*word) + tier.low_bits(bits, *word);
        position += *word % 256;
    }
    *states = s.map(|state| state as u32);
    *bit = position;
    // A loop of its own, since this one is made of vector instructions.
    words.iter().map(|&word| u64::from(offset_bits(word))).sum()
}

/// A state's entry.
///
/// # Safety
/// `state` is below the number of entries.
#[inline(always)]
unsafe fn look_up<L: Latent>(entries: EntrySlice<'_, L>, state: u64) -> (u64, L::Tail) {
    let state = state as usize;
    // SAFETY: the caller says that the state is in the table.
    let word = unsafe { *entries.words.get_unchecked(state) };
    // SAFETY: a table has as many tails as words.
    let tail = unsafe { *entries.tails.get_unchecked(state) };
    (word, tail)
}

#[cfg(test)]
mod tests;
