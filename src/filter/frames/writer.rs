//! Bytes into frames, and the seek table behind them.

use std::io::Write;

use super::codec::{StreamCompressor, compress};
use super::seek_table::{self, FrameSizes};
use crate::error::{Error, Result};
use crate::filter::FrameLayout;
use crate::filter::parallel;
use crate::text::counted;

/// A single frame up to this size is compressed at once, which is faster.
const AT_ONCE_BYTES: u64 = 4 << 20;

/// Writes the frames of a payload.
pub(in crate::filter) struct FrameWriter {
    layout: FrameLayout,
    level: i32,
    /// Decoded bytes of each frame but the last.
    frame_bytes: usize,
    /// Where frames are not cut: all bytes go through this one.
    stream: Option<StreamCompressor>,
    /// Bytes that do not fill a frame yet.
    gathered: Vec<u8>,
    sizes: Vec<FrameSizes>,
    decoded: u64,
    decoded_len: u64,
}

impl FrameWriter {
    /// For exactly `decoded_len` bytes.
    pub(in crate::filter) fn new(
        level: i32,
        layout: FrameLayout,
        decoded_len: u64,
    ) -> Result<Self> {
        super::codec::check_level(level)?;
        let is_stream = layout.frame_bytes.is_none() && decoded_len > AT_ONCE_BYTES;
        let frame_bytes = match layout.frame_bytes {
            Some(0) => return Err(Error::invalid("zstd frames of 0 bytes")),
            Some(bytes) if bytes > u32::MAX as usize => {
                return Err(Error::invalid("zstd frames of 4 GiB or more"));
            }
            Some(bytes) => bytes,
            None => AT_ONCE_BYTES as usize,
        };
        let stream = is_stream.then(|| StreamCompressor::new(level, &layout, decoded_len));
        Ok(Self {
            layout,
            level,
            frame_bytes,
            stream: stream.transpose()?,
            gathered: Vec::new(),
            sizes: Vec::new(),
            decoded: 0,
            decoded_len,
        })
    }

    /// Counts a frame that was written before the others: a skippable one of parameters.
    pub(in crate::filter) fn count_skippable(&mut self, bytes: u32) {
        self.sizes.push((bytes, 0));
    }

    /// Writes a frame that was compressed elsewhere.
    pub(in crate::filter) fn push_frame(
        &mut self,
        frame: &[u8],
        decoded: usize,
        sink: &mut dyn Write,
    ) -> Result<()> {
        sink.write_all(frame)?;
        // A frame is a little larger than what it decodes to at most, and that was checked to be far below 4 GiB.
        self.sizes.push((frame.len() as u32, decoded as u32));
        self.decoded += decoded as u64;
        Ok(())
    }

    /// Takes some bytes.
    pub(in crate::filter) fn push(&mut self, mut bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        if let Some(stream) = &mut self.stream {
            self.decoded += bytes.len() as u64;
            stream.push(bytes, sink)?;
            return Ok(());
        }
        if !self.gathered.is_empty() {
            let missing = self.frame_bytes - self.gathered.len();
            let (now, rest) = bytes.split_at(missing.min(bytes.len()));
            self.gathered.extend_from_slice(now);
            bytes = rest;
            if self.gathered.len() == self.frame_bytes {
                let gathered = std::mem::take(&mut self.gathered);
                self.write_frames(&gathered, sink)?;
                self.gathered = gathered;
                self.gathered.clear();
            }
        }
        let n_whole = bytes.len() / self.frame_bytes * self.frame_bytes;
        let (whole, rest) = bytes.split_at(n_whole);
        self.write_frames(whole, sink)?;
        self.gathered.extend_from_slice(rest);
        Ok(())
    }

    /// Compresses bytes, as many frames at once as there are threads.
    fn write_frames(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        let (level, layout) = (self.level, self.layout);
        for batch in bytes.chunks(self.frame_bytes * parallel::threads()) {
            let parts: Vec<&[u8]> = batch.chunks(self.frame_bytes).collect();
            let frames = parallel::map(parts, |part| {
                Ok((compress(level, &layout, part)?, part.len()))
            })?;
            for (frame, decoded) in frames {
                self.push_frame(&frame, decoded, sink)?;
            }
        }
        Ok(())
    }

    /// Writes the last frame and the seek table.
    pub(in crate::filter) fn finish(mut self, sink: &mut dyn Write) -> Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        if let Some(stream) = self.stream.take() {
            stream.finish(sink)?;
        } else if !gathered.is_empty() || self.decoded_len == 0 {
            // No bytes at all still make a frame: readers of `.pv` want one.
            let frame = compress(self.level, &self.layout, &gathered)?;
            self.push_frame(&frame, gathered.len(), sink)?;
        }
        if self.decoded != self.decoded_len {
            return Err(Error::invalid(format!(
                "{} for a payload of {}",
                counted(self.decoded, "byte"),
                self.decoded_len
            )));
        }
        if self.layout.has_seek_table && self.sizes.len() > 1 {
            let mut table = Vec::new();
            seek_table::write(&self.sizes, &mut table)?;
            sink.write_all(&table)?;
        }
        Ok(())
    }
}
