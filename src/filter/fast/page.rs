//! A page: words in the scheme of their chunk, any of which are decoded without the others.

use std::ops::Range;

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::{self, BLOCK_N};

use super::decimal::{self, Floats};
use super::exceptions::Exceptions;
use super::heads::{self, Headed};
use super::packed::{self, Packed, block_len, n_blocks};
use super::repeats::{Parts, Runs, Sparse};
use super::rows::{self, Rows};
use super::scheme::Scheme;
use super::word::{Order, Word};
use crate::error::{Error, Result};
use crate::filter::cursor::{Cursor, push_word, word_at};
use crate::filter::paged::{component_len, component_of};

/// A page whose fields were found and checked.
#[derive(Debug)]
pub(super) struct Page<'a, L: Word> {
    n: usize,
    node: Node<'a, L>,
}

#[derive(Debug)]
enum Node<'a, L: Word> {
    Raw(&'a [u8]),
    Packed(Packed<'a, L>),
    Delta(&'a [u8], Box<Node<'a, L>>),
    Ordered(Box<Node<'a, L>>),
    Dictionary(&'a [L], Packed<'a, u16>),
    Decimal(Floats<'a>, Box<Node<'a, L>>),
    Split(Split<'a, L>),
    Runs(Runs<'a, L>),
    Sparse(Sparse<'a, L>),
    Heads(Headed<'a, L>),
    Rows(Rows<'a, L>),
}

/// Components: word `i` belongs to component `(phase + i) % k`.
#[derive(Debug)]
struct Split<'a, L: Word> {
    phase: usize,
    components: Vec<Page<'a, L>>,
}

impl<'a, L: Word> Page<'a, L> {
    /// Reads the fields of a page of `n` words.
    pub(super) fn read(scheme: &'a Scheme<L>, n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        let node = match scheme {
            Scheme::Split(components) => {
                let k = components.len();
                let phase = usize::from(cursor.word::<u8>()?);
                if phase >= k {
                    return Err(cursor.corrupt("a page that starts at no component"));
                }
                let pages = components.iter().enumerate();
                let pages = pages
                    .map(|(i, scheme)| Self::read(scheme, component_len(n, k, phase, i), cursor));
                let components = pages.collect::<Result<_>>()?;
                Node::Split(Split { phase, components })
            }
            scheme => Node::read(scheme, n, cursor)?,
        };
        Ok(Self { n, node })
    }

    /// Decodes what several blocks need, before more than one word is decoded.
    pub(super) fn prepare(&mut self, isa: Isa) -> Result<()> {
        match &mut self.node {
            Node::Split(split) => {
                let mut components = split.components.iter_mut();
                components.try_for_each(|component| component.prepare(isa))
            }
            node => node.prepare(isa),
        }
    }

    /// Decodes the words `range`; `scratch` is memory that is used again.
    pub(super) fn decode(
        &self,
        isa: Isa,
        range: Range<usize>,
        out: &mut [L],
        scratch: &mut Vec<L>,
    ) -> Result<()> {
        if range.end > self.n || range.len() != out.len() {
            return Err(Error::invalid("words that a page does not hold"));
        }
        match &self.node {
            Node::Split(split) => return split.decode(isa, range, out, scratch),
            Node::Raw(bytes) => {
                for (out, i) in out.iter_mut().zip(range) {
                    *out = word_at(bytes, i);
                }
                return Ok(());
            }
            _ => {}
        }
        let mut at = range.start;
        let mut rest = out;
        while at < range.end {
            let (block, from) = (at / BLOCK_N, at % BLOCK_N);
            let block_n = block_len(self.n, block);
            let n = (block_n - from).min(rest.len());
            let (part, after) = rest.split_at_mut(n);
            if n == block_n {
                self.node.decode_block(isa, block, part)?;
            } else if n == 1 {
                part[0] = self.node.get(isa, at)?;
            } else {
                let mut front = [L::zero(); BLOCK_N];
                self.node.decode_block(isa, block, &mut front[..from + n])?;
                part.copy_from_slice(&front[from..from + n]);
            }
            (at, rest) = (at + n, after);
        }
        Ok(())
    }

    /// One word.
    #[inline]
    pub(super) fn get(&self, isa: Isa, i: usize) -> Result<L> {
        if i >= self.n {
            return Err(Error::invalid("a word that a page does not hold"));
        }
        match &self.node {
            Node::Split(split) => split.get(isa, i),
            node => node.get(isa, i),
        }
    }
}

impl<L: Word> Split<'_, L> {
    /// Decodes the words `range` of each component, one after another, and puts them side by side.
    fn decode(
        &self,
        isa: Isa,
        range: Range<usize>,
        out: &mut [L],
        scratch: &mut Vec<L>,
    ) -> Result<()> {
        let k = self.components.len();
        // Each component has room for the longest; that of the first word of the range comes first.
        let room = range.len().div_ceil(k);
        if scratch.len() < k * room {
            scratch.resize(k * room, L::zero());
        }
        let first = (self.phase + range.start) % k;
        for (i, words) in scratch.chunks_mut(room.max(1)).take(k).enumerate() {
            let component = (first + i) % k;
            let place = |at| component_len(at, k, self.phase, component);
            let own = place(range.start)..place(range.end);
            let words = &mut words[..own.len()];
            self.components[component].decode(isa, own, words, &mut Vec::new())?;
        }
        vertical::interleave(isa, &scratch[..k * room], k, out);
        Ok(())
    }

    fn get(&self, isa: Isa, i: usize) -> Result<L> {
        let k = self.components.len();
        let component = (self.phase + i) % k;
        self.components[component].get(isa, component_len(i, k, self.phase, component))
    }
}

fn bad_rank() -> Error {
    Error::corrupt("a place outside of its dictionary")
}

impl<'a, L: Word> Node<'a, L> {
    fn read(scheme: &'a Scheme<L>, n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        Ok(match scheme {
            Scheme::Raw => {
                let bytes = n.checked_mul(size_of::<L>());
                Self::Raw(cursor.take(bytes.unwrap_or(usize::MAX))?)
            }
            Scheme::Packed => Self::Packed(Packed::read(n, cursor)?),
            Scheme::Delta(inner) => {
                let firsts = cursor.take(n_blocks(n) * size_of::<L>())?;
                Self::Delta(firsts, Box::new(Self::read(inner, n, cursor)?))
            }
            Scheme::Ordered(inner) => Self::Ordered(Box::new(Self::read(inner, n, cursor)?)),
            Scheme::Dictionary(dictionary) => {
                Self::Dictionary(dictionary.values(), Packed::read(n, cursor)?)
            }
            Scheme::Decimal { e, f, inner } => {
                let counts = Exceptions::read_counts(n, cursor)?;
                let inner = Box::new(Self::read(inner, n, cursor)?);
                let exceptions = Exceptions::read::<L>(n, counts, cursor)?;
                Self::Decimal(Floats::new((*e, *f), exceptions), inner)
            }
            Scheme::Runs(inner) => Self::Runs(Runs::read(inner, n, cursor)?),
            Scheme::Sparse { common, inner } => {
                Self::Sparse(Sparse::read(*common, inner, n, cursor)?)
            }
            Scheme::Heads(table) => Self::Heads(Headed::read(table, n, cursor)?),
            Scheme::Rows { row_n, inner } => {
                Self::Rows(Rows::read(*row_n as usize, inner, n, cursor)?)
            }
            Scheme::Split(_) => return Err(cursor.corrupt("components within components")),
        })
    }

    fn prepare(&mut self, isa: Isa) -> Result<()> {
        match self {
            Self::Delta(_, inner) | Self::Ordered(inner) | Self::Decimal(_, inner) => {
                inner.prepare(isa)
            }
            Self::Runs(runs) => runs.prepare(isa),
            Self::Sparse(sparse) => sparse.prepare(isa),
            Self::Rows(rows) => rows.prepare(isa),
            Self::Raw(_)
            | Self::Packed(_)
            | Self::Dictionary(..)
            | Self::Heads(_)
            | Self::Split(_) => Ok(()),
        }
    }

    /// Decodes the first words of a block, as many as `out` has room for.
    fn decode_block(&self, isa: Isa, block: usize, out: &mut [L]) -> Result<()> {
        match self {
            Self::Raw(bytes) => {
                for (i, out) in out.iter_mut().enumerate() {
                    *out = word_at(bytes, block * BLOCK_N + i);
                }
            }
            Self::Packed(packed) => packed.decode_block(isa, block, out),
            Self::Delta(firsts, inner) => {
                inner.decode_block(isa, block, out)?;
                vertical::sum(isa, out, word_at(firsts, block));
            }
            Self::Ordered(inner) => {
                inner.decode_block(isa, block, out)?;
                vertical::from_ordered(isa, out);
            }
            Self::Dictionary(values, ranks) => {
                let mut places = [0; BLOCK_N];
                let places = &mut places[..out.len()];
                ranks.decode_block(isa, block, places);
                if !vertical::gather(isa, values, places, out) {
                    return Err(bad_rank());
                }
            }
            Self::Decimal(floats, inner) => {
                inner.decode_block(isa, block, out)?;
                floats.restore(isa, block, out);
            }
            Self::Runs(runs) => runs.decode_block(isa, block, out)?,
            Self::Sparse(sparse) => sparse.decode_block(isa, block, out)?,
            Self::Heads(headed) => headed.decode_block(isa, block, out)?,
            Self::Rows(rows) => rows.copy(isa, block * BLOCK_N, out)?,
            Self::Split(_) => return Err(Error::corrupt("components within components")),
        }
        Ok(())
    }

    /// Word `i`.
    fn get(&self, isa: Isa, i: usize) -> Result<L> {
        Ok(match self {
            Self::Raw(bytes) => word_at(bytes, i),
            Self::Packed(packed) => packed.get(i),
            Self::Delta(firsts, inner) => {
                let block = i / BLOCK_N;
                let (mut few, mut all) = ([L::zero(); BLOCK_N / 4], None);
                let n = i % BLOCK_N;
                // A smaller room is cleared in less time.
                let steps = match few.get_mut(..n) {
                    Some(steps) => steps,
                    None => &mut all.insert([L::zero(); BLOCK_N])[..n],
                };
                inner.decode_block(isa, block, steps)?;
                let first = word_at::<L>(firsts, block);
                steps.iter().fold(first, |sum, step| sum.wrapping_add(step))
            }
            Self::Ordered(inner) => {
                let mut word = [inner.get(isa, i)?];
                vertical::from_ordered(isa, &mut word);
                word[0]
            }
            Self::Dictionary(values, ranks) => {
                let rank = usize::from(ranks.get(i));
                *values.get(rank).ok_or_else(bad_rank)?
            }
            Self::Decimal(floats, inner) => floats.get(isa, i, || inner.get(isa, i))?,
            Self::Runs(runs) => runs.get(isa, i)?,
            Self::Sparse(sparse) => sparse.get(isa, i)?,
            Self::Heads(headed) => headed.get(i)?,
            Self::Rows(rows) => {
                let mut word = [L::zero()];
                rows.copy(isa, i, &mut word)?;
                word[0]
            }
            Self::Split(_) => return Err(Error::corrupt("components within components")),
        })
    }
}

/// Appends a page of `words`, before which the chunk has `start` others.
pub(super) fn write_page<L: Word>(
    isa: Isa,
    scheme: &Scheme<L>,
    words: &[L],
    start: usize,
    order: Order,
    out: &mut Vec<u8>,
) {
    let Scheme::Split(components) = scheme else {
        return write(isa, scheme, words, order, out);
    };
    let k = components.len();
    let phase = start % k;
    out.push(phase as u8);
    for (i, scheme) in components.iter().enumerate() {
        write(isa, scheme, &component_of(words, k, phase, i), order, out);
    }
}

/// Appends `words` in `scheme`.
pub(super) fn write<L: Word>(
    isa: Isa,
    scheme: &Scheme<L>,
    words: &[L],
    order: Order,
    out: &mut Vec<u8>,
) {
    match scheme {
        Scheme::Raw => words.iter().for_each(|word| push_word(*word, out)),
        Scheme::Packed => packed::write(isa, words, order.flip(), out),
        Scheme::Delta(inner) => {
            let firsts = words.chunks(BLOCK_N).map(|block| block[0]);
            firsts.for_each(|first| push_word(first, out));
            write(isa, inner, &differences(isa, words), Order::Signed, out);
        }
        Scheme::Ordered(inner) => {
            write(isa, inner, &ordered(isa, words), Order::Unsigned, out);
        }
        Scheme::Dictionary(dictionary) => {
            packed::write(isa, &dictionary.ranks(words), 0, out);
        }
        Scheme::Decimal { e, f, inner } => {
            let whole = decimal::Whole::of(isa, words, *e, *f);
            whole.exceptions.write_counts(out);
            write(isa, inner, &whole.words, Order::Signed, out);
            whole.exceptions.write(words, out);
        }
        Scheme::Runs(inner) => Parts::of_runs(words).write(isa, inner, order, out),
        Scheme::Sparse { common, inner } => {
            Parts::of_others(words, *common).write(isa, inner, order, out);
        }
        Scheme::Heads(table) => heads::Cut::of(words, table).write(isa, words, out),
        Scheme::Rows { row_n, inner } => {
            words
                .iter()
                .take(1)
                .for_each(|first| push_word(*first, out));
            let steps = rows::differences(words, *row_n as usize);
            write(isa, inner, &steps, Order::Signed, out);
        }
        // Only pages are split, not what they are made of.
        Scheme::Split(_) => write_page(isa, scheme, words, 0, order, out),
    }
}

/// Bytes that [`write`] appends, of what is not split.
pub(super) fn size<L: Word>(isa: Isa, scheme: &Scheme<L>, words: &[L], order: Order) -> usize {
    let n_blocks = n_blocks(words.len());
    match scheme {
        Scheme::Raw => size_of_val(words),
        Scheme::Packed => packed::size(isa, words, order.flip()),
        Scheme::Delta(inner) => {
            let steps = differences(isa, words);
            n_blocks * size_of::<L>() + size(isa, inner, &steps, Order::Signed)
        }
        Scheme::Ordered(inner) => size(isa, inner, &ordered(isa, words), Order::Unsigned),
        Scheme::Dictionary(dictionary) => packed::size(isa, &dictionary.ranks(words), 0),
        Scheme::Decimal { e, f, inner } => {
            let whole = decimal::Whole::of(isa, words, *e, *f);
            whole.exceptions.size::<L>() + size(isa, inner, &whole.words, Order::Signed)
        }
        Scheme::Heads(table) => heads::Cut::of(words, table).size(isa),
        other => {
            let mut out = Vec::new();
            write(isa, other, words, order, &mut out);
            out.len()
        }
    }
}

/// What each word of a block lacks to the next one.
pub(super) fn differences<L: Word>(isa: Isa, words: &[L]) -> Vec<L> {
    let mut steps = vec![L::zero(); words.len()];
    for (words, steps) in words.chunks(BLOCK_N).zip(steps.chunks_mut(BLOCK_N)) {
        vertical::differences(isa, words, steps);
    }
    steps
}

/// Words of floats in their order.
pub(super) fn ordered<L: Word>(isa: Isa, words: &[L]) -> Vec<L> {
    let mut ordered = vec![L::zero(); words.len()];
    vertical::to_ordered(isa, words, &mut ordered);
    ordered
}
