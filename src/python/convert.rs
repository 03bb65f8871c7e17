//! Arrays from one file into another.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::file::File;
use super::options::formats_with;
use super::run::{Control, Run};
use super::target::{Place, Target};
use crate::container::{ArrayHandle, NewArray, WriteReport};
use crate::error::{Result, ResultExt};
use crate::validity::Validity;

/// Rows are copied in windows of about so many bytes.
const WINDOW_BYTES: u64 = 16 << 20;

/// Writes arrays of an open file, each under a name, and returns bytes (where no place is given), their number, and notes.
#[pyfunction]
#[pyo3(signature = (file, arrays, place, options, *, may_replace, format, n_threads, progress))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub(super) fn convert<'py>(
    py: Python<'py>,
    file: &Bound<'py, File>,
    arrays: Vec<(usize, String)>,
    place: Option<Place>,
    options: &Bound<'py, PyDict>,
    may_replace: bool,
    format: Option<&str>,
    n_threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<(Option<Bound<'py, PyBytes>>, u64, Vec<String>)> {
    let formats = formats_with(options)?;
    let target = Target::new(place.as_ref(), may_replace, &formats, format)?;
    let file = file.get();
    let mut total_bytes = 0;
    let mut handles = Vec::new();
    for (index, name) in &arrays {
        let array = file.array(*index)?;
        total_bytes += array.entry()?.decoded_bytes;
        handles.push((array, name.as_str()));
    }
    let run = Run {
        py,
        n_threads,
        progress,
        total_bytes,
    };
    let report = run.of(|control| write(&target, &handles, control).in_file(target.store.url()))?;
    Ok((target.bytes(py), report.n_bytes, report.notes))
}

fn write(
    target: &Target,
    arrays: &[(ArrayHandle, &str)],
    control: &Control,
) -> Result<WriteReport> {
    let mut writer = target.format.create(&*target.store)?;
    for (array, name) in arrays {
        let (entry, reader, validity) = (array.entry()?, array.reader()?, array.validity()?);
        let spec = reader.spec();
        let new = NewArray::new(name, spec)
            .with_record(entry.record.as_ref())
            .with_own_name(array.has_name());
        let mut sink = writer.begin(new).in_array(name)?;
        let window_rows = (WINDOW_BYTES / spec.row_bytes().max(1)).max(1);
        let mut buffer = Vec::new();
        let mut start = 0;
        while start < spec.rows() && spec.row_bytes() > 0 {
            let end = spec.rows().min(start + window_rows);
            buffer.resize(((end - start) * spec.row_bytes()) as usize, 0);
            reader
                .read_rows_into(start..end, &mut buffer)
                .in_array(name)?;
            match validity.as_deref().map(|mask| part(mask, start, end)) {
                Some(mask) => sink.push_rows_with_nulls(&buffer, &mask),
                None => sink.push_rows(&buffer),
            }
            .in_array(name)?;
            control.advance(buffer.len() as u64)?;
            start = end;
        }
        sink.finish().in_array(name)?;
    }
    writer.commit()
}

fn part(mask: &Validity, start: u64, end: u64) -> Validity {
    mask.slice(start as usize..end as usize)
}
