//! A file format as a value: how its files are told, opened and written, and what they can hold.
//!
//! Whoever has to know something of a format asks its [`FormatInfo`]; nothing outside of the folder of a format names it.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use super::writer::{ContainerWriter, WriteReport};
use super::{Container, OpenOptions};
use crate::error::{Error, Result};
use crate::storage::{ReadAt, Store};

/// Whether a file may be of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Its magic number is there.
    Certain,
    /// Nothing speaks against it, and opening it will tell.
    Perhaps,
    /// It is none.
    No,
}

impl Match {
    /// Holds the first bytes of a file against a magic number. A file that ends within it may be the start of one.
    #[must_use]
    pub fn by_magic(head: &[u8], magic: &[u8]) -> Self {
        match () {
            () if head.starts_with(magic) => Self::Certain,
            () if magic.starts_with(head) => Self::Perhaps,
            () => Self::No,
        }
    }
}

/// Something that the files of a format have or can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trait {
    /// They are written with exactly one array.
    OneArray,
    /// Arrays have names in the file. Without, an array is called like its file.
    Names,
    /// Rows may have no value.
    Nulls,
    /// The fields of records are kept. Without, an array of records becomes opaque bytes.
    Records,
    /// Arrays are columns side by side, all of equal length; an array of records is a column a field.
    Columns,
    /// Arrays are pictures: bytes or 16-bit numbers without sign, of two to four axes.
    Pictures,
    /// There is more than arrays: meshes, documents, which a copy from one file of the format to another keeps.
    Documents,
    /// Arrays can be added, replaced and removed in place.
    Appendable,
    /// Each array may be stored by a filter of its own.
    Filters,
    /// All values are under checksums. Without, the arrays' readers tell it array by array.
    Checksums,
    /// No value is under a checksum.
    NoChecksums,
    /// No bytes tell a file: its name does.
    ToldByName,
    /// The bytes are elements and nothing else: type and shape must be known from elsewhere.
    Bare,
    /// The first bytes tell a file, and it is opened from there on: what lies at its end is not asked for.
    FromFront,
}

/// What there is to know of a format without a file of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatInfo {
    /// The name, which is also the extension of its files: `pv`, `npz`.
    pub name: &'static str,
    /// The extensions of its files in lower case, without a full stop. The first is the one to write.
    pub extensions: &'static [&'static str],
    /// What its files have or can hold.
    pub traits: &'static [Trait],
    /// The folder of arrays that belong to nothing else in the file, where there is one.
    pub plain_folder: Option<&'static str>,
}

impl FormatInfo {
    /// A format whose files are called `x.NAME`, and have or hold what `traits` says.
    #[must_use]
    pub const fn new(
        name: &'static str,
        extensions: &'static [&'static str],
        traits: &'static [Trait],
    ) -> Self {
        Self {
            name,
            extensions,
            traits,
            plain_folder: None,
        }
    }

    /// Sets the folder of arrays that belong to nothing else in the file.
    #[must_use]
    pub const fn with_plain_folder(mut self, folder: &'static str) -> Self {
        self.plain_folder = Some(folder);
        self
    }

    /// Whether its files have or can hold something.
    #[must_use]
    pub fn has(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    /// The extension to write.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        self.extensions.first().copied().unwrap_or(self.name)
    }

    /// Whether a file of this name is called as those of the format are, in letters of any case.
    #[must_use]
    pub fn has_name(&self, name: &Path) -> bool {
        let extension = name.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| {
            let mut known = self.extensions.iter();
            known.any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// The name of an array without the folder of arrays that belong to nothing else.
    #[must_use]
    pub fn bare<'a>(&self, path: &'a str) -> &'a str {
        self.plain_folder
            .and_then(|folder| path.strip_prefix(folder)?.strip_prefix('/'))
            .unwrap_or(path)
    }
}

/// A file format: a value that [`Formats`](super::Formats) takes, ours or a caller's.
///
/// `examples/custom_format.rs` is a format of a caller's own.
pub trait Format: Debug + Send + Sync {
    /// What there is to know without a file.
    fn info(&self) -> &'static FormatInfo;

    /// Whether a file that starts with `head` and ends with `tail` is one: each has
    /// [`Formats::END_BYTES`](super::Formats::END_BYTES), or is the whole file where that is shorter. A `tail` without
    /// bytes is not known.
    fn recognises(&self, head: &[u8], tail: &[u8]) -> Match;

    /// Why a file of this name is not read, where it is known to be a relation of the format that is none of it.
    fn refusal(&self, name: &Path) -> Option<Error> {
        let _ = name;
        None
    }

    /// Starts a file, which appears once it is committed.
    ///
    /// # Errors
    /// `Unsupported` where files of the format are not written; those of the store.
    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        let what = format!("writing .{} files", self.info().name);
        Err(Error::unsupported(what).in_file(store.url()))
    }

    /// Writes a file of the format anew with all that is in it beside its arrays. `None` where there is nothing that
    /// converting its arrays would lose.
    ///
    /// # Errors
    /// Those of reading and of writing.
    fn copy(
        &self,
        bytes: Arc<dyn ReadAt>,
        options: &OpenOptions,
        store: &dyn Store,
    ) -> Result<Option<WriteReport>> {
        let _ = (bytes, options, store);
        Ok(None)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// `Corrupt`, `Truncated` and `Checksum` where the bytes are no such file or a damaged one; `Unsupported`,
    /// `LimitExceeded`; those of the storage.
    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>>;
}
