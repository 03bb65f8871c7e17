//! What Python objects hold, as bytes by position.

use std::fmt;
use std::io;

use pyo3::exceptions::{PyFileNotFoundError, PyPermissionError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::storage::{Access, Part, ReadAt, Version, check_parts, read_merged};

/// A `bytes` object.
#[derive(Debug)]
pub(super) struct Held(pub(super) PyBackedBytes);

impl ReadAt for Held {
    fn len(&self) -> u64 {
        (*self.0).len() as u64
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check_parts(parts, self.len())?;
        for part in parts {
            let start = part.offset as usize;
            part.buf
                .copy_from_slice(&self.0[start..start + part.buf.len()]);
        }
        Ok(())
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

/// Whatever Python reads ranges of: `fetch([(start, stop), ...]) -> [bytes, ...]`.
pub(super) struct Fetched {
    pub(super) fetch: Py<PyAny>,
    pub(super) n_bytes: u64,
    /// Whether a call costs more than the bytes that it brings.
    pub(super) is_distant: bool,
    pub(super) version: Option<String>,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes that Python reads", self.n_bytes)
    }
}

impl ReadAt for Fetched {
    fn len(&self) -> u64 {
        self.n_bytes
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check_parts(parts, self.n_bytes)?;
        if !self.is_distant {
            return self.fetch(parts);
        }
        read_merged(parts, self.n_bytes, &self.access(), &|offset, buf| {
            self.fetch(&mut [Part::new(offset, buf)])
        })
    }

    fn access(&self) -> Access {
        match self.is_distant {
            true => Access::REMOTE,
            false => Access::LOCAL,
        }
    }

    fn version(&self) -> Option<Version> {
        self.version.as_deref().map(Version::new)
    }
}

impl Fetched {
    /// Asks Python for all parts in one call.
    fn fetch(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        Python::attach(|py| {
            let ranges: Vec<(u64, u64)> = parts
                .iter()
                .map(|part| (part.offset, part.offset + part.buf.len() as u64))
                .collect();
            let fetched = self.fetch.call1(py, (ranges,)).map_err(|e| to_io(py, e))?;
            let fetched: Vec<PyBackedBytes> = fetched.extract(py).map_err(|e| to_io(py, e))?;
            if fetched.len() != parts.len() {
                return Err(io::Error::other(
                    "another number of ranges than was asked for",
                ));
            }
            for (part, bytes) in parts.iter_mut().zip(&fetched) {
                if bytes.len() != part.buf.len() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                part.buf.copy_from_slice(bytes);
            }
            Ok(())
        })
    }
}

/// An exception on its way through the library; `error::to_py` raises it again.
fn to_io(py: Python<'_>, raised: PyErr) -> io::Error {
    let kind = match () {
        () if raised.is_instance_of::<PyFileNotFoundError>(py) => io::ErrorKind::NotFound,
        () if raised.is_instance_of::<PyPermissionError>(py) => io::ErrorKind::PermissionDenied,
        () => io::ErrorKind::Other,
    };
    io::Error::new(kind, raised)
}
