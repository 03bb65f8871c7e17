//! Stores: where the bytes live, by position.
//!
//! Three capabilities. [`ReadAt`]: bytes that do not change while they are read. [`Stage`]: a replacement written
//! beside the old bytes, which takes their place at once and whole, or never. [`UpdateAt`]: changes in place. A
//! [`Store`] is a place that grants them: container code takes one and never touches the file system itself, so a
//! store that fails on purpose (see [`faulty`]) can stand in for every write, fsync, rename and truncate.
//!
//! [`Drivers`] make stores of addresses. [`conformance`] holds a function for each capability that checks a store, ours or
//! a caller's.
//!
//! ```
//! use paginum::storage::{Drivers, Part};
//! let store = Drivers::default().store("mem://example")?;
//! let mut stage = store.stage()?;
//! std::io::Write::write_all(&mut stage, b"0123456789")?;
//! stage.commit(Default::default())?;
//! let (mut a, mut b) = ([0; 2], [0; 3]);
//! store.open()?.read_many(&mut [Part::new(7, &mut a), Part::new(0, &mut b)])?;
//! assert_eq!((&a, &b), (b"78", b"012"));
//! # Ok::<(), paginum::Error>(())
//! ```

mod attributes;
#[cfg(any(feature = "cloud", feature = "http"))]
mod authorization;
mod cached;
#[cfg(feature = "cloud")]
mod cloud;
pub mod conformance;
mod destination;
mod drivers;
pub mod faulty;
mod file;
#[cfg(feature = "ftp")]
mod ftp;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "http")]
mod http;
mod memory;
#[cfg(feature = "mmap")]
mod mmap;
mod options;
mod plan;
mod positioned;
#[cfg(any(feature = "cloud", feature = "ftp", feature = "http"))]
mod read_only;
mod spool;
mod stage;
mod stream;
mod system;
mod temporary;
mod url;
mod version;
mod writer;

use std::fmt::Debug;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

pub use cached::Cached;
#[cfg(feature = "cloud")]
pub use cloud::{CloudStore, ObjectHttp};
pub use drivers::{Driver, Drivers, Folder};
pub(crate) use file::write_all_at;
pub use file::{FileReader, FileStore};
#[cfg(feature = "ftp")]
pub use ftp::FtpStore;
#[cfg(feature = "gzip")]
pub use gzip::{GzipStore, gunzip};
#[cfg(feature = "http")]
pub use http::HttpStore;
pub use memory::MemoryStore;
#[cfg(feature = "mmap")]
pub use mmap::MappedFile;
pub use options::{Event, Headers, Observer, StoreOptions};
pub use plan::{check_parts, read_merged, requests};
pub use positioned::PositionedStage;
pub use spool::spool;
pub(crate) use system::sync_folder;
pub use url::Url;
#[cfg(feature = "cli")]
pub(crate) use url::encoded;
pub use version::Version;
pub use writer::PositionedWriter;

/// What a request of a store costs: readers merge and fetch ahead by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// Parts with at most so many bytes between them are one request.
    pub merge_gap: u64,
    /// So many requests may be under way at once.
    pub max_in_flight: usize,
    /// What an opener fetches of the end of a file before it knows what it needs; 0 where nothing is gained.
    pub first_read: u64,
    /// Longer parts are several requests.
    pub max_request: u64,
}

impl Access {
    /// Of memory: a request is a copy.
    pub const LOCAL: Self = Self {
        merge_gap: 0,
        max_in_flight: 1,
        first_read: 0,
        max_request: u64::MAX,
    };

    /// Of files of this machine: a request costs as much as copying a kilobyte.
    pub const FILE: Self = Self {
        merge_gap: 1 << 10,
        ..Self::LOCAL
    };

    /// Of what lies behind a network: a request costs as much as some 64 KiB.
    pub const REMOTE: Self = Self {
        merge_gap: 64 << 10,
        max_in_flight: 8,
        first_read: 64 << 10,
        max_request: 8 << 20,
    };

    /// Whether a request for `first` and one for `next`, which starts no earlier, are better one.
    fn merges(&self, first: &Range<u64>, next: &Range<u64>) -> bool {
        next.start <= first.end.saturating_add(self.merge_gap)
            && next.end.max(first.end) - first.start <= self.piece_bytes()
    }

    /// Whether a request costs more than the bytes that it brings: then it pays to say what will be wanted.
    #[must_use]
    pub fn is_distant(&self) -> bool {
        self.first_read > 0
    }

