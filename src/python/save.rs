//! Writing arrays of Python to files.

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::options::{formats_with, pv_options, pv_target};
use super::record;
use super::run::{Control, Run};
use super::target::{Place, Target};
use crate::array::{ArraySpec, Order};
use crate::container::pv::{ArrayWriter, Edit, EditOptions};
use crate::container::{ArraySink, NewArray, WriteReport};
use crate::error::{Result, ResultExt};
use crate::record::Record;
use crate::validity::Validity;

/// Rows are pushed in pieces of about so many bytes.
const PIECE_BYTES: u64 = 16 << 20;

/// An array as Python hands it over.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Given<'py> {
    name: String,
    dtype: String,
    shape: Vec<u64>,
    is_fortran: bool,
    /// Rows in C order.
    data: Data<'py>,
    /// Arrow's bits.
    validity: Option<PyReadonlyArray1<'py, u8>>,
    record: Option<Bound<'py, PyAny>>,
}

/// The bytes of an array. Those of Python are tried first: where there is no numpy, nothing can be asked of its arrays.
#[derive(FromPyObject)]
enum Data<'py> {
    Bytes(PyBackedBytes),
    Array(PyReadonlyArray1<'py, u8>),
}

impl Data<'_> {
    fn as_slice(&self) -> PyResult<&[u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Array(array) => Ok(array.as_slice()?),
        }
    }
}

/// The same without Python.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) spec: ArraySpec,
    pub(super) data: &'a [u8],
    validity: Option<Validity>,
    record: Option<Record>,
}

impl Given<'_> {
    fn source(&self) -> PyResult<Source<'_>> {
        let order = if self.is_fortran { Order::F } else { Order::C };
        let spec = ArraySpec::new(self.dtype.parse()?, self.shape.as_slice())?.with_order(order);
        let validity = match &self.validity {
            Some(bits) => Some(Validity::from_bytes(
                bits.as_slice()?,
                spec.rows() as usize,
            )?),
            None => None,
        };
        let record = self.record.as_ref().map(record::from_py).transpose()?;
        Ok(Source {
            name: &self.name,
            spec,
            data: self.data.as_slice()?,
            validity,
            record,
        })
    }
}

impl Source<'_> {
    /// Pushes all rows into `sink`, a piece at a time.
    pub(super) fn push_to(&self, sink: &mut dyn ArraySink, control: &Control) -> Result<()> {
        let row_bytes = self.spec.row_bytes();
        if self.data.is_empty() {
            return Ok(());
        }
        let piece_rows = (PIECE_BYTES / row_bytes).max(1) as usize;
        for (i, rows) in self
            .data
            .chunks(piece_rows * row_bytes as usize)
            .enumerate()
        {
            match &self.validity {
                Some(validity) => {
                    let start = i * piece_rows;
                    sink.push_rows_with_nulls(rows, &validity.slice(start..start + piece_rows))?;
                }
                None => sink.push_rows(rows)?,
            }
            control.advance(rows.len() as u64)?;
        }
        Ok(())
    }
}

/// The arrays without Python.
pub(super) fn sources<'a>(arrays: &'a [Given<'_>]) -> PyResult<Vec<Source<'a>>> {
    arrays.iter().map(Given::source).collect()
}

pub(super) fn total_bytes(sources: &[Source<'_>]) -> u64 {
    sources.iter().map(|source| source.data.len() as u64).sum()
}

/// Writes a file of arrays, and returns its bytes (where no place is given), their number, and notes.
#[pyfunction]
#[pyo3(signature = (place, arrays, options, *, may_replace, format, n_threads, progress))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn save<'py>(
    py: Python<'py>,
    place: Option<Place>,
    arrays: Vec<Given<'py>>,
    options: &Bound<'py, PyDict>,
    may_replace: bool,
    format: Option<&str>,
    n_threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<(Option<Bound<'py, PyBytes>>, u64, Vec<String>)> {
    let formats = formats_with(options)?;
    let target = Target::new(place.as_ref(), may_replace, &formats, format)?;
    let sources = sources(&arrays)?;
    let run = Run {
        py,
        n_threads,
        progress,
        total_bytes: total_bytes(&sources),
    };
    let report = run.of(|control| write(&target, &sources, control).in_file(target.store.url()))?;
    Ok((target.bytes(py), report.n_bytes, report.notes))
}

fn write(target: &Target, sources: &[Source<'_>], control: &Control) -> Result<WriteReport> {
    let mut writer = target.format.create(&*target.store)?;
    for source in sources {
        let new = NewArray::new(source.name, &source.spec).with_record(source.record.as_ref());
        let mut sink = writer.begin(new).in_array(source.name)?;
        source.push_to(&mut *sink, control).in_array(source.name)?;
        sink.finish().in_array(source.name)?;
    }
    writer.commit()
}

/// Adds arrays to a `.pv` file, in place where that can be done, and returns notes.
#[pyfunction]
#[pyo3(signature = (place, arrays, options, *, may_replace, is_staged, n_threads, progress))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn append<'py>(
    py: Python<'py>,
    place: Place,
    arrays: Vec<Given<'py>>,
    options: &Bound<'py, PyDict>,
    may_replace: bool,
    is_staged: bool,
    n_threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Vec<String>> {
    let edit_options = edit_options(options, is_staged)?;
    let store = place.store(true)?;
    let sources = sources(&arrays)?;
    let run = Run {
        py,
        n_threads,
        progress,
        total_bytes: total_bytes(&sources),
    };
    let report = run.of(|control| {
        let mut edit = Edit::new();
        for source in &sources {
            let rows = |writer: &mut ArrayWriter<'_>| source.push_to(writer, control);
            match may_replace {
                true => edit.set_rows(source.name, source.spec.clone(), rows),
                false => edit.add_rows(source.name, source.spec.clone(), rows),
            }
        }
        edit.apply(&*store, &edit_options).in_file(store.url())
    })?;
    Ok(report.notes)
}

/// Removes arrays from a `.pv` file, in place where that can be done, and returns notes.
#[pyfunction]
pub(super) fn remove(
    py: Python<'_>,
    place: Place,
    names: Vec<String>,
    options: &Bound<'_, PyDict>,
    is_staged: bool,
) -> PyResult<Vec<String>> {
    let edit_options = edit_options(options, is_staged)?;
    let store = place.store(true)?;
    let run = Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    };
    let report = run.of(|_| {
        let mut edit = Edit::new();
        names.iter().for_each(|name| edit.remove(name));
        edit.apply(&*store, &edit_options).in_file(store.url())
    })?;
    Ok(report.notes)
}

fn edit_options(options: &Bound<'_, PyDict>, is_staged: bool) -> PyResult<EditOptions> {
    let mut edit = EditOptions::default()
        .with_write(pv_options(options)?)
        .with_staged(is_staged);
    if let Some(target) = pv_target(options)? {
        edit = edit.with_target(target);
    }
    Ok(edit)
}
