//! The format `.npz` as a value.

use std::sync::Arc;

use super::Npz;
use super::create::Archive;
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "npz",
    &["npz"],
    &[Trait::Names, Trait::Records, Trait::Checksums],
);

/// Named arrays in a zip archive, as numpy saves them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NpzFormat;

impl Format for NpzFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    /// A file that starts as a zip archive does, be it an empty one.
    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        match Match::by_magic(head, b"PK\x03\x04") {
            Match::No => Match::by_magic(head, b"PK\x05\x06"),
            found => found,
        }
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(Archive::new(store)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(Npz::open(bytes, &options.limits)?))
    }
}
