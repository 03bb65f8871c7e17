//! Containers: named arrays and metadata in one file.
//!
//! Whatever the format, a file opens as a [`Container`]: entries in the file's order, addressed by number, by path or,
//! where it is unique, by bare name; any rows of any array without the rest. What can be done with one array is done
//! through its [`ArrayReader`]; everything else here is made of that.

#[cfg(feature = "npz")]
mod abandonable;
pub mod csv;
mod cursor;
mod fault;
mod fields;
pub mod npy;
#[cfg(feature = "npz")]
pub mod npz;
pub mod pco;
mod plain;
#[cfg(feature = "zstd")]
pub mod pv;
mod single;
mod unknown;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

pub use fault::Fault;
pub use fields::by_fields;
#[cfg(feature = "cli")]
pub(crate) use fields::field_of;
#[cfg(feature = "cli")]
pub(crate) use npy::ONLY;
pub use plain::{Plain, open_raw};
pub use single::Single;

use crate::array::{Array, Order};
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayReader, Registry};
use crate::limits::Limits;
use crate::record::Record;
use crate::storage::{Cached, ReadAt, Store};
use crate::validity::Validity;

/// How a container is opened.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// What the file may cost.
    pub limits: Limits,
    /// The filters that its arrays may use.
    pub filters: Registry,
    /// What to call the file in messages.
    pub name: Option<String>,
}

impl OpenOptions {
    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Registry) -> Self {
        self.filters = filters;
        self
    }

    /// Sets what to call the file in messages.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// What a container says of one of its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Where it is in the container.
    pub path: String,
    /// numpy's descriptor, as the file spells it.
    pub dtype: String,
    /// Lengths of the axes.
    pub shape: Vec<u64>,
    /// How the file lays it out, or was told that it was laid out before. Rows are read in C order whatever it is.
    pub order: Order,
    /// The name of the filter, or its number where the name is not known.
    pub filter: String,
    /// Bytes in the file, its own alone: those that an edit in place left behind it are not.
    pub stored_bytes: u64,
    /// Bytes when decoded.
    pub decoded_bytes: u64,
    /// Whether some rows may have no value.
    pub has_nulls: bool,
    /// The fields of an array of records, where the format keeps them; its dtype is that of opaque bytes.
    pub record: Option<Record>,
    /// Why the array cannot be read, where that is known from what stands before its values. The others can. Dtype and
    /// shape are as the file spells them, and empty where it does not come to that.
    pub fault: Option<Fault>,
}

impl Entry {
    /// Of an array of which nothing is known yet but where it lies.
    pub(crate) fn new(path: String, filter: &str, stored_bytes: u64) -> Self {
        Self {
            path,
            dtype: String::new(),
            shape: Vec::new(),
            order: Order::C,
            filter: filter.to_owned(),
            stored_bytes,
            decoded_bytes: 0,
            has_nulls: false,
            record: None,
            fault: None,
        }
    }

    /// Of an array that cannot be read.
    pub(crate) fn faulty(path: String, filter: &str, stored_bytes: u64, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(path, filter, stored_bytes)
        }
    }
}

/// Something in a file that is no array, and is not among its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// What the file calls it.
    pub path: String,
    /// What it is, as far as can be told.
    pub why: String,
}

/// A JSON document of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// What it is about: a path of a dataset, empty for the file.
    pub path: String,
    /// The text.
    pub json: String,
}

/// Named arrays and metadata in one file.
pub trait Container: Debug + Send + Sync {
    /// The name of the format, which is also the extension of its files: `pv`, `npz`.
    fn format(&self) -> &'static str;

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

    /// Opens array `index` for reading: for callers who want several of its rows.
    ///
    /// # Errors
    /// `Unsupported` for an unknown filter or a dtype that is no data; `Corrupt`, `Truncated`, `LimitExceeded`, `Io`.
    ///
    /// # Panics
    /// Where there is no such array.
    fn array(&self, index: usize) -> Result<Box<dyn ArrayReader>>;

    /// Which rows of array `index` have a value, where some may not.
    ///
    /// # Errors
    /// Those of [`Self::array`].
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

    /// Checks what the arrays' readers do not see: documents, headers, gaps.
    ///
    /// # Errors
    /// `Corrupt` and the rest, at the first fault.
    fn verify_structure(&self) -> Result<()> {
        Ok(())
    }

    /// Reads a whole array.
    ///
    /// # Errors
    /// Those of [`Self::find`] and [`Self::array`].
    fn read(&self, name: &str) -> Result<Array> {
        self.read_index(self.find(name)?)
    }

