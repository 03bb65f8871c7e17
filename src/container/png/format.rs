//! The format `.png` as a value.

use std::sync::Arc;

use super::writer::PngWriter;
use super::{MAGIC, reader};
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "png",
    &["png", "apng"],
    &[Trait::Pictures, Trait::Checksums, Trait::FromFront],
);

/// Pictures and animations as browsers show them.
#[derive(Clone, Copy, Debug, Default)]
pub struct PngFormat;

impl Format for PngFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, &MAGIC)
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(PngWriter::new(store)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(reader::open(bytes, &options.limits)?))
    }
}
