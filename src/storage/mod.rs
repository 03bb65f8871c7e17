//! Stores: where the bytes live, by position.
//!
//! Three capabilities. [`ReadAt`]: bytes that do not change while they are read. [`Stage`]: a replacement written
//! beside the old bytes, which takes their place at once and whole, or never. [`UpdateAt`]: changes in place. A
//! [`Store`] is a place that grants them: container code takes one and never touches the file system itself, so a
//! store that fails on purpose (see [`faulty`]) can stand in for every write, fsync, rename and truncate.
//!
//! [`conformance`] holds a function for each capability that checks a store, ours or a caller's.

mod attributes;
pub mod conformance;
mod destination;
pub mod faulty;
mod file;
mod memory;
#[cfg(feature = "mmap")]
mod mmap;
mod stage;
mod system;
mod temporary;
mod writer;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use file::{FileReader, FileStore};
pub use memory::MemoryStore;
#[cfg(feature = "mmap")]
pub use mmap::MappedFile;
pub use writer::PositionedWriter;

use crate::error::{Error, Result, ResultExt};

/// Bytes by position, shared by many readers; they do not change while they are read.
pub trait ReadAt: Debug + Send + Sync {
    /// Fills `buf` with the bytes from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` if the store ends before; otherwise those of the storage.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;

    /// Fills several buffers, each from its offset. Stores for which a request is dear merge them and run them in
    /// parallel; this one reads them in turn.
    ///
    /// # Errors
    /// Those of [`read_exact_at`](Self::read_exact_at).
    fn read_many(&self, parts: &mut [(u64, &mut [u8])]) -> io::Result<()> {
        for (offset, buf) in parts {
            self.read_exact_at(buf, *offset)?;
        }
        Ok(())
    }

    /// Bytes in all.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes may be others than when this was opened, or are being changed: a file that another program edits
    /// in place. What does not fit together then is no damage. Asked after an error alone, so it may cost a request.
    fn has_changed(&self) -> bool {
        false
    }

    /// All bytes, where they are in memory already.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }
}

impl ReadAt for Vec<u8> {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        memory::read_slice_at(self, buf, offset)
    }
    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// How hard a store tries to survive a loss of power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// What was committed is on the medium: fsync.
    #[default]
    Synced,
    /// The operating system writes when it likes. A killed process still loses nothing that was committed.
    None,
}

/// A replacement for the bytes of a store, written beside them; dropped without a commit, nothing is left of it.
pub trait Stage: Debug + Send {
    /// Writes `bytes` from `offset` on; a gap before them reads as zero.
    ///
    /// # Errors
    /// Those of the storage. The old bytes are unharmed.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Bytes so far: the end of the furthest write.
    fn len(&self) -> u64;

    /// Whether nothing was written.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the place of the old bytes: fsync, rename, fsync of the folder.
    ///
    /// # Errors
    /// `AlreadyExists` if the stage may not replace what is there; those of the storage. Until the rename the old bytes
    /// stay; an error after it leaves the new ones, whole, and says so.
    fn commit(self: Box<Self>, durability: Durability) -> io::Result<()>;
}

/// Bytes that are changed in place, by one writer at a time: the store is locked while this value lives.
///
/// [`ReadAt::len`] follows the writes.
pub trait UpdateAt: ReadAt {
    /// Writes `bytes` from `offset` on, which may lie at or before the end.
    ///
    /// # Errors
    /// Those of the storage; any part of `bytes` may have been written.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the bytes at `len`, or fills them up to it with zeroes.
    ///
    /// # Errors
    /// Those of the storage.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Waits until everything written is on the medium.
    ///
    /// # Errors
    /// Those of the storage.
    fn sync(&mut self) -> io::Result<()>;
}

/// A place for the bytes of one file.
pub trait Store: Debug + Send + Sync {
    /// Opens the bytes as they are now. A later append or commit does not change what this reader sees.
    ///
    /// # Errors
    /// `NotFound`, or those of the storage.
    fn open(&self) -> io::Result<Arc<dyn ReadAt>>;

    /// Starts a replacement, or the first bytes.
    ///
    /// # Errors
    /// `Unsupported` where a store cannot be written; otherwise those of the storage.
    fn stage(&self) -> io::Result<Box<dyn Stage>>;

    /// Locks the bytes and opens them for changes in place; `None` where the store knows no such thing, and a
    /// container stages instead.
    ///
    /// # Errors
    /// `NotFound`; `WouldBlock` if another writer has the lock; otherwise those of the storage.
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>>;

    /// What to call it in messages.
    fn name(&self) -> String;

    /// The path, where the store is a file: for locks of other programs that stand beside it.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// Opens the store that a path or an address names, for reading.
///
/// # Errors
/// `Unsupported` for a scheme that no driver of this build knows; `Io` if it cannot be opened.
pub fn open_url(url: &str) -> Result<Arc<dyn ReadAt>> {
    let path = match url.split_once("://") {
        Some(("file", path)) => PathBuf::from(path),
        Some((scheme, _))
            if scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'+') =>
        {
            return Err(Error::unsupported(format!(
                "addresses of scheme {scheme:?}"
            )))
            .in_file(url);
        }
        _ => PathBuf::from(url),
    };
    FileStore::new(path).open().in_file(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn addresses_are_paths_unless_they_say_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(open_url(path).unwrap().len(), 3);
        assert_eq!(open_url(&format!("file://{path}")).unwrap().len(), 3);
        for (url, kind) in [
            ("gopher://host/a", ErrorKind::Unsupported),
            ("no/such/file", ErrorKind::NotFound),
        ] {
            let error = open_url(url).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.place().unwrap().file.as_deref(), Some(url));
        }
    }
}
