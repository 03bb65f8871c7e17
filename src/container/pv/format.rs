//! The format `.pv` as a value.

use std::sync::Arc;

use super::names::Association;
use super::reader::Reader;
use crate::container::{Container, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::filter::skippable::ZSTD_MAGIC;
use crate::storage::ReadAt;

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "pv",
    &["pv", "zvtk"],
    &[
        Trait::Names,
        Trait::Nulls,
        Trait::Documents,
        Trait::Appendable,
        Trait::Filters,
    ],
)
.with_plain_folder(Association::Field.name());

/// Meshes and named arrays, as pyvista-zstd writes them.
#[derive(Clone, Debug, Default)]
pub struct PvFormat;

impl Format for PvFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    /// There is no magic number but that of zstd's frames, with which a file starts, and the count of them at its end.
    fn recognises(&self, head: &[u8], tail: &[u8]) -> Match {
        /// A file of more frames is none.
        const MAX_FRAMES: u64 = 1 << 32;
        let count = tail.last_chunk().map(|count| u64::from_le_bytes(*count));
        let may_be_count = |count: u64| count > 0 && count.is_multiple_of(2) && count <= MAX_FRAMES;
        match Match::by_magic(head, &ZSTD_MAGIC.to_le_bytes()) {
            Match::No if !count.is_some_and(may_be_count) => Match::No,
            _ => Match::Perhaps,
        }
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(Reader::open(bytes, options)?))
    }
}
