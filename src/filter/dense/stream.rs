//! Columns of numbers as the engine codes them: one chunk, whose pages hold as many as they do, also none.

use std::fmt;

use paginum_wrapped::{
    ChunkCompressor, ChunkConfig, ChunkDecompressor, FileCompressor, FileDecompressor, ModeSpec,
    Number, Page, PageScratch, PagingSpec,
};

use super::pool::Pool;
use crate::error::{Error, Result};
use crate::filter::cursor::Cursor;
use crate::filter::paged::Written;

/// The engine, and how hard it tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Engine {
    pub(super) compressor: FileCompressor,
    pub(super) level: u32,
    /// How numbers become latents.
    pub(super) mode: ModeSpec,
}

impl Engine {
    /// For words of which no mode makes anything: ranks, differences, and what describes matches.
    pub(super) fn for_words(self) -> Self {
        let mode = ModeSpec::Classic;
        Self { mode, ..self }
    }

    /// Codes numbers, of which each page holds so many.
    pub(super) fn write<T: Number>(&self, numbers: &[T], n_per_page: &[usize]) -> Result<Written> {
        self.train(numbers, n_per_page)?.write()
    }

    /// All of that but writing.
    pub(super) fn train<'a, T: Number>(
        &self,
        numbers: &[T],
        n_per_page: &'a [usize],
    ) -> Result<Trained<'a, T>> {
        let held = n_per_page.iter().copied().filter(|n| *n > 0).collect();
        let config = ChunkConfig::default()
            .with_level(self.level)
            .with_mode_spec(self.mode)
            .with_paging_spec(PagingSpec::Exact(held));
        let chunk = self.compressor.chunk_compressor(numbers, &config)?;
        Ok(Trained { chunk, n_per_page })
    }
}

/// A chunk that is ready to be written.
#[derive(Debug)]
pub(super) struct Trained<'a, T: Number> {
    pub(super) chunk: ChunkCompressor<T>,
    n_per_page: &'a [usize],
}

impl<T: Number> Trained<'_, T> {
    pub(super) fn write(&self) -> Result<Written> {
        let mut written = Written::default();
        self.chunk.write_meta(&mut written.meta);
        let mut writer = self.chunk.writer();
        let mut page = 0;
        for n in self.n_per_page {
            if *n > 0 {
                writer.write(page, &mut written.pages)?;
                page += 1;
            }
            written.ends.push(written.pages.len());
        }
        Ok(written)
    }
}

/// Reads the pages of a stream as the words that its numbers are.
pub(super) trait StreamReader<W>: fmt::Debug + Send + Sync {
    /// Decodes the page at the cursor, which holds as many numbers as `out` takes.
    fn read(&self, cursor: &mut Cursor<'_>, out: &mut [W], pool: &mut Pool) -> Result<()>;
}

impl<T: Number> StreamReader<T::Latent> for ChunkDecompressor<T> {
    fn read(&self, cursor: &mut Cursor<'_>, out: &mut [T::Latent], pool: &mut Pool) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        let page = Page::new(cursor.rest(), out.len());
        let numbers: &mut [T] = bytemuck::cast_slice_mut(out);
        let mut scratch = pool.take::<PageScratch<T>>();
        let read = self.reader_in(&mut scratch).read_into(page, numbers);
        pool.give(scratch);
        let read = read.map_err(|error| Error::from(error).shifted(cursor.position()))?;
        cursor.take(read.n_bytes.expect("`out` takes all of the page"))?;
        Ok(())
    }
}

/// Reads the metadata of a stream of `T` at the cursor.
pub(super) fn open<T: Number>(
    engine: &FileDecompressor,
    cursor: &mut Cursor<'_>,
) -> Result<ChunkDecompressor<T>> {
    let (chunk, n_bytes) = engine
        .chunk_decompressor(cursor.rest())
        .map_err(|error| Error::from(error).shifted(cursor.position()))?;
    cursor.take(n_bytes)?;
    Ok(chunk)
}
