//! Trained chunks, kept while they are likely to be used again.

use std::sync::{Arc, Mutex, PoisonError};

use paginum_wrapped::{ChunkDecompressor, FileDecompressor, Number};

use super::chunk::{KIND_META, META_AFTER_BYTES, META_BEFORE_BYTES};
use super::directory::ChunkEntry;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::read_u32;

/// Trained chunks that are kept: a table or two of a few KiB each.
const MAX_CHUNKS: usize = 64;

/// The chunks of one array.
pub(super) struct Chunks<T: Number> {
    engine: FileDecompressor,
    /// By number, those that were used last; the latest at the end.
    trained: Mutex<Vec<(u32, Arc<ChunkDecompressor<T>>)>>,
}

impl<T: Number> Chunks<T> {
    /// Chunks behind `engine_header`.
    pub(super) fn new(engine_header: &[u8]) -> Result<Self> {
        let (engine, n_bytes) = FileDecompressor::new(engine_header)?;
        if n_bytes != engine_header.len() {
            return Err(Error::corrupt("bytes behind the engine's header"));
        }
        Ok(Self {
            engine,
            trained: Mutex::new(Vec::new()),
        })
    }

    /// Chunk `chunk_no`, which lies at `entry`: one of those used last, or newly trained.
    pub(super) fn get(
        &self,
        payload: &Payload,
        chunk_no: u32,
        entry: ChunkEntry,
    ) -> Result<Arc<ChunkDecompressor<T>>> {
        let lock = || self.trained.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunk)) = lock().iter().find(|(no, _)| *no == chunk_no) {
            return Ok(chunk.clone());
        }
        // Without the lock: two threads may train the same chunk, which is rarer than waiting.
        let chunk = Arc::new(self.train(payload, chunk_no, entry)?);
        let mut trained = lock();
        if trained.len() == MAX_CHUNKS {
            trained.remove(0);
        }
        trained.push((chunk_no, chunk.clone()));
        Ok(chunk)
    }

    fn train(
        &self,
        payload: &Payload,
        chunk_no: u32,
        entry: ChunkEntry,
    ) -> Result<ChunkDecompressor<T>> {
        let place = payload.offset_of(entry.offset);
        let body = payload.bytes(entry.offset..entry.offset + u64::from(entry.length))?;
        let corrupt = |what: &'static str| Err(Error::corrupt(what).at(place));
        if body.len() < META_BEFORE_BYTES + META_AFTER_BYTES
            || body[0] != KIND_META
            || read_u32(&body[1..]) != chunk_no
        {
            return corrupt("no metadata of this chunk");
        }
        let (covered, crc) = body.split_at(body.len() - META_AFTER_BYTES);
        if read_u32(crc) != crc_of(payload.identity(), chunk_no.into(), covered) {
            return Err(Error::checksum("the checksum of chunk metadata differs").at(place));
        }
        let meta = &covered[META_BEFORE_BYTES..];
        let (chunk, n_bytes) = self
            .engine
            .chunk_decompressor(meta)
            .shifted(place + META_BEFORE_BYTES as u64)?;
        if n_bytes != meta.len() {
            return corrupt("bytes behind chunk metadata");
        }
        Ok(chunk)
    }
}
