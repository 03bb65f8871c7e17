//! Writing the pages of a chunk one after another, in memory that is kept.

use super::compressor::ChunkCompressor;
use super::memory::{CompressScratch, Held};
use crate::dtype::Number;
use crate::error::{Error, Result};
use crate::index::RowIndex;

/// Writes pages of one chunk, in any order, in memory that it keeps from page to page. Each thread has its own.
///
/// ```
/// # use paginum_wrapped::{ChunkConfig, FileCompressor, PagingSpec};
/// # let numbers: Vec<i32> = (0..1000).collect();
/// # let paging = PagingSpec::EqualPagesUpTo(250);
/// # let config = ChunkConfig::default().with_paging_spec(paging);
/// let chunk = FileCompressor::new()?.chunk_compressor(&numbers, &config)?;
/// let mut writer = chunk.writer();
/// let (mut bytes, mut ends) = (Vec::new(), Vec::new());
/// for page_no in 0..chunk.n_per_page().len() {
///     writer.write(page_no, &mut bytes)?;
///     ends.push(bytes.len());
/// }
/// assert_eq!(ends.len(), 4);
/// # Ok::<(), paginum_wrapped::Error>(())
/// ```
#[derive(Debug)]
pub struct PageWriter<'a, T: Number> {
    chunk: &'a ChunkCompressor<T>,
    scratch: Held<'a, CompressScratch>,
}

impl<'a, T: Number> PageWriter<'a, T> {
    pub(super) fn new(chunk: &'a ChunkCompressor<T>, scratch: Held<'a, CompressScratch>) -> Self {
        Self { chunk, scratch }
    }

    /// Appends a page to `dst`.
    ///
    /// # Errors
    /// `InvalidArgument` if there is no such page.
    pub fn write(&mut self, page_no: usize, dst: &mut Vec<u8>) -> Result<()> {
        self.check_page_no(page_no)?;
        (T::engine().write_page)(self.chunk, page_no, dst, &mut self.scratch);
        Ok(())
    }

    /// Appends a page to `dst` and returns its row index, with the checkpoints that a decompressor would find.
    ///
    /// # Errors
    /// `InvalidArgument` if there is no such page.
    pub fn write_indexed(&mut self, page_no: usize, dst: &mut Vec<u8>) -> Result<RowIndex> {
        self.check_page_no(page_no)?;
        let write = T::engine().write_page_indexed;
        Ok(write(self.chunk, page_no, dst, &mut self.scratch))
    }

    fn check_page_no(&self, page_no: usize) -> Result<()> {
        let n_pages = self.chunk.n_per_page().len();
        if page_no >= n_pages {
            return Err(Error::invalid(format!(
                "page {page_no} of a chunk of {n_pages} pages"
            )));
        }
        Ok(())
    }
}
