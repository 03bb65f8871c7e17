//! The extension module of the Python package, `paginum._core`: wrappers and nothing else.
//!
//! Python hands over bytes (arrays of `uint8`), descriptors of dtypes and shapes; what an array-like is, how it is brought into
//! rows and what a key selects is the business of `python/paginum`. Nothing outside of this folder knows of Python. Work runs
//! through [`run`], which releases the interpreter, bounds threads, reports progress and hears Ctrl-C.

mod command;
mod convert;
mod dataset;
mod engine;
mod entry;
mod error;
mod file;
mod gnz;
mod options;
mod payload;
mod record;
mod run;
mod save;
mod source;
mod standalone;
mod store;
mod target;

use pyo3::prelude::*;

/// The module. The interpreter finds it by the name that `pyproject.toml` gives it.
#[pymodule(gil_used = false, name = "_core")]
mod core {
    #[pymodule_export]
    use super::command::main;
    #[pymodule_export]
    use super::convert::convert;
    #[pymodule_export]
    use super::dataset::{
        pv_layout, pv_layout_of_bytes, read_thumbnail, read_thumbnail_of_bytes, save_tree,
    };
    #[pymodule_export]
    use super::engine::{
        ChunkCompressor, ChunkDecompressor, FileCompressor, FileDecompressor, RowIndex,
    };
    #[pymodule_export]
    use super::file::File;
    #[pymodule_export]
    use super::gnz::{gnz_finalize, gnz_reserve};
    #[pymodule_export]
    use super::options::{format_traits, formats};
    #[pymodule_export]
    use super::payload::{payload_encode, payload_open, payload_open_ranges};
    #[pymodule_export]
    use super::save::{append, remove, save};
    #[pymodule_export]
    use super::standalone::{
        standalone_compress, standalone_fill, standalone_info, standalone_read,
    };
    #[pymodule_export]
    use super::store::{store_read, store_write};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
