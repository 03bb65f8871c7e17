//! Pages of the engine without a file around them, for containers of Python's world that know dtype and shape themselves: a
//! chunk of zarr is one.

use std::ops::Range;
use std::sync::Arc;

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::file::File;
use super::run::{Run, briefly};
use super::source::{Fetched, Held};
use crate::array::{ArraySpec, Selection};
use crate::container::{self, FormatInfo, Single, Trait};
use crate::error::Result;
use crate::filter::{ArrayReader, EncodeContext, Filter, Numeric, Payload, Registry};
use crate::limits::Limits;
use crate::storage::{Cached, ReadAt};

static INFO: FormatInfo = FormatInfo::new("numeric", &[], &[Trait::OneArray, Trait::Checksums]);
/// Of a distant payload at most so many bytes are kept.
const CACHE_BYTES: u64 = 8 << 20;

/// Stores rows in C order as pages of the engine.
#[pyfunction]
#[pyo3(signature = (data, dtype, shape, *, level, page_numbers, n_threads))]
pub(super) fn payload_encode<'py>(
    py: Python<'py>,
    data: PyReadonlyArray1<'py, u8>,
    dtype: &str,
    shape: Vec<u64>,
    level: u32,
    page_numbers: usize,
    n_threads: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let spec = ArraySpec::new(dtype.parse()?, shape)?;
    let filter = Numeric::default()
        .with_level(level)
        .with_page_numbers(page_numbers);
    let rows = data.as_slice()?;
    let run = Run {
        py,
        n_threads,
        progress: None,
        total_bytes: 0,
    };
    let payload = run.of(|_| {
        let mut payload = Vec::new();
        let mut encoder = filter.encoder(&spec, &EncodeContext::default())?;
        if !rows.is_empty() {
            encoder.push_rows(rows, &mut payload)?;
        }
        encoder.finish(&mut payload)?;
        Ok(payload)
    })?;
    Ok(PyBytes::new(py, &payload))
}

/// Opens what a filter stored, in memory, as a file of one array. `identity` is the name that its checksums cover, if any.
#[pyfunction]
#[pyo3(signature = (payload, dtype, shape, *, filter="numeric", identity=None))]
pub(super) fn payload_open(
    py: Python<'_>,
    payload: PyBackedBytes,
    dtype: &str,
    shape: Vec<u64>,
    filter: &str,
    identity: Option<&str>,
) -> PyResult<File> {
    let spec = ArraySpec::new(dtype.parse()?, shape)?;
    briefly(py, || {
        open(Arc::new(Held(payload)), &spec, filter, identity)
    })
}

/// The same of what Python fetches ranges of.
#[pyfunction]
#[pyo3(signature = (fetch, n_bytes, dtype, shape, *, filter="numeric", identity=None))]
pub(super) fn payload_open_ranges(
    py: Python<'_>,
    fetch: Py<PyAny>,
    n_bytes: u64,
    dtype: &str,
    shape: Vec<u64>,
    filter: &str,
    identity: Option<&str>,
) -> PyResult<File> {
    let spec = ArraySpec::new(dtype.parse()?, shape)?;
    let bytes = Fetched {
        fetch,
        n_bytes,
        is_distant: true,
        version: None,
    };
    briefly(py, || {
        let cached = Arc::new(Cached::new(Arc::new(bytes), CACHE_BYTES));
        open(cached, &spec, filter, identity)
    })
}

fn open(
    bytes: Arc<dyn ReadAt>,
    spec: &ArraySpec,
    filter: &str,
    identity: Option<&str>,
) -> Result<File> {
    let limits = Limits::default();
    let n_bytes = bytes.len();
    let mut payload = Payload::new(bytes, 0..n_bytes)?;
    if let Some(identity) = identity {
        payload = payload.with_identity(identity.as_bytes());
    }
    let registry = Registry::default();
    let filter = registry.by_name(filter)?;
    let reader = Shared(filter.open(spec, payload, &limits)?.into());
    let single = Single::new(&INFO, "numeric", reader, n_bytes, &limits);
    Ok(File::of(container::File::of(Box::new(single))))
}

/// A reader that several hold.
#[derive(Clone, Debug)]
struct Shared(Arc<dyn ArrayReader>);

impl ArrayReader for Shared {
    fn spec(&self) -> &ArraySpec {
        self.0.spec()
    }
    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.0.ranges(rows)
    }
    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.0.read_rows_into(rows, out)
    }
    fn select_into(&self, selection: &Selection, out: &mut [u8]) -> Result<()> {
        self.0.select_into(selection, out)
    }
    fn verify(&self) -> Result<()> {
        self.0.verify()
    }
}
