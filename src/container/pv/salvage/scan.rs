//! Finding the pairs of a file without its index: from frame to frame, and past damage to the next header.
//!
//! A header is a small zstd frame that decodes to one, and says how many bytes its array has: how far the payload goes
//! follows from that and from its filter. What edits in place left dead is a skippable frame in a payload's range, so only
//! arrays of the newest version are met, and those that an interrupted edit wrote behind it.

use std::ops::Range;
use std::sync::Arc;

use crate::array::ArraySpec;
use crate::container::pv::frame::FrameDecoder;
use crate::container::pv::header::Header;
use crate::container::pv::index::{Frame, Index};
#[cfg(feature = "cli")]
use crate::error::ResultExt;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::frames::{FrameKind, first_frame};
use crate::filter::skippable::ZSTD_MAGIC;
use crate::filter::{FilterId, Payload};
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::text::counted;

/// Decoded headers are smaller, and so are stored ones.
const MAX_HEADER_BYTES: u64 = 1 << 20;
/// Bytes that are looked at together for the start of a frame.
const WINDOW_BYTES: u64 = 256 << 10;
/// No frame is shorter than this, on average over those of one look at a file.
const MIN_FRAME_BYTES: u64 = 9;

/// A pair that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) header: Header,
    /// Where its header begins.
    pub(super) start: u64,
    pub(super) payload: Result<Range<u64>>,
}

impl Found {
    /// Type and shape.
    ///
    /// # Errors
    /// `Corrupt` and `Unsupported` where the header states none.
    pub(super) fn spec(&self) -> Result<ArraySpec> {
        spec_of(&self.header)
    }
}

fn spec_of(header: &Header) -> Result<ArraySpec> {
    ArraySpec::new(header.dtype.parse()?, header.shape.clone())
        .map_err(|error| Error::corrupt(error.to_string()))
}

/// What is wrong with the headers that an index leads to, where it has survived.
///
/// # Errors
/// Those of the store.
#[cfg(feature = "cli")]
pub(super) fn header_faults(store: &Arc<dyn ReadAt>, limits: &Limits) -> Result<Vec<Error>> {
    let index = match Index::read(&**store, store.len(), limits.max_arrays.saturating_add(1)) {
        Ok(index) => index,
        Err(error) if error.kind().is_of_storage() => return Err(error),
        Err(_) => return Ok(Vec::new()),
    };
    let mut faults = Vec::new();
    for pair in &index.pairs {
        let decoded = FrameDecoder::new(&**store, 2 * MAX_HEADER_BYTES).header(&pair.header);
        let parsed = decoded.and_then(|bytes| Header::parse(&bytes, None));
        match parsed.at(pair.header.range.start) {
            Err(error) if error.kind().is_of_storage() => return Err(error),
            parsed => faults.extend(parsed.err()),
        }
    }
    Ok(faults)
}

/// The pairs of a file in their order, by its index where that has survived.
///
/// # Errors
/// `LimitExceeded` where damage takes too long to get past; `Io`.
pub(super) fn pairs(store: &Arc<dyn ReadAt>, limits: &Limits) -> Result<Vec<Found>> {
    let mut scan = Scan {
        store,
        limits,
        frames_left: 8 * (store.len() / MIN_FRAME_BYTES + 1000),
    };
    match Index::read(&**store, store.len(), limits.max_arrays) {
        Ok(index) if index.frames_end() == index.start => scan.by_index(&index),
        _ => scan.by_frames(),
    }
}

struct Scan<'a> {
    store: &'a Arc<dyn ReadAt>,
    limits: &'a Limits,
    /// Looks at frames that are left: hostile bytes could ask for the square of those that there are.
    frames_left: u64,
}

