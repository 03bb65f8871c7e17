//! The decode table: what each tANS state means and where it leads.

use std::ops::Range;

use crate::dtype::Latent;

/// What a tANS state decodes to, its bin, and where it leads.
///
/// One word for latents of up to 32 bits, so that the tANS loop loads and stores it whole. From the low end: the number
/// of bits that complete the next state (8 bits, where shifts and bit extraction take their count from without a mask),
/// offset bits of the bin (8), its lower bound (32), and the next state before its low bits are added (16).
#[derive(Clone, Copy, Debug)]
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
        offset_bits(self.word)
    }
}

/// The offset bits that an entry's word holds.
#[inline(always)]
pub(super) fn offset_bits(word: u64) -> u32 {
    (word >> 8) as u32 & 0xff
}

/// The next state, before its low bits are added, that an entry's word holds.
#[inline(always)]
pub(super) fn next_state(word: u64) -> u64 {
    word >> 48
}

/// Entries of a batch of symbols. Words and tails lie apart, so that vectors of each can be loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries<L: Latent, const N: usize> {
    words: [u64; N],
    tails: [L::Tail; N],
}

/// Some entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntrySlice<'a, L: Latent> {
    pub(crate) words: &'a [u64],
    pub(crate) tails: &'a [L::Tail],
}

/// Some entries, to be written.
#[derive(Debug)]
pub(crate) struct EntrySliceMut<'a, L: Latent> {
    pub(super) words: &'a mut [u64],
    pub(super) tails: &'a mut [L::Tail],
}

impl<L: Latent, const N: usize> Default for Entries<L, N> {
    fn default() -> Self {
        Self {
            words: [0; N],
            tails: [L::Tail::default(); N],
        }
    }
}

impl<L: Latent, const N: usize> Entries<L, N> {
    #[inline(always)]
    pub(crate) fn slice(&self, range: Range<usize>) -> EntrySlice<'_, L> {
        EntrySlice {
            words: &self.words[range.clone()],
            tails: &self.tails[range],
        }
    }

    #[inline(always)]
    pub(crate) fn slice_mut(&mut self, range: Range<usize>) -> EntrySliceMut<'_, L> {
        EntrySliceMut {
            words: &mut self.words[range.clone()],
            tails: &mut self.tails[range],
        }
    }
}

#[cfg(test)]
impl<L: Latent> EntrySliceMut<'_, L> {
    /// Writes as many entries.
    pub(crate) fn set(self, entries: &[Entry<L>]) {
        for (i, entry) in entries.iter().enumerate() {
            (self.words[i], self.tails[i]) = (entry.word, entry.tail);
        }
    }
}

impl<'a, L: Latent> EntrySlice<'a, L> {
    /// Number of entries.
    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.words.len()
    }

    /// The first `n` entries, and the others.
    #[inline(always)]
    pub(crate) fn split_at(self, n: usize) -> (Self, Self) {
        let (words, words_rest) = self.words.split_at(n);
        let (tails, tails_rest) = self.tails.split_at(n);
        (
            Self { words, tails },
            Self {
                words: words_rest,
                tails: tails_rest,
            },
        )
    }

    #[inline(always)]
    pub(crate) fn iter(self) -> impl Iterator<Item = Entry<L>> + 'a {
        let pairs = self.words.iter().zip(self.tails);
        pairs.map(|(&word, &tail)| Entry { word, tail })
    }
}

/// The tANS decode table of a latent variable.
///
/// Invariants on which kernels rely: the length is a power of two of at most 2^14; an entry takes at most `size_log`
/// bits, and its next state plus any value of these is below the length; an entry's offset bits are at most
/// [`max_offset_bits`](Self::max_offset_bits), and that is at most `L::BITS`.
#[derive(Clone, Debug)]
pub(crate) struct DecodeTable<L: Latent> {
    words: Vec<u64>,
    tails: Vec<L::Tail>,
    size_log: u32,
    max_offset_bits: u32,
}

impl<L: Latent> DecodeTable<L> {
    /// Takes `2^size_log` entries, and checks them.
    pub(crate) fn new(size_log: u32, entries: impl Iterator<Item = Entry<L>>) -> Self {
        assert!(size_log <= 14, "tANS table of 2^{size_log} entries");
        let len = 1 << size_log;
        let (mut words, mut tails) = (Vec::with_capacity(len), Vec::with_capacity(len));
        let mut max_offset_bits = 0;
        for Entry { word, tail } in entries {
            let n_bits = word % 256;
            let largest_next = next_state(word) + (1 << n_bits) - 1;
            assert!(
                n_bits <= u64::from(size_log) && largest_next < len as u64,
                "state leads outside"
            );
            max_offset_bits = max_offset_bits.max(offset_bits(word));
            words.push(word);
            tails.push(tail);
        }
        assert!(words.len() == len, "tANS table of {} entries", words.len());
        assert!(max_offset_bits <= L::BITS, "offsets wider than latents");
        Self {
            words,
            tails,
            size_log,
            max_offset_bits,
        }
    }

    #[inline(always)]
    pub(super) fn entries(&self) -> EntrySlice<'_, L> {
        EntrySlice {
            words: &self.words,
            tails: &self.tails,
        }
    }

    /// Number of states.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.words.len()
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
        match (&self.words[..], &self.tails[..]) {
            (&[word], &[tail]) => Some(Entry { word, tail }),
            _ => None,
        }
    }
}
