//! An open file.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadwriteArray1};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::entry;
use super::options::formats_to_read;
use super::run::{Control, Run};
use super::source::{Fetched, Held};
use super::store::drivers;
use crate::array::{AxisRange, Selection};
use crate::container::{self, ArrayHandle, Formats, OpenOptions};
use crate::error::{Error, Result, ResultExt};
use crate::limits::Limits;
use crate::storage::{Cached, Drivers, ReadAt, Store, StoreOptions};

/// Rows are read in windows of about so many bytes.
const WINDOW_BYTES: u64 = 32 << 20;
/// Arrays without pages have natural pieces of so many bytes.
const PIECE_BYTES: u64 = 1 << 20;

/// An open file of arrays, by number.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct File {
    pub(super) file: container::File,
    /// Which bytes it was opened on, where the storage can tell.
    version: Option<String>,
}

fn options(max_bytes: Option<u64>) -> OpenOptions {
    let mut options = OpenOptions::default();
    if let Some(bytes) = max_bytes {
        options = options.with_limits(Limits::default().with_max_bytes(bytes));
    }
    options
}

/// Opens on one thread: opening a foreign file may decode it.
fn open_store(
    py: Python<'_>,
    store: &dyn Store,
    max_bytes: Option<u64>,
    formats: &Formats,
) -> PyResult<File> {
    let options = options(max_bytes).with_name(store.url().to_string());
    let open = || {
        let bytes = store.open().in_file(store.url())?;
        let version = bytes.version().map(|version| version.to_string());
        let file = formats.open(bytes, &options).in_file(store.url())?;
        Ok(File { file, version })
    };
    short(py).of(|_| open())
}

fn open_bytes(
    py: Python<'_>,
    bytes: Arc<dyn ReadAt>,
    name: Option<String>,
    max_bytes: Option<u64>,
    formats: &Formats,
) -> PyResult<File> {
    let version = bytes.version().map(|version| version.to_string());
    let mut options = options(max_bytes);
    if let Some(name) = &name {
        options = options.with_name(name);
    }
    let open = || {
        let opened = formats.open(bytes, &options);
        match &name {
            Some(name) => opened.in_file(name),
            None => opened,
        }
    };
    let file = short(py).of(|_| open())?;
    Ok(File { file, version })
}

/// Work on one thread that nobody is told of.
fn short(py: Python<'_>) -> Run<'_> {
    Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    }
}

#[pymethods]
impl File {
    /// Opens what an address names.
    #[staticmethod]
    #[pyo3(signature = (url, max_bytes, options=None))]
    fn open_url(
        py: Python<'_>,
        url: &str,
        max_bytes: Option<u64>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let formats = formats_to_read(options)?;
        open_store(py, &*drivers(options)?.store(url)?, max_bytes, &formats)
    }

    /// Opens the file at a path, whatever the path looks like.
    #[staticmethod]
    #[pyo3(signature = (path, max_bytes, options=None))]
    fn open_path(
        py: Python<'_>,
        path: PathBuf,
        max_bytes: Option<u64>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let store = Drivers::default().store_of_path(&path)?;
        open_store(py, &*store, max_bytes, &formats_to_read(options)?)
    }

    /// Opens a file in memory, which is not copied.
    #[staticmethod]
    #[pyo3(signature = (bytes, name, max_bytes, options=None))]
    fn open_bytes(
        py: Python<'_>,
        bytes: PyBackedBytes,
        name: Option<String>,
        max_bytes: Option<u64>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let formats = formats_to_read(options)?;
        open_bytes(py, Arc::new(Held(bytes)), name, max_bytes, &formats)
    }

    /// Opens what Python reads ranges of.
    #[staticmethod]
    fn open_ranges(
        py: Python<'_>,
        fetch: Py<PyAny>,
        n_bytes: u64,
        is_distant: bool,
        version: Option<String>,
        name: Option<String>,
        max_bytes: Option<u64>,
    ) -> PyResult<Self> {
        let fetched = Arc::new(Fetched {
            fetch,
            n_bytes,
            is_distant,
            version,
        });
        let bytes: Arc<dyn ReadAt> = match is_distant {
            // What is fetched ahead has to stay somewhere, as that of stores of ours does.
            true => Arc::new(Cached::new(fetched, StoreOptions::default().cache_bytes)),
            false => fetched,
        };
        open_bytes(py, bytes, name, max_bytes, &Formats::default())
    }

