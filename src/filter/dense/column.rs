//! Numbers of one column through their layers, and back.

use paginum_wrapped::{FileDecompressor, Isa, Number, sorted_ranks, vertical};

use super::layers::Layers;
use super::pool::Pool;
use super::price::Plan;
use super::stream::{self, Engine, StreamReader, Trained};
use super::tail::{self, Paged, TailReader};
use super::word::Word;
use crate::error::Result;
use crate::filter::cursor::{Cursor, push_varint};
use crate::filter::paged::Written;

/// The most values of a dictionary: 8 MiB of the widest numbers.
pub(super) const MAX_VALUES: usize = 1 << 20;

/// Values of dictionaries that a column may have for nothing, and those for each byte of metadata.
const FREE_VALUES: usize = 1 << 13;
const VALUES_PER_BYTE: usize = 64;

/// How many values the dictionaries of a chunk may have together, so that a few bytes cannot ask for much memory.
pub(super) fn value_budget(n_columns: usize, n_bytes: usize) -> usize {
    FREE_VALUES * n_columns + VALUES_PER_BYTE * n_bytes
}

/// A dictionary, and the rank of each number in it.
#[derive(Clone, Debug)]
struct Ranked<T> {
    values: Vec<T>,
    ranks: Ranks,
}

/// Ranks, as narrow as they can be.
#[derive(Clone, Debug)]
enum Ranks {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

/// With the ranks as `$ranks`, of type `$R`.
macro_rules! with_ranks {
    ($of:expr, |$ranks:ident: $R:ident| $body:expr) => {
        match $of {
            Ranks::U8($ranks) => {
                type $R = u8;
                $body
            }
            Ranks::U16($ranks) => {
                type $R = u16;
                $body
            }
            Ranks::U32($ranks) => {
                type $R = u32;
                $body
            }
        }
    };
}
impl<T: Number> Ranked<T> {
    /// Ranks numbers, if half of them have different values at most.
    fn of(numbers: &[T]) -> Option<Self> {
        let (values, ranks) = sorted_ranks(numbers, MAX_VALUES.min(numbers.len() / 2))?;
        let ranks = match values.len() {
            0..=0x100 => Ranks::U8(ranks.into_iter().map(|rank| rank as u8).collect()),
            0x101..=0x1_0000 => Ranks::U16(ranks.into_iter().map(|rank| rank as u16).collect()),
            _ => Ranks::U32(ranks),
        };
        Some(Self { values, ranks })
    }

