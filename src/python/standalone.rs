//! One array in one piece, as every pco reads and writes it.

use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadwriteArray1};
use paginum_wrapped::standalone::{self, FileReader, FileWriter};
use paginum_wrapped::{ChunkConfig, FileCompressor, NumberType, PagingSpec, with_number_type};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::engine::{number_type, numbers, numbers_mut};
use super::options::chunk_config;
use super::run::{Run, briefly};
use crate::error::Result;
use crate::limits::Limits;

/// Compresses numbers of a dtype of this machine's byte order.
#[pyfunction]
#[pyo3(signature = (data, dtype, options, *, n_threads))]
pub(super) fn standalone_compress<'py>(
    py: Python<'py>,
    data: PyReadonlyArray1<'py, u8>,
    dtype: &str,
    options: &Bound<'py, PyDict>,
    n_threads: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let config = chunk_config(options)?;
    let number_type = number_type(dtype)?;
    let data = data.as_slice()?;
    let n = data.len() / number_type.size_bytes();
    let is_one_chunk =
        matches!(&config.paging_spec, PagingSpec::EqualPagesUpTo(most) if n <= *most);
    let file = if is_one_chunk {
        briefly(py, || one_chunk(data, number_type, &config))?
    } else {
        let run = Run {
            py,
            n_threads,
            progress: None,
            total_bytes: 0,
        };
        run.of(|_| {
            with_number_type!(number_type, |T| {
                Ok(standalone::compress::<T>(numbers(data)?, &config)?)
            })
        })?
    };
    Ok(PyBytes::new(py, &file))
}

/// Without threads, and without asking for them.
fn one_chunk(data: &[u8], number_type: NumberType, config: &ChunkConfig) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    with_number_type!(number_type, |T| {
        let numbers = numbers::<T>(data)?;
        let n = numbers.len() as u64;
        let mut writer = FileWriter::new(FileCompressor::new()?, Some(number_type), n, &mut file);
        if n > 0 {
            writer.write_chunk(numbers, config, &mut file)?;
        }
        writer.finish(&mut file);
    });
    Ok(file)
}

/// numpy's name of the type of the numbers, where the file says one, and how many its writer promised.
#[pyfunction]
pub(super) fn standalone_info(data: PyReadonlyArray1<'_, u8>) -> PyResult<(Option<String>, u64)> {
    let info = || {
        let reader = FileReader::new(data.as_slice().unwrap_or_default())?;
        let dtype = reader.number_type()?.map(crate::dtype::DType::of);
        Ok::<_, paginum_wrapped::Error>((dtype.map(|dtype| dtype.to_string()), reader.n_hint()))
    };
    info().map_err(super::error::engine_to_py)
}

/// Decompresses a file into `out`, where that is a plain array of one axis of the numbers that the file has: how many were
/// written, and whether these were all. Otherwise nothing is done, and `None` returned: Python knows what else there is.
///
/// Small arrays are read in less time than Python takes to look at one, so that nothing but this call is made for them.
#[pyfunction]
pub(super) fn standalone_fill<'py>(
    src: &Bound<'py, PyBytes>,
    out: &Bound<'py, PyAny>,
) -> PyResult<Option<(usize, bool)>> {
    let py = src.py();
    let packed = src.as_bytes();
    let reader = FileReader::new(packed).map_err(super::error::engine_to_py)?;
    let Ok(Some(number_type)) = reader.number_type() else {
        return Ok(None);
    };
    with_number_type!(number_type, |T| {
        let Ok(out) = out.cast::<PyArray1<T>>() else {
            return Ok(None);
        };
        let Ok(mut out) = out.try_readwrite() else {
            return Ok(None);
        };
        let Ok(numbers) = out.as_slice_mut() else {
            return Ok(None);
        };
        let done = briefly(py, || {
            Ok(standalone::decompress_into::<T>(packed, numbers)?)
        })?;
        Ok(Some((done.n_processed, done.finished)))
    })
}

/// Decompresses a file into a new array, or its first numbers into `out`: then it returns how many these were and whether they
/// were all.
#[pyfunction]
#[pyo3(signature = (data, dtype, out=None, *, max_bytes=None))]
pub(super) fn standalone_read<'py>(
    py: Python<'py>,
    data: PyReadonlyArray1<'py, u8>,
    dtype: &str,
    out: Option<PyReadwriteArray1<'py, u8>>,
    max_bytes: Option<u64>,
) -> PyResult<Bound<'py, PyAny>> {
    let number_type = number_type(dtype)?;
    let data = data.as_slice()?;
    with_number_type!(number_type, |T| {
        if let Some(mut out) = out {
            let out = out.as_slice_mut()?;
            let progress = briefly(py, || {
                Ok(standalone::decompress_into::<T>(data, numbers_mut(out)?)?)
            })?;
            return Ok((progress.n_processed, progress.finished)
                .into_pyobject(py)?
                .into_any());
        }
        let mut limits = Limits::default();
        if let Some(bytes) = max_bytes {
            limits = limits.with_max_bytes(bytes);
        }
        let read = briefly(py, || {
            Ok(standalone::decompress_within::<T>(
                data,
                limits.max_array_bytes,
            )?)
        })?;
        Ok(read.into_pyarray(py).into_any())
    })
}
