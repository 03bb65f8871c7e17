//! What a file says of an array, as a dictionary.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::record;
use crate::array::Order;
use crate::container::{Entry, Fault};
use crate::error::{ErrorKind, Result};

/// An entry that says what its array is. Where this build has no filter for it, that is known all the same, and reading is what
/// fails.
pub(super) fn stated(entry: Entry) -> Result<Entry> {
    let is_foreign = |fault: &Fault| fault.kind() == ErrorKind::Unsupported;
    if !entry.fault.as_ref().is_some_and(is_foreign) || entry.stated_spec().is_err() {
        entry.spec()?;
    }
    Ok(entry)
}

pub(super) fn to_py<'py>(py: Python<'py>, entry: &Entry) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", &entry.path)?;
    dict.set_item("dtype", &entry.dtype)?;
    dict.set_item("shape", PyTuple::new(py, &entry.shape)?)?;
    dict.set_item("is_fortran", entry.order == Order::F)?;
    dict.set_item("filter", &entry.filter)?;
    dict.set_item("stored_bytes", entry.stored_bytes)?;
    dict.set_item("nbytes", entry.decoded_bytes)?;
    dict.set_item("has_nulls", entry.has_nulls)?;
    dict.set_item("file_extension", entry.file_extension)?;
    let fields = entry
        .record
        .as_ref()
        .map(|record| record::to_py(py, record));
    dict.set_item("record", fields.transpose()?)?;
    Ok(dict)
}
