//! Words that repeat: runs of equal ones, and one that most are.
//!
//! Neither crosses a block: how many runs, or others, each block has stands in front, so that a word needs those of its block
//! alone.

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::BLOCK_N;

use super::bits::{self, Bits};
use super::packed::block_len;
use super::page::{Page, write};
use super::scheme::Scheme;
use super::word::{Order, Word};
use crate::error::{Error, Result};
use crate::filter::cursor::{Cursor, push_word, word_at};

/// Words that are fewer than those of their page, so many for each block.
#[derive(Debug)]
struct Fewer<'a, L: Word> {
    /// How many stand before each block; then, how many there are.
    starts: Vec<u32>,
    page: Box<Page<'a, L>>,
    /// All of them, once they were prepared.
    words: Vec<L>,
}

impl<'a, L: Word> Fewer<'a, L> {
    /// Reads counts and page; each block of `n` words has at least `least`, and no more than it has words.
    fn read(
        scheme: &'a Scheme<L>,
        n: usize,
        least: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<Self> {
        let n_blocks = n.div_ceil(BLOCK_N);
        let counts = cursor.take(2 * n_blocks)?;
        let mut starts = Vec::with_capacity(n_blocks + 1);
        let mut total = 0;
        starts.push(0);
        for block in 0..n_blocks {
            let count = usize::from(word_at::<u16>(counts, block));
            if !(least..=block_len(n, block)).contains(&count) {
                return Err(cursor.corrupt("a block of impossibly many runs or others"));
            }
            total += count as u32;
            starts.push(total);
        }
        let page = Box::new(Page::read(scheme, total as usize, cursor)?);
        Ok(Self {
            starts,
            page,
            words: Vec::new(),
        })
    }

    fn total(&self) -> usize {
        self.starts.last().map_or(0, |total| *total as usize)
    }

    fn of_block(&self, block: usize) -> std::ops::Range<usize> {
        self.starts[block] as usize..self.starts[block + 1] as usize
    }

    /// Decodes all of them: what several blocks need is decoded once.
    fn prepare(&mut self, isa: Isa) -> Result<()> {
        self.page.prepare(isa)?;
        let mut words = vec![L::zero(); self.total()];
        self.page
            .decode(isa, 0..words.len(), &mut words, &mut Vec::new())?;
        self.words = words;
        Ok(())
    }

    /// Those of a block, decoded into `scratch` if they were not prepared.
    fn words<'b>(&'b self, isa: Isa, block: usize, scratch: &'b mut Vec<L>) -> Result<&'b [L]> {
        let own = self.of_block(block);
        if let Some(words) = self.words.get(own.clone()) {
            return Ok(words);
        }
        scratch.resize(own.len(), L::zero());
        self.page.decode(isa, own, scratch, &mut Vec::new())?;
        Ok(scratch)
    }
}

/// Runs of equal words.
#[derive(Debug)]
pub(super) struct Runs<'a, L: Word> {
    values: Fewer<'a, L>,
    /// What each run is longer than one word.
    lengths: Bits<'a>,
    n: usize,
}

fn bad_runs() -> Error {
    Error::corrupt("runs that are not as long as their block")
}

impl<'a, L: Word> Runs<'a, L> {
    pub(super) fn read(scheme: &'a Scheme<L>, n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        let values = Fewer::read(scheme, n, 1, cursor)?;
        let lengths = Bits::read(values.total(), cursor)?;
        Ok(Self { values, lengths, n })
    }

    pub(super) fn prepare(&mut self, isa: Isa) -> Result<()> {
        self.values.prepare(isa)
    }

    /// Fills the first words of a block, as many as `out` has room for.
    pub(super) fn decode_block(&self, isa: Isa, block: usize, out: &mut [L]) -> Result<()> {
        let mut scratch = Vec::new();
        let values = self.values.words(isa, block, &mut scratch)?;
        let first = self.values.of_block(block).start;
        let block_n = block_len(self.n, block);
        let mut at = 0;
        for (i, value) in values.iter().enumerate() {
            let end = at + self.lengths.get(first + i) + 1;
            if end > block_n {
                return Err(bad_runs());
            }
            if at >= out.len() {
                return Ok(());
            }
            match out.get_mut(at..at + SHORT_N) {
                // More than the run at once; what comes next overwrites it. Most runs are short, and so need no loop.
                Some(room) if end <= at + SHORT_N => room.fill(*value),
                _ => {
                    let end = end.min(out.len());
                    out[at..end].fill(*value);
                }
            }
            at = end;
        }
        match at == block_n {
            true => Ok(()),
            false => Err(bad_runs()),
        }
    }

