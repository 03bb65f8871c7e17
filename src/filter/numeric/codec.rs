//! The engine as a codec of pages.

use std::ops::Range;

use paginum_wrapped::{
    ChunkCompressor, ChunkConfig, ChunkDecompressor, ChunkModel, CompressScratch, FileCompressor,
    FileDecompressor, Number, Page, PageScratch, PagingSpec, RowIndex,
};

use crate::error::{Error, Result};
use crate::filter::paged::{ChunkPages, PageReader, PageWriter, StoredChunk, no_level};

/// Pages of more numbers than this get row indexes: smaller ones are decoded whole as fast.
const INDEXED_PAGE_NUMBERS: usize = 1 << 14;

/// How every chunk of an array is compressed.
#[derive(Clone, Debug)]
pub(super) struct EngineWriter {
    compressor: FileCompressor,
    level: u32,
    has_indexes: bool,
}

impl EngineWriter {
    /// At a level of the engine, for pages of up to `page_numbers`.
    ///
    /// # Errors
    /// `InvalidArgument` for a level that the engine does not have.
    pub(super) fn new(level: u32, page_numbers: usize) -> Result<Self> {
        if level > paginum_wrapped::config::MAX_LEVEL {
            return Err(no_level(level));
        }
        Ok(Self {
            compressor: FileCompressor::new()?,
            level,
            has_indexes: page_numbers > INDEXED_PAGE_NUMBERS,
        })
    }
}

impl<T: Number> PageWriter<T> for EngineWriter {
    type Chunk = WrittenChunk<T>;

    fn header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        self.compressor.write_header(&mut header);
        header
    }

    fn chunk(&self, numbers: &[T], n_values: Vec<usize>) -> Result<WrittenChunk<T>> {
        let config = ChunkConfig::default()
            .with_level(self.level)
            .with_paging_spec(PagingSpec::Exact(n_values));
        Ok(WrittenChunk {
            chunk: self.compressor.chunk_compressor(numbers, &config)?,
            has_indexes: self.has_indexes,
            scratch: CompressScratch::default(),
        })
    }
}

/// A chunk of the engine, and what writing its pages uses again.
pub(super) struct WrittenChunk<T: Number> {
    chunk: ChunkCompressor<T>,
    has_indexes: bool,
    scratch: CompressScratch,
}

impl<T: Number> ChunkPages for WrittenChunk<T> {
    fn write_meta(&self, out: &mut Vec<u8>) {
        self.chunk.write_meta(out);
    }

    fn write_page(&mut self, page: usize, out: &mut Vec<u8>) -> Result<Vec<u8>> {
        let mut index = Vec::new();
        let mut writer = self.chunk.writer_in(&mut self.scratch);
        if self.has_indexes {
            let rows = writer.write_indexed(page, out)?;
            if rows.n_checkpoints() > 0 {
                rows.write(&mut index);
            }
        } else {
            writer.write(page, out)?;
        }
        Ok(index)
    }
}

impl<T: Number> PageReader<T> for FileDecompressor {
    const NAME: &'static str = "numeric";
    /// A table or two of a few KiB each.
    const MAX_CHUNKS: usize = 64;
    type Chunk = ChunkDecompressor<T>;

    fn open(header: &[u8]) -> Result<Self> {
        let (engine, n_bytes) = Self::new(header)?;
        if n_bytes != header.len() {
            return Err(Error::corrupt("bytes behind the engine's header"));
        }
        Ok(engine)
    }

    fn chunk(&self, meta: &[u8]) -> Result<ChunkDecompressor<T>> {
        let (chunk, n_bytes) = self.chunk_decompressor(meta)?;
        if n_bytes != meta.len() {
            return Err(Error::corrupt("bytes behind chunk metadata").at(n_bytes as u64));
        }
        Ok(chunk)
    }
}

/// Memory that decoding uses again from page to page.
pub(in crate::filter) struct Scratch<T: Number> {
    page: PageScratch<T>,
    front: Vec<T>,
}

impl<T: Number> Default for Scratch<T> {
    fn default() -> Self {
        Self {
            page: PageScratch::default(),
            front: Vec::new(),
        }
    }
}

impl<T: Number> StoredChunk<T> for ChunkDecompressor<T> {
    type Scratch = Scratch<T>;

