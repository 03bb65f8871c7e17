//! Decoded bytes of a payload, from whichever frames hold them.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::codec::{decompress_into, wrong_size};
use super::map::{self, FrameEntry, FrameMap};
use super::stream::FrameStream;
use super::walk::{Frame, FrameKind, all_frames};
use crate::error::{Error, Result, ResultExt};
use crate::filter::payload::zeroed;
use crate::filter::skippable::ZSTD_MAGIC;
use crate::filter::{Payload, parallel};
use crate::limits::Limits;
use crate::text::counted;

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
    kept: Mutex<Kept>,
    /// Bytes decoded so far, wanted or not: tests hold them against what was asked for.
    work: AtomicU64,
}

/// What may be of use to the next read: neighbouring rows of a frame must not cost the frame each time.
#[derive(Debug, Default)]
struct Kept {
    /// A large frame, decoded as far as the last read went.
    stream: Option<FrameStream>,
    /// The frame that was last decoded aside, whole.
    whole: Option<(FrameEntry, Arc<Vec<u8>>)>,
    /// Where the large frames start whose checksums were seen to be right.
    checked: HashSet<u64>,
}

impl FrameReader {
    /// For a payload that must hold `decoded_len` decoded bytes.
    pub(in crate::filter) fn new(payload: Payload, decoded_len: u64, limits: &Limits) -> Self {
        Self {
            payload,
            decoded_len,
            limits: *limits,
            map: Mutex::new(None),
            kept: Mutex::default(),
            work: AtomicU64::new(0),
        }
    }