    /// The name of its format.
    #[getter]
    fn format(&self) -> &'static str {
        self.file.format().name
    }

    /// Which bytes it was opened on, where the storage can tell.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    fn __len__(&self) -> usize {
        self.file.n_arrays()
    }

    /// Names to show: without the folder of plain arrays.
    fn names(&self) -> Vec<String> {
        let bare = |array: ArrayHandle| self.file.format().bare(array.path()).to_owned();
        self.file.arrays().map(bare).collect()
    }

    /// The number of the array that a path or a bare name leads to.
    fn find(&self, name: &str) -> PyResult<usize> {
        Ok(self.file.find(name)?)
    }

    /// What the file says of an array.
    fn entry<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyDict>> {
        let array = self.array(index)?;
        let found = short(py).of(|_| entry::stated(array.entry()?))?;
        entry::to_py(py, &found)
    }

    /// Fetches what the entries of all arrays are made of.
    fn prefetch_entries(&self, py: Python<'_>) -> PyResult<()> {
        short(py).of(|_| self.file.prefetch_entries())
    }

    /// What a user should know of the file that is no error.
    fn notes(&self) -> Vec<String> {
        self.file.notes().to_vec()
    }

    /// Its documents: what each is about, and its text.
    fn documents(&self) -> Vec<(String, String)> {
        let documents = self.file.documents().into_iter();
        documents
            .map(|document| (document.path, document.json))
            .collect()
    }

    /// Refuses so many bytes where the limits of the file do.
    fn check_bytes(&self, n_bytes: u64) -> PyResult<()> {
        Ok(self.file.limits().check_array_bytes(n_bytes)?)
    }

    /// Reads of each axis `start..stop` in steps into `out`, which is exactly their size.
    #[pyo3(signature = (index, axes, out, *, n_threads, progress))]
    fn select_into<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        axes: Vec<(u64, u64, u64)>,
        mut out: PyReadwriteArray1<'py, u8>,
        n_threads: usize,
        progress: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let array = self.array(index)?;
        let out = out.as_slice_mut()?;
        let run = Run {
            py,
            n_threads,
            progress,
            total_bytes: out.len() as u64,
        };
        run.of(|control| select(&array, &axes, out, control).in_array(array.path()))
    }

    /// Reads of each axis `start..stop` in steps, as bytes: for where there is no numpy to give an array.
    #[pyo3(signature = (index, axes, *, n_threads))]
    fn select_bytes<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        axes: Vec<(u64, u64, u64)>,
        n_threads: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let array = self.array(index)?;
        let n_bytes = short(py).of(|_| {
            let reader = array.reader()?;
            Ok(selection(&axes).spec(reader.spec())?.bytes())
        })?;
        self.check_bytes(n_bytes)?;
        let run = Run {
            n_threads,
            ..short(py)
        };
        PyBytes::new_with(py, n_bytes as usize, |out| {
            run.of(|control| select(&array, &axes, out, control).in_array(array.path()))
        })
    }

    /// Reads some rows, which ascend, into `out`, which is exactly their size.
    #[pyo3(signature = (index, rows, out, *, n_threads))]
    fn rows_into<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        rows: PyReadonlyArray1<'py, u64>,
        mut out: PyReadwriteArray1<'py, u8>,
        n_threads: usize,
    ) -> PyResult<()> {
        let array = self.array(index)?;
        let (rows, out) = (rows.as_slice()?, out.as_slice_mut()?);
        let run = Run {
            n_threads,
            ..short(py)
        };
        run.of(|_| array.read_row_list_into(rows, out).in_array(array.path()))
    }

    /// Arrow's bits: which rows have a value, where some may not.
    fn validity<'py>(
        &self,
        py: Python<'py>,
        index: usize,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let array = self.array(index)?;
        let validity = short(py).of(|_| array.validity())?;
        Ok(validity.map(|validity| PyBytes::new(py, validity.as_bytes())))
    }

    /// Rows that are decoded together: those of the first page.
    fn page_rows(&self, py: Python<'_>, index: usize) -> PyResult<u64> {
        let array = self.array(index)?;
        short(py).of(|_| page_rows(&array))
    }

    /// The bytes of the file that rows need.
    fn ranges(
        &self,
        py: Python<'_>,
        index: usize,
        start: u64,
        stop: u64,
    ) -> PyResult<Vec<(u64, u64)>> {
        let array = self.array(index)?;
        let ranges = short(py).of(|_| {
            let reader = array.reader()?;
            reader.spec().check_rows(&(start..stop))?;
            Ok(reader.ranges(start..stop))
        })?;
        Ok(ranges
            .into_iter()
            .map(|range| (range.start, range.end))
            .collect())
    }

    /// Checks everything that is stored of an array, or of the file.
    #[pyo3(signature = (index, *, n_threads))]
    fn verify(&self, py: Python<'_>, index: Option<usize>, n_threads: usize) -> PyResult<()> {
        let run = Run {
            n_threads,
            ..short(py)
        };
        match index {
            Some(index) => {
                let array = self.array(index)?;
                run.of(|_| array.verify().in_array(array.path()))
            }
            None => run.of(|control| self.file.verify_while(|| control.advance(0))),
        }
    }

    /// All that is wrong with the file, as exceptions.
    #[pyo3(signature = (*, n_threads))]
    fn faults(&self, py: Python<'_>, n_threads: usize) -> PyResult<Vec<Py<PyBaseException>>> {
        let run = Run {
            n_threads,
            ..short(py)
        };
        let faults = run.of(|control| self.file.faults_while(|| control.advance(0)))?;
        let exceptions = faults
            .into_iter()
            .map(|fault| PyErr::from(fault).into_value(py));
        Ok(exceptions.collect())
    }
}

