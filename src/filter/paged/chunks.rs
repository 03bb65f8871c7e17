//! Trained chunks, kept while they are likely to be used again.

use std::sync::{Arc, Mutex, PoisonError};

use paginum_wrapped::Number;

use super::chunk::{KIND_META, META_AFTER_BYTES, META_BEFORE_BYTES};
use super::codec::PageReader;
use super::directory::ChunkEntry;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::read_u32;

/// The chunks of one array.
pub(super) struct Chunks<T: Number, R: PageReader<T>> {
    pages: R,
    /// By number, those that were used last; the latest at the end.
    trained: Mutex<Vec<(u32, Arc<R::Chunk>)>>,
}

impl<T: Number, R: PageReader<T>> Chunks<T, R> {
    /// Chunks of the codec that `header` tells.
    pub(super) fn new(header: &[u8]) -> Result<Self> {
        Ok(Self {
            pages: R::open(header)?,
            trained: Mutex::new(Vec::new()),
        })
    }

    /// Chunk `chunk_no`, which lies at `entry`: one of those used last, or newly trained.
    pub(super) fn get(
        &self,
        payload: &Payload,
        chunk_no: u32,
        entry: ChunkEntry,
    ) -> Result<Arc<R::Chunk>> {
        let lock = || self.trained.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunk)) = lock().iter().find(|(no, _)| *no == chunk_no) {
            return Ok(chunk.clone());
        }
        // Without the lock: two threads may train the same chunk, which is rarer than waiting.
        let chunk = Arc::new(self.train(payload, chunk_no, entry)?);
        let mut trained = lock();
        if trained.len() == R::MAX_CHUNKS {
            trained.remove(0);
        }
        trained.push((chunk_no, chunk.clone()));
        Ok(chunk)
    }

    fn train(&self, payload: &Payload, chunk_no: u32, entry: ChunkEntry) -> Result<R::Chunk> {
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
        self.pages
            .chunk(meta)
            .shifted(place + META_BEFORE_BYTES as u64)
    }
}
