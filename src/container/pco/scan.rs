//! Finding the chunks of a foreign `.pco`: by decoding it once, since nothing in it says how long they are.

use paginum_wrapped::standalone::FileReader;
use paginum_wrapped::{Number, NumberType, PageScratch, with_number_type};

use super::chunk::StoredChunk;
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// What a scan finds.
pub(super) struct Scan {
    pub(super) spec: ArraySpec,
    pub(super) chunks: Vec<StoredChunk>,
    /// Where the terminator stands.
    pub(super) terminator: u64,
}

/// Decodes a standalone file from start to end, keeping nothing of it.
pub(super) fn scan(src: &[u8], limits: &Limits) -> Result<Scan> {
    let reader = FileReader::new(src)?;
    // A file without numbers may have no type; numpy has no such thing, and takes what an empty list is to it.
    let number_type = reader.number_type()?.unwrap_or(NumberType::F64);
    with_number_type!(number_type, |T| scan_typed::<T>(src, limits))
}

fn scan_typed<T: Number>(src: &[u8], limits: &Limits) -> Result<Scan> {
    let mut reader = FileReader::new(src)?;
    let mut chunks = Vec::new();
    let mut n = 0;
    let mut scratch = PageScratch::default();
    // As long as a piece need be: a chunk may claim 2^24 numbers and hold none of them.
    let mut piece = vec![T::default(); 1 << 14];
    while let Some(chunk) = reader.chunk::<T>().map_err(|error| mixed_types(error, n))? {
        n += chunk.n() as u64;
        limits.check_array_bytes(n.saturating_mul(size_of::<T>() as u64))?;
        limits.check_pages(chunks.len() as u64 + 1)?;
        let end = if chunk.n() <= piece.len() {
            let end = chunk.reader_in(&mut scratch).read_into(&mut piece)?;
            end.expect("the piece takes all numbers of the chunk")
        } else {
            let shifted = |error: paginum_wrapped::Error| error.shifted(chunk.page_offset() as u64);
            let mut stream = chunk.stream()?;
            loop {
                let progress = stream.read(&mut piece).map_err(shifted)?;
                if let Some(n_bytes) = progress.n_bytes {
                    break chunk.page_offset() + n_bytes;
                }
            }
        };
        chunks.push(StoredChunk::foreign(
            chunk.offset() as u64..end as u64,
            chunk.n() as u32,
        ));
        reader.seek(end);
    }
    Ok(Scan {
        spec: ArraySpec::stored(DType::of(T::NUMBER_TYPE), [n])?,
        chunks,
        terminator: reader.offset() as u64,
    })
}

/// The type was taken from the file: a chunk of another one is the file's fault and not the caller's.
fn mixed_types(error: paginum_wrapped::Error, n_before: u64) -> Error {
    match error {
        paginum_wrapped::Error::InvalidArgument(what) if n_before > 0 => Error::corrupt(what),
        error => error.into(),
    }
}
