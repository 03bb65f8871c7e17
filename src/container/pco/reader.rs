//! Reading `.pco` files: any rows, from the chunks that hold them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use paginum_wrapped::standalone::{Chunk, FileReader};
use paginum_wrapped::{FormatVersion, Number, RowIndex, with_number_type};

use super::chunk::{StoredChunk, StoredRowIndex};
use super::scan::{Scan, scan};
use super::threads;
use super::trailer::{ChunkEntry, FOOTER_BYTES, Trailer};
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayReader, ChunkSummary};
use crate::limits::Limits;
use crate::storage::ReadAt;

/// An open `.pco` file.
#[derive(Clone)]
pub struct Pco {
    store: Arc<dyn ReadAt>,
    spec: ArraySpec,
    /// What stands before the first chunk: each chunk is decoded as a file of its own behind it.
    header: Vec<u8>,
    chunks: Arc<[StoredChunk]>,
    /// The number at which each chunk starts, and the number of numbers behind the last.
    starts: Arc<[u64]>,
    has_trailer: bool,
    /// Bytes behind the terminator that are no trailer of ours.
    unknown_bytes: u64,
}

impl Pco {
    /// Reads the trailer, or decodes a file that has none from start to end.
    ///
    /// # Errors
    /// `Corrupt`, `Truncated` and `Unsupported` for what the file holds, `LimitExceeded` for a foreign file whose numbers
    /// or whose own bytes are over `limits`.
    pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Self> {
        match read_trailer(&*store, limits)? {
            Some(trailer) => Self::with_trailer(store, trailer),
            None => Self::foreign(store, limits),
        }
    }

    fn with_trailer(store: Arc<dyn ReadAt>, trailer: Trailer) -> Result<Self> {
        let header_end = trailer
            .chunks
            .first()
            .map_or(trailer.terminator, |chunk| chunk.offset);
        let header = read_range(&*store, 0..header_end)?;
        if crc32c::crc32c(&header) != trailer.header_crc {
            return Err(Error::checksum("the checksum of the header differs").at(0));
        }
        if read_range(&*store, trailer.terminator..trailer.terminator + 1)? != [0] {
            return Err(
                Error::corrupt("no terminator where the trailer says").at(trailer.terminator)
            );
        }
        let mut index_offset = trailer.terminator + 1;
        let chunk = |(i, entry): (usize, &ChunkEntry)| {
            let row_index_bytes = index_offset..index_offset + u64::from(entry.row_index_bytes);
            index_offset = row_index_bytes.end;
            StoredChunk {
                bytes: trailer.chunk_bytes(i),
                n: entry.n,
                crc: Some(entry.crc),
                row_index: (!row_index_bytes.is_empty()).then_some(StoredRowIndex {
                    bytes: row_index_bytes,
                    crc: entry.row_index_crc,
                }),
            }
        };
        let chunks = trailer.chunks.iter().enumerate().map(chunk).collect();
        Ok(Self::new(store, trailer.spec, header, chunks, true, 0))
    }

    fn foreign(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Self> {
        limits.check_total_bytes(store.len())?;
        let mut copy = Vec::new();
        let src = match store.as_slice() {
            Some(src) => src,
            None => {
                copy = read_range(&*store, 0..store.len())?;
                &copy
            }
        };
        let Scan {
            spec,
            chunks,
            terminator,
        } = scan(src, limits)?;
        let unknown_bytes = src.len() as u64 - terminator - 1;
        let header_end = chunks.first().map_or(terminator, |chunk| chunk.bytes.start);
        let header = src[..header_end as usize].to_vec();
        drop(copy);
        Ok(Self::new(store, spec, header, chunks, false, unknown_bytes))
    }

    fn new(
        store: Arc<dyn ReadAt>,
        spec: ArraySpec,
        header: Vec<u8>,
        chunks: Vec<StoredChunk>,
        has_trailer: bool,
        unknown_bytes: u64,
    ) -> Self {
        let mut starts = vec![0];
        starts.extend(chunks.iter().scan(0, |n, chunk| {
            *n += u64::from(chunk.n);
            Some(*n)
        }));
        Self {
            store,
            spec,
            header,
            chunks: chunks.into(),
            starts: starts.into(),
            has_trailer,
            unknown_bytes,
        }
    }

    /// Whether there is a trailer of ours: checksums, and type and shape as numpy has them.
    #[must_use]
    pub fn has_trailer(&self) -> bool {
        self.has_trailer
    }

    /// How many bytes stand behind the terminator that are no trailer of ours.
    #[must_use]
    pub fn unknown_bytes(&self) -> u64 {
        self.unknown_bytes
    }

    /// The version of the wire format that wrote the chunks.
    ///
    /// # Errors
    /// `Corrupt` and its kin for a header that cannot be read.
    pub fn version(&self) -> Result<FormatVersion> {
        Ok(FileReader::new(&self.header)?.version())
    }

    /// Bytes of the file.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.store.len()
    }

