//! Reading a standalone file chunk by chunk.

use std::ops::Range;

use super::header::{Header, PREAMBLE_BYTES, Preamble};
use crate::chunk::{ChunkDecompressor, PageDecompressor, PageReader, PageScratch};
use crate::dtype::{Number, NumberType};
use crate::error::{Error, Result};
use crate::file::FileDecompressor;
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::layout::pco::FormatVersion;
use crate::page::Page;

/// Reads a standalone file chunk by chunk.
///
/// ```
/// # use paginum_wrapped::{standalone, Result};
/// fn count(src: &[u8]) -> Result<usize> {
///     let mut reader = standalone::FileReader::new(src)?;
///     let mut n = 0;
///     while let Some(chunk) = reader.chunk::<f64>()? {
///         let mut numbers = vec![0.0; chunk.n()];
///         let end = chunk.read_into(&mut numbers)?;
///         reader.seek(end.expect("all of its numbers were read"));
///         n += numbers.len();
///     }
///     Ok(n)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FileReader<'a> {
    src: &'a [u8],
    header: Header,
    file: FileDecompressor,
    offset: usize,
}

/// A chunk of a standalone file: its metadata, and its only page.
#[derive(Debug)]
pub struct Chunk<'a, T: Number> {
    src: &'a [u8],
    n: usize,
    offset: usize,
    page_offset: usize,
    decompressor: ChunkDecompressor<T>,
}

impl<'a> FileReader<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// `Truncated`, `Corrupt`, or `Unsupported` for later versions.
    pub fn new(src: &'a [u8]) -> Result<Self> {
        let (header, offset) = Header::read(src)?;
        let file = FileDecompressor::with_version(header.format)?;
        Ok(Self {
            src,
            header,
            file,
            offset,
        })
    }

    /// Runs on this CPU tier instead of the best one.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.file = self.file.with_isa(isa);
        self
    }

    /// The version of the wrapped format that wrote the chunks.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.header.format
    }

    /// The type that the file commits itself to for all chunks, if it does.
    #[must_use]
    pub fn uniform_type(&self) -> Option<NumberType> {
        self.header.uniform_type
    }

    /// How many numbers the writer expected to write. Not to be trusted.
    #[must_use]
    pub fn n_hint(&self) -> u64 {
        self.header.n_hint
    }

    /// Where the next chunk, or the terminator, starts.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Moves to where another chunk starts, which only decoding the one before it, or an index, tells.
    pub fn seek(&mut self, offset: usize) {
        self.offset = offset;
    }

    /// The type and count of the next chunk; `None` at the terminator.
    ///
    /// # Errors
    /// `Truncated`, or `Corrupt` for a type that there is not or that the file has excluded.
    pub fn peek(&self) -> Result<Option<(NumberType, usize)>> {
        let rest = self.src.get(self.offset..).unwrap_or_default();
        let preamble = Preamble::read(rest).map_err(|e| e.shifted(self.offset as u64))?;
        let Some(Preamble { number_type, n }) = preamble else {
            return Ok(None);
        };
        match self.header.uniform_type {
            Some(uniform) if uniform != number_type => {
                let what = format!("a chunk of {number_type} in a file of {uniform}");
                Err(Error::corrupt(what).at(self.offset as u64))
            }
            _ => Ok(Some((number_type, n))),
        }
    }

    /// The type of the file's numbers, as far as it is known: the uniform one or that of the next chunk.
    ///
    /// # Errors
    /// As [`peek`](Self::peek).
    pub fn number_type(&self) -> Result<Option<NumberType>> {
        match self.uniform_type() {
            Some(uniform) => Ok(Some(uniform)),
            None => Ok(self.peek()?.map(|(number_type, _)| number_type)),
        }
    }

    /// Reads the metadata of the next chunk; `None` at the terminator. Does not move on: where the chunk ends is known
    /// when its page was decoded.
    ///
    /// # Errors
    /// As [`peek`](Self::peek), and `InvalidArgument` for a chunk of another type than `T`.
    pub fn chunk<T: Number>(&self) -> Result<Option<Chunk<'a, T>>> {
        let Some((number_type, n)) = self.peek()? else {
            return Ok(None);
        };
        if number_type != T::NUMBER_TYPE {
            return Err(Error::invalid(format!(
                "a chunk of {number_type} read as {}",
                T::NUMBER_TYPE
            )));
        }
        let meta_offset = self.offset + PREAMBLE_BYTES;
        let (decompressor, meta_bytes) = self
            .file
            .chunk_decompressor(&self.src[meta_offset..])
            .map_err(|e| e.shifted(meta_offset as u64))?;
        let page_offset = meta_offset + meta_bytes;
        Ok(Some(Chunk {
            src: self.src,
            n,
            offset: self.offset,
            page_offset,
            decompressor,
        }))
    }
}