    pub(super) fn get(&self, isa: Isa, i: usize) -> Result<L> {
        let place = i % BLOCK_N;
        let mut end = 0;
        for run in self.values.of_block(i / BLOCK_N) {
            end += self.lengths.get(run) + 1;
            if place < end {
                return self.values.page.get(isa, run);
            }
        }
        Err(bad_runs())
    }
}

/// Runs of so many words are filled in one step.
const SHORT_N: usize = 16;

/// Most words are the same one.
#[derive(Debug)]
pub(super) struct Sparse<'a, L: Word> {
    common: L,
    others: Fewer<'a, L>,
    /// Common words in front of each other.
    gaps: Bits<'a>,
    n: usize,
}

fn bad_gaps() -> Error {
    Error::corrupt("words behind the end of their block")
}

impl<'a, L: Word> Sparse<'a, L> {
    pub(super) fn read(
        common: L,
        scheme: &'a Scheme<L>,
        n: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<Self> {
        let others = Fewer::read(scheme, n, 0, cursor)?;
        let gaps = Bits::read(others.total(), cursor)?;
        Ok(Self {
            common,
            others,
            gaps,
            n,
        })
    }

    pub(super) fn prepare(&mut self, isa: Isa) -> Result<()> {
        self.others.prepare(isa)
    }

    /// Fills the first words of a block, as many as `out` has room for, and puts the others in.
    pub(super) fn decode_block(&self, isa: Isa, block: usize, out: &mut [L]) -> Result<()> {
        let mut scratch = Vec::new();
        let words = self.others.words(isa, block, &mut scratch)?;
        let first = self.others.of_block(block).start;
        out.fill(self.common);
        let mut at = 0;
        for (i, word) in words.iter().enumerate() {
            at += self.gaps.get(first + i);
            match out.get_mut(at) {
                Some(out) => *out = *word,
                None if at < block_len(self.n, block) => break,
                None => return Err(bad_gaps()),
            }
            at += 1;
        }
        Ok(())
    }

    pub(super) fn get(&self, isa: Isa, i: usize) -> Result<L> {
        let place = i % BLOCK_N;
        let mut at = 0;
        for other in self.others.of_block(i / BLOCK_N) {
            at += self.gaps.get(other);
            if at >= place {
                return match at == place {
                    true => self.others.page.get(isa, other),
                    false => Ok(self.common),
                };
            }
            at += 1;
        }
        Ok(self.common)
    }
}

/// What of the words of a page stands in pages of their own.
#[derive(Debug, Default)]
pub(super) struct Parts<L> {
    /// The value of each run, or the others.
    pub(super) words: Vec<L>,
    /// What each run is longer than one word, or what stands before each other.
    pub(super) places: Vec<u16>,
    /// How many each block has.
    counts: Vec<u16>,
}

impl<L: Word> Parts<L> {
    pub(super) fn of_runs(words: &[L]) -> Self {
        let mut parts = Self::default();
        for block in words.chunks(BLOCK_N) {
            let before = parts.words.len();
            for run in block.chunk_by(|a, b| a == b) {
                parts.words.push(run[0]);
                parts.places.push((run.len() - 1) as u16);
            }
            parts.counts.push((parts.words.len() - before) as u16);
        }
        parts
    }

    pub(super) fn of_others(words: &[L], common: L) -> Self {
        let mut parts = Self::default();
        for block in words.chunks(BLOCK_N) {
            let before = parts.words.len();
            let mut gap = 0;
            for word in block {
                if *word == common {
                    gap += 1;
                } else {
                    parts.words.push(*word);
                    parts.places.push(gap);
                    gap = 0;
                }
            }
            parts.counts.push((parts.words.len() - before) as u16);
        }
        parts
    }

    /// Appends counts, words in `scheme`, and places.
    pub(super) fn write(&self, isa: Isa, scheme: &Scheme<L>, order: Order, out: &mut Vec<u8>) {
        self.counts.iter().for_each(|count| push_word(*count, out));
        write(isa, scheme, &self.words, order, out);
        bits::write(&self.places, out);
    }
}