    /// Reads a whole array by its number.
    ///
    /// # Errors
    /// Those of [`Self::array`].
    fn read_index(&self, index: usize) -> Result<Array> {
        let array = self.array(index)?;
        let mut values =
            Array::zeroed(array.spec().clone(), self.limits()).in_array(self.path(index))?;
        array
            .read_rows_into(0..array.spec().rows(), values.bytes_mut())
            .in_array(self.path(index))?;
        Ok(values)
    }

    /// Reads some rows of an array.
    ///
    /// # Errors
    /// Those of [`Self::read`]; `InvalidArgument` for rows that are not there.
    fn read_rows(&self, name: &str, rows: Range<u64>) -> Result<Array> {
        let index = self.find(name)?;
        let array = self.array(index)?;
        let read = || {
            array.spec().check_rows(&rows)?;
            let spec = match array.spec().shape() {
                [] => array.spec().clone(),
                _ => array.spec().with_rows(rows.end - rows.start)?,
            };
            let mut values = Array::zeroed(spec, self.limits())?;
            array.read_rows_into(rows.clone(), values.bytes_mut())?;
            Ok::<_, Error>(values)
        };
        read().in_array(self.path(index))
    }

    /// Reads a whole array into a buffer of exactly its size.
    ///
    /// # Errors
    /// Those of [`Self::read`]; `InvalidArgument` where the buffer is not of that size.
    fn read_into(&self, name: &str, buf: &mut [u8]) -> Result<()> {
        let index = self.find(name)?;
        let array = self.array(index)?;
        let bytes = array.spec().bytes();
        if buf.len() as u64 != bytes {
            let what = format!("a buffer of {} bytes for an array of {bytes}", buf.len());
            return Err(Error::invalid(what).in_array(self.path(index)));
        }
        array
            .read_rows_into(0..array.spec().rows(), buf)
            .in_array(self.path(index))
    }

    /// Reads the rows that `mask` selects, one after another. Pages without a selected row are not decoded.
    ///
    /// # Errors
    /// Those of [`Self::read`]; `InvalidArgument` where the mask is not one bit a row.
    fn read_selected(&self, name: &str, mask: &Validity) -> Result<Array> {
        let index = self.find(name)?;
        let array = self.array(index)?;
        read_selected_rows(&*array, mask, self.limits()).in_array(self.path(index))
    }

    /// Reads whole arrays, in parallel with the feature `parallel`.
    ///
    /// # Errors
    /// Those of [`Self::read`], of the first array that has one; `LimitExceeded` for too many bytes in all.
    fn read_many(&self, names: &[&str]) -> Result<Vec<Array>> {
        let indices = names
            .iter()
            .map(|name| self.find(name))
            .collect::<Result<Vec<_>>>()?;
        let mut total_bytes = 0_u64;
        for index in &indices {
            total_bytes = total_bytes.saturating_add(self.entry(*index)?.decoded_bytes);
        }
        self.limits().check_total_bytes(total_bytes)?;
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            indices
                .par_iter()
                .map(|index| self.read_index(*index))
                .collect()
        }
        #[cfg(not(feature = "parallel"))]
        indices
            .iter()
            .map(|index| self.read_index(*index))
            .collect()
    }
}

/// Reads the runs of selected rows, with runs that share a page read together by the array's reader.
fn read_selected_rows(array: &dyn ArrayReader, mask: &Validity, limits: &Limits) -> Result<Array> {
    let spec = array.spec();
    if spec.shape().is_empty() || mask.len() as u64 != spec.rows() {
        return Err(Error::invalid(format!(
            "a mask of {} rows for an array of {}",
            mask.len(),
            spec.rows()
        )));
    }
    let n_selected = mask.count_valid(0..mask.len());
    let mut values = Array::zeroed(spec.with_rows(n_selected as u64)?, limits)?;
    let row_bytes = spec.row_bytes() as usize;
    let mut rest = values.bytes_mut();
    let mut scratch = Vec::new();
    for window in windows(array, mask) {
        // One decode for all selected rows of a window, then only those are kept.
        scratch.resize((window.end - window.start) * row_bytes, 0);
        array.read_rows_into(window.start as u64..window.end as u64, &mut scratch)?;
        for run in mask.valid_runs(window.clone()) {
            let part = (run.start - window.start) * row_bytes..(run.end - window.start) * row_bytes;
            let (out, behind) = rest.split_at_mut(part.len());
            out.copy_from_slice(&scratch[part]);
            rest = behind;
        }
    }
    Ok(values)
}

