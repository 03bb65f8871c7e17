//! One array of an open file, and the ways to read it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use paginum_wrapped::Number;

use super::entry::Entry;
use super::opened::Opened;
use super::push::push_all;
use super::selected::{read_runs, read_selected_rows};
use super::writer::ArraySink;
use super::{Trait, windows};
use crate::array::{Array, ArraySpec, Selection, put_into_native_order};
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::text::counted;
use crate::validity::Validity;

/// An array of a [`File`](super::File), which stays open as long as a handle of one of its arrays is there. Errors name the
/// array, if the file has a name for it.
///
/// ```
/// # use paginum::{Array, container::npy, storage::Drivers};
/// # let mut stage = Drivers::default().store("mem://steps.npy")?.stage()?;
/// # std::io::Write::write_all(&mut stage, &npy::to_bytes(&Array::from_numbers(&[1_i32, 2, 3, 4])?))?;
/// # stage.commit(Default::default())?;
/// let steps = paginum::open("mem://steps.npy")?.array_at(0);
/// assert_eq!(steps.spec()?.shape(), [4]);
/// assert_eq!(steps.read_numbers::<i32>()?, [1, 2, 3, 4]);
/// assert_eq!(steps.read_rows(1..3)?.numbers::<i32>()?, [2, 3]);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone)]
pub struct ArrayHandle {
    opened: Arc<Opened>,
    index: usize,
}

impl ArrayHandle {
    pub(super) fn new(opened: Arc<Opened>, index: usize) -> Self {
        Self { opened, index }
    }

    /// Lets an error name the array, unless its file has no name for it.
    fn named<T>(&self, result: Result<T>) -> Result<T> {
        let container = &*self.opened.container;
        match container.format().has(Trait::Names) || container.n_arrays() > 1 {
            true => result.in_array(self.path()),
            false => result,
        }
    }

    /// Whether its file has a name for it.
    pub(crate) fn has_name(&self) -> bool {
        self.opened.container.format().has(Trait::Names)
    }

    /// Its number in its file.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its path in its file.
    #[must_use]
    pub fn path(&self) -> &str {
        self.opened.container.path(self.index)
    }

    /// What the file says of it. Nothing is decoded.
    ///
    /// # Errors
    /// Those of [`Container::entry`](super::Container::entry).
    pub fn entry(&self) -> Result<Entry> {
        self.opened.container.entry(self.index)
    }

    /// Its type and shape, by what the file says of it.
    ///
    /// # Errors
    /// Those of [`entry`](Self::entry), and what is wrong with an array that cannot be read.
    pub fn spec(&self) -> Result<ArraySpec> {
        self.entry()?.spec()
    }

    /// Which rows have a value, where some may not.
    ///
    /// # Errors
    /// Those of [`reader`](Self::reader).
    pub fn validity(&self) -> Result<Option<Arc<Validity>>> {
        self.opened.container.validity(self.index)
    }

