//! Containers: named arrays in one file.
//!
//! [`open`] tells the kinds of files apart by their bytes, never by their names. Every [`Container`] gives its arrays as
//! [`ArrayReader`]s, which decode any rows without the others as far as their format allows it.

mod cursor;
pub mod npy;
#[cfg(feature = "npz")]
pub mod npz;
pub mod pco;
mod plain;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use plain::Plain;

use crate::array::{Array, ArraySpec};
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;

/// Kinds of files that hold arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One array, as numpy saves it.
    Npy,
    /// A zip archive of `.npy` files.
    Npz,
    /// One array, compressed by pco or by this crate.
    Pco,
}

impl Format {
    /// The extension of such files, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Pco => "pco",
        }
    }

    /// The format that an extension means.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        [Self::Npy, Self::Npz, Self::Pco]
            .into_iter()
            .find(|format| extension.eq_ignore_ascii_case(format.extension()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ".{}", self.extension())
    }
}

/// What a container knows of an array without decoding it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name; empty in a format of one array, which has none for it.
    pub name: String,
    /// Its type and shape.
    pub spec: ArraySpec,
    /// What its bytes went through, by name.
    pub filter: String,
    /// Bytes that it takes in the file.
    pub stored_bytes: u64,
}

/// A file of named arrays, open for reading.
pub trait Container: Send + Sync {
    /// Which kind of file it is.
    fn format(&self) -> Format;

    /// The arrays, in the order of the file.
    ///
    /// # Errors
    /// Those of reading what describes them.
    fn entries(&self) -> Result<Vec<Entry>>;

    /// Opens an array by its name.
    ///
    /// # Errors
    /// `InvalidArgument` if there is none of that name; otherwise those of reading what describes it.
    fn array(&self, name: &str) -> Result<Box<dyn ArrayReader>>;

    /// What the file holds beside arrays, by name.
    fn others(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Reads some rows of an array into memory; of a scalar, which has no rows to choose from, the one that it is.
///
/// # Errors
/// `InvalidArgument` for rows that there are not; `LimitExceeded` by `limits`; those of reading and decoding.
pub fn read_rows(reader: &dyn ArrayReader, rows: Range<u64>, limits: &Limits) -> Result<Array> {
    reader.spec().check_rows(&rows)?;
    let n_rows = rows.end - rows.start;
    let spec = match reader.spec().shape() {
        [] if n_rows == 1 => reader.spec().clone(),
        _ => reader.spec().with_rows(n_rows)?,
    };
    let mut array = Array::zeroed(spec, limits)?;
    reader.read_rows_into(rows, array.bytes_mut())?;
    Ok(array)
}

/// Refuses a name that is asked of a format of one array, which has none.
fn only_array(name: &str) -> Result<()> {
    match name {
        "" => Ok(()),
        _ => Err(Error::invalid(format!(
            "there is no array {name:?}: the file holds one, without a name"
        ))),
    }
}

/// Opens a file of any format that this build knows.
///
/// # Errors
/// `Unsupported` for a file of none of them; otherwise those of opening one.
pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Box<dyn Container>> {
    const LONGEST_MAGIC: u64 = 8;
    let mut start = vec![0; LONGEST_MAGIC.min(store.len()) as usize];
    store.read_exact_at(&mut start, 0)?;
    if npy::Npy::is_npy(&start) {
        return Ok(Box::new(npy::Npy::open(store, limits)?));
    }
    if pco::Pco::is_pco(&start) {
        return Ok(Box::new(pco::Pco::open(store, limits)?));
    }
    #[cfg(feature = "npz")]
    if npz::Npz::is_npz(&start) {
        return Ok(Box::new(npz::Npz::open(store, limits)?));
    }
    Err(Error::unsupported("a file of no known format"))
}
