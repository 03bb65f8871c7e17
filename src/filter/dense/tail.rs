//! Words through steps and matches to the engine, and back.

use paginum_wrapped::{FileDecompressor, Isa, Number};

use super::layers::Tail;
use super::matches::{Finder, Found, expand};
use super::pool::Pool;
use super::stream::{self, Engine, StreamReader};
use super::word::Word;
use crate::error::Result;
use crate::filter::cursor::{Cursor, push_varint, push_word};
use crate::filter::paged::Written;
use crate::filter::steps::Step;

/// The words of a column and how many each page has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paged<'a, W> {
    pub(super) words: &'a [W],
    pub(super) n_per_page: &'a [usize],
}

impl<'a, W: Word> Paged<'a, W> {
    /// What the differences of the first word are to.
    pub(super) fn first(&self) -> W {
        self.words.first().copied().unwrap_or_default()
    }

    /// The words of each page.
    pub(super) fn pages(&self) -> impl Iterator<Item = &'a [W]> {
        let mut rest = self.words;
        self.n_per_page.iter().map(move |n| {
            let (page, after) = rest.split_at(*n);
            rest = after;
            page
        })
    }

    /// The words after a step.
    pub(super) fn after(&self, step: Step) -> Vec<W> {
        let mut out = Vec::with_capacity(self.words.len());
        for page in self.pages() {
            step.differences(page, self.first(), &mut out);
        }
        out
    }
}

/// Writes words that are numbers of `N`, if nothing is subtracted from them.
pub(super) fn write<N: Number<Latent: Word>>(
    engine: &Engine,
    words: Paged<'_, N::Latent>,
    tail: Tail,
    finder: Finder,
) -> Result<Written> {
    if tail.step == Step::None {
        return write_matches::<N>(engine, words, tail.matches, finder);
    }
    let differences = words.after(tail.step);
    let paged = Paged {
        words: &differences,
        ..words
    };
    let mut written = write_matches::<Signed<N>>(engine, paged, tail.matches, finder)?;
    let mut meta = Vec::new();
    push_word(words.first(), &mut meta);
    meta.append(&mut written.meta);
    Ok(Written { meta, ..written })
}

/// The number that a difference of numbers is.
pub(super) type Signed<N> = <<N as Number>::Latent as Word>::Signed;

fn write_matches<N: Number<Latent: Word>>(
    engine: &Engine,
    words: Paged<'_, N::Latent>,
    matches: bool,
    finder: Finder,
) -> Result<Written> {
    if !matches {
        return engine.write::<N>(bytemuck::cast_slice(words.words), words.n_per_page);
    }
    write_found::<N>(engine, &finder.find(words.words, words.n_per_page))
}

/// Writes literals and sequences.
fn write_found<N: Number<Latent: Word>>(
    engine: &Engine,
    found: &Found<N::Latent>,
) -> Result<Written> {
    let has_sequences = !found.runs.is_empty();
    let literals = engine.write::<N>(bytemuck::cast_slice(&found.literals), &found.n_literals)?;
    let mut parts = Vec::new();
    if has_sequences {
        for part in [&found.runs, &found.lengths, &found.distances] {
            let engine = engine.for_words();
            parts.push(engine.write::<u32>(part, &found.n_sequences)?);
        }
    }
    let mut written = Written::default();
    written.meta.push(u8::from(has_sequences));
    for part in parts.iter().chain([&literals]) {
        written.meta.extend_from_slice(&part.meta);
    }
    for page in 0..found.n_literals.len() {
        // Pages hold at most 2^24 words.
        push_varint(found.n_sequences[page] as u32, &mut written.pages);
        push_varint(found.n_literals[page] as u32, &mut written.pages);
        for part in parts.iter().chain([&literals]) {
            written.pages.extend_from_slice(part.page(page));
        }
        written.ends.push(written.pages.len());
    }
    Ok(written)
}

