//! The schemes as a codec of pages.

use std::ops::Range;

use paginum_wrapped::{self as engine, ChunkModel, Isa, Number};

use super::choose::choose;
use super::page::{Page, write_page};
use super::scheme::Scheme;
use super::shape::Shape;
use super::word::{Order, Word};
use crate::error::{Error, Result};
use crate::filter::cursor::Cursor;
use crate::filter::paged::{PageReader, PageWriter, StoredChunk, Written};

/// What stands in the parameters: the version of metadata and pages.
const VERSION: u8 = 1;

/// Writes chunks.
#[derive(Clone, Debug)]
pub(super) struct FastWriter {
    isa: Isa,
    shape: Shape,
}

impl FastWriter {
    pub(super) fn new(shape: Shape) -> Result<Self> {
        Ok(Self {
            isa: Isa::best()?,
            shape,
        })
    }
}

impl<T: Number<Latent: Word>> PageWriter<T> for FastWriter {
    type Chunk = Written;

    fn header(&self) -> Vec<u8> {
        vec![VERSION]
    }

    fn chunk(&self, numbers: &[T], n_values: Vec<usize>) -> Result<Written> {
        let words: &[T::Latent] = bytemuck::cast_slice(numbers);
        let order = Order::of(T::NUMBER_TYPE);
        let page_n = n_values.first().copied().unwrap_or(0);
        let scheme = choose(self.isa, words, order, &self.shape, page_n);
        let chunk = written(self.isa, &scheme, words, &n_values, order);
        let is_raw = matches!(scheme, Scheme::Raw);
        // What a sample promised is held against what came of it: that it is smaller, and that it is read as it was.
        let is_kept = || {
            chunk.size() <= size_of_val(words)
                && reads_as(&chunk, self.isa, words, &n_values, order)
        };
        if is_raw || is_kept() {
            return Ok(chunk);
        }
        Ok(written(self.isa, &Scheme::Raw, words, &n_values, order))
    }
}

/// A chunk in its scheme.
fn written<L: Word>(
    isa: Isa,
    scheme: &Scheme<L>,
    words: &[L],
    n_values: &[usize],
    order: Order,
) -> Written {
    let mut written = Written::default();
    scheme.write(isa, &mut written.meta);
    let mut start = 0;
    for n in n_values {
        let page = &words[start..start + n];
        write_page(isa, scheme, page, start, order, &mut written.pages);
        written.ends.push(written.pages.len());
        start += n;
    }
    written
}

/// Whether a reader finds these words in a chunk.
fn reads_as<L: Word>(
    written: &Written,
    isa: Isa,
    words: &[L],
    n_values: &[usize],
    order: Order,
) -> bool {
    let Ok(scheme) = Scheme::read(isa, &written.meta, order) else {
        return false;
    };
    let (mut found, mut scratch) = (Vec::new(), Vec::new());
    let mut start = 0;
    n_values.iter().enumerate().all(|(page, &n)| {
        let page = engine::Page::new(written.page(page), n);
        found.resize(n, L::zero());
        let read = decode_page(isa, &scheme, page, 0..n, &mut found, &mut scratch);
        let expected = &words[start..start + n];
        start += n;
        read.is_ok() && found == expected
    })
}

/// Decodes the words `within` a page.
fn decode_page<L: Word>(
    isa: Isa,
    scheme: &Scheme<L>,
    page: engine::Page<'_>,
    within: Range<usize>,
    out: &mut [L],
    scratch: &mut Vec<L>,
) -> Result<()> {
    let mut cursor = Cursor::new(page.bytes);
    let mut page = Page::read(scheme, page.n, &mut cursor)?;
    cursor.finish()?;
    if within.len() > 1 {
        page.prepare(isa)?;
    }
    page.decode(isa, within, out, scratch)
}

/// Reads chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct FastReader {
    isa: Isa,
}

impl<T: Number<Latent: Word>> PageReader<T> for FastReader {
    const NAME: &'static str = "fast";
    /// The dictionaries of each may take half a megabyte.
    const MAX_CHUNKS: usize = 16;
    const HAS_COMPONENTS: bool = false;
    const HAS_ROW_INDEXES: bool = false;
    type Chunk = FastChunk<T::Latent>;

    fn open(header: &[u8]) -> Result<Self> {
        if header != [VERSION] {
            return Err(Error::unsupported(format!(
                "filter fast, version {header:?}"
            )));
        }
        Ok(Self { isa: Isa::best()? })
    }

    fn chunk(&self, meta: &[u8]) -> Result<FastChunk<T::Latent>> {
        Ok(FastChunk {
            isa: self.isa,
            scheme: Scheme::read(self.isa, meta, Order::of(T::NUMBER_TYPE))?,
        })
    }
}

/// A chunk whose scheme was read.
#[derive(Debug)]
pub(super) struct FastChunk<L> {
    isa: Isa,
    scheme: Scheme<L>,
}

impl<T: Number<Latent: Word>> StoredChunk<T> for FastChunk<T::Latent> {
    type Scratch = Vec<T::Latent>;

    fn decode(
        &self,
        page: engine::Page<'_>,
        _: Option<&[u8]>,
        within: Range<usize>,
        out: &mut [T],
        scratch: &mut Vec<T::Latent>,
    ) -> Result<()> {
        let out = bytemuck::cast_slice_mut(out);
        decode_page(self.isa, &self.scheme, page, within, out, scratch)
    }

    fn check_index(&self, _: &[u8], _: engine::Page<'_>) -> Result<()> {
        // None: they are refused when the payload is opened.
        Err(Error::corrupt("a row index of a page of fast"))
    }

    fn meta(&self) -> Option<&ChunkModel<T::Latent>> {
        None
    }
}
