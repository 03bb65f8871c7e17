//! Floats as whole numbers, and those that are none.

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::BLOCK_N;

use super::packed::block_len;
use super::patches::Patches;
use super::word::Word;
use crate::error::Result;
use crate::filter::cursor::{Cursor, push_word, word_at};

/// How whole numbers become floats, and what stands in place of others.
#[derive(Debug)]
pub(super) struct Exceptions<'a> {
    e: u8,
    f: u8,
    blocks: Vec<Patches<'a>>,
}

impl<'a> Exceptions<'a> {
    /// Reads how many exceptions each block of a page of `n` words has.
    pub(super) fn read_counts(n: usize, cursor: &mut Cursor<'a>) -> Result<&'a [u8]> {
        cursor.take(2 * n.div_ceil(BLOCK_N))
    }

    /// Reads the exceptions themselves.
    pub(super) fn read<L: Word>(
        (e, f): (u8, u8),
        n: usize,
        counts: &[u8],
        cursor: &mut Cursor<'a>,
    ) -> Result<Self> {
        let blocks = (0..counts.len() / 2)
            .map(|i| {
                let count = usize::from(word_at::<u16>(counts, i));
                Patches::read::<L>(count, block_len(n, i), cursor)
            })
            .collect::<Result<_>>()?;
        Ok(Self { e, f, blocks })
    }

    /// Turns the whole numbers of a block into its floats.
    pub(super) fn restore<L: Word>(&self, isa: Isa, block: usize, words: &mut [L]) {
        if let Some(decimals) = L::DECIMALS {
            (decimals.from_whole)(isa, words, self.e, self.f);
        }
        self.blocks[block].apply(words);
    }

    /// Turns one whole number into its float.
    pub(super) fn restore_one<L: Word>(&self, isa: Isa, word: L) -> L {
        let mut words = [word];
        if let Some(decimals) = L::DECIMALS {
            (decimals.from_whole)(isa, &mut words, self.e, self.f);
        }
        words[0]
    }

    /// What stands in place of whole number `i`.
    pub(super) fn find<L: Word>(&self, i: usize) -> Option<L> {
        self.blocks[i / BLOCK_N].find(i % BLOCK_N)
    }
}

/// The whole numbers of floats.
#[derive(Debug)]
pub(super) struct Whole<L> {
    pub(super) words: Vec<L>,
    /// Floats that are no such decimals, ascending, NaNs among them. Their whole numbers are those before them.
    exceptions: Vec<u32>,
}

impl<L: Word> Whole<L> {
    pub(super) fn of(isa: Isa, floats: &[L], e: u8, f: u8) -> Self {
        let mut this = Self {
            words: vec![L::zero(); floats.len()],
            exceptions: Vec::new(),
        };
        let Some(decimals) = L::DECIMALS else {
            return this;
        };
        let mut again = [L::zero(); BLOCK_N];
        let blocks = floats.chunks(BLOCK_N).zip(this.words.chunks_mut(BLOCK_N));
        for (i, (floats, words)) in blocks.enumerate() {
            if (decimals.to_whole)(isa, floats, e, f, words) == 0 {
                continue;
            }
            let again = &mut again[..words.len()];
            again.copy_from_slice(words);
            (decimals.from_whole)(isa, again, e, f);
            // Those before the first decimal become like it.
            let first = (0..words.len()).find(|&j| again[j] == floats[j]);
            let mut last = first.map_or(L::zero(), |first| words[first]);
            for j in 0..words.len() {
                if again[j] == floats[j] {
                    last = words[j];
                } else {
                    words[j] = last;
                    this.exceptions.push((i * BLOCK_N + j) as u32);
                }
            }
        }
        this
    }

    #[cfg(test)]
    pub(super) fn exceptions(&self) -> &[u32] {
        &self.exceptions
    }

    /// How many floats are no such decimals.
    pub(super) fn n_exceptions(&self) -> usize {
        self.exceptions.len()
    }

    fn by_block(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = &self.exceptions[..];
        (0..self.words.len().div_ceil(BLOCK_N)).map(move |block| {
            let end = ((block + 1) * BLOCK_N) as u32;
            let (own, after) = rest.split_at(rest.partition_point(|i| *i < end));
            rest = after;
            own
        })
    }

    pub(super) fn write_counts(&self, out: &mut Vec<u8>) {
        self.by_block()
            .for_each(|block| push_word(block.len() as u16, out));
    }

    pub(super) fn write_exceptions(&self, floats: &[L], out: &mut Vec<u8>) {
        for block in self.by_block() {
            let places = block.iter().map(|i| *i as usize % BLOCK_N);
            places.for_each(|place| push_word(place as u16, out));
            let words = block.iter().map(|i| floats[*i as usize]);
            words.for_each(|word| push_word(word, out));
        }
    }
}
