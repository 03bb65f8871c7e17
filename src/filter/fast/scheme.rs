//! What a chunk's pages are made of: a tree of steps, told by the metadata of the chunk.

use std::sync::Arc;

use paginum_wrapped::Isa;

use super::dictionary::Dictionary;
use super::heads::Heads;
use super::word::{Order, Word};
use crate::error::{Error, Result};
use crate::filter::cursor::{Cursor, push_word};
use crate::filter::paged::MAX_COMPONENTS;

/// Steps on top of each other: the deepest tree that a writer makes has five.
const MAX_DEPTH: u32 = 8;
/// Values of all dictionaries of a chunk, so that one takes half a megabyte at most.
pub(super) const MAX_VALUES: usize = 1 << 16;

mod kind {
    pub(super) const RAW: u8 = 0;
    pub(super) const PACKED: u8 = 1;
    pub(super) const DELTA: u8 = 2;
    pub(super) const ORDERED: u8 = 3;
    pub(super) const DICTIONARY: u8 = 4;
    pub(super) const DECIMAL: u8 = 5;
    pub(super) const SPLIT: u8 = 6;
    pub(super) const RUNS: u8 = 7;
    pub(super) const SPARSE: u8 = 8;
    pub(super) const HEADS: u8 = 9;
    pub(super) const ROWS: u8 = 10;
}

/// How words are stored.
#[derive(Clone, Debug)]
pub(super) enum Scheme<L> {
    /// As they are.
    Raw,
    /// Blocks of a base and so many bits a word.
    Packed,
    /// The first word of each block, and what each lacks to the next.
    Delta(Box<Self>),
    /// Floats, as words of their order.
    Ordered(Box<Self>),
    /// Places in a table, which are packed as words of 16 bits.
    Dictionary(Arc<Dictionary<L>>),
    /// Floats as whole numbers, times `10^f`, times `10^-e`; others are exceptions.
    Decimal { e: u8, f: u8, inner: Box<Self> },
    /// Word `i` belongs to component `i % k`.
    Split(Vec<Self>),
    /// Runs of equal words.
    Runs(Box<Self>),
    /// One word, and where others are.
    Sparse { common: L, inner: Box<Self> },
    /// The first bits by a table, the others packed.
    Heads(Heads<L>),
    /// What each word lacks to the one `row_n` words before.
    Rows { row_n: u32, inner: Box<Self> },
}

impl<L: Word> Scheme<L> {
    /// Reads the metadata of a chunk.
    pub(super) fn read(isa: Isa, bytes: &[u8], order: Order) -> Result<Self> {
        let mut cursor = Cursor::new(bytes);
        let mut reading = Reading { isa, n_values: 0 };
        let scheme = reading.scheme(&mut cursor, order, 0)?;
        cursor.finish()?;
        Ok(scheme)
    }

    /// Appends the metadata.
    pub(super) fn write(&self, isa: Isa, out: &mut Vec<u8>) {
        match self {
            Self::Raw => out.push(kind::RAW),
            Self::Packed => out.push(kind::PACKED),
            Self::Delta(inner) => {
                out.push(kind::DELTA);
                inner.write(isa, out);
            }
            Self::Ordered(inner) => {
                out.push(kind::ORDERED);
                inner.write(isa, out);
            }
            Self::Dictionary(dictionary) => {
                out.push(kind::DICTIONARY);
                push_word(dictionary.values().len() as u32, out);
                dictionary.write(isa, out);
            }
            Self::Decimal { e, f, inner } => {
                out.extend_from_slice(&[kind::DECIMAL, *e, *f]);
                inner.write(isa, out);
            }
            Self::Runs(inner) => {
                out.push(kind::RUNS);
                inner.write(isa, out);
            }
            Self::Sparse { common, inner } => {
                out.push(kind::SPARSE);
                push_word(*common, out);
                inner.write(isa, out);
            }
            Self::Heads(heads) => {
                out.push(kind::HEADS);
                heads.write(out);
            }
            Self::Rows { row_n, inner } => {
                out.push(kind::ROWS);
                push_word(*row_n, out);
                inner.write(isa, out);
            }
            Self::Split(components) => {
                out.extend_from_slice(&[kind::SPLIT, components.len() as u8]);
                for component in components {
                    component.write(isa, out);
                }
            }
        }
    }
}

impl<L> Scheme<L> {
    /// Values of all dictionaries.
    pub(super) fn n_values(&self) -> usize {
        match self {
            Self::Raw | Self::Packed | Self::Heads(_) => 0,
            Self::Dictionary(dictionary) => dictionary.len(),
            Self::Delta(inner)
            | Self::Ordered(inner)
            | Self::Decimal { inner, .. }
            | Self::Runs(inner)
            | Self::Sparse { inner, .. }
            | Self::Rows { inner, .. } => inner.n_values(),
            Self::Split(components) => components.iter().map(Self::n_values).sum(),
        }
    }

    /// Whether this or a scheme below it is of runs, of a common word or of rows.
    fn holds_words(&self) -> bool {
        match self {
            Self::Raw | Self::Packed | Self::Dictionary(_) | Self::Heads(_) => false,
            Self::Runs(_) | Self::Sparse { .. } | Self::Rows { .. } => true,
            Self::Delta(inner) | Self::Ordered(inner) | Self::Decimal { inner, .. } => {
                inner.holds_words()
            }
            Self::Split(components) => components.iter().any(Self::holds_words),
        }
    }

