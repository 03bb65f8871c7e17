//! The format `.gnz` as a value.

use std::sync::Arc;

use super::create::Arrays;
use super::{GnzReader, MAGIC, UNFINISHED, copy};
use crate::container::writer::WriteReport;
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "gnz",
    &["gnz"],
    &[
        Trait::Names,
        Trait::Documents,
        Trait::NoChecksums,
        Trait::FromFront,
    ],
);

/// Named arrays on pages of their own, behind a header of JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct GnzFormat;

impl Format for GnzFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        match Match::by_magic(head, MAGIC) {
            Match::No => Match::by_magic(head, UNFINISHED),
            found => found,
        }
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(Arrays::new(store)?))
    }

    fn copy(
        &self,
        bytes: Arc<dyn ReadAt>,
        options: &OpenOptions,
        store: &dyn Store,
    ) -> Result<Option<WriteReport>> {
        let reader = GnzReader::open(bytes, &options.limits)?;
        copy::copy(&reader, store).map(Some)
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(GnzReader::open(bytes, &options.limits)?))
    }
}
