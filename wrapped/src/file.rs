//! The wrapped format: a header, then chunks, each metadata and pages, stored by a container that knows where each lies,
//! how many numbers each page holds, and of which type.

use crate::chunk::{ChunkCompressor, ChunkDecompressor};
use crate::config::ChunkConfig;
use crate::dtype::Number;
use crate::error::Result;
use crate::kernels::isa::Isa;
use crate::layout::pco::FormatVersion;

/// Compresses chunks for one file, at one CPU tier.
#[derive(Clone, Copy, Debug)]
pub struct FileCompressor {
    isa: Isa,
}

impl FileCompressor {
    /// At the fastest tier of this CPU.
    ///
    /// # Errors
    /// `InvalidArgument` if `PAGINUM_ISA` names no tier of this CPU.
    pub fn new() -> Result<Self> {
        Ok(Self { isa: Isa::best()? })
    }

    /// At this tier. All tiers write the same bytes.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.isa = isa;
        self
    }

    /// Appends the header.
    pub fn write_header(&self, dst: &mut Vec<u8>) {
        FormatVersion::CURRENT.write(dst);
    }

    /// Trains a chunk on its numbers.
    ///
    /// # Errors
    /// `InvalidArgument` for no numbers, more than 2^24 of them, or a configuration that does not fit them.
    pub fn chunk_compressor<T: Number>(
        &self,
        numbers: &[T],
        config: &ChunkConfig,
    ) -> Result<ChunkCompressor<T>> {
        ChunkCompressor::new(self.isa, numbers, config)
    }
}

/// Decompresses chunks after a header.
#[derive(Clone, Copy, Debug)]
pub struct FileDecompressor {
    version: FormatVersion,
    isa: Isa,
}

impl FileDecompressor {
    /// Reads the header at the start of `src`, and returns how many bytes it took. Runs on the best CPU tier.
    ///
    /// # Errors
    /// `Truncated`; `Unsupported` for a later format; `InvalidArgument` for a CPU tier forced by `PAGINUM_ISA` that
    /// there is not.
    pub fn new(src: &[u8]) -> Result<(Self, usize)> {
        let (version, n_bytes) = FormatVersion::read(src)?;
        Ok((Self::with_version(version)?, n_bytes))
    }

    /// For chunks behind a header that was read elsewhere.
    pub(crate) fn with_version(version: FormatVersion) -> Result<Self> {
        Ok(Self {
            version,
            isa: Isa::best()?,
        })
    }

    /// Runs on this CPU tier instead.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.isa = isa;
        self
    }

    /// The version of the format that wrote the file.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.version
    }

    /// Reads the metadata of a chunk of `T` at the start of `src`, and returns how many bytes it took.
    ///
    /// The metadata does not name its number type: that of another type of the same width is read without error.
    ///
    /// # Errors
    /// `Truncated` or `Corrupt`.
    pub fn chunk_decompressor<T: Number>(
        &self,
        src: &[u8],
    ) -> Result<(ChunkDecompressor<T>, usize)> {
        ChunkDecompressor::new(src, self.version, self.isa)
    }
}
