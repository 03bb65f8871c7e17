//! Decoded bytes of a payload, from whichever frames hold them.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::codec::{decompress_into, stream_into};
use super::map::{self, FrameEntry, FrameMap};
use crate::error::{Result, ResultExt};
use crate::filter::payload::zeroed;
use crate::filter::{Payload, parallel};
use crate::limits::Limits;

/// A payload of at most so many bytes is read whole, whatever is wanted of it.
const SMALL_BYTES: u64 = 64 << 10;
/// Neighbouring frames are read at once up to so many bytes, and then decoded in parallel.
const BATCH_BYTES: u64 = 8 << 20;
/// A frame larger than this is decoded piece by piece.
const LARGE_FRAME_BYTES: u64 = 32 << 20;
/// A frame of which only a part is wanted is decoded whole up to this size.
const ASIDE_BYTES: u64 = 8 << 20;

/// Reads decoded bytes of a payload of zstd frames. Where they lie is found out when they are first asked for.
#[derive(Debug)]
pub(in crate::filter) struct FrameReader {
    payload: Payload,
    decoded_len: u64,
    limits: Limits,
    map: Mutex<Option<Arc<FrameMap>>>,
}

impl FrameReader {
    /// For a payload that must hold `decoded_len` decoded bytes.
    pub(in crate::filter) fn new(payload: Payload, decoded_len: u64, limits: &Limits) -> Self {
        Self {
            payload,
            decoded_len,
            limits: *limits,
            map: Mutex::new(None),
        }
    }

    pub(in crate::filter) fn decoded_len(&self) -> u64 {
        self.decoded_len
    }

    fn map(&self, payload: &Payload) -> Result<Arc<FrameMap>> {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(map) = &*map {
            return Ok(map.clone());
        }
        let found = Arc::new(FrameMap::load(payload, self.decoded_len, &self.limits)?);
        Ok(map.insert(found).clone())
    }

    /// The frames.
    pub(in crate::filter) fn frames(&self) -> Result<Vec<FrameEntry>> {
        Ok(self.map(&self.payload)?.entries().to_vec())
    }

    /// The bytes of the store that `decoded` needs: all, where the frames cannot be found.
    pub(in crate::filter) fn ranges(&self, decoded: Range<u64>) -> Vec<Range<u64>> {
        if decoded.is_empty() {
            return Vec::new();
        }
        let start = self.payload.range().start;
        let Ok(map) = self.map(&self.payload) else {
            return vec![self.payload.range()];
        };
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for frame in map.covering(decoded) {
            let range = start + frame.start..start + frame.start + frame.len;
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        ranges
    }

    /// Fills `out` with the decoded bytes from `start` on.
    pub(in crate::filter) fn read(&self, start: u64, out: &mut [u8]) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        let payload = &*self.payload.in_memory(SMALL_BYTES)?;
        let map = self.map(payload)?;
        let frames = map.covering(start..start + out.len() as u64);
        let mut rest = out;
        let mut at = start;
        for batch in batches(frames) {
            let bytes = match batch {
                [frame] if frame.len > LARGE_FRAME_BYTES => None,
                _ => Some(payload.bytes(batch[0].start..batch[batch.len() - 1].range().end)?),
            };
            let mut work = Vec::with_capacity(batch.len());
            for frame in batch {
                let n = (frame.decoded_end() - at).min(rest.len() as u64);
                let (target, after) = rest.split_at_mut(n as usize);
                work.push((frame, at - frame.decoded_start, target));
                (rest, at) = (after, at + n);
            }
            parallel::map(work, |(frame, skip, target)| {
                let in_batch = (frame.start - batch[0].start) as usize;
                let bytes = bytes
                    .as_ref()
                    .map(|bytes| &bytes[in_batch..in_batch + frame.len as usize]);
                decode_part(payload, frame, bytes, skip, target)
            })?;
        }
        Ok(())
    }

    /// Checks what reading does not need; see [`map::check_layout`].
    pub(in crate::filter) fn check_layout(&self) -> Result<()> {
        map::check_layout(&self.payload, self.decoded_len, &self.limits)
    }

    /// Decodes all frames, those without decoded bytes included, and forgets them.
    pub(in crate::filter) fn verify(&self) -> Result<()> {
        self.check_layout()?;
        for frame in self.frames()? {
            let max = frame.decoded_len;
            let n = stream_into(&self.payload, frame.range(), 0, &mut [], max)?;
            if n != max {
                return Err(crate::Error::corrupt(format!(
                    "a frame of {n} decoded bytes where {max} were promised"
                ))
                .at(self.payload.offset_of(frame.start)));
            }
        }
        Ok(())
    }
}

/// Fills `target` with the decoded bytes of a frame from `skip` on.
fn decode_part(
    payload: &Payload,
    frame: &FrameEntry,
    bytes: Option<&[u8]>,
    skip: u64,
    target: &mut [u8],
) -> Result<()> {
    let is_whole = target.len() as u64 == frame.decoded_len;
    match bytes {
        Some(bytes) if is_whole => decompress_into(bytes, target),
        Some(bytes) if frame.decoded_len <= ASIDE_BYTES => {
            let mut aside = zeroed(frame.decoded_len)?;
            let result = decompress_into(bytes, &mut aside);
            target.copy_from_slice(&aside[skip as usize..skip as usize + target.len()]);
            result
        }
        _ => {
            let max = frame.decoded_len;
            match stream_into(payload, frame.range(), skip, target, max)? {
                n if n == max => Ok(()),
                n => Err(crate::Error::corrupt(format!(
                    "a frame of {n} decoded bytes where {max} were promised"
                ))),
            }
        }
    }
    .at(payload.offset_of(frame.start))
}

/// Cuts frames into runs of neighbours that are read at once.
fn batches(mut frames: &[FrameEntry]) -> impl Iterator<Item = &[FrameEntry]> {
    std::iter::from_fn(move || {
        let first = frames.first()?;
        let mut n = 1;
        while let Some(next) = frames.get(n)
            && next.start >= frames[n - 1].range().end
            && next.range().end - first.start <= BATCH_BYTES
        {
            n += 1;
        }
        let (batch, rest) = frames.split_at(n);
        frames = rest;
        Some(batch)
    })
}