    fn decode(
        &self,
        page: Page<'_>,
        index: Option<&[u8]>,
        within: Range<usize>,
        out: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        if let Some(index) = index {
            let (index, _) = RowIndex::read(index)?;
            let mut reader = self.reader_in(&mut scratch.page);
            return Ok(reader.read_rows_into(page, &index, within, out)?);
        }
        if within.start == 0 {
            return decode_front(self, page, out, scratch);
        }
        let mut front = std::mem::take(&mut scratch.front);
        front.resize(within.end, T::default());
        let read = decode_front(self, page, &mut front, scratch);
        out.copy_from_slice(&front[within]);
        scratch.front = front;
        read
    }

    fn check_index(&self, stored: &[u8], page: Page<'_>) -> Result<()> {
        let (index, n_bytes) = RowIndex::read(stored)?;
        let own = self.index_page(page)?;
        let mut expected = Vec::new();
        own.write(&mut expected);
        if n_bytes != stored.len() || index.spacing() != own.spacing() || expected != stored {
            return Err(Error::corrupt("a row index that is not its page's"));
        }
        Ok(())
    }

    fn meta(&self) -> Option<&ChunkModel<T::Latent>> {
        Some(Self::meta(self))
    }
}

/// Decodes the first values of a page, as many as `out` holds.
fn decode_front<T: Number>(
    chunk: &ChunkDecompressor<T>,
    page: Page<'_>,
    out: &mut [T],
    scratch: &mut Scratch<T>,
) -> Result<()> {
    let read = chunk.reader_in(&mut scratch.page).read_into(page, out)?;
    match read.n_bytes {
        Some(n) if n != page.bytes.len() => Err(Error::corrupt("bytes behind a page").at(n as u64)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page, and its row index.
    type Written = (Vec<u8>, Vec<u8>);

    /// Two pages of `n` numbers each, and their chunk as it is read.
    fn pages(n: usize) -> ([Written; 2], ChunkDecompressor<i64>) {
        let writer = EngineWriter::new(8, INDEXED_PAGE_NUMBERS + 1).unwrap();
        // No number tells of the next, and small ones are frequent: batches differ in length.
        let mixed = |i: i64| i.wrapping_mul(0x5851_f42d_4c95_7f2d) >> 40;
        let number = |i: i64| mixed(mixed(i) ^ i) >> (mixed(i) & 15);
        let numbers: Vec<i64> = (0..2 * n as i64).map(number).collect();
        let mut chunk = writer.chunk(&numbers, vec![n, n]).unwrap();
        let mut page = |i| {
            let mut bytes = Vec::new();
            let index = ChunkPages::write_page(&mut chunk, i, &mut bytes).unwrap();
            (bytes, index)
        };
        let pages = [page(0), page(1)];
        let mut meta = Vec::new();
        chunk.write_meta(&mut meta);
        let header = PageWriter::<i64>::header(&writer);
        let reader = <FileDecompressor as PageReader<i64>>::open(&header).unwrap();
        (pages, PageReader::chunk(&reader, &meta).unwrap())
    }

    #[test]
    fn a_page_without_checkpoints_has_no_row_index() {
        let (pages, _) = pages(10);
        assert!(pages.iter().all(|(_, index)| index.is_empty()));
    }

    #[test]
    fn a_row_index_is_that_of_its_page_and_no_more() {
        let n = 2 * INDEXED_PAGE_NUMBERS;
        let (pages, chunk) = pages(n);
        let check = |index: &[u8], page: usize| {
            StoredChunk::check_index(&chunk, index, Page::new(&pages[page].0, n))
        };
        assert!(!pages[0].1.is_empty() && pages[0].1 != pages[1].1);
        assert!(check(&pages[0].1, 0).is_ok() && check(&pages[1].1, 1).is_ok());
        assert!(check(&pages[0].1, 1).is_err(), "of another page");
        let longer = [&pages[0].1[..], &[0]].concat();
        assert!(check(&longer, 0).is_err(), "a byte behind it");
    }

    #[test]
    fn a_page_ends_where_its_bytes_do() {
        let (pages, chunk) = pages(100);
        let decode = |bytes: &[u8]| {
            let mut numbers = [0; 100];
            let page = Page::new(bytes, 100);
            decode_front(&chunk, page, &mut numbers, &mut Scratch::default())
        };
        decode(&pages[0].0).unwrap();
        let error = decode(&[&pages[0].0[..], &[0]].concat()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Corrupt);
    }
}
