//! tANS decoding: from bits to bins (wire format section 1.4).
//!
//! The loop is bound by latency: state -> table entry -> number of bits -> position of the next word. So it does as
//! little as it can beside that chain: four states take turns in general registers, one load brings the bits of all
//! four, an entry is copied whole for the offset pass, and bit counts are added as whole words of which only the low
//! bytes count.
#![expect(
    unsafe_code,
    reason = "table look-ups and loads whose bounds are proven once a batch"
)]

mod table;

use table::next_place;
pub(crate) use table::{DecodeTable, Entry};

use super::isa::Tier;
use super::load::{assert_loadable, load_57};
use crate::dtype::Latent;

/// Symbols that are to be decoded: as many as `out` takes. Symbol `i` uses state `i % 4`.
pub(crate) struct SymbolJob<'a, L: Latent, O = Entry<L>> {
    pub(crate) table: &'a DecodeTable<L>,
    /// Where their bits start, and afterwards where these end.
    pub(crate) bit: &'a mut u64,
    pub(crate) states: &'a mut [u32; 4],
    /// Takes the table entry of each, or the lower bound of its bin.
    pub(crate) out: &'a mut [O],
}

/// Decodes symbols and returns the sum of their offset bits.
///
/// `src` has to be [`LOAD_BYTES`](super::LOAD_BYTES) longer than `size_log` bits a symbol from `job.bit` on.
#[inline(always)]
pub(crate) fn decode<S: Tier, L: Latent, O: FromEntry<L>>(
    tier: S,
    src: &[u8],
    job: SymbolJob<'_, L, O>,
) -> u64 {
    let mut decoder = Decoder::new(src, &job);
    // SAFETY: as many symbols as the decoder was made for.
    unsafe { decoder.decode(tier, job.out) };
    decoder.finish(job.bit, job.states)
}

/// Decodes as many symbols of two streams in turn, under the terms of [`decode`], so that each waits under the other one.
#[inline(always)]
pub(crate) fn decode_two<S: Tier, L: Latent, O: FromEntry<L>>(
    tier: S,
    [src, other_src]: [&[u8]; 2],
    [job, other_job]: [SymbolJob<'_, L, O>; 2],
) {
    assert_eq!(job.out.len(), other_job.out.len());
    let mut decoder = Decoder::new(src, &job);
    let mut other = Decoder::new(other_src, &other_job);
    let (groups, rest) = job.out.as_chunks_mut::<4>();
    let (other_groups, other_rest) = other_job.out.as_chunks_mut::<4>();
    for (group, other_group) in groups.iter_mut().zip(other_groups) {
        // SAFETY: no more symbols than the decoder was made for.
        unsafe { decoder.decode_group(tier, group) };
        // SAFETY: as above.
        unsafe { other.decode_group(tier, other_group) };
    }
    // SAFETY: with the groups, as many symbols as the decoder was made for.
    unsafe { decoder.decode(tier, rest) };
    // SAFETY: as above.
    unsafe { other.decode(tier, other_rest) };
    decoder.finish(job.bit, job.states);
    other.finish(other_job.bit, other_job.states);
}

/// The registers of the loop.
pub(super) struct Decoder<'a, L: Latent> {
    src: &'a [u8],
    entries: &'a [Entry<L>],
    /// The states, as places in the table, in words.
    places: [u64; 4],
    position: u64,
    /// In units of 1/256.
    offset_bits: u64,
}

impl<'a, L: Latent> Decoder<'a, L> {
    /// A decoder of no more symbols than `job.out` takes: for these, the bounds are checked here.
    #[inline(always)]
    pub(super) fn new<O>(src: &'a [u8], job: &SymbolJob<'a, L, O>) -> Self {
        let table = job.table;
        let max_bits = job.out.len() as u64 * u64::from(table.size_log());
        assert_loadable(src, *job.bit, max_bits);
        let entries = table.entries();
        assert!(
            job.states
                .iter()
                .all(|&state| (state as usize) < entries.len()),
            "state outside its table"
        );
        Self {
            src,
            entries,
            places: job.states.map(|state| u64::from(state) * Entry::<L>::WORDS),
            position: *job.bit,
            offset_bits: 0,
        }
    }

    /// Decodes as many symbols as `out` takes, from the first state on.
    ///
    /// # Safety
    /// These are no more than are left of those that the decoder was made for.
    #[inline(always)]
    pub(super) unsafe fn decode<S: Tier, O: FromEntry<L>>(&mut self, tier: S, out: &mut [O]) {
        let (groups, rest) = out.as_chunks_mut::<4>();
        for group in groups {
            // SAFETY: as the caller says.
            unsafe { self.decode_group(tier, group) };
        }
        for (i, entry) in rest.iter_mut().enumerate() {
            // SAFETY: see `decode_group`.
            let word = unsafe { look_up(tier, self.entries, self.places[i], entry) };
            // SAFETY: see `decode_group`.
            let bits = unsafe { load_57(self.src, self.position) };
            self.places[i] = next_place(word) + tier.low_bits(bits, word) * Entry::<L>::WORDS;
            self.position += word % 256;
            self.offset_bits += word & 0xff00;
        }
    }

