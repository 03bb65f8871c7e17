//! Compresses arrays into standalone files, at once or chunk by chunk.

use super::header::{Header, Preamble, TERMINATOR};
use crate::chunk::CompressScratch;
use crate::config::{ChunkConfig, PagingSpec};
use crate::dtype::{Number, NumberType};
use crate::error::{Error, Result};
use crate::file::FileCompressor;
use crate::layout::pco::FormatVersion;
use crate::parallel;

/// Compresses numbers into a standalone file, one chunk for each page of the paging specification; with the feature
/// `parallel`, as many at once as the caller's rayon pool has threads. The bytes are the same for any number.
///
/// # Errors
/// `InvalidArgument` if the configuration does not fit the numbers.
pub fn compress<T: Number>(numbers: &[T], config: &ChunkConfig) -> Result<Vec<u8>> {
    let mut dst = Vec::new();
    Compressor::new(FileCompressor::new()?).compress(numbers, config, &mut dst)?;
    Ok(dst)
}

/// Compresses one array after another, each into a standalone file, in memory that it keeps.
///
/// ```
/// # use paginum_wrapped::{standalone, ChunkConfig, FileCompressor};
/// let mut compressor = standalone::Compressor::new(FileCompressor::new()?);
/// let mut file = Vec::new();
/// for array in [[1, 2, 3], [4, 5, 6]] {
///     file.clear();
///     compressor.compress(&array, &ChunkConfig::default(), &mut file)?;
///     assert_eq!(standalone::decompress::<i32>(&file)?, array);
/// }
/// # Ok::<(), paginum_wrapped::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compressor {
    compressor: FileCompressor,
    scratch: CompressScratch,
}

impl Compressor {
    /// At the tier of `compressor`.
    #[must_use]
    pub fn new(compressor: FileCompressor) -> Self {
        Self {
            compressor,
            scratch: CompressScratch::default(),
        }
    }

    /// Appends the file of an array to `dst`, as [`compress`] does it.
    ///
    /// # Errors
    /// `InvalidArgument` if the configuration does not fit the numbers; what was appended is then of no use.
    pub fn compress<T: Number>(
        &mut self,
        numbers: &[T],
        config: &ChunkConfig,
        dst: &mut Vec<u8>,
    ) -> Result<()> {
        let n_hint = numbers.len() as u64;
        let writer = FileWriter::new(self.compressor, Some(T::NUMBER_TYPE), n_hint, dst);
        let chunk_sizes = match numbers.len() {
            0 => Vec::new(),
            n => config.paging_spec.n_per_page(n)?,
        };
        let mut rest = numbers;
        let mut chunks = Vec::with_capacity(chunk_sizes.len());
        for n in chunk_sizes {
            let (chunk, after) = rest.split_at(n);
            chunks.push(chunk);
            rest = after;
        }
        parallel::append(&chunks, &mut self.scratch, dst, |chunk, scratch, dst| {
            writer.write_chunk_in(chunk, config, dst, scratch)
        })?;
        writer.finish(dst);
        Ok(())
    }
}

/// Writes a standalone file chunk by chunk, each appended to a vector that the caller may empty in between. It keeps the
/// memory that chunks are written in; chunks of one file can be written by several threads, each with a clone.
#[derive(Clone, Debug)]
pub struct FileWriter {
    compressor: FileCompressor,
    uniform_type: Option<NumberType>,
    scratch: CompressScratch,
}

impl FileWriter {
    /// Appends the headers. `uniform_type` commits the file to one number type; `n_hint` tells readers how many numbers
    /// will come, or 0.
    pub fn new(
        compressor: FileCompressor,
        uniform_type: Option<NumberType>,
        n_hint: u64,
        dst: &mut Vec<u8>,
    ) -> Self {
        let header = Header {
            uniform_type,
            n_hint,
            format: FormatVersion::CURRENT,
        };
        header.write(dst);
        Self {
            compressor,
            uniform_type,
            scratch: CompressScratch::default(),
        }
    }

    /// Appends a chunk of 1 to 2^24 numbers, as one page whatever the configuration says of pages.
    ///
    /// # Errors
    /// `InvalidArgument` if the configuration does not fit the numbers, or the type is not the file's; nothing is
    /// appended then.
    pub fn write_chunk<T: Number>(
        &mut self,
        numbers: &[T],
        config: &ChunkConfig,
        dst: &mut Vec<u8>,
    ) -> Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let written = self.write_chunk_in(numbers, config, dst, &mut scratch);
        self.scratch = scratch;
        written
    }

    fn write_chunk_in<T: Number>(
        &self,
        numbers: &[T],
        config: &ChunkConfig,
        dst: &mut Vec<u8>,
        scratch: &mut CompressScratch,
    ) -> Result<()> {
        let number_type = T::NUMBER_TYPE;
        if let Some(expected) = self
            .uniform_type
            .filter(|&expected| expected != number_type)
        {
            return Err(Error::invalid(format!(
                "a chunk of {number_type} in a file of {expected}"
            )));
        }
        let n = numbers.len();
        let one_page = config
            .clone()
            .with_paging_spec(PagingSpec::EqualPagesUpTo(n.max(1)));
        let chunk = self.compressor.chunk_compressor(numbers, &one_page)?;
        Preamble { number_type, n }.write(dst);
        chunk.write_meta(dst);
        chunk.writer_in(scratch).write(0, dst)
    }

    /// Appends the terminator.
    pub fn finish(self, dst: &mut Vec<u8>) {
        dst.push(TERMINATOR);
    }
}
