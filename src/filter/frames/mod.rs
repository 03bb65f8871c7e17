//! Payloads of zstd frames: what the filters none, shuffle, delta and those of pixels share.
//!
//! A payload is one or more zstd frames, whose decoded bytes follow one another, with skippable frames anywhere
//! between them. Several frames end in the seek table of zstd's seekable format, so that a part of the decoded bytes
//! costs the frames that hold it and no more. Without a table the frames are walked, block header by block header.

mod codec;
mod filter;
mod map;
mod reader;
mod seek_table;
mod stream;
mod walk;
mod writer;

pub(super) use codec::ZstdLevel;
pub(crate) use codec::compress;
pub(super) use filter::filter_of_zstd;
pub(super) use map::FrameEntry;
pub(crate) use map::{check_frame, lists_frames};
pub(super) use reader::FrameReader;
pub(crate) use seek_table::ends as ends_in_seek_table;
pub(crate) use walk::{Frame, FrameKind, all_frames, first_frame};
pub(super) use writer::FrameWriter;

use crate::array::ArraySpec;
use crate::error::Error;

/// That a filter does not take an array.
pub(super) fn refused(filter: &str, spec: &ArraySpec) -> Error {
    Error::invalid(format!(
        "the filter {filter} does not take {spec}; none does"
    ))
}
