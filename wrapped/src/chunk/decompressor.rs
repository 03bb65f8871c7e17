//! Decompressing the pages of a chunk: whole, by rows, or as a stream.

use std::fmt;
use std::ops::Range;

use super::memory::{Held, PageScratch};
use super::pages::{Pages, Stream};
use super::reader::PageReader;
use crate::dtype::Number;
use crate::error::{Error, Result};
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::layout::pco::{self, FormatVersion};
use crate::model::ChunkModel;
use crate::page::Page;
use crate::parallel;

/// How far a read came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Numbers written to the destination.
    pub n_processed: usize,
    /// Whether these were the last of what is read.
    pub finished: bool,
    /// How many bytes all of it takes: known where it was read to its end, and nowhere else.
    pub n_bytes: Option<usize>,
}

/// Decompresses the pages of one chunk. It is never changed, and threads can share it.
pub struct ChunkDecompressor<T: Number> {
    meta: ChunkModel<T::Latent>,
    pub(super) pages: Pages<T::Latent>,
}

impl<T: Number> fmt::Debug for ChunkDecompressor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("ChunkDecompressor");
        words.field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<T: Number> ChunkDecompressor<T> {
    pub(crate) fn new(src: &[u8], version: FormatVersion, isa: Isa) -> Result<(Self, usize)> {
        (T::engine().new_decompressor)(src, version, isa)
    }

    pub(super) fn compiled_new(
        src: &[u8],
        version: FormatVersion,
        isa: Isa,
    ) -> Result<(Self, usize)> {
        let (meta, n_bytes) = pco::chunk::read::<T>(src, version)?;
        let pages = Pages::new::<T>(&meta, isa);
        Ok((Self { meta, pages }, n_bytes))
    }

    /// What the chunk's pages share.
    #[must_use]
    pub fn meta(&self) -> &ChunkModel<T::Latent> {
        &self.meta
    }

    /// What reads pages one after another, in memory that it keeps.
    #[must_use]
    pub fn reader(&self) -> PageReader<'_, T> {
        PageReader::new(self, Held::Own(PageScratch::default()))
    }

    /// [`reader`](Self::reader) in memory of the caller's, who reads pages of one chunk after another.
    #[must_use]
    pub fn reader_in<'a>(&'a self, scratch: &'a mut PageScratch<T>) -> PageReader<'a, T> {
        PageReader::new(self, Held::Lent(scratch))
    }

    /// [`PageReader::read_into`] for one page.
    ///
    /// # Errors
    /// As there.
    pub fn read_page_into(&self, page: Page<'_>, dst: &mut [T]) -> Result<Progress> {
        self.reader().read_into(page, dst)
    }

    /// Decodes pages one behind the other into `dst`, which takes exactly their numbers;
    /// with the feature `parallel`, several at once, on the caller's rayon pool. One thread decodes two pages at once where
    /// that is faster: where numbers are symbols without offsets, as in dictionaries of few values.
    ///
    /// # Errors
    /// `InvalidArgument` if `dst` does not take as many numbers as the pages hold; `Truncated` or `Corrupt` of the first page
    /// that is: `dst` may then hold anything.
    pub fn read_pages_into(&self, pages: &[Page<'_>], dst: &mut [T]) -> Result<()> {
        let n = pages
            .iter()
            .try_fold(0usize, |sum, page| sum.checked_add(page.n));
        if n != Some(dst.len()) {
            let what = format!(
                "pages into a place of {} numbers, which they do not fill",
                dst.len()
            );
            return Err(Error::invalid(what));
        }
        let mut rest = dst;
        // A share of the pages for each thread, so that each makes its scratch once.
        let share_n = pages.len().div_ceil(parallel::threads()).max(1);
        let shares = pages.chunks(share_n).map(|pages| {
            let n = pages.iter().map(|page| page.n).sum();
            let (dst, after) = std::mem::take(&mut rest).split_at_mut(n);
            rest = after;
            (pages, dst)
        });
        let done: Result<Vec<()>> = parallel::map(shares.collect(), |(pages, dst)| {
            (T::engine().read_pages)(self, pages, &mut PageScratch::default(), dst)
        });
        done.map(|_| ())
    }

    /// Starts to decode a page in pieces of any length.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn page_decompressor<'a>(&'a self, page: Page<'a>) -> Result<PageDecompressor<'a, T>> {
        let stream = (T::engine().stream)(self, page)?;
        Ok(PageDecompressor {
            chunk: self,
            src: page.bytes,
            stream,
        })
    }

    /// [`PageReader::index`] for one page.
    ///
    /// # Errors
    /// As there.
    pub fn index_page(&self, page: Page<'_>) -> Result<RowIndex> {
        self.reader().index(page)
    }

    /// [`PageReader::read_rows_into`] for one page.
    ///
    /// # Errors
    /// As there.
    pub fn read_rows_into(
        &self,
        page: Page<'_>,
        index: &RowIndex,
        rows: Range<usize>,
        dst: &mut [T],
    ) -> Result<()> {
        self.reader().read_rows_into(page, index, rows, dst)
    }
}

/// Decodes one page in pieces of any length.
pub struct PageDecompressor<'a, T: Number> {
    chunk: &'a ChunkDecompressor<T>,
    src: &'a [u8],
    stream: Stream<T::Latent>,
}

impl<T: Number> fmt::Debug for PageDecompressor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("PageDecompressor");
        words.field("chunk", self.chunk).finish_non_exhaustive()
    }
}

impl<T: Number> PageDecompressor<'_, T> {
    /// Decodes the next numbers: as many as `dst` takes or the page has left.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`; the page cannot be read on then.
    pub fn read(&mut self, dst: &mut [T]) -> Result<Progress> {
        let n = dst.len().min(self.n_left());
        (T::engine().resume)(self.chunk, self.src, &mut self.stream, &mut dst[..n])?;
        let finished = self.n_left() == 0;
        let n_bytes = finished.then(|| self.bytes_read()).transpose()?;
        Ok(Progress {
            n_processed: n,
            finished,
            n_bytes,
        })
    }

    /// Numbers of the page that are left.
    #[must_use]
    pub fn n_left(&self) -> usize {
        self.stream.n_left()
    }

    /// Bytes of the page so far, which is no place to go on from. Of a page that was read to its end [`Progress::n_bytes`] says
    /// the same.
    ///
    /// # Errors
    /// `Corrupt` for padding that is not zero.
    pub fn bytes_read(&self) -> Result<usize> {
        self.chunk.pages.end(self.src, &self.stream)
    }
}
