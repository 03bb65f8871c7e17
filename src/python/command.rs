//! The command line, as the console script of the wheel runs it.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command `paginum` with these arguments, its own name first, and returns its exit status.
#[pyfunction]
pub(super) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| crate::cli::run(arguments))
}
