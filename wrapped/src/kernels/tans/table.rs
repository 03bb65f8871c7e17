//! The decode table: what each tANS state means and where it leads.

use crate::dtype::Latent;

/// What a tANS state decodes to: its bin, and the next state.
///
/// One word for latents of up to 32 bits, so that the tANS loop loads and stores it whole. From the low end: the number
/// of bits that complete the next state (8 bits, where shifts and bit extraction take their count from without a mask),
/// offset bits of the bin (8), its lower bound (32), and the next state before its low bits are added (16).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry<L: Latent> {
    word: u64,
    /// The lower bound of latents that do not fit into the word.
    tail: L::Tail,
}

impl<L: Latent> Entry<L> {
    /// An entry of a bin that starts at `lower` and has offsets of `offset_bits`; the next state is `next` plus the
    /// value of `n_bits` bits.
    pub(crate) fn new(lower: L, offset_bits: u32, next: u32, n_bits: u32) -> Self {
        debug_assert!(next < 1 << 16 && n_bits < 1 << 8 && offset_bits < 1 << 8);
        let (low, tail) = lower.to_parts();
        let counts = u64::from(n_bits | offset_bits << 8);
        Self {
            word: counts | u64::from(low) << 16 | u64::from(next) << 48,
            tail,
        }
    }

    /// The smallest latent of the bin.
    #[inline(always)]
    pub(crate) fn lower(self) -> L {
        L::from_parts((self.word >> 16) as u32, self.tail)
    }

    /// Bits of the offset, at most `L::BITS`.
    #[inline(always)]
    pub(crate) fn offset_bits(self) -> u32 {
        (self.word >> 8) as u32 & 0xff
    }

    /// The next state before its low bits are added.
    #[inline(always)]
    pub(super) fn next(self) -> u64 {
        self.word >> 48
    }

    /// The word, in whose low byte the number of bits stands that complete the next state.
    #[inline(always)]
    pub(super) fn word(self) -> u64 {
        self.word
    }
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
    pub(crate) fn new(size_log: u32, entries: Vec<Entry<L>>) -> Self {
        assert!(
            size_log <= 14 && entries.len() == 1 << size_log,
            "tANS table of 2^{size_log} entries"
        );
        let mut max_offset_bits = 0;
        for entry in &entries {
            let n_bits = entry.word() % 256;
            let largest_next = entry.next() + (1 << n_bits) - 1;
            assert!(
                n_bits <= u64::from(size_log) && largest_next < entries.len() as u64,
                "state leads outside"
            );
            max_offset_bits = max_offset_bits.max(entry.offset_bits());
        }
        assert!(max_offset_bits <= L::BITS, "offsets wider than latents");
        Self {
            entries,
            size_log,
            max_offset_bits,
        }
    }

    #[inline(always)]
    pub(super) fn entries(&self) -> &[Entry<L>] {
        &self.entries
    }

    /// Number of states.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
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

    /// The only entry of a table that needs no tANS bits.
    #[inline(always)]
    pub(crate) fn single(&self) -> Option<Entry<L>> {
        match self.entries[..] {
            [entry] => Some(entry),
            _ => None,
        }
    }
}
