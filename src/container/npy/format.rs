//! The format `.npy` as a value.

use std::sync::Arc;

use super::writer::NpyWriter;
use super::{MAGIC, open};
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "npy",
    &["npy"],
    &[
        Trait::OneArray,
        Trait::Records,
        Trait::NoChecksums,
        Trait::FromFront,
    ],
);

/// Arrays, as numpy saves them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NpyFormat;

impl Format for NpyFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, MAGIC)
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(NpyWriter::new(store)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(open(bytes, &options.limits)?))
    }
}
