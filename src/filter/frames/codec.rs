//! zstd itself, with its contexts kept from frame to frame.

use std::cell::RefCell;
use std::io::{self, Write};

use zstd::bulk;
use zstd::stream::raw::{self, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::CParameter;

use crate::error::{Error, Result};
use crate::filter::FrameLayout;

/// What is decoded or encoded at a time where a frame does not fit memory twice.
pub(super) const PIECE_BYTES: usize = 128 << 10;

/// The level of a filter. Whether zstd has it is seen where something is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::filter) struct ZstdLevel(pub(in crate::filter) i32);

impl Default for ZstdLevel {
    fn default() -> Self {
        Self(3)
    }
}

/// Compresses `bytes` into one frame, which tells its decoded size.
pub(crate) fn compress(level: i32, layout: &FrameLayout, bytes: &[u8]) -> Result<Vec<u8>> {
    // A context is more than a MiB: each thread keeps the one that it used last.
    type Kept = Option<(i32, bool, bulk::Compressor<'static>)>;
    thread_local! {
        static CONTEXT: RefCell<Kept> = const { RefCell::new(None) };
    }
    let has_checksums = layout.has_checksums;
    CONTEXT.with_borrow_mut(|context| {
        let fits = |kept: &(i32, bool, _)| (kept.0, kept.1) == (level, has_checksums);
        let (.., compressor) = match context {
            Some(kept) if fits(kept) => kept,
            _ => {
                check_level(level)?;
                let mut compressor = bulk::Compressor::new(level)?;
                compressor.set_parameter(CParameter::ChecksumFlag(has_checksums))?;
                context.insert((level, has_checksums, compressor))
            }
        };
        Ok(compressor.compress(bytes)?)
    })
}

/// Refuses what zstd would take for another level.
pub(super) fn check_level(level: i32) -> Result<()> {
    let levels = zstd::compression_level_range();
    if !levels.contains(&level) {
        return Err(Error::invalid(format!(
            "zstd level {level}; there are {} to {}",
            levels.start(),
            levels.end()
        )));
    }
    Ok(())
}

/// Compresses one frame of any size, a piece at a time.
pub(super) struct StreamCompressor {
    encoder: raw::Encoder<'static>,
    out: Vec<u8>,
}

impl StreamCompressor {
    /// For a frame of exactly `size` decoded bytes.
    pub(super) fn new(level: i32, layout: &FrameLayout, size: u64) -> Result<Self> {
        check_level(level)?;
        let mut encoder = raw::Encoder::new(level)?;
        encoder.set_parameter(CParameter::ChecksumFlag(layout.has_checksums))?;
        encoder.set_pledged_src_size(Some(size))?;
        Ok(Self {
            encoder,
            out: vec![0; PIECE_BYTES],
        })
    }

    /// Compresses some bytes, and returns how many went to `sink`.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<u64> {
        let mut written = 0;
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            let mut output = OutBuffer::around(&mut self.out[..]);
            self.encoder.run(&mut input, &mut output)?;
            sink.write_all(output.as_slice())?;
            written += output.pos() as u64;
        }
        Ok(written)
    }

    /// Ends the frame, and returns how many bytes went to `sink`.
    pub(super) fn finish(mut self, sink: &mut dyn Write) -> Result<u64> {
        let mut written = 0;
        loop {
            let mut output = OutBuffer::around(&mut self.out[..]);
            let left = self.encoder.finish(&mut output, true)?;
            sink.write_all(output.as_slice())?;
            written += output.pos() as u64;
            if left == 0 {
                return Ok(written);
            }
        }
    }
}

pub(super) fn corrupt(error: &io::Error) -> Error {
    Error::corrupt(format!("zstd frame: {error}"))
}

/// Decodes a frame, and what is skippable beside it, into exactly `out`.
pub(super) fn decompress_into(frame: &[u8], out: &mut [u8]) -> Result<()> {
    thread_local! {
        static CONTEXT: RefCell<Option<bulk::Decompressor<'static>>> = const { RefCell::new(None) };
    }
    CONTEXT.with_borrow_mut(|context| {
        let context = match context {
            Some(context) => context,
            None => context.insert(bulk::Decompressor::new()?),
        };
        let n = context
            .decompress_to_buffer(frame, out)
            .map_err(|error| corrupt(&error))?;
        if n != out.len() {
            return Err(wrong_size(out.len() as u64, n as u64));
        }
        Ok(())
    })
}

pub(super) fn wrong_size(promised: u64, found: u64) -> Error {
    Error::corrupt(format!(
        "a frame of {found} decoded bytes where {promised} were promised"
    ))
}
