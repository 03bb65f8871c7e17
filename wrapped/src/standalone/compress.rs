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
    let compressor = FileCompressor::new()?;
    compress_with(
        compressor,
        numbers,
        config,
        &mut dst,
        &mut CompressScratch::default(),
    )?;
    Ok(dst)
}

/// The same, appended to `dst`, at the tier of a compressor and with memory that is kept for the next call.
///
/// # Errors
/// `InvalidArgument` if the configuration does not fit the numbers; what was appended is then of no use.
pub fn compress_with<T: Number>(
    compressor: FileCompressor,
    numbers: &[T],
    config: &ChunkConfig,
    dst: &mut Vec<u8>,
    scratch: &mut CompressScratch,
) -> Result<()> {
    let n_hint = numbers.len() as u64;
    let writer = FileWriter::new(compressor, Some(T::NUMBER_TYPE), n_hint, dst);
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
    parallel::append(&chunks, scratch, dst, |chunk, scratch, dst| {
        writer.write_chunk(chunk, config, dst, scratch)
    })?;
    writer.finish(dst);
    Ok(())
}

/// Writes a standalone file chunk by chunk, each appended to a vector that the caller may empty in between.
#[derive(Clone, Copy, Debug)]
pub struct FileWriter {
    compressor: FileCompressor,
    uniform_type: Option<NumberType>,
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
        }
    }

    /// Appends a chunk of 1 to 2^24 numbers, as one page whatever the configuration says of pages.
    ///
    /// # Errors
    /// `InvalidArgument` if the configuration does not fit the numbers, or the type is not the file's; nothing is
    /// appended then.
    pub fn write_chunk<T: Number>(
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
        chunk.write_page_with(0, dst, scratch)
    }

    /// Appends the terminator.
    pub fn finish(self, dst: &mut Vec<u8>) {
        dst.push(TERMINATOR);
    }
}
