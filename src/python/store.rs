//! Files as bytes, whole, and how stores are asked for them.

use std::io::Write;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::options::get;
use super::run::Run;
use super::target::Place;
use crate::error::{Error, Result, ResultExt};
use crate::limits::Limits;
use crate::storage::{Drivers, Durability, StoreOptions};

/// Written in pieces of so many bytes.
const PIECE_BYTES: usize = 16 << 20;

/// The stores of addresses, with what Python says of requests: `headers`, `timeout` in seconds, `max_download_bytes` of servers
/// that send no ranges, `cache_bytes`.
pub(super) fn drivers(options: Option<&Bound<'_, PyDict>>) -> PyResult<Drivers> {
    let Some(options) = options else {
        return Ok(Drivers::default());
    };
    let mut store = StoreOptions::default();
    if let Some(headers) = get(options, "headers")? {
        store.headers.0 = headers;
    }
    if let Some(seconds) = get::<f64>(options, "timeout")? {
        store.timeout = Duration::try_from_secs_f64(seconds)
            .map_err(|_| Error::invalid(format!("a timeout of {seconds} seconds")))?;
    }
    if let Some(bytes) = get(options, "max_download_bytes")? {
        store.max_download_bytes = bytes;
    }
    if let Some(bytes) = get(options, "cache_bytes")? {
        store.cache_bytes = bytes;
    }
    Ok(Drivers::default().with_options(store))
}

/// All bytes of a file; of one that gzip compressed, what it holds.
#[pyfunction]
#[pyo3(signature = (place, max_bytes=None, options=None))]
pub(super) fn store_read<'py>(
    py: Python<'py>,
    place: Place,
    max_bytes: Option<u64>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let store = place.store_of(&drivers(options)?)?;
    let mut limits = Limits::default();
    if let Some(bytes) = max_bytes {
        limits = limits.with_max_bytes(bytes);
    }
    let bytes = run(py).of(|_| {
        let read = || -> Result<Vec<u8>> {
            let source = store.open()?;
            limits.check_array_bytes(source.len())?;
            let mut bytes = vec![0; source.len() as usize];
            source.read_exact_at(&mut bytes, 0)?;
            Ok(bytes)
        };
        read().in_file(store.url())
    })?;
    Ok(PyBytes::new(py, &bytes))
}

/// Lets a file be these bytes, one part behind the other: whole, or not at all. Where its name ends in `.gz`, it is compressed.
#[pyfunction]
pub(super) fn store_write(py: Python<'_>, place: Place, parts: Vec<PyBackedBytes>) -> PyResult<()> {
    let store = place.store(true)?;
    run(py).of(|control| {
        let write = || -> Result<()> {
            let mut stage = store.stage()?;
            for piece in parts.iter().flat_map(|part| part.chunks(PIECE_BYTES)) {
                stage.write_all(piece)?;
                control.advance(piece.len() as u64)?;
            }
            stage.commit(Durability::Synced)?;
            Ok(())
        };
        write().in_file(store.url())
    })
}

/// Work on one thread that nobody is told of.
fn run(py: Python<'_>) -> Run<'_> {
    Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    }
}