    fn piece_bytes(&self) -> u64 {
        self.max_request.max(1)
    }
}

/// Bytes that a reader wants, and where it wants them.
#[derive(Debug)]
pub struct Part<'a> {
    /// Where they begin in the store.
    pub offset: u64,
    /// Where they go; it is filled to its end.
    pub buf: &'a mut [u8],
}

impl<'a> Part<'a> {
    /// Wants the bytes from `offset` on in `buf`.
    pub fn new(offset: u64, buf: &'a mut [u8]) -> Self {
        Self { offset, buf }
    }
}

/// Bytes by position, shared by many readers; they do not change while they are read.
pub trait ReadAt: Debug + Send + Sync {
    /// Bytes in all.
    fn len(&self) -> u64;

    /// Fills each part from its offset. Parts may overlap and come in any order; those of no bytes must lie within the store,
    /// too. Stores whose requests are dear merge parts and fetch several at once ([`read_merged`]).
    ///
    /// # Errors
    /// `UnexpectedEof` if a part ends behind the store; otherwise those of the storage. What the buffers hold then is
    /// unspecified.
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()>;

    /// Fills `buf` with the bytes from `offset` on.
    ///
    /// # Errors
    /// Those of [`read_many`](Self::read_many).
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_many(&mut [Part::new(offset, buf)])
    }

    /// Says which bytes will be wanted soon, so that a store that keeps bytes ([`Cached`]) fetches them all at once. Returns
    /// whether this is one: others do nothing. What lies behind the end is left out.
    ///
    /// # Errors
    /// Those of [`read_many`](Self::read_many).
    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        let _ = ranges;
        Ok(false)
    }

    /// Whether these bytes are here already: reading them asks nobody. Whoever does not know says no.
    fn holds(&self, range: &Range<u64>) -> bool {
        let _ = range;
        self.as_slice().is_some()
    }

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a request costs.
    fn access(&self) -> Access {
        Access::LOCAL
    }

    /// Which version of the bytes this is, where the storage tells versions apart.
    fn version(&self) -> Option<Version> {
        None
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
    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        memory::read_slice(self, parts)
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// Bytes that can be written by position, by several threads at once.
pub trait WriteAt: Debug + Send + Sync {
    /// Writes `bytes` from `offset` on; a gap before them reads as zero.
    ///
    /// # Errors
    /// Those of the storage; any part of `bytes` may have been written.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
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
///
/// Every stage takes bytes in order, as a [`Write`]. Some take them by position as well ([`at`](Self::at)), and are written
/// in one of the two ways, not in both; [`PositionedStage`] makes a stage of the second kind of any.
pub trait Stage: Write + Debug + Send + Sync {
    /// The stage by position, where it can be written so.
    fn at(&self) -> Option<&dyn WriteAt> {
        None
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
pub trait UpdateAt: ReadAt + WriteAt {
    /// Cuts the bytes at `len`, or fills them up to it with zeroes.
    ///
    /// # Errors
    /// Those of the storage.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Waits until everything written is on the medium.
    ///
    /// # Errors
    /// Those of the storage.
    fn sync(&self) -> io::Result<()>;
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn url(&self) -> &Url {
        (**self).url()
    }
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        (**self).open()
    }
    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        (**self).stage()
    }
    fn stage_over(&self, old: &Arc<dyn ReadAt>) -> io::Result<Box<dyn Stage>> {
        (**self).stage_over(old)
    }
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        (**self).update()
    }
    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        (**self).sibling(suffix)
    }
}

/// A place for the bytes of one file.
pub trait Store: Debug + Send + Sync {
    /// What it is called.
    fn url(&self) -> &Url;

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

    /// Starts a replacement of the version that `old` reads, which this store opened. Stores that can tell versions apart let
    /// its commit fail with `Changed` if another one is there by then, and touch nothing; to others this is [`Self::stage`].
    ///
    /// # Errors
    /// Those of [`Self::stage`].
    fn stage_over(&self, old: &Arc<dyn ReadAt>) -> io::Result<Box<dyn Stage>> {
        let _ = old;
        self.stage()
    }

    /// Locks the bytes and opens them for changes in place; `None` where the store knows no such thing, and a
    /// container stages instead.
    ///
    /// # Errors
    /// `NotFound`; `WouldBlock` if another writer has the lock; otherwise those of the storage.
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>>;

    /// The store beside this one whose name has a suffix: for locks of other programs.
    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        let _ = suffix;
        None
    }
}