    /// The dictionary, if it has not more values than readers believe.
    fn write(&self, engine: &Engine) -> Result<Option<Vec<u8>>> {
        let n = self.values.len();
        let written = engine.write(&self.values, &[n])?;
        // Of its own bytes alone, so that all columns of a chunk keep within the budget of all.
        if n > value_budget(1, written.size()) {
            return Ok(None);
        }
        let mut meta = Vec::new();
        push_varint(n as u32, &mut meta);
        meta.extend_from_slice(&written.meta);
        meta.extend_from_slice(&written.pages);
        Ok(Some(meta))
    }
}

/// Writes the numbers of a column as planned, but without a dictionary that readers would refuse.
pub(super) fn write<T: Number<Latent: Word>>(
    engine: &Engine,
    numbers: &[T],
    n_per_page: &[usize],
    plan: &Plan,
) -> Result<Written> {
    if plan.layers.dictionary
        && let Some(ranked) = Ranked::of(numbers)
        && let Some(dictionary) = ranked.write(engine)?
    {
        let engine = engine.for_words();
        let written = with_ranks!(&ranked.ranks, |words: R| {
            let words = Paged { words, n_per_page };
            tail::write::<R>(&engine, words, plan.layers.tail, plan.finder)?
        });
        return Ok(layered(plan.layers, &dictionary, written));
    }
    let (tail, finder) = match plan.layers.dictionary {
        true => plan.without_dictionary,
        false => (plan.layers.tail, plan.finder),
    };
    let words = bytemuck::cast_slice(numbers);
    let words = Paged { words, n_per_page };
    let written = tail::write::<T>(engine, words, tail, finder)?;
    let dictionary = false;
    Ok(layered(Layers { dictionary, tail }, &[], written))
}

/// A column whose layers and dictionary stand in front of what they leave.
fn layered(layers: Layers, dictionary: &[u8], written: Written) -> Written {
    let mut meta = Vec::new();
    layers.write(&mut meta);
    meta.extend_from_slice(dictionary);
    meta.extend_from_slice(&written.meta);
    Written { meta, ..written }
}

/// Writes the numbers of a column as the engine codes them.
pub(super) fn without_layers<T: Number>(trained: &Trained<'_, T>) -> Result<Written> {
    Ok(layered(Layers::default(), &[], trained.write()?))
}

/// Reads the pages of a column.
#[derive(Debug)]
pub(super) enum ColumnReader<T: Number> {
    Numbers(TailReader<T::Latent>),
    U8(Vec<T>, TailReader<u8>),
    U16(Vec<T>, TailReader<u16>),
    U32(Vec<T>, TailReader<u32>),
}

impl<T: Number<Latent: Word>> ColumnReader<T> {
    /// Reads the metadata of a column, whose dictionary may have as many values as `budget` still has.
    pub(super) fn open(
        isa: Isa,
        engine: &FileDecompressor,
        layers: Layers,
        cursor: &mut Cursor<'_>,
        budget: &mut usize,
    ) -> Result<Self> {
        let tail = layers.tail;
        if !layers.dictionary {
            let tail = TailReader::open::<T>(isa, engine, tail, cursor)?;
            return Ok(Self::Numbers(tail));
        }
        let values = read_values(engine, cursor, budget)?;
        Ok(match values.len() {
            0..=0x100 => Self::U8(values, TailReader::open::<u8>(isa, engine, tail, cursor)?),
            0x101..=0x1_0000 => {
                Self::U16(values, TailReader::open::<u16>(isa, engine, tail, cursor)?)
            }
            _ => Self::U32(values, TailReader::open::<u32>(isa, engine, tail, cursor)?),
        })
    }

    /// Decodes the page at the cursor, which holds as many numbers as `out` takes.
    pub(super) fn read(
        &self,
        cursor: &mut Cursor<'_>,
        out: &mut [T],
        pool: &mut Pool,
    ) -> Result<()> {
        match self {
            Self::Numbers(tail) => tail.read(cursor, bytemuck::cast_slice_mut(out), pool),
            Self::U8(values, tail) => look_up(values, tail, cursor, out, pool),
            Self::U16(values, tail) => look_up(values, tail, cursor, out, pool),
            Self::U32(values, tail) => look_up(values, tail, cursor, out, pool),
        }
    }
}

/// Reads the values of a dictionary.
fn read_values<T: Number<Latent: Word>>(
    engine: &FileDecompressor,
    cursor: &mut Cursor<'_>,
    budget: &mut usize,
) -> Result<Vec<T>> {
    let start = cursor.clone();
    let n = cursor.varint()? as usize;
    if !(1..=MAX_VALUES.min(*budget)).contains(&n) {
        return Err(start.corrupt("a dictionary of no or too many values"));
    }
    *budget -= n;
    let reader = stream::open::<T>(engine, cursor)?;
    let mut values = vec![T::default(); n];
    reader.read(
        cursor,
        bytemuck::cast_slice_mut(&mut values),
        &mut Pool::default(),
    )?;
    let ascend = |pair: &[T]| pair[0].to_latent() < pair[1].to_latent();
    if !values.windows(2).all(ascend) {
        return Err(start.corrupt("a dictionary that does not ascend"));
    }
    Ok(values)
}

/// Decodes ranks, and looks up what they stand for.
fn look_up<T: Number, R: Word>(
    values: &[T],
    tail: &TailReader<R>,
    cursor: &mut Cursor<'_>,
    out: &mut [T],
    pool: &mut Pool,
) -> Result<()> {
    let start = cursor.clone();
    let mut ranks = pool.take::<Vec<R>>();
    ranks.resize(out.len(), R::zero());
    tail.read(cursor, &mut ranks, pool)?;
    let (values, out) = (bytemuck::cast_slice(values), bytemuck::cast_slice_mut(out));
    let are_values = vertical::gather::<T::Latent, R>(tail.isa(), values, &ranks, out);
    pool.give(ranks);
    match are_values {
        true => Ok(()),
        false => Err(start.corrupt("a rank that no value has")),
    }
}
