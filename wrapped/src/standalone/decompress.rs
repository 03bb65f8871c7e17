//! A whole standalone file at once.

use super::header::TERMINATOR_BYTES;
use super::reader::{Chunk, FileReader};
use crate::chunk::{PageScratch, Progress};
use crate::dtype::Number;
use crate::error::{Error, Result};

/// The most bytes of numbers that [`decompress`] takes a file for: 8 GiB.
pub const MAX_BYTES: u64 = 8 << 30;

/// Decompresses a standalone file of at most [`MAX_BYTES`] of numbers.
///
/// # Errors
/// `Truncated`, `Corrupt`, `Unsupported`; `LimitExceeded`; `InvalidArgument` for a file of another type.
pub fn decompress<T: Number>(src: &[u8]) -> Result<Vec<T>> {
    decompress_within(src, MAX_BYTES)
}

/// Decompresses a standalone file of at most `max_bytes` bytes of numbers. Bombs are bounded in absolute terms, never by
/// ratio: honest ratios reach 100,000 to 1.
///
/// Memory is taken as numbers come: no count in the file is believed beyond what its length could pay for.
///
/// # Errors
/// As [`decompress`].
pub fn decompress_within<T: Number>(src: &[u8], max_bytes: u64) -> Result<Vec<T>> {
    let mut reader = FileReader::new(src)?;
    check_uniform_type::<T>(&reader)?;
    let mut numbers: Vec<T> = Vec::new();
    let scratch = &mut PageScratch::default();
    while let Some(chunk) = reader.chunk::<T>().map_err(|e| mixed_types(e, &numbers))? {
        check_bytes::<T>(numbers.len() + chunk.n(), max_bytes)?;
        let n_input = src.len() - chunk.page_offset();
        let end = if chunk.n() <= initial_capacity(chunk.n(), size_of::<T>(), n_input) {
            let dst = grow(&mut numbers, chunk.n())?;
            read_whole(&chunk, dst, scratch)?
        } else {
            read_in_pieces(&chunk, n_input, &mut numbers)?
        };
        reader.seek(end);
    }
    Ok(numbers)
}

/// Decompresses the first `dst.len()` numbers of a standalone file, or all.
///
/// # Errors
/// As [`decompress`], without limits: the caller's memory is one.
pub fn decompress_into<T: Number>(src: &[u8], dst: &mut [T]) -> Result<Progress> {
    let mut reader = FileReader::new(src)?;
    check_uniform_type::<T>(&reader)?;
    let scratch = &mut PageScratch::default();
    let mut n_processed = 0;
    while let Some(chunk) = reader
        .chunk::<T>()
        .map_err(|e| mixed_types(e, &dst[..n_processed]))?
    {
        let rest = &mut dst[n_processed..];
        if rest.is_empty() {
            return Ok(Progress {
                n_processed,
                ..Progress::default()
            });
        }
        let Some(end) = chunk.reader_in(scratch).read_into(rest)? else {
            return Ok(Progress {
                n_processed: dst.len(),
                ..Progress::default()
            });
        };
        reader.seek(end);
        n_processed += chunk.n();
    }
    Ok(Progress {
        n_processed,
        finished: true,
        n_bytes: Some(reader.offset() + TERMINATOR_BYTES),
    })
}

fn check_bytes<T: Number>(n: usize, max_bytes: u64) -> Result<()> {
    let asked = n as u64 * size_of::<T>() as u64;
    if asked > max_bytes {
        return Err(Error::LimitExceeded {
            what: "bytes of an array",
            limit: max_bytes,
            asked,
        });
    }
    Ok(())
}

/// How many numbers of `number_bytes` bytes may be reserved before any is decoded, with `input_bytes` of input left: what
/// 64 KiB and 64 times the input hold. Numbers past that are paid for as they come.
fn initial_capacity(n: usize, number_bytes: usize, input_bytes: usize) -> usize {
    let budget_bytes = (64 << 10) + input_bytes.saturating_mul(64);
    n.min(budget_bytes / number_bytes)
}

/// Decodes a chunk into a place of its length, and returns where it ends.
fn read_whole<T: Number>(
    chunk: &Chunk<'_, T>,
    dst: &mut [T],
    scratch: &mut PageScratch<T>,
) -> Result<usize> {
    let end = chunk.reader_in(scratch).read_into(dst)?;
    Ok(end.expect("the place takes all numbers of the chunk"))
}

/// Appends `n` numbers to be decoded into.
fn grow<T: Number>(numbers: &mut Vec<T>, n: usize) -> Result<&mut [T]> {
    let old = numbers.len();
    numbers.try_reserve(n).map_err(|_| Error::LimitExceeded {
        what: "memory for an array, in numbers",
        limit: old as u64,
        asked: (old + n) as u64,
    })?;
    numbers.resize(old + n, T::default());
    Ok(&mut numbers[old..])
}

/// Decodes a chunk that claims more numbers than its bytes have earned: each piece at most doubles the array.
fn read_in_pieces<T: Number>(
    chunk: &Chunk<'_, T>,
    n_input: usize,
    numbers: &mut Vec<T>,
) -> Result<usize> {
    let shift = |e: Error| e.shifted(chunk.page_offset() as u64);
    let mut stream = chunk.stream()?;
    let mut piece = initial_capacity(chunk.n(), size_of::<T>(), n_input);
    loop {
        let dst = grow(numbers, piece.min(stream.n_left()))?;
        let progress = stream.read(dst).map_err(shift)?;
        if let Some(n_bytes) = progress.n_bytes {
            return Ok(chunk.page_offset() + n_bytes);
        }
        piece *= 2;
    }
}

fn check_uniform_type<T: Number>(reader: &FileReader<'_>) -> Result<()> {
    match reader.uniform_type() {
        Some(uniform) if uniform != T::NUMBER_TYPE => Err(Error::invalid(format!(
            "a file of {uniform} read as {}",
            T::NUMBER_TYPE
        ))),
        _ => Ok(()),
    }
}

/// Behind chunks of the right type, one of another is the file's fault and not the caller's.
fn mixed_types<T>(error: Error, before: &[T]) -> Error {
    match error {
        Error::InvalidArgument(what) if !before.is_empty() => Error::corrupt(what),
        error => error,
    }
}