/// Rows to decode at once: selected runs, joined where the gap between them is decoded anyway.
fn windows(array: &dyn ArrayReader, mask: &Validity) -> Vec<Range<usize>> {
    /// Neither the scratch for a window nor the work for rows between two runs grows beyond so many bytes.
    const MAX_WINDOW_BYTES: usize = 4 << 20;
    let row_bytes = (array.spec().row_bytes() as usize).max(1);
    let max_rows = (MAX_WINDOW_BYTES / row_bytes).max(1);
    let mut windows: Vec<Range<usize>> = Vec::new();
    for run in mask.valid_runs(0..mask.len()) {
        let is_near = |window: &Range<usize>| {
            let gap = window.end as u64..run.start as u64;
            run.end - window.start <= max_rows && is_decoded_anyway(array, window, gap)
        };
        match windows.last_mut() {
            Some(window) if is_near(window) => window.end = run.end,
            _ => {
                let mut start = run.start;
                while start < run.end {
                    let end = run.end.min(start + max_rows);
                    windows.push(start..end);
                    start = end;
                }
            }
        }
    }
    windows
}

/// Whether the rows of `gap` need no bytes that the row before them does not need.
fn is_decoded_anyway(array: &dyn ArrayReader, window: &Range<usize>, gap: Range<u64>) -> bool {
    let before = array.ranges(window.end as u64 - 1..window.end as u64);
    let with_gap = array.ranges(window.end as u64 - 1..gap.end + 1);
    with_gap.iter().all(|range| before.contains(range))
}

/// The format that the first bytes of a file tell, of those that have a magic number: all but `.pv`.
pub(crate) fn format_of_start(start: &[u8]) -> Option<&'static str> {
    if npy::is_npy(start) {
        return Some("npy");
    }
    if pco::is_pco(start) {
        return Some("pco");
    }
    #[cfg(feature = "npz")]
    if npz::is_npz(start) {
        return Some("npz");
    }
    None
}

/// Reads as many of the first bytes of a file as the longest magic number has, which is that of `.npy`.
///
/// # Errors
/// Those of the store.
pub(crate) fn start_of(bytes: &dyn ReadAt) -> Result<Vec<u8>> {
    let mut start = vec![0; npy::MAGIC_BYTES.min(bytes.len()) as usize];
    bytes.read_exact_at(&mut start, 0)?;
    Ok(start)
}

/// Opens the container that `bytes` hold, whatever its format.
///
/// # Errors
/// `Unsupported` where no format knows the bytes; `Corrupt` and the rest where one does and they are bad.
pub fn open(bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
    let bytes = with_both_ends(bytes)?;
    let start = start_of(&*bytes)?;
    match format_of_start(&start) {
        Some("npy") => return Ok(Box::new(npy::open(bytes, &options.limits)?)),
        Some("pco") => return Ok(Box::new(pco::open(bytes, &options.limits)?)),
        #[cfg(feature = "npz")]
        Some("npz") => return Ok(Box::new(npz::Npz::open(bytes, &options.limits)?)),
        _ => {}
    }
    #[cfg(feature = "zstd")]
    {
        match pv::Reader::open(bytes, options) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(verdict) => Err(unknown::explain(&start, verdict)),
        }
    }
    #[cfg(not(feature = "zstd"))]
    Err(unknown::explain(
        &start,
        Error::corrupt("no format of this build"),
    ))
}

/// Fetches both ends of a distant file at once, since one tells the format and the other where things are, and lets it keep
/// what it fetched.
fn with_both_ends(mut bytes: Arc<dyn ReadAt>) -> Result<Arc<dyn ReadAt>> {
    /// The longest magic number, and the header of most `.npy` files.
    const HEAD_BYTES: u64 = 512;
    /// Of a store that keeps nothing itself.
    const CACHE_BYTES: u64 = 32 << 20;
    let access = bytes.access();
    if access.is_distant() {
        let len = bytes.len();
        let ends = [0..HEAD_BYTES, len.saturating_sub(access.first_read)..len];
        if !bytes.prefetch(&ends)? {
            bytes = Arc::new(Cached::new(bytes, CACHE_BYTES));
            bytes.prefetch(&ends)?;
        }
    }
    Ok(bytes)
}

/// Opens the container in a store, whatever its format.
///
/// # Errors
/// Those of [`open`], which name the store.
pub fn open_store(store: &dyn Store, options: &OpenOptions) -> Result<Box<dyn Container>> {
    let options = options.clone().with_name(store.url().to_string());
    let bytes = store.open().in_file(store.url())?;
    open(bytes, &options).in_file(store.url())
}