    pub(super) fn has_dictionary(&self) -> bool {
        self.n_values() > 0
    }
}

/// For people.
impl<L> std::fmt::Display for Scheme<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Raw => f.write_str("raw"),
            Self::Packed => f.write_str("packed"),
            Self::Delta(inner) => write!(f, "delta({inner})"),
            Self::Ordered(inner) => write!(f, "ordered({inner})"),
            Self::Dictionary(dictionary) => write!(f, "dictionary{}", dictionary.len()),
            Self::Decimal { e, f: up, inner } => write!(f, "decimal{e},{up}({inner})"),
            Self::Runs(inner) => write!(f, "runs({inner})"),
            Self::Sparse { inner, .. } => write!(f, "sparse({inner})"),
            Self::Heads(heads) => write!(f, "heads{},{}", heads.bits(), heads.len()),
            Self::Rows { row_n, inner } => write!(f, "rows{row_n}({inner})"),
            Self::Split(components) => {
                f.write_str("split(")?;
                for (i, component) in components.iter().enumerate() {
                    write!(f, "{}{component}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}

struct Reading {
    isa: Isa,
    n_values: usize,
}

impl Reading {
    fn scheme<L: Word>(
        &mut self,
        cursor: &mut Cursor<'_>,
        order: Order,
        depth: u32,
    ) -> Result<Scheme<L>> {
        if depth == MAX_DEPTH {
            return Err(cursor.corrupt("a scheme of too many steps"));
        }
        let kind = cursor.word::<u8>()?;
        let needs_floats = matches!(kind, kind::ORDERED | kind::DECIMAL);
        if needs_floats && order != Order::Float {
            return Err(cursor.corrupt("a scheme of floats for whole numbers"));
        }
        Ok(match kind {
            kind::RAW => Scheme::Raw,
            kind::PACKED => Scheme::Packed,
            kind::DELTA => Scheme::Delta(self.inner(cursor, Order::Signed, depth)?),
            kind::ORDERED => Scheme::Ordered(self.inner(cursor, Order::Unsigned, depth)?),
            kind::DICTIONARY => Scheme::Dictionary(Arc::new(self.dictionary(cursor, order)?)),
            kind::DECIMAL => {
                let (e, f) = (cursor.word::<u8>()?, cursor.word::<u8>()?);
                let is_possible = L::DECIMALS.is_some_and(|d| f <= e && e <= d.max_exponent);
                if !is_possible {
                    return Err(cursor.corrupt("decimals of impossible exponents"));
                }
                let inner = self.inner(cursor, Order::Signed, depth)?;
                Scheme::Decimal { e, f, inner }
            }
            kind::RUNS => Scheme::Runs(self.words(cursor, order, depth)?),
            kind::SPARSE => {
                let common = cursor.word()?;
                let inner = self.words(cursor, order, depth)?;
                Scheme::Sparse { common, inner }
            }
            kind::HEADS => Scheme::Heads(Heads::read(cursor)?),
            kind::ROWS => {
                let row_n = cursor.word()?;
                if row_n == 0 {
                    return Err(cursor.corrupt("rows of no numbers"));
                }
                let inner = self.words(cursor, Order::Signed, depth)?;
                Scheme::Rows { row_n, inner }
            }
            kind::SPLIT => {
                let k = usize::from(cursor.word::<u8>()?);
                // At the top alone, so that a few bytes do not stand for a tree of 16^8 steps.
                if depth > 0 || !(2..=MAX_COMPONENTS).contains(&k) {
                    return Err(cursor.corrupt("numbers split into impossible components"));
                }
                let components = (0..k).map(|_| self.scheme(cursor, order, 1));
                Scheme::Split(components.collect::<Result<_>>()?)
            }
            other => return Err(Error::unsupported(format!("scheme {other} of filter fast"))),
        })
    }

    fn inner<L: Word>(
        &mut self,
        cursor: &mut Cursor<'_>,
        order: Order,
        depth: u32,
    ) -> Result<Box<Scheme<L>>> {
        Ok(Box::new(self.scheme(cursor, order, depth + 1)?))
    }

    /// The scheme below a step that holds all words of its page in memory: no other such step.
    fn words<L: Word>(
        &mut self,
        cursor: &mut Cursor<'_>,
        order: Order,
        depth: u32,
    ) -> Result<Box<Scheme<L>>> {
        let inner = self.inner(cursor, order, depth)?;
        if inner.holds_words() {
            return Err(cursor.corrupt("runs, sparse or rows below one another"));
        }
        Ok(inner)
    }

    fn dictionary<L: Word>(
        &mut self,
        cursor: &mut Cursor<'_>,
        order: Order,
    ) -> Result<Dictionary<L>> {
        let n = cursor.word::<u32>()? as usize;
        self.n_values = self.n_values.saturating_add(n);
        if n == 0 || self.n_values > MAX_VALUES {
            return Err(cursor.corrupt("a dictionary of impossible size"));
        }
        Dictionary::read(self.isa, n, order, cursor)
    }
}
