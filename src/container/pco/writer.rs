//! Writing `.pco` files: elements as they come, chunks as they fill, and the trailer behind them.

use std::fmt;
use std::io::Write;

use paginum_wrapped::standalone::{FileReader, FileWriter};
use paginum_wrapped::{
    ChunkConfig, FileCompressor, Number, NumberType, PagingSpec, with_number_type,
};

use super::threads;
use super::trailer::{ChunkEntry, Trailer};
use crate::array::ArraySpec;
use crate::error::{Error, Result};

/// What a caller chooses when a `.pco` file is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PcoOptions {
    /// Level, mode and delta of every chunk; how it is paged does not matter.
    pub config: ChunkConfig,
    /// The most numbers of a chunk; all are of about the same length. 2^18 by default.
    pub chunk_n: usize,
    /// Whether the trailer is written: without it a file is all pco's, and dtype, shape and checksums are lost.
    pub has_trailer: bool,
    /// Whether the trailer holds row indexes: about 1.5 % more bytes, and rows without the start of their chunk.
    pub has_row_indexes: bool,
}

impl Default for PcoOptions {
    fn default() -> Self {
        Self {
            config: ChunkConfig::default(),
            chunk_n: 1 << 18,
            has_trailer: true,
            has_row_indexes: false,
        }
    }
}

/// Takes the elements of one array, and writes its file.
pub struct PcoWriter<W> {
    out: W,
    chunks: ChunkWriter,
    number_type: NumberType,
    trailer: Trailer,
    /// Numbers of the chunks that are still to come, the next one last.
    chunk_sizes: Vec<usize>,
    /// Bytes that were pushed and are in no chunk yet.
    pending: Vec<u8>,
    /// Where the next byte goes.
    position: u64,
    row_indexes: Vec<u8>,
}

impl<W> fmt::Debug for PcoWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("PcoWriter");
        words.field("number_type", &self.number_type);
        words
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// Compresses chunks, in several threads at a time.
struct ChunkWriter {
    files: FileWriter,
    header: Vec<u8>,
    options: PcoOptions,
}

/// A compressed chunk.
struct Chunk {
    bytes: Vec<u8>,
    row_index: Vec<u8>,
}

impl<W: Write> PcoWriter<W> {
    /// Writes the header of the file of an array of this type and shape.
    ///
    /// # Errors
    /// `Unsupported` for a dtype that pco cannot hold; `InvalidArgument` for options out of range; those of `out`.
    pub fn new(spec: ArraySpec, options: PcoOptions, mut out: W) -> Result<Self> {
        let number_type = spec.dtype().number_type().ok_or_else(|| {
            Error::unsupported(format!(
                "pco cannot hold {}: it takes real numbers, bools and times; .pv takes any array",
                spec.dtype()
            ))
        })?;
        let n = spec.elements() * spec.dtype().components();
        let mut header = Vec::new();
        let files = FileWriter::new(FileCompressor::new()?, Some(number_type), n, &mut header);
        out.write_all(&header)?;
        let too_many = |_| Error::invalid("more numbers than this machine can address");
        let mut chunk_sizes = match usize::try_from(n).map_err(too_many)? {
            0 => Vec::new(),
            n => PagingSpec::EqualPagesUpTo(options.chunk_n).n_per_page(n)?,
        };
        chunk_sizes.reverse();
        Ok(Self {
            out,
            number_type,
            trailer: Trailer {
                spec,
                terminator: 0,
                header_crc: crc32c::crc32c(&header),
                chunks: Vec::new(),
            },
            position: header.len() as u64,
            chunks: ChunkWriter {
                files,
                header,
                options,
            },
            chunk_sizes,
            pending: Vec::new(),
            row_indexes: Vec::new(),
        })
    }

