//! The first bits of words by a table of a few, the others packed: floats that are no decimals.
//!
//! Sign, exponent and the first bits of the mantissa of measurements are few patterns, and what follows is noise (A. Afroozeh, L.
//! Kuffo, P. Boncz, "ALP: Adaptive Lossless floating-Point compression", 2023, where it is called ALP-RD).

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::{self, BLOCK_N};

use super::exceptions::{Exceptions, Exempt};
use super::packed::{self, Packed};
use super::word::Word;
use crate::error::{Error, Result};
use crate::filter::cursor::{Cursor, push_word};

/// The most bits of a head, and the most heads of a table: as a power of two.
pub(super) const MAX_BITS: u32 = 16;
const MAX_HEADS_LOG: u32 = 3;
/// Bits of the place of an exception.
const PLACE_BITS: usize = 16;

/// A table of heads.
#[derive(Clone, Debug)]
pub(super) struct Heads<L> {
    /// Bits of a head.
    bits: u32,
    /// Ascending, at the top of words whose other bits are zero.
    heads: Vec<L>,
}

impl<L> Heads<L> {
    /// Bits of a head.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// How many heads there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }
}

impl<L: Word> Heads<L> {
    /// Reads the parameters.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self> {
        let (bits, n) = (u32::from(cursor.word::<u8>()?), cursor.word::<u8>()?);
        if bits == 0 || bits > MAX_BITS || bits >= L::BITS || n == 0 || n > 1 << MAX_HEADS_LOG {
            return Err(cursor.corrupt("heads of impossible bits or number"));
        }
        let mut heads = Vec::with_capacity(n.into());
        for _ in 0..n {
            let head = u64::from(cursor.word::<u16>()?);
            let ascends = heads.last().is_none_or(|last| *last < head);
            if head >> bits != 0 || !ascends {
                return Err(cursor.corrupt("heads that do not ascend, or have more bits"));
            }
            heads.push(head);
        }
        let shift = (L::BITS - bits) as usize;
        let heads = heads.into_iter().map(|head| L::from_u64(head) << shift);
        Ok(Self {
            bits,
            heads: heads.collect(),
        })
    }

    /// Appends the parameters.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.bits as u8, self.heads.len() as u8]);
        let shift = (L::BITS - self.bits) as usize;
        let heads = self.heads.iter().map(|head| *head >> shift);
        heads.for_each(|head| push_word(head.to_u64() as u16, out));
    }

    /// The table that leaves the fewest bits of a few words, and these bits; `None` for no words.
    pub(super) fn best_of(words: &[L]) -> Option<(usize, Self)> {
        if words.is_empty() {
            return None;
        }
        let mut sorted = words.to_vec();
        sorted.sort_unstable();
        let mut best: Option<(usize, Self)> = None;
        for bits in 1..=MAX_BITS.min(L::BITS - 1) {
            let shift = (L::BITS - bits) as usize;
            let alike = sorted.chunk_by(|a, b| *a >> shift == *b >> shift);
            let mut heads: Vec<(usize, L)> = alike
                .map(|alike| (alike.len(), (alike[0] >> shift) << shift))
                .collect();
            heads.sort_unstable_by(|a, b| b.cmp(a));
            for log in 0..=MAX_HEADS_LOG {
                let n = heads.len().min(1 << log);
                let reached: usize = heads[..n].iter().map(|head| head.0).sum();
                let exceptions = words.len() - reached;
                let size = words.len() * (log as usize + shift)
                    + exceptions * (PLACE_BITS + L::BITS as usize);
                if best.as_ref().is_none_or(|(least, _)| size < *least) {
                    let mut heads: Vec<L> = heads[..n].iter().map(|head| head.1).collect();
                    heads.sort_unstable();
                    best = Some((size, Self { bits, heads }));
                }
            }
        }
        best
    }
}

/// A page.
#[derive(Debug)]
pub(super) struct Headed<'a, L> {
    heads: &'a [L],
    codes: Packed<'a, u16>,
    rests: Packed<'a, L>,
    exceptions: Exceptions<'a>,
}

fn bad_code() -> Error {
    Error::corrupt("a head outside of its table")
}

impl<'a, L: Word> Headed<'a, L> {
    pub(super) fn read(table: &'a Heads<L>, n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        let counts = Exceptions::read_counts(n, cursor)?;
        Ok(Self {
            heads: &table.heads,
            codes: Packed::read(n, cursor)?,
            rests: Packed::read(n, cursor)?,
            exceptions: Exceptions::read::<L>(n, counts, cursor)?,
        })
    }

    /// Decodes the first words of a block, as many as `out` has room for.
    pub(super) fn decode_block(&self, isa: Isa, block: usize, out: &mut [L]) -> Result<()> {
        let (mut codes, mut heads) = ([0; BLOCK_N], [L::zero(); BLOCK_N]);
        let (codes, heads) = (&mut codes[..out.len()], &mut heads[..out.len()]);
        self.codes.decode_block(isa, block, codes);
        if !vertical::gather(isa, self.heads, codes, heads) {
            return Err(bad_code());
        }
        self.rests.decode_block(isa, block, out);
        for (word, head) in out.iter_mut().zip(heads) {
            *word = word.wrapping_add(head);
        }
        self.exceptions.apply(block, out);
        Ok(())
    }

    pub(super) fn get(&self, i: usize) -> Result<L> {
        if let Some(exception) = self.exceptions.find(i) {
            return Ok(exception);
        }
        let head = self.heads.get(usize::from(self.codes.get(i)));
        Ok(self.rests.get(i).wrapping_add(head.ok_or_else(bad_code)?))
    }
}

/// What of the words of a page stands where.
#[derive(Debug)]
pub(super) struct Cut<L> {
    codes: Vec<u16>,
    rests: Vec<L>,
    exceptions: Exempt,
}

impl<L: Word> Cut<L> {
    /// The code of an exception is the one before it.
    pub(super) fn of(words: &[L], table: &Heads<L>) -> Self {
        /// No code.
        const NONE: u16 = u16::MAX;
        let rest = L::max_value() >> table.bits as usize;
        let mut codes = vec![NONE; words.len()];
        // Head by head, without branches: which of them a word has, nobody can predict.
        for (code, head) in (0..).zip(&table.heads) {
            for (found, word) in codes.iter_mut().zip(words) {
                let is_it = *word - (*word & rest) == *head;
                *found = if is_it { code } else { *found };
            }
        }
        let mut exceptions = Exempt::none_of(words.len());
        let mut before = 0;
        for (i, code) in codes.iter_mut().enumerate() {
            if *code == NONE {
                exceptions.push(i);
                *code = before;
            }
            before = *code;
        }
        Self {
            codes,
            rests: words.iter().map(|word| *word & rest).collect(),
            exceptions,
        }
    }

    pub(super) fn write(&self, isa: Isa, words: &[L], out: &mut Vec<u8>) {
        self.exceptions.write_counts(out);
        packed::write(isa, &self.codes, 0, out);
        packed::write(isa, &self.rests, L::zero(), out);
        self.exceptions.write(words, out);
    }

    /// Bytes that [`write`](Self::write) appends.
    pub(super) fn size(&self, isa: Isa) -> usize {
        self.exceptions.size::<L>()
            + packed::size(isa, &self.codes, 0)
            + packed::size(isa, &self.rests, L::zero())
    }
}
