//! How files are written: keyword arguments of Python as options of formats.

use std::sync::Arc;

use paginum_wrapped::config::DEFAULT_LEVEL;
use paginum_wrapped::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::error::engine_to_py;
use crate::container::fits::{FitsFormat, Values};
use crate::container::pco::{PcoFormat, PcoOptions};
use crate::container::pv::{FilterChoice, PvFormat, Target, WriteOptions};
use crate::container::pzp::{PzpFormat, PzpOptions};
use crate::container::{Formats, Trait};
use crate::filter::{DEFAULT_PAGE_NUMBERS, Goal, Registry};

/// The value of a key, where it is there and not `None`.
pub(super) fn get<'py, T>(options: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error: Into<PyErr>>,
{
    match options.get_item(key)? {
        Some(value) if !value.is_none() => Ok(Some(value.extract().map_err(Into::into)?)),
        _ => Ok(None),
    }
}

/// Level, mode, delta and pages of the engine, by their spellings.
pub(super) fn chunk_config(options: &Bound<'_, PyDict>) -> PyResult<ChunkConfig> {
    let mut config = ChunkConfig::default();
    if let Some(level) = get::<u32>(options, "level")? {
        config = config.with_level(level);
    }
    if let Some(mode) = get::<String>(options, "mode")? {
        config = config.with_mode_spec(mode.parse::<ModeSpec>().map_err(engine_to_py)?);
    }
    if let Some(delta) = get::<String>(options, "delta")? {
        config = config.with_delta_spec(delta.parse::<DeltaSpec>().map_err(engine_to_py)?);
    }
    if let Some(n) = get::<usize>(options, "max_page_n")? {
        config = config.with_paging_spec(PagingSpec::EqualPagesUpTo(n));
    }
    if let Some(sizes) = get::<Vec<usize>>(options, "page_sizes")? {
        config = config.with_paging_spec(PagingSpec::Exact(sizes));
    }
    Ok(config)
}

/// How a `.pv` is written.
pub(super) fn pv_options(options: &Bound<'_, PyDict>) -> PyResult<WriteOptions> {
    let mut write = WriteOptions::default();
    if let Some(target) = pv_target(options)? {
        write = write.with_target(target);
    }
    if let Some(filter) = get::<String>(options, "filter")? {
        write = write.with_filter(FilterChoice::parse(&filter)?);
    }
    for (array, filter) in
        get::<Vec<(String, String)>>(options, "array_filters")?.unwrap_or_default()
    {
        write = write.with_array_filter(array, FilterChoice::parse(&filter)?);
    }
    if let Some(goal) = get::<String>(options, "goal")? {
        write = write.with_goal(goal.parse::<Goal>()?);
    }
    let mut filters = Registry::default().with_pages(
        get(options, "level")?.unwrap_or(DEFAULT_LEVEL),
        get(options, "page_numbers")?.unwrap_or(DEFAULT_PAGE_NUMBERS),
    );
    if let Some(level) = get(options, "zstd_level")? {
        filters = filters.with_zstd_level(level);
    }
    Ok(write.with_filters(filters))
}

/// Who is to read a `.pv`.
pub(super) fn pv_target(options: &Bound<'_, PyDict>) -> PyResult<Option<Target>> {
    match get::<String>(options, "compat")? {
        Some(target) => Ok(Some(target.parse::<Target>()?)),
        None => Ok(None),
    }
}

/// The formats, each with its options.
pub(super) fn formats_with(options: &Bound<'_, PyDict>) -> PyResult<Formats> {
    let mut pco = PcoOptions {
        config: chunk_config(options)?,
        has_trailer: !get(options, "plain")?.unwrap_or(false),
        has_row_indexes: get(options, "row_indexes")?.unwrap_or(false),
        ..PcoOptions::default()
    };
    if let Some(n) = get(options, "chunk_numbers")? {
        pco.chunk_n = n;
    }
    let pv = PvFormat::default().with_write(pv_options(options)?);
    Ok(Formats::default()
        .with(Arc::new(PcoFormat::default().with_options(pco)))
        .with(Arc::new(pv))
        .with(Arc::new(PzpFormat::new(pzp_options(options)?))))
}

/// The formats that files are read by, with what Python says of values: `stored_values` leaves those of a `.fits` as they are stored.
pub(super) fn formats_to_read(options: Option<&Bound<'_, PyDict>>) -> PyResult<Formats> {
    let formats = Formats::default();
    let Some(options) = options else {
        return Ok(formats);
    };
    Ok(match get(options, "stored_values")? {
        Some(true) => formats.with(Arc::new(FitsFormat::default().with_values(Values::Stored))),
        _ => formats,
    })
}

/// How frames of a `.pzp` are written: `frames` lists the steps that they go through.
fn pzp_options(options: &Bound<'_, PyDict>) -> PyResult<PzpOptions> {
    let Some(steps) = get::<Vec<String>>(options, "frames")? else {
        return Ok(PzpOptions::default());
    };
    let has = |step: &str| steps.iter().any(|known| known == step);
    Ok(PzpOptions::default()
        .with_left_delta(has("byte-delta"))
        .with_palette(has("palette"))
        .with_inter_delta(has("inter-delta"))
        .with_lz4(has("lz4")))
}

/// The names of the formats, each with the extensions of its files.
#[pyfunction]
pub(super) fn formats() -> Vec<(&'static str, &'static [&'static str])> {
    let formats = Formats::default();
    formats
        .iter()
        .map(|format| (format.info().name, format.info().extensions))
        .collect()
}

/// Whether files of a format have one array, names, nulls, records, arrays added in place.
#[pyfunction]
pub(super) fn format_traits<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
    let formats = Formats::default();
    let info = formats.by_name(name)?.info();
    let traits = PyDict::new(py);
    traits.set_item("one_array", info.has(Trait::OneArray))?;
    traits.set_item("names", info.has(Trait::Names))?;
    traits.set_item("nulls", info.has(Trait::Nulls))?;
    traits.set_item("records", info.has(Trait::Records))?;
    traits.set_item("appendable", info.has(Trait::Appendable))?;
    Ok(traits)
}
