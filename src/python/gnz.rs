//! `.gnz` files whose arrays Python fills where they lie.

use std::path::PathBuf;

use pyo3::prelude::*;

use super::run::Run;
use super::save::{Given, sources};
use crate::array::{Array, ArraySpec};
use crate::container::gnz::{GnzWriter, Reserved};

/// Writes a file beside `path` (`.part` stands behind its name) with arrays as they are and room for others, and returns where
/// the others begin, in their order. It becomes the file of that name when it is [finalised](gnz_finalize).
#[pyfunction]
pub(super) fn gnz_reserve(
    py: Python<'_>,
    path: PathBuf,
    metadata: &str,
    arrays: Vec<Given<'_>>,
    room: Vec<(String, String, Vec<u64>)>,
) -> PyResult<Vec<u64>> {
    let mut writer = GnzWriter::new();
    writer.set_metadata(metadata)?;
    for source in sources(&arrays)? {
        writer.add_array(source.name, Array::from_bytes(source.spec, source.data)?)?;
    }
    for (name, dtype, shape) in &room {
        writer.init_streaming_array(name, ArraySpec::new(dtype.parse()?, shape.as_slice())?)?;
    }
    let run = Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    };
    run.of(|_| {
        let reserved = writer.reserve(&path)?;
        room.iter()
            .map(|(name, ..)| reserved.offset(name))
            .collect()
    })
}

/// Lets a file that was reserved, and is filled, take its place.
#[pyfunction]
pub(super) fn gnz_finalize(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    let run = Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    };
    run.of(|_| Reserved::open(&path)?.finalize())
}