impl File {
    /// A file that was opened elsewhere.
    pub(super) fn of(file: container::File) -> Self {
        Self {
            file,
            version: None,
        }
    }

    /// The array of a number.
    pub(super) fn array(&self, index: usize) -> PyResult<ArrayHandle> {
        // What stands in the file for other programs alone has numbers, too.
        match index < self.file.n_arrays().max(self.file.placeholders().end) {
            true => Ok(self.file.array_at(index)),
            false => Err(Error::invalid(format!("there is no array {index}")).into()),
        }
    }
}

fn range(&(start, stop, step): &(u64, u64, u64)) -> AxisRange {
    AxisRange::Range {
        start,
        end: Some(stop),
        step,
    }
}

fn selection(axes: &[(u64, u64, u64)]) -> Selection {
    Selection::new(axes.iter().map(range).collect::<Vec<_>>())
}

/// Reads a selection in windows of rows, so that it can be ended between two of them.
fn select(
    array: &ArrayHandle,
    axes: &[(u64, u64, u64)],
    out: &mut [u8],
    control: &Control,
) -> Result<()> {
    let reader = array.reader()?;
    let whole = selection(axes);
    let spec = whole.spec(reader.spec())?;
    if spec.bytes() != out.len() as u64 {
        return Err(Error::invalid(
            "a buffer of another size than the selection",
        ));
    }
    let Some(&(start, stop, step)) = axes.first() else {
        return reader.select_into(&whole, out);
    };
    if out.is_empty() {
        return Ok(());
    }
    let row_bytes = spec.row_bytes() as usize;
    let window_rows = (WINDOW_BYTES / reader.spec().row_bytes().max(1).saturating_mul(step)).max(1);
    let mut first = start;
    for part in out.chunks_mut(window_rows as usize * row_bytes) {
        let n = (part.len() / row_bytes) as u64;
        let end = stop.min(first.saturating_add(n.saturating_mul(step)));
        let rows = range(&(first, end, step));
        let inner = axes[1..].iter().map(range);
        let window = Selection::new(std::iter::once(rows).chain(inner).collect::<Vec<_>>());
        reader.select_into(&window, part)?;
        control.advance(part.len() as u64)?;
        first = end;
    }
    Ok(())
}

/// The most rows from the first on that need no other bytes than the first alone.
fn page_rows(array: &ArrayHandle) -> Result<u64> {
    let reader = array.reader()?;
    let (rows, row_bytes) = (reader.spec().rows(), reader.spec().row_bytes().max(1));
    if rows < 2 {
        return Ok(rows);
    }
    let first = reader.ranges(0..1);
    let is_one_page = |n: u64| {
        let ranges: Vec<Range<u64>> = reader.ranges(0..n);
        ranges.iter().all(|range| first.contains(range))
    };
    if !is_one_page(2) {
        return Ok((PIECE_BYTES / row_bytes).clamp(1, rows));
    }
    let (mut known, mut too_many) = (2, rows + 1);
    let mut step = 2;
    while known < rows && step > 0 {
        let next = known.saturating_add(step).min(rows);
        if !is_one_page(next) {
            too_many = next;
            break;
        }
        known = next;
        step = step.saturating_mul(2);
    }
    while too_many - known > 1 {
        let middle = known + (too_many - known) / 2;
        match is_one_page(middle) {
            true => known = middle,
            false => too_many = middle,
        }
    }
    Ok(known)
}