    /// Says which bytes of the store will be wanted soon.
    pub(in crate::filter) fn prefetch(
        &self,
        ranges: impl FnOnce() -> Vec<Range<u64>>,
    ) -> Result<()> {
        self.payload.prefetch(ranges)
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
                self.decode(work, payload, bytes).at(place)
            })?;
            work = rest;
        }
        Ok(())
    }

    /// Whether no frame has bytes of two blocks of this size: then blocks can be read in any order.
    pub(in crate::filter) fn are_within_blocks(&self, block_bytes: u64) -> Result<bool> {
        let map = self.map(&self.payload)?;
        let block = |decoded: u64| decoded / block_bytes;
        Ok(map.entries().iter().all(|frame| {
            frame.decoded_len == 0 || block(frame.decoded_start) == block(frame.decoded_end() - 1)
        }))
    }

    /// Whether every frame with decoded bytes has a checksum.
    pub(in crate::filter) fn have_checksums(&self) -> Result<bool> {
        let all = all_frames(&self.payload, &self.limits)?;
        let holds = |frame: &Frame| {
            !matches!(
                frame.kind,
                FrameKind::Data {
                    content_bytes: Some(0),
                    ..
                }
            )
        };
        let mut data = all.iter().filter(|frame| frame.is_data() && holds(frame));
        Ok(data.all(Frame::has_checksum))
    }

    /// Checks what reading does not need; see [`map::check_layout`].
    pub(in crate::filter) fn check_layout(&self) -> Result<()> {
        let map = self.map(&self.payload)?;
        map::check_layout(&self.payload, &map, self.decoded_len, &self.limits)
    }

    /// Decodes all frames, those without decoded bytes included, and forgets them.
    pub(in crate::filter) fn verify(&self) -> Result<()> {
        self.check_layout()?;
        for frame in self.frames()? {
            let stream = FrameStream::new(frame.range())?;
            self.finish(stream, &self.payload, &frame)
                .at(self.payload.offset_of(frame.start))?;
        }
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is kept is replaced as a whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, decoded: u64) {
        self.work.fetch_add(decoded, Ordering::Relaxed);
    }

    /// Decodes a frame, which is `bytes`, or is still to be read if it is large.
    fn decode(&self, mut work: Work<'_>, payload: &Payload, bytes: Option<&[u8]>) -> Result<()> {
        let frame = work.frame;
        if let [(skip, target)] = &mut work.targets[..] {
            match bytes {
                Some(bytes) if target.len() as u64 == frame.decoded_len => {
                    self.count(frame.decoded_len);
                    return decompress_into(bytes, target);
                }
                Some(_) if frame.decoded_len <= ASIDE_BYTES => {}
                _ => return self.read_on(payload, &frame, *skip, target),
            }
        }
        let whole = self.whole(payload, frame, bytes)?;
        for (skip, target) in &mut work.targets {
            target.copy_from_slice(&whole[*skip as usize..*skip as usize + target.len()]);
        }
        Ok(())
    }

    /// The decoded bytes of a frame, which stay until another one is decoded so.
    fn whole(
        &self,
        payload: &Payload,
        frame: FrameEntry,
        bytes: Option<&[u8]>,
    ) -> Result<Arc<Vec<u8>>> {
        if let Some((kept, whole)) = &self.kept().whole
            && *kept == frame
        {
            return Ok(whole.clone());
        }
        if frame.decoded_len / MAX_EXPANSION > frame.len {
            return Err(Error::corrupt(format!(
                "a frame of {} that promises {}",
                counted(frame.len, "byte"),
                frame.decoded_len
            )));
        }
        let mut aside = zeroed(frame.decoded_len)?;
        match bytes {
            Some(bytes) => {
                self.count(frame.decoded_len);
                decompress_into(bytes, &mut aside)?;
            }
            None => {
                let mut stream = FrameStream::new(frame.range())?;
                stream.fill(payload, &mut aside)?;
                self.finish(stream, payload, &frame)?;
            }
        }
        let whole = Arc::new(aside);
        self.kept().whole = Some((frame, whole.clone()));
        Ok(whole)
    }

    /// Fills `out` with the decoded bytes of a large frame from `skip` on, going on from where the last read stopped if it
    /// can. Nothing is given out of a frame whose checksum was not looked at: the first read goes on to its end.
    fn read_on(
        &self,
        payload: &Payload,
        frame: &FrameEntry,
        skip: u64,
        out: &mut [u8],
    ) -> Result<()> {
        let (kept, is_checked) = {
            let mut kept = self.kept();
            (kept.stream.take(), kept.checked.contains(&frame.start))
        };
        let can_go_on =
            |stream: &FrameStream| *stream.frame() == frame.range() && stream.decoded() <= skip;
        let mut stream = match kept.filter(can_go_on) {
            Some(stream) => stream,
            None => FrameStream::new(frame.range())?,
        };
        let before = stream.decoded();
        let filled = stream
            .skip_to(payload, skip)
            .and_then(|()| stream.fill(payload, out));
        self.count(stream.decoded() - before);
        filled?;
        if is_checked && stream.decoded() < frame.decoded_len {
            self.kept().stream = Some(stream);
            return Ok(());
        }
        if !is_checked && !has_checksum(payload, frame)? {
            self.kept().checked.insert(frame.start);
            if stream.decoded() < frame.decoded_len {
                self.kept().stream = Some(stream);
                return Ok(());
            }
        }
        self.finish(stream, payload, frame)?;
        self.kept().checked.insert(frame.start);
        Ok(())
    }

    /// Decodes what is left of a frame, and checks how long that was.
    fn finish(&self, mut stream: FrameStream, payload: &Payload, frame: &FrameEntry) -> Result<()> {
        let (before, promised) = (stream.decoded(), frame.decoded_len);
        let found = stream.finish(payload, promised);
        self.count(stream.decoded() - before);
        let found = found?;
        if found != promised {
            return Err(wrong_size(promised, found));
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

/// Whether a frame ends in a checksum, by its header; where something else stands before it, it is taken to.
fn has_checksum(payload: &Payload, frame: &FrameEntry) -> Result<bool> {
    const CHECKSUM_FLAG: u8 = 1 << 2;
    let end = frame.range().end.min(frame.start + 5);
    Ok(match *payload.bytes(frame.start..end)? {
        [a, b, c, d, descriptor] if u32::from_le_bytes([a, b, c, d]) == ZSTD_MAGIC => {
            descriptor & CHECKSUM_FLAG != 0
        }
        _ => true,
    })
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

#[cfg(test)]
mod tests;
