//! Errors as exceptions: those of `paginum._errors`, and Python's own where it has them.

use std::io;

use pyo3::exceptions::{PyBlockingIOError, PyConnectionError, PyFileExistsError};
use pyo3::exceptions::{
    PyFileNotFoundError, PyIsADirectoryError, PyOSError, PyPermissionError, PyTimeoutError,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Error, ErrorKind};
use crate::unknown::Unknown;

/// Makes an exception of an error. One that Python raised below us comes back as it was.
pub(super) fn to_py(error: Error) -> PyErr {
    Python::attach(|py| {
        if let Some(raised) = raised_below(py, &error) {
            return raised;
        }
        built_in(py, &error)
            .unwrap_or_else(|| of_package(py, &error).unwrap_or_else(|failed| failed))
    })
}

/// The same of the engine's errors.
pub(super) fn engine_to_py(error: paginum_wrapped::Error) -> PyErr {
    to_py(error.into())
}

/// The exception of a Python object that we read from.
fn raised_below(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let inner = error.as_io()?.get_ref()?;
    Some(inner.downcast_ref::<PyErr>()?.clone_ref(py))
}

/// Python's own exception for a failure of the storage.
fn built_in(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let file = error.place().and_then(|place| place.file.clone());
    if let Some(failure) = error.as_io() {
        if let Some(code) = failure.raw_os_error() {
            // Python chooses the class by the number.
            let words = error.message();
            let words = words
                .split(" (os error")
                .next()
                .unwrap_or_default()
                .to_owned();
            return Some(PyOSError::new_err((code, words, file)));
        }
        let words = error.to_string();
        return Some(match failure.kind() {
            io::ErrorKind::NotFound => PyFileNotFoundError::new_err(words),
            io::ErrorKind::AlreadyExists => PyFileExistsError::new_err(words),
            io::ErrorKind::IsADirectory => PyIsADirectoryError::new_err(words),
            io::ErrorKind::PermissionDenied => PyPermissionError::new_err(words),
            // Another program has the lock of a file.
            io::ErrorKind::WouldBlock => PyBlockingIOError::new_err(words),
            io::ErrorKind::TimedOut => PyTimeoutError::new_err(words),
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted => PyConnectionError::new_err(words),
            _ => PyOSError::new_err(words),
        });
    }
    let words = error.to_string();
    let _ = py;
    match error.kind() {
        ErrorKind::NotFound => Some(PyFileNotFoundError::new_err(words)),
        ErrorKind::Io => Some(PyOSError::new_err(words)),
        _ => None,
    }
}

/// An exception of the package, which names the place.
fn of_package(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = match error.kind() {
        ErrorKind::Corrupt => "CorruptDataError",
        ErrorKind::Checksum => "ChecksumError",
        ErrorKind::Truncated => "TruncatedError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::LimitExceeded => "LimitExceededError",
        ErrorKind::Changed => "ChangedError",
        ErrorKind::InvalidArgument => "InvalidArgumentError",
        _ => "Error",
    };
    let place = PyDict::new(py);
    if let Some(at) = error.place() {
        place.set_item("file", &at.file)?;
        place.set_item("array", &at.array)?;
        place.set_item("page", at.page)?;
        place.set_item("offset", at.offset)?;
    }
    match Unknown::of(error) {
        Some(Unknown::FileVersion(version)) => place.set_item("file_version", version)?,
        Some(Unknown::Filter(id)) => place.set_item("filter", id)?,
        None => {}
    }
    let class = py.import("paginum._errors")?.getattr(class)?;
    let exception = class.call((error.to_string(),), Some(&place))?;
    Ok(PyErr::from_value(exception))
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        to_py(error)
    }
}
