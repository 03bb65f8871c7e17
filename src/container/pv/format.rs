//! The format `.pv` as a value.

use std::sync::Arc;

use super::copy::write_copy;
use super::create::Folder;
use super::edit::target_of;
use super::names::Association;
use super::options::WriteOptions;
use super::reader::Reader;
use super::target::Target;
use crate::container::{
    Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait, WriteReport,
};
use crate::error::Result;
use crate::filter::skippable::ZSTD_MAGIC;
use crate::storage::{ReadAt, Store};

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
pub struct PvFormat {
    write: WriteOptions,
    /// A copy is for those whom the options name, and not for the readers of the original.
    changes_readers: bool,
}

impl PvFormat {
    /// Sets how files are written: new ones and, but for their readers, copies.
    #[must_use]
    pub fn with_write(mut self, options: WriteOptions) -> Self {
        self.write = options;
        self
    }

    /// Sets who is to read what is written, copies too.
    #[must_use]
    pub fn with_readers(mut self, target: Target) -> Self {
        self.write.target = target;
        self.changes_readers = true;
        self
    }
}

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

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(Folder::new(store, self.write.clone())?))
    }

    fn copy(
        &self,
        bytes: Arc<dyn ReadAt>,
        options: &OpenOptions,
        store: &dyn Store,
    ) -> Result<Option<WriteReport>> {
        let reader = Reader::open(bytes, options)?;
        let mut write = self.write.clone();
        if !self.changes_readers {
            write.target = target_of(&reader)?;
        }
        write_copy(&reader, store, write).map(Some)
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(Reader::open(bytes, options)?))
    }
}
