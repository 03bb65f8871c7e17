//! Chunks as pages of a payload.

use std::ops::Range;

use paginum_wrapped::{ChunkModel, FileCompressor, FileDecompressor, Isa, ModeSpec, Number, Page};

use super::choose;
use super::chunk::ChunkReader;
use super::pool::Pool;
use super::stream::Engine;
use super::word::Word;
use crate::error::{Error, Result};
use crate::filter::paged::{PageReader, PageWriter, StoredChunk, Written};

/// What stands in the parameters, before the engine's header: the version of metadata and pages.
const VERSION: u8 = 1;

/// Writes chunks.
#[derive(Clone, Debug)]
pub(super) struct DenseWriter {
    engine: Engine,
    /// Numbers that belong together, as far as the shape of the array says so.
    components: Option<usize>,
}

impl DenseWriter {
    pub(super) fn new(level: u32, components: u64) -> Result<Self> {
        Ok(Self {
            engine: Engine {
                compressor: FileCompressor::new()?,
                level,
                mode: ModeSpec::Auto,
            },
            components: (components > 1).then_some(components as usize),
        })
    }
}

impl<T: Number<Latent: Word>> PageWriter<T> for DenseWriter {
    type Chunk = Written;

    fn header(&self) -> Vec<u8> {
        let mut header = vec![VERSION];
        self.engine.compressor.write_header(&mut header);
        header
    }

    fn chunk(&self, numbers: &[T], n_values: Vec<usize>) -> Result<Written> {
        choose::write(&self.engine, numbers, &n_values, self.components)
    }
}

/// Reads chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct DenseReader {
    isa: Isa,
    engine: FileDecompressor,
}

impl<T: Number<Latent: Word>> PageReader<T> for DenseReader {
    const NAME: &'static str = "dense";
    /// The dictionaries of each may take megabytes, and so may the tables of sixteen columns.
    const MAX_CHUNKS: usize = 4;
    const HAS_COMPONENTS: bool = false;
    const HAS_ROW_INDEXES: bool = false;
    type Chunk = ChunkReader<T>;

    fn open(header: &[u8]) -> Result<Self> {
        let Some((&VERSION, header)) = header.split_first() else {
            return Err(Error::unsupported(format!(
                "filter dense, version {header:?}"
            )));
        };
        let (engine, n_bytes) = FileDecompressor::new(header)?;
        if n_bytes != header.len() {
            return Err(Error::corrupt("bytes behind the engine's header"));
        }
        Ok(Self {
            isa: Isa::best()?,
            engine,
        })
    }

    fn chunk(&self, meta: &[u8]) -> Result<ChunkReader<T>> {
        ChunkReader::open(self.isa, &self.engine, meta)
    }
}

impl<T: Number<Latent: Word>> StoredChunk<T> for ChunkReader<T> {
    type Scratch = Pool;

    fn decode(
        &self,
        page: Page<'_>,
        _: Option<&[u8]>,
        within: Range<usize>,
        out: &mut [T],
        pool: &mut Pool,
    ) -> Result<()> {
        self.read(page, within, out, pool)
    }

    fn check_index(&self, _: &[u8], _: Page<'_>) -> Result<()> {
        Err(Error::corrupt(
            "a row index, which pages of dense do not have",
        ))
    }

    fn meta(&self) -> Option<&ChunkModel<T::Latent>> {
        None
    }
}
