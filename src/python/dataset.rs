//! Meshes in `.pv` files: their documents and arrays as Python makes them, and their pictures.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::options::{formats_with, pv_options};
use super::run::{Control, Run, briefly};
use super::save::{Given, Source, sources, total_bytes};
use super::source::Held;
use super::target::{Place, Target};
use crate::container::pv::{DatasetMetadata, Frame, Pair, PvFormat, Reader, Thumbnail, TreeWriter};
use crate::container::{Container, Format as _, OpenOptions};
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;

/// A step of writing a tree: a dataset with its arrays (`document` has its type), a MultiBlock (`document` has its children),
/// or the field arrays of a MultiBlock that was written (no `document`).
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Step<'py> {
    uid: String,
    document: Option<String>,
    is_block: bool,
    arrays: Vec<Given<'py>>,
}

/// The same without Python.
struct Work<'a> {
    uid: &'a str,
    document: Option<&'a str>,
    /// Of a dataset.
    template: Option<DatasetMetadata>,
    sources: Vec<Source<'a>>,
}

impl Step<'_> {
    fn work(&self) -> PyResult<Work<'_>> {
        let wrong = |error: Error| Error::invalid(error.message());
        let document = self.document.as_deref();
        let template = match document.filter(|_| !self.is_block) {
            Some(text) => Some(DatasetMetadata::parse(text.as_bytes(), "").map_err(wrong)?),
            None => None,
        };
        Ok(Work {
            uid: &self.uid,
            document,
            template,
            sources: sources(&self.arrays)?,
        })
    }
}

impl Work<'_> {
    fn write(&self, writer: &mut TreeWriter, control: &Control) -> Result<()> {
        match (&self.template, self.document) {
            (Some(template), _) => writer.begin_dataset(self.uid, template)?,
            (None, Some(document)) => writer.write_block(self.uid, document)?,
            (None, None) => writer.begin_fields(self.uid)?,
        }
        for source in &self.sources {
            let mut array = writer
                .begin_array(source.name, source.spec.clone())
                .in_array(source.name)?;
            source.push_to(&mut array, control)?;
            array.finish()?;
        }
        match self.template {
            Some(_) => writer.end_dataset(),
            None => Ok(()),
        }
    }
}

/// Writes datasets and MultiBlocks, whose arrays have paths: `points`, `cells/offset`, `point_data/NAME`. Returns bytes, where
/// no place is given, and notes.
#[pyfunction]
#[pyo3(signature = (place, steps, options, *, thumbnail, may_replace, n_threads, progress))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn save_tree<'py>(
    py: Python<'py>,
    place: Option<Place>,
    steps: Vec<Step<'py>>,
    options: &Bound<'py, PyDict>,
    thumbnail: Option<Vec<u8>>,
    may_replace: bool,
    n_threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<(Option<Bound<'py, PyBytes>>, Vec<String>)> {
    let formats = formats_with(options)?;
    let pv = PvFormat::default().info().name;
    let target = Target::new(place.as_ref(), may_replace, &formats, Some(pv))?;
    let write = pv_options(options)?;
    let thumbnail = thumbnail.map(Thumbnail::new).transpose()?;
    let works = steps.iter().map(Step::work).collect::<PyResult<Vec<_>>>()?;
    let run = Run {
        py,
        n_threads,
        progress,
        total_bytes: works.iter().map(|work| total_bytes(&work.sources)).sum(),
    };
    let notes = run.of(|control| {
        let mut writer = TreeWriter::create(&*target.store, write)?;
        if let Some(thumbnail) = &thumbnail {
            writer.set_thumbnail(thumbnail)?;
        }
        for work in &works {
            work.write(&mut writer, control)?;
        }
        let notes = writer.notes().to_vec();
        writer.commit()?;
        Ok(notes)
    })?;
    Ok((target.bytes(py), notes))
}

/// How a `.pv` file is laid out: the name of each pair but the last, stored and decoded bytes of the two frames of each pair,
/// the document at the end, and the pair of each array by its path.
type Layout = (Vec<String>, Vec<[u64; 4]>, String, Vec<(String, usize)>);

/// How a `.pv` file is laid out.
#[pyfunction]
pub(super) fn pv_layout(py: Python<'_>, place: Place) -> PyResult<Layout> {
    let store = place.store(true)?;
    layout_of(py, || store.open().in_file(store.url()))
}

/// The same of the bytes of a file.
#[pyfunction]
pub(super) fn pv_layout_of_bytes(py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Layout> {
    layout_of(py, || Ok(Arc::new(Held(bytes)) as Arc<dyn ReadAt>))
}

fn layout_of(
    py: Python<'_>,
    open: impl FnOnce() -> Result<Arc<dyn ReadAt>> + Send,
) -> PyResult<Layout> {
    briefly(py, || {
        let reader = Reader::open(open()?, &OpenOptions::default())?;
        let sizes = |pair: &Pair| {
            let stored = |frame: &Frame| frame.range.end - frame.range.start;
            let (header, payload) = (&pair.header, &pair.payload);
            [
                stored(header),
                header.decoded_size,
                stored(payload),
                payload.decoded_size,
            ]
        };
        let frames = reader.index().pairs.iter().map(sizes).collect();
        let document = reader.metadata().document().to_string();
        let arrays = 0..reader.n_stored();
        let arrays = arrays.map(|index| (reader.path(index).to_owned(), reader.pair(index)));
        Ok((reader.names().to_vec(), frames, document, arrays.collect()))
    })
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
