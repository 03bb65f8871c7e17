//! Reading the pages of a chunk one after another, in memory that is kept.

use std::ops::Range;

use super::decompressor::{ChunkDecompressor, Progress};
use super::memory::{Held, PageScratch};
use crate::dtype::Number;
use crate::error::{Error, Result};
use crate::index::RowIndex;
use crate::page::Page;

/// Reads pages of one chunk, in any order, in memory that it keeps from page to page. Each thread has its own.
///
/// ```
/// # use paginum_wrapped::{ChunkConfig, FileCompressor, FileDecompressor, Page, PagingSpec};
/// # let numbers: Vec<i32> = (0..1000).collect();
/// # let paging = PagingSpec::EqualPagesUpTo(250);
/// # let config = ChunkConfig::default().with_paging_spec(paging);
/// # let file = FileCompressor::new()?;
/// # let chunk = file.chunk_compressor(&numbers, &config)?;
/// # let (mut header, mut meta, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
/// # file.write_header(&mut header);
/// # chunk.write_meta(&mut meta);
/// # let lengths = chunk.write_pages(&mut bytes);
/// # let (file, _) = FileDecompressor::new(&header)?;
/// let (chunk, _) = file.chunk_decompressor::<i32>(&meta)?;
/// let mut reader = chunk.reader();
/// let (mut rest, mut sum) = (&bytes[..], 0);
/// for length in lengths {
///     let (page, after) = rest.split_at(length);
///     let mut page_numbers = [0; 250];
///     reader.read_into(Page::new(page, 250), &mut page_numbers)?;
///     sum += page_numbers.iter().sum::<i32>();
///     rest = after;
/// }
/// assert_eq!(sum, numbers.iter().sum());
/// # Ok::<(), paginum_wrapped::Error>(())
/// ```
#[derive(Debug)]
pub struct PageReader<'a, T: Number> {
    chunk: &'a ChunkDecompressor<T>,
    scratch: Held<'a, PageScratch<T>>,
}

impl<'a, T: Number> PageReader<'a, T> {
    pub(super) fn new(chunk: &'a ChunkDecompressor<T>, scratch: Held<'a, PageScratch<T>>) -> Self {
        Self { chunk, scratch }
    }

    /// Decodes a page into `dst`, and returns how far that came: with the page's length in bytes, if all of it was read.
    ///
    /// `dst` may have any length: a shorter one gets the page's first numbers, and of a longer one as many are written as the
    /// page holds. [`page_decompressor`](ChunkDecompressor::page_decompressor) is what reads a page in pieces.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`; `dst` may then hold anything.
    pub fn read_into(&mut self, page: Page<'_>, dst: &mut [T]) -> Result<Progress> {
        let n = dst.len().min(page.n);
        let n_bytes = (T::engine().read_page)(self.chunk, page, &mut self.scratch, &mut dst[..n])?;
        let finished = n == page.n;
        Ok(Progress {
            n_processed: n,
            finished,
            n_bytes: finished.then_some(n_bytes),
        })
    }

    /// Decodes rows `rows` of a page into `dst`, which is as long, from the last checkpoint of `index` before them.
    ///
    /// # Errors
    /// `InvalidArgument` for rows outside the page or a `dst` of another length; `Truncated` or `Corrupt`, also for the
    /// index of another chunk.
    pub fn read_rows_into(
        &mut self,
        page: Page<'_>,
        index: &RowIndex,
        rows: Range<usize>,
        dst: &mut [T],
    ) -> Result<()> {
        if rows.start > rows.end || rows.end > page.n || rows.len() != dst.len() {
            return Err(Error::invalid(format!(
                "rows {}..{} of a page of {} into {} numbers",
                rows.start,
                rows.end,
                page.n,
                dst.len()
            )));
        }
        if rows.is_empty() {
            return Ok(());
        }
        (T::engine().read_rows)(self.chunk, page, index, rows, &mut self.scratch, dst)
    }

    /// Builds the row index of a page, in one pass over it.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn index(&mut self, page: Page<'_>) -> Result<RowIndex> {
        (T::engine().index_page)(self.chunk, page, &mut self.scratch)
    }
}
