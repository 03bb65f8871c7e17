//! Words that a step does not reach: they stand behind the page as they are, each block's with their places.

use paginum_wrapped::vertical::BLOCK_N;

use super::packed::block_len;
use super::patches::Patches;
use super::word::Word;
use crate::error::Result;
use crate::filter::cursor::{Cursor, push_word, word_at};

/// The exceptions of a page.
#[derive(Debug)]
pub(super) struct Exceptions<'a> {
    blocks: Vec<Patches<'a>>,
}

impl<'a> Exceptions<'a> {
    /// Reads how many exceptions each block of a page of `n` words has.
    pub(super) fn read_counts(n: usize, cursor: &mut Cursor<'a>) -> Result<&'a [u8]> {
        cursor.take(2 * n.div_ceil(BLOCK_N))
    }

    /// Reads the exceptions themselves.
    pub(super) fn read<L: Word>(n: usize, counts: &[u8], cursor: &mut Cursor<'a>) -> Result<Self> {
        let blocks = (0..counts.len() / 2).map(|i| {
            let count = usize::from(word_at::<u16>(counts, i));
            Patches::read::<L>(count, block_len(n, i), cursor)
        });
        Ok(Self {
            blocks: blocks.collect::<Result<_>>()?,
        })
    }

    /// Puts those of a block into their places, as far as there is room.
    pub(super) fn apply<L: Word>(&self, block: usize, words: &mut [L]) {
        self.blocks[block].apply(words);
    }

    /// What stands in place of word `i`.
    pub(super) fn find<L: Word>(&self, i: usize) -> Option<L> {
        self.blocks[i / BLOCK_N].find(i % BLOCK_N)
    }
}

/// Where exceptions are among the words of a page, for writers.
#[derive(Debug)]
pub(super) struct Exempt {
    /// Ascending.
    places: Vec<u32>,
    n_words: usize,
}

impl Exempt {
    /// None of so many words.
    pub(super) fn none_of(n_words: usize) -> Self {
        Self {
            places: Vec::new(),
            n_words,
        }
    }

    /// Adds word `i`, behind those that were added.
    pub(super) fn push(&mut self, i: usize) {
        self.places.push(i as u32);
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// Bytes that counts and exceptions take.
    pub(super) fn size<L: Word>(&self) -> usize {
        2 * self.n_words.div_ceil(BLOCK_N) + self.len() * (2 + size_of::<L>())
    }

    fn by_block(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = &self.places[..];
        (0..self.n_words.div_ceil(BLOCK_N)).map(move |block| {
            let end = ((block + 1) * BLOCK_N) as u32;
            let (own, after) = rest.split_at(rest.partition_point(|i| *i < end));
            rest = after;
            own
        })
    }

    /// Appends what [`Exceptions::read_counts`] takes.
    pub(super) fn write_counts(&self, out: &mut Vec<u8>) {
        self.by_block()
            .for_each(|block| push_word(block.len() as u16, out));
    }

    /// Appends what [`Exceptions::read`] takes: those of `words`.
    pub(super) fn write<L: Word>(&self, words: &[L], out: &mut Vec<u8>) {
        for block in self.by_block() {
            let places = block.iter().map(|i| *i as usize % BLOCK_N);
            places.for_each(|place| push_word(place as u16, out));
            let words = block.iter().map(|i| words[*i as usize]);
            words.for_each(|word| push_word(word, out));
        }
    }
}