impl Scan<'_> {
    fn by_index(&mut self, index: &Index) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for pair in &index.pairs {
            if let Some((header, _)) = self.header_at(pair.header.range.start)? {
                found.push(Found {
                    header,
                    start: pair.header.range.start,
                    payload: Ok(pair.payload.range.clone()),
                });
            }
        }
        Ok(found)
    }

    fn by_frames(&mut self) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.store.len() {
            if let Some((header, end)) = self.header_at(at)? {
                let payload = self.payload_at(end, &header);
                if let Err(error) = &payload
                    && (error.kind().is_of_storage() || error.kind() == ErrorKind::LimitExceeded)
                {
                    return Err(payload.expect_err("it was looked at"));
                }
                let start = at;
                at = match &payload {
                    Ok(payload) => payload.end,
                    Err(_) => end,
                };
                if found.len() as u64 == self.limits.max_arrays {
                    let max = self.limits.max_arrays;
                    return Err(Error::limit("arrays of a file", max, max.saturating_add(1)));
                }
                found.push(Found {
                    header,
                    start,
                    payload,
                });
                continue;
            }
            at = match self.frame_at(at, self.store.len())? {
                Some((end, FrameKind::Skippable(_))) => end,
                _ => self.next_magic(at + 1)?,
            };
        }
        Ok(found)
    }

    /// The frame at a byte and where it ends; nothing where there is no whole one before `limit`.
    fn frame_at(&mut self, at: u64, limit: u64) -> Result<Option<(u64, FrameKind)>> {
        self.frames_left = self
            .frames_left
            .checked_sub(1)
            .ok_or_else(|| Error::limit("frames of a damaged file", 0, 1))?;
        let rest = Payload::new(self.store.clone(), at..limit)?;
        match first_frame(&rest) {
            Ok(frame) => Ok(frame.map(|frame| (at + frame.len, frame.kind))),
            Err(error) if error.kind().is_of_storage() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The header at a byte, and where its frame ends.
    fn header_at(&mut self, at: u64) -> Result<Option<(Header, u64)>> {
        // What does not compress is a few bytes longer.
        let limit = self
            .store
            .len()
            .min(at.saturating_add(MAX_HEADER_BYTES + 1024));
        let Some((end, FrameKind::Data { content_bytes, .. })) = self.frame_at(at, limit)? else {
            return Ok(None);
        };
        let Some(decoded_size) = content_bytes.filter(|n| (1..=MAX_HEADER_BYTES).contains(n))
        else {
            return Ok(None);
        };
        let frame = Frame {
            range: at..end,
            decoded_size,
        };
        let decoded = FrameDecoder::new(&**self.store, 2 * MAX_HEADER_BYTES).header(&frame);
        match decoded.and_then(|bytes| Header::parse(&bytes, None)) {
            Ok(header) => Ok(Some((header, end))),
            Err(error) if error.kind().is_of_storage() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The payload that begins at a byte.
    fn payload_at(&mut self, start: u64, header: &Header) -> Result<Range<u64>> {
        // How many bytes its frames decode to, where that says how many there are.
        let expected = match FilterId(header.filter) {
            FilterId::NONE
            | FilterId::SHUFFLE
            | FilterId::DELTA
            | FilterId::BYTE_DELTA
            | FilterId::GRADIENT => spec_of(header).ok().map(|spec| spec.bytes()),
            _ => None,
        };
        let is_frameless = matches!(
            FilterId(header.filter),
            FilterId::NUMERIC | FilterId::FAST | FilterId::DENSE
        );
        let (mut end, mut decoded, mut n_frames) = (start, 0_u64, 0_u64);
        loop {
            match self.frame_at(end, self.store.len())? {
                Some((frame_end, FrameKind::Skippable(_))) => end = frame_end,
                Some((frame_end, FrameKind::Data { content_bytes, .. })) => {
                    let is_ours = match (expected, content_bytes) {
                        _ if is_frameless => false,
                        // An array of no bytes is a frame of none.
                        (Some(0), n) => n_frames == 0 && n == Some(0),
                        (Some(expected), _) => decoded < expected,
                        (None, _) => self.header_at(end)?.is_none(),
                    };
                    if !is_ours {
                        break;
                    }
                    n_frames += 1;
                    decoded = match (content_bytes, expected) {
                        (Some(n), _) => decoded.saturating_add(n),
                        // A frame that does not say is the only one: no release splits payloads without.
                        (None, expected) => expected.unwrap_or(decoded),
                    };
                    end = frame_end;
                }
                None => break,
            }
        }
        match expected {
            Some(expected) if decoded < expected => {
                let expected = counted(expected, "byte");
                Err(Error::truncated(format!("{decoded} of {expected}")))
            }
            _ => Ok(start..end),
        }
    }

    /// Where the next frame of data may begin, from a byte on.
    fn next_magic(&self, from: u64) -> Result<u64> {
        let len = self.store.len();
        let mut start = from;
        let mut window = Vec::new();
        while start + 4 <= len {
            window.resize((len - start).min(WINDOW_BYTES) as usize, 0);
            self.store.read_exact_at(&mut window, start)?;
            let magic = ZSTD_MAGIC.to_le_bytes();
            if let Some(i) = window.windows(4).position(|bytes| bytes == magic) {
                return Ok(start + i as u64);
            }
            start += window.len() as u64 - 3;
        }
        Ok(len)
    }
}
