//! Floats as whole numbers, and those that are none.

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::BLOCK_N;

use super::exceptions::{Exceptions, Exempt};
use super::word::Word;
use crate::error::Result;

/// Floats as whole numbers, times `10^f`, times `10^-e`.
#[derive(Debug)]
pub(super) struct Floats<'a> {
    e: u8,
    f: u8,
    exceptions: Exceptions<'a>,
}

impl<'a> Floats<'a> {
    pub(super) fn new((e, f): (u8, u8), exceptions: Exceptions<'a>) -> Self {
        Self { e, f, exceptions }
    }

    /// Turns the whole numbers of a block into its floats.
    pub(super) fn restore<L: Word>(&self, isa: Isa, block: usize, words: &mut [L]) {
        self.to_floats(isa, words);
        self.exceptions.apply(block, words);
    }

    /// Float `i`, whose whole number `whole` tells.
    pub(super) fn get<L: Word>(
        &self,
        isa: Isa,
        i: usize,
        whole: impl FnOnce() -> Result<L>,
    ) -> Result<L> {
        if let Some(exception) = self.exceptions.find(i) {
            return Ok(exception);
        }
        let mut words = [whole()?];
        self.to_floats(isa, &mut words);
        Ok(words[0])
    }

    fn to_floats<L: Word>(&self, isa: Isa, words: &mut [L]) {
        if let Some(decimals) = L::DECIMALS {
            (decimals.from_whole)(isa, words, self.e, self.f);
        }
    }
}

/// The whole numbers of floats.
#[derive(Debug)]
pub(super) struct Whole<L> {
    pub(super) words: Vec<L>,
    /// Floats that are no such decimals, NaNs among them. Their whole numbers are those before them.
    pub(super) exceptions: Exempt,
}

impl<L: Word> Whole<L> {
    pub(super) fn of(isa: Isa, floats: &[L], e: u8, f: u8) -> Self {
        let mut this = Self {
            words: vec![L::zero(); floats.len()],
            exceptions: Exempt::none_of(floats.len()),
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
                    this.exceptions.push(i * BLOCK_N + j);
                }
            }
        }
        this
    }
}
