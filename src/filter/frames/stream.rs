//! A frame that is decoded piece by piece, without being held: it can stop where a reader has what it wants, and go on from
//! there when the next rows are asked for.

use std::fmt;
use std::ops::Range;

use zstd::stream::raw::{self, InBuffer, Operation, OutBuffer};

use super::codec::{PIECE_BYTES, corrupt, wrong_size};
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;

/// A decoder somewhere in a frame.
pub(super) struct FrameStream {
    decoder: raw::Decoder<'static>,
    frame: Range<u64>,
    /// The next byte of the payload that is not in `piece`.
    offset: u64,
    piece: Vec<u8>,
    used: usize,
    decoded: u64,
    /// The end of a frame was met, and no other one begun.
    is_between_frames: bool,
}

impl FrameStream {
    /// Stands before the first byte of a frame, which is a range of its payload.
    pub(super) fn new(frame: Range<u64>) -> Result<Self> {
        Ok(Self {
            decoder: raw::Decoder::new()?,
            offset: frame.start,
            frame,
            piece: Vec::new(),
            used: 0,
            decoded: 0,
            is_between_frames: false,
        })
    }

    /// The frame.
    pub(super) fn frame(&self) -> &Range<u64> {
        &self.frame
    }

    /// Bytes decoded so far.
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Fills `out` with the next decoded bytes.
    pub(super) fn fill(&mut self, payload: &Payload, out: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < out.len() {
            if self.is_at_end() {
                let promised = self.decoded + (out.len() - filled) as u64;
                return Err(wrong_size(promised, self.decoded))
                    .at(payload.offset_of(self.frame.start));
            }
            filled += self.step(payload, &mut out[filled..])?;
        }
        Ok(())
    }

    /// Decodes up to `position`, and forgets it.
    pub(super) fn skip_to(&mut self, payload: &Payload, position: u64) -> Result<()> {
        let mut aside = vec![0; PIECE_BYTES];
        while self.decoded < position {
            let n = (position - self.decoded).min(PIECE_BYTES as u64) as usize;
            self.fill(payload, &mut aside[..n])?;
        }
        Ok(())
    }

    /// Decodes what is left, whose checksum stands at the end, and returns the decoded size of the frame, which is at most
    /// `max_decoded`.
    pub(super) fn finish(&mut self, payload: &Payload, max_decoded: u64) -> Result<u64> {
        let mut aside = Vec::new();
        while !self.is_at_end() {
            aside.resize(PIECE_BYTES, 0);
            self.step(payload, &mut aside)?;
            if self.decoded > max_decoded {
                return Err(wrong_size(max_decoded, self.decoded))
                    .at(payload.offset_of(self.frame.start));
            }
        }
        Ok(self.decoded)
    }

    fn is_at_end(&self) -> bool {
        self.is_between_frames && self.used == self.piece.len() && self.offset == self.frame.end
    }

    /// Decodes some bytes into `target`, which is not empty, and returns how many.
    fn step(&mut self, payload: &Payload, target: &mut [u8]) -> Result<usize> {
        if self.used == self.piece.len() && self.offset < self.frame.end {
            let end = self.frame.end.min(self.offset + PIECE_BYTES as u64);
            self.piece = payload.bytes(self.offset..end)?.into_owned();
            (self.offset, self.used) = (end, 0);
        }
        let mut input = InBuffer::around(&self.piece[self.used..]);
        let mut output = OutBuffer::around(target);
        let hint = self
            .decoder
            .run(&mut input, &mut output)
            .map_err(|error| corrupt(&error))
            .at(payload.offset_of(self.frame.start))?;
        let (consumed, produced) = (input.pos(), output.pos());
        self.used += consumed;
        self.decoded += produced as u64;
        self.is_between_frames = hint == 0;
        let is_stuck = consumed == 0 && produced == 0 && !self.is_between_frames;
        if is_stuck && self.used == self.piece.len() && self.offset == self.frame.end {
            return Err(Error::truncated("zstd frame")).at(payload.offset_of(self.frame.end));
        }
        Ok(produced)
    }
}

impl fmt::Debug for FrameStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameStream")
            .field("frame", &self.frame)
            .field("decoded", &self.decoded)
            .finish_non_exhaustive()
    }
}