    /// Takes the next bytes of the array, in C order and the dtype's byte order; they need not end with an element.
    ///
    /// # Errors
    /// `InvalidArgument` for more bytes than the array has, and for a configuration that does not fit the numbers; those
    /// of writing.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let window = self.window_bytes();
            let missing = window - self.pending.len();
            if missing == 0 {
                return Err(Error::invalid("more bytes than the array has"));
            }
            let (part, rest) = bytes.split_at(missing.min(bytes.len()));
            self.pending.extend_from_slice(part);
            bytes = rest;
            if self.pending.len() == window {
                self.write_chunks()?;
            }
        }
        Ok(())
    }

    /// Writes what stands behind the chunks, and returns the length of the file.
    ///
    /// # Errors
    /// `InvalidArgument` if bytes of the array are missing; those of writing.
    pub fn finish(self) -> Result<u64> {
        self.into_output().map(|(_, n_bytes)| n_bytes)
    }

    /// Refuses an array of which bytes are missing.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(super) fn check_is_whole(&self) -> Result<()> {
        match self.chunk_sizes.is_empty() {
            true => Ok(()),
            false => Err(Error::invalid("fewer bytes than the array has")),
        }
    }

    /// The same as [`finish`](Self::finish), and gives the output back.
    ///
    /// # Errors
    /// Those of [`finish`](Self::finish).
    pub(super) fn into_output(mut self) -> Result<(W, u64)> {
        self.check_is_whole()?;
        let mut end = Vec::new();
        self.chunks.files.finish(&mut end);
        self.trailer.terminator = self.position;
        if self.chunks.options.has_trailer {
            end.append(&mut self.row_indexes);
            end.extend(self.trailer.to_bytes()?);
        }
        self.out.write_all(&end)?;
        Ok((self.out, self.position + end.len() as u64))
    }

    /// The next chunks, as many as there are threads.
    fn window(&self) -> &[usize] {
        let n_chunks = threads::available();
        &self.chunk_sizes[self.chunk_sizes.len().saturating_sub(n_chunks)..]
    }

    fn window_bytes(&self) -> usize {
        self.window().iter().sum::<usize>() * self.number_type.size_bytes()
    }

    /// Compresses the window, whose bytes are pending, and writes it.
    fn write_chunks(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        let dtype = self.trailer.spec.dtype();
        if dtype.is_swapped() {
            let word_bytes = dtype.word_bytes() as usize;
            pending
                .chunks_exact_mut(word_bytes)
                .for_each(<[u8]>::reverse);
        }
        let sizes: Vec<usize> = self.window().iter().rev().copied().collect();
        let chunks = with_number_type!(self.number_type, |T| self
            .chunks
            .compress::<T>(&pending, &sizes))?;
        self.chunk_sizes
            .truncate(self.chunk_sizes.len() - sizes.len());
        for (chunk, n) in chunks.into_iter().zip(sizes) {
            self.out.write_all(&chunk.bytes)?;
            self.trailer.chunks.push(ChunkEntry {
                offset: self.position,
                n: n as u32,
                crc: crc32c::crc32c(&chunk.bytes),
                row_index_bytes: chunk.row_index.len() as u32,
                row_index_crc: crc32c::crc32c(&chunk.row_index),
            });
            self.position += chunk.bytes.len() as u64;
            self.row_indexes.extend(chunk.row_index);
        }
        pending.clear();
        self.pending = pending;
        Ok(())
    }
}

impl ChunkWriter {
    /// Compresses chunks of these sizes, in parallel.
    fn compress<T: Number>(&self, bytes: &[u8], sizes: &[usize]) -> Result<Vec<Chunk>> {
        let mut rest = bytes;
        let part = |n| {
            rest.split_off(..n * size_of::<T>())
                .expect("a window's bytes are pending")
        };
        threads::map(sizes.iter().map(part).collect(), |bytes| {
            self.compress_one::<T>(bytes)
        })
    }

    fn compress_one<T: Number>(&self, bytes: &[u8]) -> Result<Chunk> {
        let numbers: Vec<T> = bytemuck::pod_collect_to_vec(bytes);
        let mut bytes = self.header.clone();
        let config = &self.options.config;
        let mut files = self.files.clone();
        files.write_chunk(&numbers, config, &mut bytes)?;
        let mut row_index = Vec::new();
        if self.options.has_row_indexes {
            let mut reader = FileReader::new(&bytes)?;
            reader.seek(self.header.len());
            let chunk = reader.chunk::<T>()?.expect("a chunk was written");
            chunk.reader().index()?.write(&mut row_index);
        }
        bytes.drain(..self.header.len());
        Ok(Chunk { bytes, row_index })
    }
}