    /// What reads it; the file keeps it for the next who asks.
    ///
    /// # Errors
    /// Those of [`Container::open_array`](super::Container::open_array).
    pub fn reader(&self) -> Result<Arc<dyn ArrayReader>> {
        self.named(self.opened.reader(self.index))
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// Those of [`reader`](Self::reader) and of decoding; `LimitExceeded`.
    pub fn read(&self) -> Result<Array> {
        let reader = self.reader()?;
        let limits = self.opened.container.limits();
        self.named(reader.read(limits))
    }

    /// Reads all of it as numbers of this machine's byte order: a complex element is two of them.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `InvalidArgument` where its numbers are not of the type `T`.
    pub fn read_numbers<T: Number>(&self) -> Result<Vec<T>> {
        let reader = self.reader()?;
        let read = || {
            let spec = reader.spec();
            let dtype = spec.dtype();
            if dtype.number_type() != Some(T::NUMBER_TYPE) {
                let what = format!("elements of {dtype} read as {}", T::NUMBER_TYPE);
                return Err(Error::invalid(what));
            }
            self.opened
                .container
                .limits()
                .check_array_bytes(spec.bytes())?;
            let n = spec.bytes() as usize / size_of::<T>();
            let mut numbers: Vec<T> = bytemuck::allocation::try_zeroed_vec(n)
                .map_err(|()| Error::limit("bytes of memory", isize::MAX as u64, spec.bytes()))?;
            reader.read_rows_into(0..spec.rows(), bytemuck::cast_slice_mut(&mut numbers))?;
            put_into_native_order(&mut numbers, dtype);
            Ok(numbers)
        };
        self.named(read())
    }

    /// Reads some rows.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `InvalidArgument` for rows that are not there.
    pub fn read_rows(&self, rows: Range<u64>) -> Result<Array> {
        let reader = self.reader()?;
        let limits = self.opened.container.limits();
        self.named(reader.read_rows(rows, limits))
    }

    /// Reads all of it into a buffer of exactly its size.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `InvalidArgument` where the buffer is not of that size.
    pub fn read_into(&self, buf: &mut [u8]) -> Result<()> {
        let reader = self.reader()?;
        let bytes = reader.spec().bytes();
        let mut read = || {
            if buf.len() as u64 != bytes {
                let buffer = counted(buf.len(), "byte");
                let what = format!("a buffer of {buffer} for an array of {bytes}");
                return Err(Error::invalid(what));
            }
            reader.read_rows_into(0..reader.spec().rows(), buf)
        };
        self.named(read())
    }

    /// Reads the rows that `mask` selects, one after another. Pages without a selected row are not decoded.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `InvalidArgument` where the mask is not one bit a row.
    pub fn read_selected(&self, mask: &Validity) -> Result<Array> {
        let reader = self.reader()?;
        self.named(read_selected_rows(
            &*reader,
            mask,
            self.opened.container.limits(),
        ))
    }

    /// Reads some rows, which ascend, one behind the other into a buffer of exactly their size. Pages without one of them
    /// are not decoded.
    ///
    /// # Errors
    /// Those of [`read`](Self::read) but for limits; `InvalidArgument` for rows that are not there or do not ascend, and for a
    /// buffer of another size.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use paginum::{Array, container::{Formats, OpenOptions, npy}};
    /// # let bytes = npy::to_bytes(&Array::from_numbers(&[10_u8, 11, 12, 13])?);
    /// # let file = Formats::default().open(Arc::new(bytes), &OpenOptions::default())?;
    /// let mut rows = [0; 2];
    /// file.array_at(0).read_row_list_into(&[1, 3], &mut rows)?; // of 10, 11, 12, 13
    /// assert_eq!(rows, [11, 13]);
    /// # Ok::<(), paginum::Error>(())
    /// ```
    pub fn read_row_list_into(&self, rows: &[u64], out: &mut [u8]) -> Result<()> {
        let reader = self.reader()?;
        let spec = reader.spec();
        let ascend = rows.is_sorted_by(|row, next| row < next);
        let are_there = rows.last().is_none_or(|last| *last < spec.rows());
        if !ascend || !are_there || out.len() as u64 != rows.len() as u64 * spec.row_bytes() {
            let what = "rows that are not there or do not ascend, or a buffer of another size";
            return self.named(Err(Error::invalid(what)));
        }
        let runs = rows.chunk_by(|row, next| row + 1 == *next);
        let runs = runs.map(|run| run[0]..run[0] + run.len() as u64);
        self.named(read_runs(&*reader, runs, out))
    }

    /// Reads what is wanted of each axis.
    ///
    /// # Errors
    /// Those of [`ArrayReader::select`].
    pub fn select(&self, selection: &Selection) -> Result<Array> {
        let limits = self.opened.container.limits();
        self.named(self.reader()?.select(selection, limits))
    }

    /// Pushes all rows into a sink, those without a value as such, and tells `progress` how many bytes were done.
    ///
    /// # Errors
    /// Those of [`read`](Self::read) but for limits, and of the sink.
    pub fn push_to(&self, sink: &mut dyn ArraySink, progress: &dyn Fn(u64)) -> Result<()> {
        let (reader, validity) = (self.reader()?, self.validity()?);
        push_all(&*reader, validity.as_deref(), sink, progress)
    }

    /// Checks everything that is stored of it.
    ///
    /// # Errors
    /// Those of [`ArrayReader::verify`].
    pub fn verify(&self) -> Result<()> {
        self.named(self.reader()?.verify())
    }

    /// Hands the bytes of some rows to `take`, piece by piece, so that an array larger than memory can be gone through. A
    /// piece is whole rows in order, 64 MiB of them or one; rows that hold no bytes come not at all.
    ///
    /// # Errors
    /// Those of [`read_rows`](Self::read_rows) but for limits, and the first of `take`.
    pub fn stream<E: From<Error>>(
        &self,
        rows: Range<u64>,
        mut take: impl FnMut(&[u8]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let reader = self.reader()?;
        self.named(reader.spec().check_rows(&rows))?;
        let mut buffer = Vec::new();
        for window in windows::of(rows, reader.spec().row_bytes()) {
            self.named(windows::read(&*reader, window, &mut buffer))?;
            take(&buffer)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ArrayHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "array {:?}", self.path())
    }
}
