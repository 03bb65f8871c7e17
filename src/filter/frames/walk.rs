//! Where frames begin and end, from their headers and those of their blocks, without decoding them (RFC 8878, 3.1.1).

use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::skippable::{self, ZSTD_MAGIC, read_u32, read_u64};
use crate::limits::Limits;

/// Magic, descriptor, window, dictionary id and content size at their longest.
const MAX_HEADER_BYTES: usize = 4 + 1 + 1 + 4 + 8;
/// Headers of small blocks stand close together: so many bytes are read around each.
const WINDOW_BYTES: u64 = 4096;

/// A frame of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Where it starts, from the start of the payload.
    pub(crate) start: u64,
    /// Its bytes, header and checksum included.
    pub(crate) len: u64,
    pub(crate) kind: FrameKind,
}

impl Frame {
    /// Whether it is no skippable frame.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self.kind, FrameKind::Data { .. })
    }

    /// Whether it ends in a checksum, as all of ours do.
    pub(crate) fn has_checksum(&self) -> bool {
        let FrameKind::Data { has_checksum, .. } = self.kind else {
            return false;
        };
        has_checksum
    }

    /// Refuses a frame with a checksum that does not tell its decoded size: no writer makes one, a flipped bit does.
    pub(crate) fn check_size_is_told(&self) -> Result<()> {
        match self.kind {
            FrameKind::Data {
                content_bytes: None,
                has_checksum: true,
            } => Err(Error::corrupt(
                "a zstd frame with a checksum does not tell its decoded size",
            )),
            _ => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// To be passed over; its magic number.
    Skippable(u32),
    /// Of data.
    Data {
        /// The decoded size, where the header tells it.
        content_bytes: Option<u64>,
        has_checksum: bool,
    },
}

/// Goes from frame to frame.
pub(super) struct Walk<'a> {
    payload: &'a Payload,
    offset: u64,
    window: Vec<u8>,
    window_start: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(payload: &'a Payload) -> Self {
        Self {
            payload,
            offset: 0,
            window: Vec::new(),
            window_start: 0,
        }
    }

    /// The next frame, or `None` at the end of the payload.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>> {
        if self.offset == self.payload.len() {
            return Ok(None);
        }
        let start = self.offset;
        let frame = self.frame_at(start).at(self.payload.offset_of(start))?;
        if frame.len > self.payload.len() - start {
            let end = self.payload.offset_of(self.payload.len());
            return Err(Error::truncated("zstd frame").at(end));
        }
        self.offset = start + frame.len;
        Ok(Some(frame))
    }

    fn frame_at(&mut self, start: u64) -> Result<Frame> {
        let header = self.peek(start, MAX_HEADER_BYTES)?;
        if header.len() < skippable::HEADER_BYTES {
            return Err(Error::truncated("zstd frame"));
        }
        let magic = read_u32(header);
        if skippable::is_skippable(magic) {
            let body_bytes = u64::from(read_u32(&header[4..]));
            return Ok(Frame {
                start,
                len: skippable::HEADER_BYTES as u64 + body_bytes,
                kind: FrameKind::Skippable(magic),
            });
        }
        if magic != ZSTD_MAGIC {
            return Err(Error::corrupt("neither a zstd frame nor a skippable one"));
        }
        let header = Header::read(header)?;
        let mut end = start + header.len as u64;
        loop {
            let block = self.peek(end, 3)?;
            let &[a, b, c] = block else {
                return Err(Error::truncated("zstd block"));
            };
            let block = u64::from(u32::from_le_bytes([a, b, c, 0]));
            let content_bytes = match (block >> 1) & 3 {
                // Raw and compressed blocks hold as many bytes as they say, a run-length block one.
                0 | 2 => block >> 3,
                1 => 1,
                _ => return Err(Error::corrupt("a zstd block of a reserved type")),
            };
            end += 3 + content_bytes;
            if block & 1 == 1 {
                break;
            }
        }
        if header.has_checksum {
            end += 4;
        }
        Ok(Frame {
            start,
            len: end - start,
            kind: FrameKind::Data {
                content_bytes: header.content_bytes,
                has_checksum: header.has_checksum,
            },
        })
    }

    /// Up to `n` bytes from `offset` on: fewer at the end of the payload.
    fn peek(&mut self, offset: u64, n: usize) -> Result<&[u8]> {
        let end = self.payload.len().min(offset.saturating_add(n as u64));
        if offset >= end {
            return Ok(&[]);
        }
        let window_end = self.window_start + self.window.len() as u64;
        if offset < self.window_start || end > window_end {
            let until = self.payload.len().min(offset + WINDOW_BYTES);
            self.window = self.payload.bytes(offset..until)?.into_owned();
            self.window_start = offset;
        }
        let from = (offset - self.window_start) as usize;
        Ok(&self.window[from..from + (end - offset) as usize])
    }
}

