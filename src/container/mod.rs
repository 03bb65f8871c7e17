//! Containers: named arrays and metadata in one file.
//!
//! A [`Format`] is a value that knows its files; [`Formats`] holds those that there are and opens a file by what its bytes
//! say. What comes out is a [`File`], whatever the format: its arrays are [`ArrayHandle`]s, found by path or, where it is
//! unique, by bare name, and any rows of any of them are read without the rest. Beneath stand two traits that a format
//! implements and that compute nothing: [`Container`], what a file says of itself, and [`ArrayReader`], the rows of one array.

#[cfg(feature = "npz")]
mod abandonable;
mod checks;
mod convert;
pub mod csv;
mod cursor;
mod entry;
mod fault;
mod fields;
mod file;
mod file_options;
#[cfg(feature = "fits")]
pub mod fits;
mod format;
mod formats;
pub mod gnz;
mod handle;
#[cfg_attr(
    not(feature = "zstd"),
    allow(dead_code, reason = "what only editors of documents need")
)]
mod json;
mod losses;
mod met;
pub mod npy;
#[cfg(feature = "npz")]
pub mod npz;
mod opened;
mod options;
mod output;
pub mod pco;
#[cfg(any(feature = "png", feature = "pzp"))]
mod pictures;
mod plain;
#[cfg(feature = "png")]
pub mod png;
mod push;
#[cfg(feature = "zstd")]
pub mod pv;
#[cfg(feature = "pzp")]
pub mod pzp;
mod raw;
mod read_ahead;
mod selected;
mod single;
mod strided;
mod windows;
mod writer;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

pub use checks::ArrayChecks;
pub use convert::{ConvertOptions, Converted, convert, write_array};
pub use entry::{Document, Entry, LeftOut};
pub use fault::Fault;
pub use fields::by_fields;
#[cfg(feature = "cli")]
pub(crate) use fields::{OneRow, field_of};
pub use file::File;
pub use file_options::FileOptions;
pub use format::{Format, FormatInfo, Match, Trait};
pub use formats::Formats;
pub use handle::ArrayHandle;
pub use json::{Json, Object, Text};
pub(crate) use met::Met;
pub use options::OpenOptions;
#[cfg(feature = "cli")]
pub(crate) use pictures::DELAYS;
pub use plain::Plain;
#[cfg(feature = "cli")]
pub(crate) use push::push_all;
pub use raw::RawFormat;
#[cfg(feature = "cli")]
pub(crate) use single::ONLY;
pub use single::Single;
#[cfg(feature = "cli")]
pub(crate) use windows::{fit as fit_window, of as windows_of};
pub use writer::{ArraySink, ContainerWriter, NewArray, WriteReport};

use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::validity::Validity;

/// What a file says of itself: named arrays and metadata. Arrays have numbers; a [`File`] leads to them by name.
pub trait Container: Debug + Send + Sync {
    /// What there is to know of the format.
    fn format(&self) -> &'static FormatInfo;

    /// The number of arrays, [placeholders](Self::placeholders) not among them.
    fn n_arrays(&self) -> usize;

    /// Arrays that stand in the file for the sake of other programs alone: the empty mesh that a `.pv` of plain arrays has,
    /// since its readers expect one. They have numbers and paths behind those of the arrays, and values as those have.
    fn placeholders(&self) -> Range<usize> {
        self.n_arrays()..self.n_arrays()
    }

    /// The path of array `index`.
    ///
    /// # Panics
    /// Where there is no such array.
    fn path(&self, index: usize) -> &str;

    /// The name that array `index` was given, without the folder that the format puts it in; none for what the format
    /// names itself, such as the points of a mesh.
    ///
    /// # Panics
    /// Where there is no such array.
    fn given_name(&self, index: usize) -> Option<&str> {
        Some(self.path(index))
    }

    /// The number of the array that a path, or a name that only one array has, leads to. An array that is called as a
    /// placeholder is comes before that.
    ///
    /// # Errors
    /// `InvalidArgument` where it leads to none, or a bare name to several.
    fn find(&self, name: &str) -> Result<usize>;

    /// What the container says of array `index`. Nothing is decoded.
    ///
    /// # Errors
    /// `Corrupt`, `Truncated` and `Io`: descriptions are read when they are asked for. Where the fault is the array's alone,
    /// the entry tells it instead.
    ///
    /// # Panics
    /// Where there is no such array.
    fn entry(&self, index: usize) -> Result<Entry>;

    /// Fetches at once what the entries of all arrays are made of: for callers who will ask for all of them.
    ///
    /// # Errors
    /// Those of the storage.
    fn prefetch_entries(&self) -> Result<()> {
        Ok(())
    }

    /// Fetches at once all that some arrays are read from, as many of them as a distant store keeps: for callers who will read
    /// these arrays whole, in this order. Returns the first array that was left out, which is where to ask again: behind the
    /// first of `arrays`, and the end of them where nothing is gained by fetching.
    ///
    /// # Errors
    /// Those of the storage.
    ///
    /// # Panics
    /// Where there are no such arrays.
    fn prefetch_arrays(&self, arrays: Range<usize>) -> Result<usize> {
        Ok(arrays.end)
    }

    /// Opens array `index` for reading: for callers who want several of its rows.
    ///
    /// # Errors
    /// `Unsupported` for an unknown filter or a dtype that is no data; `Corrupt`, `Truncated`, `LimitExceeded`, `Io`.
    ///
    /// # Panics
    /// Where there is no such array.
    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>>;

    /// Which rows of array `index` have a value, where some may not.
    ///
    /// # Errors
    /// Those of [`Self::open_array`].
    ///
    /// # Panics
    /// Where there is no such array.
    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>>;

    /// The limits that it was opened with.
    fn limits(&self) -> &Limits;

    /// The documents of the file, its own first.
    fn documents(&self) -> Vec<Document> {
        Vec::new()
    }

    /// What of the file is in no array, in words: what converting its arrays loses. Nothing where that is nothing.
    fn beside_arrays(&self) -> Option<String> {
        None
    }

    /// What a user should know of the file that is no error: a recovered version, a repaired name.
    fn notes(&self) -> &[String] {
        &[]
    }

    /// Bytes of the file that belong to nothing any more, and that writing it anew would give back.
    ///
    /// # Errors
    /// Those of reading where they lie.
    fn dead_bytes(&self) -> Result<u64> {
        Ok(0)
    }

    /// What lies beside the arrays in the file. `notes` says the same in words.
    fn left_out(&self) -> &[LeftOut] {
        &[]
    }

    /// What was checked once the structure and all arrays were verified, where the file has words of its own for it.
    fn checked(&self) -> Option<String> {
        None
    }

    /// Checks what the arrays' readers do not see: documents, headers, gaps.
    ///
    /// # Errors
    /// `Corrupt` and the rest, at the first fault.
    fn verify_structure(&self) -> Result<()> {
        Ok(())
    }

    /// All faults that [`verify_structure`](Self::verify_structure) would find, were it not to end at the first: what is found
    /// behind one that lets nothing else be looked at is not among them. A failure of the storage is the last.
    fn structure_faults(&self) -> Vec<Error> {
        self.verify_structure().err().into_iter().collect()
    }
}