    fn number_type(&self) -> paginum_wrapped::NumberType {
        self.spec
            .dtype()
            .number_type()
            .expect("opening refuses dtypes without one")
    }

    /// Numbers of a row.
    fn row_numbers(&self) -> u64 {
        self.spec.row_elements() * self.spec.dtype().components()
    }

    /// The chunks that hold some of these numbers.
    fn chunks_of(&self, numbers: &Range<u64>) -> Range<usize> {
        if numbers.is_empty() {
            return 0..0;
        }
        let first = self.starts.partition_point(|&start| start <= numbers.start) - 1;
        let end = self.starts.partition_point(|&start| start < numbers.end);
        first..end
    }

    /// The header and a chunk, as a file of its own, its checksum compared.
    fn chunk_source(&self, i: usize) -> Result<Vec<u8>> {
        let chunk = &self.chunks[i];
        let mut src = self.header.clone();
        src.extend(read_range(&*self.store, chunk.bytes.clone())?);
        match chunk.crc {
            Some(crc) if crc != crc32c::crc32c(&src[self.header.len()..]) => {
                Err(Error::checksum("the checksum differs")
                    .at(chunk.bytes.start)
                    .on_page(i as u64))
            }
            _ => Ok(src),
        }
    }

    /// Opens a chunk, and holds its count against what is known of it.
    fn decoder<'a, T: Number>(&self, i: usize, src: &'a [u8]) -> Result<Chunk<'a, T>> {
        let mut reader = FileReader::new(src)?;
        reader.seek(self.header.len());
        let found = match reader.peek()? {
            Some((number_type, n))
                if number_type == T::NUMBER_TYPE && n == self.chunks[i].n as usize =>
            {
                reader.chunk::<T>()?
            }
            _ => None,
        };
        found.ok_or_else(|| {
            Error::corrupt("a chunk is not what the trailer says").at(self.header.len() as u64)
        })
    }

    /// Runs something whose errors count bytes in a chunk's source.
    fn with_chunk_error<R>(&self, i: usize, run: impl FnOnce() -> Result<R>) -> Result<R> {
        let header_bytes = self.header.len() as u64;
        let base = self.chunks[i].bytes.start - header_bytes;
        run().map_err(|error| error.on_page(i as u64).at(header_bytes).shifted(base))
    }

    /// Decodes numbers of one chunk; `range` counts from its start. The bytes come in the dtype's order.
    fn read_chunk(&self, i: usize, range: Range<usize>, out: &mut [u8]) -> Result<()> {
        let src = self.chunk_source(i)?;
        let row_index = match &self.chunks[i].row_index {
            Some(stored) if range.start > 0 => Some(self.row_index(i, stored)?),
            _ => None,
        };
        self.with_chunk_error(i, || {
            with_number_type!(self.number_type(), |T| {
                let chunk = self.decoder::<T>(i, &src)?;
                let (numbers, end) = decode(&chunk, range, row_index.as_ref())?;
                if let Some(end) = end.filter(|&end| end != src.len()) {
                    return Err(Error::corrupt("bytes between chunks").at(end as u64));
                }
                out.copy_from_slice(bytemuck::cast_slice(&numbers));
                Ok(())
            })
        })?;
        swap_if_needed(&self.spec, out);
        Ok(())
    }

    fn rebuilt_row_index(&self, i: usize) -> Result<RowIndex> {
        let src = self.chunk_source(i)?;
        self.with_chunk_error(i, || {
            with_number_type!(self.number_type(), |T| {
                let chunk = self.decoder::<T>(i, &src)?;
                Ok(chunk.reader().index()?)
            })
        })
    }

    fn row_index(&self, i: usize, stored: &StoredRowIndex) -> Result<RowIndex> {
        let bytes = read_range(&*self.store, stored.bytes.clone())?;
        let broken = || {
            Error::corrupt("a row index is broken")
                .at(stored.bytes.start)
                .on_page(i as u64)
        };
        if crc32c::crc32c(&bytes) != stored.crc {
            return Err(broken());
        }
        let (index, n_bytes) = RowIndex::read(&bytes).map_err(|_| broken())?;
        if n_bytes != bytes.len() {
            return Err(broken());
        }
        Ok(index)
    }
}

