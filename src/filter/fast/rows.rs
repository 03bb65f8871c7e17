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
use crate::filter::steps::Step;

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
        self.differences
            .decode(isa, 0..n, &mut words, &mut Vec::new())?;
        step(self.row_n).sum(isa, &mut words, self.first);
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
    let mut differences = Vec::with_capacity(words.len());
    let first = words.first().copied().unwrap_or(L::zero());
    step(row_n).differences(words, first, &mut differences);
    differences
}

fn step(row_n: usize) -> Step {
    Step::Lag { far: row_n }
}
