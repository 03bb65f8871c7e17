//! Meshes in `.pv` files: their documents and arrays as Python makes them, and their pictures.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::options::{formats_with, pv_options};
use super::run::Run;
use super::save::{Given, sources, total_bytes};
use super::source::Held;
use super::target::{Place, Target};
use crate::container::OpenOptions;
use crate::container::pv::{DatasetMetadata, Reader, Thumbnail, WriteOptions, Writer};
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;

/// Writes a dataset of a document, whose arrays have paths: `points`, `cells/offset`, `point_data/NAME`. Returns bytes, where no
/// place is given, and notes.
#[pyfunction]
#[pyo3(signature = (place, document, arrays, options, *, thumbnail, may_replace, n_threads, progress))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn save_dataset<'py>(
    py: Python<'py>,
    place: Option<Place>,
    document: &str,
    arrays: Vec<Given<'py>>,
    options: &Bound<'py, PyDict>,
    thumbnail: Option<Vec<u8>>,
    may_replace: bool,
    n_threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<(Option<Bound<'py, PyBytes>>, Vec<String>)> {
    let target = Target::new(
        place.as_ref(),
        may_replace,
        &formats_with(options)?,
        Some("pv"),
    )?;
    let write = pv_options(options)?;
    let wrong = |error: Error| Error::invalid(error.message());
    let template = DatasetMetadata::parse(document.as_bytes(), "").map_err(wrong)?;
    let thumbnail = thumbnail.map(Thumbnail::new).transpose()?;
    let sources = sources(&arrays)?;
    let run = Run {
        py,
        n_threads,
        progress,
        total_bytes: total_bytes(&arrays),
    };
    let notes = run.of(|control| {
        let mut writer = start(&target, &template, write, thumbnail.as_ref())?;
        for source in &sources {
            let mut array = writer
                .begin_array(source.name, source.spec.clone())
                .in_array(source.name)?;
            source.push_to(&mut array, control)?;
            array.finish()?;
        }
        let notes = writer.notes().to_vec();
        writer.commit()?;
        Ok(notes)
    })?;
    Ok((target.bytes(py), notes))
}

fn start(
    target: &Target,
    template: &DatasetMetadata,
    options: WriteOptions,
    thumbnail: Option<&Thumbnail>,
) -> Result<Writer> {
    let mut writer = Writer::create_dataset(&*target.store, template, options)?;
    if let Some(thumbnail) = thumbnail {
        writer.set_thumbnail(thumbnail)?;
    }
    Ok(writer)
}

/// Width, height, the PNG, and whether the file was changed since.
type Picture<'py> = (u32, u32, Bound<'py, PyBytes>, bool);

/// The picture of a `.pv` file: width, height, the PNG, and whether the file was changed since.
#[pyfunction]
pub(super) fn read_thumbnail<'py>(py: Python<'py>, place: Place) -> PyResult<Option<Picture<'py>>> {
    let store = place.store(true)?;
    thumbnail_of(py, || store.open().in_file(store.url()))
}

/// The same of the bytes of a file.
#[pyfunction]
pub(super) fn read_thumbnail_of_bytes<'py>(
    py: Python<'py>,
    bytes: PyBackedBytes,
) -> PyResult<Option<Picture<'py>>> {
    thumbnail_of(py, || Ok(Arc::new(Held(bytes)) as Arc<dyn ReadAt>))
}

fn thumbnail_of<'py>(
    py: Python<'py>,
    open: impl FnOnce() -> Result<Arc<dyn ReadAt>> + Send,
) -> PyResult<Option<Picture<'py>>> {
    let run = Run {
        py,
        n_threads: 1,
        progress: None,
        total_bytes: 0,
    };
    let found = run.of(|_| Reader::open(open()?, &OpenOptions::default())?.thumbnail())?;
    Ok(found.map(|thumbnail| {
        let png = PyBytes::new(py, &thumbnail.png);
        (thumbnail.width, thumbnail.height, png, thumbnail.is_stale)
    }))
}