/// Decodes `range` of a chunk, and says where in its source decoding ended if that is known.
fn decode<T: Number>(
    chunk: &Chunk<'_, T>,
    range: Range<usize>,
    row_index: Option<&RowIndex>,
) -> Result<(Vec<T>, Option<usize>)> {
    if let Some(index) = row_index {
        let mut numbers = vec![T::default(); range.len()];
        chunk.reader().read_rows_into(index, range, &mut numbers)?;
        return Ok((numbers, None));
    }
    // From the start of the chunk to the last number that is wanted, and no further.
    let mut numbers = vec![T::default(); range.end];
    let end = chunk.read_into(&mut numbers)?;
    numbers.drain(..range.start);
    Ok((numbers, end))
}

fn swap_if_needed(spec: &ArraySpec, bytes: &mut [u8]) {
    if spec.dtype().is_swapped() {
        let word_bytes = spec.dtype().word_bytes() as usize;
        bytes.chunks_exact_mut(word_bytes).for_each(<[u8]>::reverse);
    }
}

fn read_range(store: &dyn ReadAt, range: Range<u64>) -> Result<Vec<u8>> {
    if range.end > store.len() {
        return Err(Error::truncated("a part of a .pco file").at(store.len()));
    }
    let too_long = |_| {
        Error::limit(
            "bytes of memory",
            usize::MAX as u64,
            range.end - range.start,
        )
    };
    let len = usize::try_from(range.end - range.start).map_err(too_long)?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_| Error::limit("bytes of memory", 0, len as u64))?;
    bytes.resize(len, 0);
    store.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes)
}

fn read_trailer(store: &dyn ReadAt, limits: &Limits) -> Result<Option<Trailer>> {
    let file_len = store.len();
    let Some(end) = file_len.checked_sub(FOOTER_BYTES as u64) else {
        return Ok(None);
    };
    let mut footer = [0; FOOTER_BYTES];
    store.read_exact_at(&mut footer, end)?;
    let Some(length) = Trailer::length(footer) else {
        return Ok(None);
    };
    limits.check_metadata_bytes(length.into())?;
    let start = end
        .checked_sub(length.into())
        .ok_or_else(|| Error::corrupt("a .pco trailer longer than its file").at(end))?;
    let bytes = read_range(store, start..end)?;
    Trailer::parse(&bytes, file_len).at(start).map(Some)
}

impl ArrayReader for Pco {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<ChunkSummary>> + '_> {
        Box::new(self.chunks.iter().enumerate().map(|(i, chunk)| {
            let src = self.chunk_source(i)?;
            self.with_chunk_error(i, || {
                with_number_type!(self.number_type(), |T| {
                    let decoder = self.decoder::<T>(i, &src)?;
                    let meta_bytes = decoder.page_offset() - self.header.len();
                    Ok(ChunkSummary::new::<T>(
                        chunk.bytes.start,
                        meta_bytes as u64,
                        chunk.bytes.end - chunk.bytes.start,
                        vec![chunk.n],
                        decoder.decompressor().meta(),
                    ))
                })
            })
        }))
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let numbers = rows.start * self.row_numbers()..rows.end * self.row_numbers();
        let chunks = self.chunks_of(&numbers);
        self.chunks[chunks]
            .iter()
            .map(|chunk| chunk.bytes.clone())
            .collect()
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        if self.store.access().is_distant() {
            self.store.prefetch(&self.ranges(rows.clone()))?;
        }
        let numbers = rows.start * self.row_numbers()..rows.end * self.row_numbers();
        let number_bytes = self.number_type().size_bytes();
        let mut rest = out;
        let parts: Vec<_> = self
            .chunks_of(&numbers)
            .map(|i| {
                let chunk = self.starts[i]..self.starts[i + 1];
                let wanted = numbers.start.max(chunk.start)..numbers.end.min(chunk.end);
                let in_chunk =
                    (wanted.start - chunk.start) as usize..(wanted.end - chunk.start) as usize;
                let part = rest.split_off_mut(..in_chunk.len() * number_bytes);
                (
                    i,
                    in_chunk,
                    part.expect("the chunks' parts add up to the rows"),
                )
            })
            .collect();
        threads::map(parts, |(i, in_chunk, part)| {
            self.read_chunk(i, in_chunk, part)
        })?;
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        for (i, chunk) in self.chunks.iter().enumerate() {
            let n_numbers = chunk.n as usize;
            let mut numbers = vec![0; n_numbers * self.number_type().size_bytes()];
            self.read_chunk(i, 0..n_numbers, &mut numbers)?;
            if let Some(stored) = &chunk.row_index {
                let rebuilt = self.rebuilt_row_index(i)?;
                if self.row_index(i, stored)? != rebuilt {
                    let error = Error::corrupt("a row index is not its chunk's");
                    return Err(error.at(stored.bytes.start).on_page(i as u64));
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Pco {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pco {{ {}, {} chunks }}", self.spec, self.chunks.len())
    }
}