/// Reads pages of words.
#[derive(Debug)]
pub(super) struct TailReader<W> {
    isa: Isa,
    step: Step,
    first: W,
    matches: Option<MatchReader>,
    literals: Box<dyn StreamReader<W>>,
}

/// What pages with matches hold beside literals: runs, lengths, distances. None in a column without sequences.
#[derive(Debug)]
struct MatchReader {
    parts: Vec<Box<dyn StreamReader<u32>>>,
}

impl<W: Word> TailReader<W> {
    /// Reads the metadata of a column whose words are numbers of `N`, if nothing is subtracted from them.
    pub(super) fn open<N: Number<Latent = W>>(
        isa: Isa,
        engine: &FileDecompressor,
        tail: Tail,
        cursor: &mut Cursor<'_>,
    ) -> Result<Self> {
        let has_step = tail.step != Step::None;
        let first = if has_step { cursor.word()? } else { W::zero() };
        let matches = match tail.matches {
            true => Some(MatchReader::open(engine, cursor)?),
            false => None,
        };
        let literals: Box<dyn StreamReader<W>> = match has_step {
            true => Box::new(stream::open::<W::Signed>(engine, cursor)?),
            false => Box::new(stream::open::<N>(engine, cursor)?),
        };
        Ok(Self {
            isa,
            step: tail.step,
            first,
            matches,
            literals,
        })
    }

    pub(super) fn isa(&self) -> Isa {
        self.isa
    }

    /// Decodes the page at the cursor, which holds as many words as `out` takes.
    pub(super) fn read(
        &self,
        cursor: &mut Cursor<'_>,
        out: &mut [W],
        pool: &mut Pool,
    ) -> Result<()> {
        match &self.matches {
            Some(matches) => matches.read(&*self.literals, cursor, out, pool)?,
            None => self.literals.read(cursor, out, pool)?,
        }
        self.step.sum(self.isa, out, self.first);
        Ok(())
    }
}

impl MatchReader {
    fn open(engine: &FileDecompressor, cursor: &mut Cursor<'_>) -> Result<Self> {
        let start = cursor.clone();
        let n_parts = match cursor.word::<u8>()? {
            0 => 0,
            1 => 3,
            _ => return Err(start.corrupt("matches that are neither there nor not")),
        };
        let mut parts: Vec<Box<dyn StreamReader<u32>>> = Vec::new();
        for _ in 0..n_parts {
            parts.push(Box::new(stream::open::<u32>(engine, cursor)?));
        }
        Ok(Self { parts })
    }

    fn read<W: Word>(
        &self,
        literal_reader: &dyn StreamReader<W>,
        cursor: &mut Cursor<'_>,
        out: &mut [W],
        pool: &mut Pool,
    ) -> Result<()> {
        let start = cursor.clone();
        let (n_sequences, n_literals) = (cursor.varint()? as usize, cursor.varint()? as usize);
        // Each sequence writes a word at least, and so does each literal.
        if n_sequences > out.len() || n_literals > out.len() - n_sequences {
            return Err(start.corrupt("more literals and sequences than words"));
        }
        if self.parts.is_empty() && n_sequences > 0 {
            return Err(start.corrupt("sequences in a column that has none"));
        }
        let mut sequences = pool.take::<[Vec<u32>; 3]>();
        // Also where there are no parts: another column's may stand here.
        for part in sequences.iter_mut() {
            part.clear();
            part.resize(n_sequences, 0);
        }
        for (reader, part) in self.parts.iter().zip(sequences.iter_mut()) {
            reader.read(cursor, part, pool)?;
        }
        let mut literals = pool.take::<Vec<W>>();
        literals.resize(n_literals, W::zero());
        literal_reader.read(cursor, &mut literals, pool)?;
        let parts = [&sequences[0][..], &sequences[1], &sequences[2]];
        let expanded = expand(&literals, parts, out);
        pool.give(literals);
        pool.give(sequences);
        expanded.map_err(|error| error.at(start.position()))
    }
}
