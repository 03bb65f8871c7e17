//! Decoded bytes of a payload, from whichever frames hold them.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::codec::{decompress_into, stream_into};
use super::map::{self, FrameEntry, FrameMap};
use crate::error::{Error, Result, ResultExt};
use crate::filter::payload::zeroed;
use crate::filter::{Payload, parallel};
use crate::limits::Limits;

/// A payload of at most so many bytes is read whole, whatever is wanted of it.
const SMALL_BYTES: u64 = 64 << 10;
/// Neighbouring frames are read at once up to so many bytes for each thread, and then decoded in parallel: they are still
/// in its cache when it decodes them.
const BATCH_BYTES: u64 = 2 << 20;
/// So many bytes between two frames are rather read in vain than skipped.
const GAP_BYTES: u64 = 64 << 10;
/// A frame larger than this is decoded piece by piece.
const LARGE_FRAME_BYTES: u64 = 32 << 20;
/// No frame decodes to more bytes for each of its own: a block takes 4 bytes at least, and holds 128 KiB at most.
const MAX_EXPANSION: u64 = (128 << 10) / 4;
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
        self.read_parts(vec![(start, out)])
    }

    /// Fills several buffers, each with the decoded bytes from its offset on; the parts ascend and do not overlap. A
    /// frame that several of them share is decoded once.
    pub(in crate::filter) fn read_parts(&self, mut parts: Vec<(u64, &mut [u8])>) -> Result<()> {
        parts.retain(|(_, out)| !out.is_empty());
        if parts.is_empty() {
            return Ok(());
        }
        let payload = &*self.payload.in_memory(SMALL_BYTES)?;
        let map = self.map(payload)?;
        let mut work = share_out(&map, parts);
        let mut scratch = Vec::new();
        let batch_bytes = BATCH_BYTES * parallel::threads() as u64;
        while !work.is_empty() {
            let rest = work.split_off(batch_len(&work, batch_bytes));
            let (first, last) = (work[0].frame, work[work.len() - 1].frame);
            let bytes = match first.len > LARGE_FRAME_BYTES {
                true => None,
                false => Some(payload.bytes_in(first.start..last.range().end, &mut scratch)?),
            };
            parallel::map(work, |work| {
                let bytes = bytes.map(|bytes| {
                    let start = (work.frame.start - first.start) as usize;
                    &bytes[start..start + work.frame.len as usize]
                });
                let place = payload.offset_of(work.frame.start);
                work.decode(payload, bytes).at(place)
            })?;
            work = rest;
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
            stream_whole(&self.payload, &frame, 0, &mut [])
                .at(self.payload.offset_of(frame.start))?;
        }
        Ok(())
    }
}

/// A frame, and which of its decoded bytes are wanted where.
struct Work<'a> {
    frame: FrameEntry,
    /// How many bytes are passed over, counted from the frame's first, and where the next ones go.
    targets: Vec<(u64, &'a mut [u8])>,
}

impl Work<'_> {
    /// Decodes the frame, which is `bytes`, or is still to be read if it is large.
    fn decode(mut self, payload: &Payload, bytes: Option<&[u8]>) -> Result<()> {
        let decoded_len = self.frame.decoded_len;
        if let [(skip, target)] = &mut self.targets[..] {
            match bytes {
                Some(bytes) if target.len() as u64 == decoded_len => {
                    return decompress_into(bytes, target);
                }
                Some(_) if decoded_len <= ASIDE_BYTES => {}
                _ => return stream_whole(payload, &self.frame, *skip, target),
            }
        }
        if decoded_len / MAX_EXPANSION > self.frame.len {
            return Err(Error::corrupt(format!(
                "a frame of {} bytes that promises {decoded_len}",
                self.frame.len
            )));
        }
        let mut aside = zeroed(decoded_len)?;
        match bytes {
            Some(bytes) => decompress_into(bytes, &mut aside)?,
            None => stream_whole(payload, &self.frame, 0, &mut aside)?,
        }
        for (skip, target) in &mut self.targets {
            target.copy_from_slice(&aside[*skip as usize..*skip as usize + target.len()]);
        }
        Ok(())
    }
}

/// Decodes a frame piece by piece, to its end, and checks how long that was.
fn stream_whole(payload: &Payload, frame: &FrameEntry, skip: u64, out: &mut [u8]) -> Result<()> {
    let promised = frame.decoded_len;
    let found = stream_into(payload, frame.range(), skip, out, promised)?;
    if found != promised {
        return Err(Error::corrupt(format!(
            "a frame of {found} decoded bytes where {promised} were promised"
        )));
    }
    Ok(())
}

/// Tells each frame what is wanted of it.
fn share_out<'a>(map: &FrameMap, parts: Vec<(u64, &'a mut [u8])>) -> Vec<Work<'a>> {
    let mut all: Vec<Work<'a>> = Vec::new();
    for (mut at, mut rest) in parts {
        for &frame in map.covering(at..at + rest.len() as u64) {
            let n = (frame.decoded_end() - at).min(rest.len() as u64);
            let (target, after) = rest.split_at_mut(n as usize);
            let target = (at - frame.decoded_start, target);
            match all.last_mut() {
                Some(last) if last.frame == frame => last.targets.push(target),
                _ => all.push(Work {
                    frame,
                    targets: vec![target],
                }),
            }
            (rest, at) = (after, at + n);
        }
    }
    all
}

/// How many frames from the first on are read at once: neighbours, or nearly so.
fn batch_len(work: &[Work<'_>], batch_bytes: u64) -> usize {
    let first = work[0].frame;
    let pairs = work.iter().zip(&work[1..]);
    1 + pairs
        .take_while(|(frame, next)| {
            let (end, next) = (frame.frame.range().end, next.frame);
            next.start >= end
                && next.start - end <= GAP_BYTES
                && next.range().end - first.start <= batch_bytes
        })
        .count()
}
