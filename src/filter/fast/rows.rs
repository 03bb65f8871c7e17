//! Words less those a row before: images and fields, whose rows are alike.
//!
//! The first row of a page is told by differences of neighbours, so that pages stay on their own. Its rows are sums all the
//! way down: what is wanted of a page is decoded with all that stands before it.

use paginum_wrapped::Isa;

use super::page::Page;
use super::scheme::Scheme;
use super::word::Word;
use crate::error::Result;
use crate::filter::cursor::Cursor;

/// A page of rows.
#[derive(Debug)]
pub(super) struct Rows<'a, L: Word> {
    row_n: usize,
    first: L,
    differences: Box<Page<'a, L>>,
    n: usize,
    /// All words, once they were prepared.
    words: Vec<L>,
}

impl<'a, L: Word> Rows<'a, L> {
    pub(super) fn read(
        row_n: usize,
        scheme: &'a Scheme<L>,
        n: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<Self> {
        let first = match n {
            0 => L::zero(),
            _ => cursor.word()?,
        };
        Ok(Self {
            row_n,
            first,
            differences: Box::new(Page::read(scheme, n, cursor)?),
            n,
            words: Vec::new(),
        })
    }

    /// Decodes all words: what several blocks need is decoded once.
    pub(super) fn prepare(&mut self, isa: Isa) -> Result<()> {
        self.differences.prepare(isa)?;
        self.words = self.sums(isa, self.n)?;
        Ok(())
    }

    /// The first `n` words.
    fn sums(&self, isa: Isa, n: usize) -> Result<Vec<L>> {
        let mut words = vec![L::zero(); n];
        let all = &mut words[..];
        self.differences.decode(isa, 0..n, all, &mut Vec::new())?;
        let mut rows = all.chunks_mut(self.row_n);
        let Some(mut before) = rows.next() else {
            return Ok(words);
        };
        let mut sum = self.first;
        for word in before.iter_mut() {
            sum = sum.wrapping_add(word);
            *word = sum;
        }
        for row in rows {
            for (word, above) in row.iter_mut().zip(&*before) {
                *word = word.wrapping_add(above);
            }
            before = row;
        }
        Ok(words)
    }

    /// Writes the words from `start` on.
    pub(super) fn copy(&self, isa: Isa, start: usize, out: &mut [L]) -> Result<()> {
        let end = start + out.len();
        match self.words.get(start..end) {
            Some(words) => out.copy_from_slice(words),
            None => out.copy_from_slice(&self.sums(isa, end)?[start..]),
        }
        Ok(())
    }
}

/// What each word lacks to the one a row before, in the first row to its neighbour; the first word lacks nothing.
pub(super) fn differences<L: Word>(words: &[L], row_n: usize) -> Vec<L> {
    let row_n = row_n.min(words.len());
    let first = words.first().copied().into_iter();
    let before = first.chain(words[..row_n].iter().copied());
    let before = before.take(row_n).chain(words.iter().copied());
    words
        .iter()
        .zip(before)
        .map(|(word, before)| word.wrapping_sub(&before))
        .collect()
}
