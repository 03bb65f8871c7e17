//! Pairs that go from one file to another as they are.

use std::io::Write;
use std::ops::Range;

use super::pairs::PairWriter;
use super::reader::Reader;
use crate::error::Result;
use crate::filter::{Payload, without_dead_tail};
use crate::storage::{PositionedWriter, ReadAt};

/// Bytes are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Copies a pair as it is, without the dead tail of its payload.
pub(crate) fn copy_pair(
    reader: &Reader,
    pair: usize,
    sink: &mut PositionedWriter<'_>,
    pairs: &mut PairWriter,
) -> Result<()> {
    let frames = &reader.index().pairs[pair];
    let payload = Payload::new(reader.store().clone(), frames.payload.range.clone())?;
    let payload = without_dead_tail(payload)?.range();
    let header = frames.header.range.clone();
    let header_bytes = header.end - header.start;
    pairs.keeps_header(None, reader.header(pair).ok());
    copy(&**reader.store(), header, sink)?;
    copy(&**reader.store(), payload.clone(), sink)?;
    pairs.push(
        &reader.names()[pair],
        (header_bytes, frames.header.decoded_size),
        (payload.end - payload.start, frames.payload.decoded_size),
    );
    pairs.retain_pair(frames.payload.decoded_size, reader.store().len());
    Ok(())
}

fn copy(store: &dyn ReadAt, range: Range<u64>, sink: &mut PositionedWriter<'_>) -> Result<()> {
    let mut piece = Vec::new();
    let mut start = range.start;
    while start < range.end {
        piece.resize((range.end - start).min(PIECE_BYTES as u64) as usize, 0);
        store.read_exact_at(&mut piece, start)?;
        sink.write_all(&piece)?;
        start += piece.len() as u64;
    }
    Ok(())
}
