//! The decode table: what each tANS state means and where it leads.

#![expect(unsafe_code, reason = "an entry says that it has no padding")]

use bytemuck::NoUninit;

use crate::dtype::Latent;

/// What a tANS state decodes to, its bin, and where it leads.
///
/// One word for latents of up to 32 bits, so that the tANS loop loads and stores it whole. From the low end: the number
/// of bits that complete the next state (8 bits, where shifts and bit extraction take their count from without a mask),
/// offset bits of the bin (8), its lower bound (32), and the next state before its low bits are added (16). Lower bounds
/// of 64 bits stand in a word of their own behind it. States are counted in words: what an address needs.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(crate) struct Entry<L: Latent> {
    pub(in crate::kernels) word: u64,
    /// The lower bound of latents that do not fit into the word.
    pub(in crate::kernels) tail: L::Tail,
}

// SAFETY: a word, and either nothing or another word behind it: no padding, which `NO_PADDING` asserts for each latent.
unsafe impl<L: Latent> NoUninit for Entry<L> {}

impl<L: Latent> Entry<L> {
    const NO_PADDING: () = assert!(size_of::<Self>() == size_of::<u64>() + size_of::<L::Tail>());

    /// An entry of a bin that starts at `lower` and has offsets of `offset_bits`; the next state is `next` plus the
    /// value of `n_bits` bits.
    pub(crate) fn new(lower: L, offset_bits: u32, next: u32, n_bits: u32) -> Self {
        debug_assert!(next < 1 << 14 && n_bits < 1 << 8 && offset_bits < 1 << 8);
        let (low, tail) = lower.to_parts();
        let counts = u64::from(n_bits | offset_bits << 8);
        Self {
            word: counts | u64::from(low) << 16 | (u64::from(next) * Self::WORDS) << 48,
            tail,
        }
    }

    /// Words of an entry.
    pub(super) const WORDS: u64 = (size_of::<Self>() / size_of::<u64>()) as u64;

    /// The smallest latent of the bin.
    #[inline(always)]
    pub(crate) fn lower(self) -> L {
        L::from_parts((self.word >> 16) as u32, self.tail)
    }

    /// Bits of the offset, at most `L::BITS`.
    #[inline(always)]
    pub(crate) fn offset_bits(self) -> u32 {
        offset_bits(self.word)
    }
}

/// The offset bits that an entry's word holds.
#[inline(always)]
fn offset_bits(word: u64) -> u32 {
    (word >> 8) as u32 & 0xff
}

/// Where the next state stands in the table, before its low bits are added: in words, as an entry's word holds it.
#[inline(always)]
pub(super) fn next_place(word: u64) -> u64 {
    word >> 48
}

/// The tANS decode table of a latent variable.
///
/// Invariants on which kernels rely: the length is a power of two of at most 2^14; an entry takes at most `size_log`
/// bits, and its next state plus any value of these is below the length; an entry's offset bits are at most
/// [`max_offset_bits`](Self::max_offset_bits), and that is at most `L::BITS`.
#[derive(Clone, Debug)]
pub(crate) struct DecodeTable<L: Latent> {
    entries: Vec<Entry<L>>,
    size_log: u32,
    max_offset_bits: u32,
}

impl<L: Latent> DecodeTable<L> {
    /// Takes `2^size_log` entries, and checks them.
    pub(crate) fn new(size_log: u32, entries: impl Iterator<Item = Entry<L>>) -> Self {
        const { Entry::<L>::NO_PADDING };
        assert!(size_log <= 14, "tANS table of 2^{size_log} entries");
        let len = 1 << size_log;
        let mut table = Vec::with_capacity(len);
        let mut max_offset_bits = 0;
        for entry in entries {
            let n_bits = entry.word % 256;
            let largest_next = next_place(entry.word) / Entry::<L>::WORDS + (1 << n_bits) - 1;
            assert!(
                next_place(entry.word).is_multiple_of(Entry::<L>::WORDS),
                "state within an entry"
            );
            assert!(
                n_bits <= u64::from(size_log) && largest_next < len as u64,
                "state leads outside"
            );
            max_offset_bits = max_offset_bits.max(entry.offset_bits());
            table.push(entry);
        }
        assert!(table.len() == len, "tANS table of {} entries", table.len());
        assert!(max_offset_bits <= L::BITS, "offsets wider than latents");
        Self {
            entries: table,
            size_log,
            max_offset_bits,
        }
    }

    /// An entry for each state.
    #[inline(always)]
    pub(super) fn entries(&self) -> &[Entry<L>] {
        &self.entries
    }

    /// Logarithm of the number of states: the most bits of a symbol.
    #[inline(always)]
    pub(crate) fn size_log(&self) -> u32 {
        self.size_log
    }

    /// The most offset bits of any bin.
    #[inline(always)]
    pub(crate) fn max_offset_bits(&self) -> u32 {
        self.max_offset_bits
    }

    /// The latent that all symbols stand for, where there are no bits at all.
    pub(crate) fn constant(&self) -> Option<L> {
        let bin = self.single()?;
        (bin.offset_bits() == 0).then(|| bin.lower())
    }

    /// The only entry of a table that needs no tANS bits.
    #[inline(always)]
    pub(crate) fn single(&self) -> Option<Entry<L>> {
        match self.entries[..] {
            [entry] => Some(entry),
            _ => None,
        }
    }
}