/// All frames of a payload.
pub(crate) fn all_frames(payload: &Payload, limits: &Limits) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut walk = Walk::new(payload);
    while let Some(frame) = walk.next_frame()? {
        limits.check_pages(frames.len() as u64 + 1)?;
        frames.push(frame);
    }
    Ok(frames)
}

/// The frame that a payload begins with; nothing of a payload without bytes.
pub(crate) fn first_frame(payload: &Payload) -> Result<Option<Frame>> {
    Walk::new(payload).next_frame()
}

struct Header {
    len: usize,
    content_bytes: Option<u64>,
    has_checksum: bool,
}

impl Header {
    /// Reads the header of a frame whose magic number was seen.
    fn read(bytes: &[u8]) -> Result<Self> {
        let descriptor = bytes[4];
        let is_single_segment = descriptor & 0x20 != 0;
        if descriptor & 0x08 != 0 {
            return Err(Error::corrupt(
                "a reserved bit of a zstd frame header is set",
            ));
        }
        let dictionary_bytes = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size_bytes = match (descriptor >> 6, is_single_segment) {
            (0, false) => 0,
            (0, true) => 1,
            (log, _) => 1 << log,
        };
        let size_start = 5 + usize::from(!is_single_segment) + dictionary_bytes;
        let len = size_start + size_bytes;
        let size = bytes
            .get(size_start..len)
            .ok_or_else(|| Error::truncated("zstd frame header"))?;
        let content_bytes = match size_bytes {
            0 => None,
            1 => Some(u64::from(size[0])),
            2 => Some(256 + u64::from(u16::from_le_bytes([size[0], size[1]]))),
            4 => Some(u64::from(read_u32(size))),
            _ => Some(read_u64(size)),
        };
        Ok(Self {
            len,
            content_bytes,
            has_checksum: descriptor & 0x04 != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn frames(bytes: Vec<u8>) -> Result<Vec<Frame>> {
        let n = bytes.len() as u64;
        let payload = Payload::new(Arc::new(bytes), 0..n)?;
        all_frames(&payload, &Limits::default())
    }

    fn compress(n: usize, has_checksum: bool) -> Vec<u8> {
        let bytes: Vec<u8> = (0..n).map(|i| ((i * i) >> 9) as u8).collect();
        let mut encoder = zstd::bulk::Compressor::new(3).unwrap();
        encoder
            .set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(has_checksum))
            .unwrap();
        encoder.compress(&bytes).unwrap()
    }

    #[test]
    fn frames_of_all_header_sizes_are_measured() {
        for n in [0, 1, 255, 256, 70_000, 300_000] {
            for has_checksum in [false, true] {
                let frame = compress(n, has_checksum);
                let len = frame.len() as u64;
                let kind = FrameKind::Data {
                    content_bytes: Some(n as u64),
                    has_checksum,
                };
                let found = frames([&frame[..], &frame].concat()).unwrap();
                let expected = [0, len].map(|start| Frame { start, len, kind });
                assert_eq!(found, expected, "{n} bytes, checksum {has_checksum}");
            }
        }
    }

    #[test]
    fn skippable_frames_are_told_apart() {
        let mut bytes = Vec::new();
        let start = skippable::begin(0x184D_2A5F, &mut bytes);
        bytes.extend([1, 2, 3]);
        skippable::end(start, &mut bytes).unwrap();
        let found = frames(bytes).unwrap();
        assert_eq!(found[0].kind, FrameKind::Skippable(0x184D_2A5F));
        assert_eq!(found[0].len, 11);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let frame = compress(5000, true);
        for n in 1..frame.len() {
            assert!(frames(frame[..n].to_vec()).is_err(), "{n} bytes");
        }
    }
}
