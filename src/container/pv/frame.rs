//! Small frames, decoded whole: the headers of arrays and the JSON documents.
//!
//! A range may hold several zstd frames, skippable ones among them, and behind the data a dead tail that an append in
//! place has left. What counts is the decoded size that the index states: frames are decoded until it is reached.

use std::cell::RefCell;

use super::index::Frame;
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;
use crate::text::counted;
use zstd::zstd_safe::{DCtx, find_frame_compressed_size, get_error_name};

/// Longer than any name can sensibly be; decoded headers are held in memory.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// A block of zstd has at least four bytes, and decodes to 128 KiB at most.
const MAX_RATIO: u64 = (128 << 10) / 4;

/// Decodes small frames of one file, within a budget.
pub(crate) struct FrameDecoder<'a> {
    store: &'a dyn ReadAt,
    max_bytes: u64,
    used_bytes: u64,
}

impl<'a> FrameDecoder<'a> {
    /// A decoder that gives out at most `max_bytes` in all.
    pub(crate) fn new(store: &'a dyn ReadAt, max_bytes: u64) -> Self {
        Self {
            store,
            max_bytes,
            used_bytes: 0,
        }
    }

    /// Decodes the header of an array.
    ///
    /// # Errors
    /// Those of [`Self::document`].
    pub(crate) fn header(&mut self, frame: &Frame) -> Result<Vec<u8>> {
        if frame.decoded_size > MAX_HEADER_BYTES {
            return Err(Error::corrupt("an array header larger than 1 MiB").at(frame.range.start));
        }
        self.document(frame)
    }

    /// Decodes a document.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are not zstd or not of the stated size; `LimitExceeded` over the budget; `Io`.
    pub(crate) fn document(&mut self, frame: &Frame) -> Result<Vec<u8>> {
        let at = frame.range.start;
        let stored_bytes = frame.range.end - at;
        if frame.decoded_size > stored_bytes.saturating_mul(MAX_RATIO) {
            let size = frame.decoded_size;
            let stored = counted(stored_bytes, "byte");
            let what = format!("{stored} cannot decode to {size}, as the file states");
            return Err(Error::corrupt(what).at(at));
        }
        self.used_bytes = self.used_bytes.saturating_add(frame.decoded_size);
        for asked in [self.used_bytes, stored_bytes] {
            if asked > self.max_bytes {
                return Err(Error::limit("bytes of metadata", self.max_bytes, asked).at(at));
            }
        }
        let mut stored = vec![0; stored_bytes as usize];
        self.store.read_exact_at(&mut stored, at).at(at)?;
        decode(&stored, frame.decoded_size as usize).at(at)
    }
}

/// Decodes frames up to a size, which somebody has paid for.
pub(super) fn decode(mut stored: &[u8], decoded_size: usize) -> Result<Vec<u8>> {
    // A context is larger than most headers: each thread keeps one.
    thread_local! {
        static CONTEXT: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
    }
    let mut decoded = vec![0; decoded_size];
    let mut filled = 0;
    CONTEXT.with_borrow_mut(|context| {
        while filled < decoded_size {
            let len_bytes = find_frame_compressed_size(stored).map_err(zstd_error)?;
            let (frame, rest) = stored.split_at(len_bytes);
            filled += context
                .decompress(&mut decoded[filled..], frame)
                .map_err(zstd_error)?;
            stored = rest;
        }
        Ok(decoded)
    })
}

fn zstd_error(code: usize) -> Error {
    Error::corrupt(format!("zstd: {}", get_error_name(code)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_size_that_no_frame_of_the_file_decodes_to_is_damage_and_no_limit() {
        let store = vec![0_u8; 100];
        for (decoded_size, kind) in [
            (32_088_147_345_018_102, ErrorKind::Corrupt),
            (100 * MAX_RATIO + 1, ErrorKind::Corrupt),
            (100 * MAX_RATIO, ErrorKind::LimitExceeded),
        ] {
            let frame = Frame {
                range: 0..100,
                decoded_size,
            };
            let error = FrameDecoder::new(&store, 1000)
                .document(&frame)
                .unwrap_err();
            assert_eq!(error.kind(), kind, "{decoded_size}: {error}");
        }
    }
}