    /// Decodes four symbols.
    ///
    /// # Safety
    /// As many are left of those that the decoder was made for.
    #[inline(always)]
    unsafe fn decode_group<S: Tier, O: FromEntry<L>>(&mut self, tier: S, group: &mut [O; 4]) {
        // Four counts of up to 64 carry into the next byte, where words of 64-bit latents have zeros.
        let sum_mask = if L::BITS == 64 { 0x1ff00 } else { 0xff00 };
        // SAFETY: each symbol takes at most `size_log` bits, for all of which `src` was asserted to be loadable.
        let bits = unsafe { load_57(self.src, self.position) };
        let [e0, e1, e2, e3] = group;
        let [p0, p1, p2, p3] = self.places;
        // SAFETY: a state is below the table's length: checked for the first ones, and `DecodeTable` holds only entries
        // whose next state is, whatever the bits.
        let w0 = unsafe { look_up(tier, self.entries, p0, e0) };
        // SAFETY: as above.
        let w1 = unsafe { look_up(tier, self.entries, p1, e1) };
        // SAFETY: as above.
        let w2 = unsafe { look_up(tier, self.entries, p2, e2) };
        // SAFETY: as above.
        let w3 = unsafe { look_up(tier, self.entries, p3, e3) };
        // Four counts of at most 14 add up inside the low byte; what is above is cut off where it matters.
        let w01 = w0.wrapping_add(w1);
        let w012 = w01.wrapping_add(w2);
        let sum = w01.wrapping_add(w2.wrapping_add(w3));
        // In one register: else the compiler adds its parts to the address one by one, which takes longer.
        let next = |word, bits| {
            let low_bits = tier.low_bits(bits, word) * Entry::<L>::WORDS;
            tier.in_register(next_place(word) + low_bits)
        };
        self.places = [
            next(w0, bits),
            next(w1, bits >> (w0 % 64)),
            next(w2, bits >> (w01 % 64)),
            next(w3, bits >> (w012 % 64)),
        ];
        self.position += sum % 256;
        self.offset_bits += sum & sum_mask;
    }

    /// Writes back where the symbols end, and returns the sum of their offset bits.
    #[inline(always)]
    pub(super) fn finish(self, bit: &mut u64, states: &mut [u32; 4]) -> u64 {
        *states = self.places.map(|place| (place / Entry::<L>::WORDS) as u32);
        *bit = self.position;
        self.offset_bits / 256
    }
}

/// What is kept of a symbol.
///
/// # Safety
/// `take` returns the entry's word: the loop takes the next address from it.
pub(crate) unsafe trait FromEntry<L: Latent> {
    /// Takes what is kept of an entry, and returns its word.
    fn take<S: Tier>(&mut self, tier: S, entry: &Entry<L>) -> u64;
}

/// All that the offset pass needs.
// SAFETY: the word, by way of a register.
unsafe impl<L: Latent> FromEntry<L> for Entry<L> {
    #[inline(always)]
    fn take<S: Tier>(&mut self, tier: S, entry: &Entry<L>) -> u64 {
        // Before the copy: behind it, the compiler would take the word out of the copy's vector register.
        let word = tier.in_register(entry.word);
        if size_of::<L::Tail>() == 0 {
            self.word = word;
        } else {
            tier.copy_whole(entry, self);
        }
        word
    }
}

/// The latent itself, where bins have no offsets.
// SAFETY: as above.
unsafe impl<L: Latent> FromEntry<L> for L {
    #[inline(always)]
    fn take<S: Tier>(&mut self, tier: S, entry: &Entry<L>) -> u64 {
        *self = entry.lower();
        tier.in_register(entry.word)
    }
}

/// Takes what is kept of a state's entry, and returns its word.
///
/// # Safety
/// `place` is a state of the table, in words.
#[inline(always)]
unsafe fn look_up<S: Tier, L: Latent, O: FromEntry<L>>(
    tier: S,
    entries: &[Entry<L>],
    place: u64,
    out: &mut O,
) -> u64 {
    debug_assert!(
        place / Entry::<L>::WORDS < entries.len() as u64 && place.is_multiple_of(Entry::<L>::WORDS)
    );
    let words: *const u64 = entries.as_ptr().cast();
    // SAFETY: the caller says that an entry stands there.
    let entry = unsafe { words.add(place as usize) };
    // SAFETY: as above.
    out.take(tier, unsafe { &*entry.cast::<Entry<L>>() })
}

#[cfg(test)]
mod tests;
