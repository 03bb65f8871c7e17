//! What a filter brings: how the numbers of a chunk become metadata and pages, and how they come back.

use std::fmt::Display;
use std::ops::Range;

use paginum_wrapped::config::MAX_LEVEL;
use paginum_wrapped::{ChunkModel, Number, Page};

use crate::error::{Error, Result};

/// Makes chunks.
pub(in crate::filter) trait PageWriter<T: Number>: Send + Sync {
    /// A chunk that was looked at, whose pages can be written.
    type Chunk: ChunkPages;

    /// What stands in the parameters, for the [`PageReader`]: up to 16 bytes.
    fn header(&self) -> Vec<u8>;

    /// Looks at the numbers of a chunk, whose pages hold so many each, none of them 0.
    fn chunk(&self, numbers: &[T], n_values: Vec<usize>) -> Result<Self::Chunk>;
}

/// The pages of one chunk.
pub(in crate::filter) trait ChunkPages {
    /// Appends what a reader needs for any of the pages.
    fn write_meta(&self, out: &mut Vec<u8>);

    /// Appends page `page`, and returns its row index if it has one; empty if not. Pages are written in their order.
    fn write_page(&mut self, page: usize, out: &mut Vec<u8>) -> Result<Vec<u8>>;
}

/// Reads chunks.
pub(in crate::filter) trait PageReader<T: Number>: Send + Sync + Sized {
    /// The filter's name, for errors.
    const NAME: &'static str;
    /// Chunks that are kept at most while they are likely to be used again.
    const MAX_CHUNKS: usize;
    /// Whether arrays may be split into components, and pages have row indexes. Where not, a payload that has some is refused.
    const HAS_COMPONENTS: bool = true;
    /// See [`HAS_COMPONENTS`](Self::HAS_COMPONENTS).
    const HAS_ROW_INDEXES: bool = true;
    /// What the metadata of a chunk says.
    type Chunk: StoredChunk<T>;

    /// Reads what [`PageWriter::header`] gave.
    fn open(header: &[u8]) -> Result<Self>;

    /// Reads the metadata of a chunk: all of it.
    fn chunk(&self, meta: &[u8]) -> Result<Self::Chunk>;
}

/// A chunk whose metadata was read.
pub(in crate::filter) trait StoredChunk<T: Number>: Send + Sync {
    /// Memory that decoding uses again from page to page.
    type Scratch: Default;

    /// Decodes the numbers `within` of a page into `out`, which has room for them.
    fn decode(
        &self,
        page: Page<'_>,
        index: Option<&[u8]>,
        within: Range<usize>,
        out: &mut [T],
        scratch: &mut Self::Scratch,
    ) -> Result<()>;

    /// Checks that a row index is the one of its page.
    fn check_index(&self, stored: &[u8], page: Page<'_>) -> Result<()>;

    /// What the chunk is made of, for people to look at, if it is the engine's.
    fn meta(&self) -> Option<&ChunkModel<T::Latent>>;
}

/// What is wrong with a level that the engine does not have.
pub(in crate::filter) fn no_level(level: impl Display) -> Error {
    Error::invalid(format!(
        "level {level} of the engine; there are 0 to {MAX_LEVEL}"
    ))
}