impl<'a, T: Number> Chunk<'a, T> {
    /// Its numbers.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Where it starts in the file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Where its page starts in the file.
    #[must_use]
    pub fn page_offset(&self) -> usize {
        self.page_offset
    }

    /// Its page, with all that follows in the file.
    #[must_use]
    pub fn page(&self) -> Page<'a> {
        Page::new(&self.src[self.page_offset..], self.n)
    }

    /// What decodes its page.
    #[must_use]
    pub fn decompressor(&self) -> &ChunkDecompressor<T> {
        &self.decompressor
    }

    /// What reads the chunk.
    #[must_use]
    pub fn reader(&self) -> ChunkReader<'_, T> {
        ChunkReader {
            chunk: self,
            pages: self.decompressor.reader(),
        }
    }

    /// [`reader`](Self::reader) in memory of the caller's, who reads one chunk after another.
    #[must_use]
    pub fn reader_in<'b>(&'b self, scratch: &'b mut PageScratch<T>) -> ChunkReader<'b, T> {
        ChunkReader {
            chunk: self,
            pages: self.decompressor.reader_in(scratch),
        }
    }

    /// [`ChunkReader::read_into`] for one read.
    ///
    /// # Errors
    /// As there.
    pub fn read_into(&self, dst: &mut [T]) -> Result<Option<usize>> {
        self.reader().read_into(dst)
    }

    /// Starts to decode the chunk in pieces of any length. Their errors count bytes from the page's start.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn stream(&self) -> Result<PageDecompressor<'_, T>> {
        self.decompressor
            .page_decompressor(self.page())
            .map_err(|e| e.shifted(self.page_offset as u64))
    }
}

/// Reads a chunk of a standalone file, in memory that it keeps from read to read.
#[derive(Debug)]
pub struct ChunkReader<'a, T: Number> {
    chunk: &'a Chunk<'a, T>,
    pages: PageReader<'a, T>,
}

impl<T: Number> ChunkReader<'_, T> {
    /// Decodes the first `dst.len()` numbers, or all: then it returns where in the file the chunk ends.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn read_into(&mut self, dst: &mut [T]) -> Result<Option<usize>> {
        let progress = self.pages.read_into(self.chunk.page(), dst);
        let n_bytes = self.in_file(progress)?.n_bytes;
        Ok(n_bytes.map(|n_bytes| self.chunk.page_offset + n_bytes))
    }

    /// Decodes rows `rows` of the chunk into `dst`, which is as long, from the last checkpoint of `index` before them.
    ///
    /// # Errors
    /// Those of [`PageReader::read_rows_into`].
    pub fn read_rows_into(
        &mut self,
        index: &RowIndex,
        rows: Range<usize>,
        dst: &mut [T],
    ) -> Result<()> {
        let read = self
            .pages
            .read_rows_into(self.chunk.page(), index, rows, dst);
        self.in_file(read)
    }

    /// Builds the row index of the chunk, in one pass over it.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn index(&mut self) -> Result<RowIndex> {
        let index = self.pages.index(self.chunk.page());
        self.in_file(index)
    }

    /// Errors of pages count bytes from the page's start.
    fn in_file<R>(&self, read: Result<R>) -> Result<R> {
        read.map_err(|e| e.shifted(self.chunk.page_offset as u64))
    }
}
