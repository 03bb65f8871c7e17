//! The engine: chunks and pages of numbers, whose bytes a caller keeps where he likes.

use numpy::{PyReadonlyArray1, PyReadwriteArray1};
use paginum_wrapped as wrapped;
use paginum_wrapped::{Number, NumberType, Page, with_number_type};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::error::engine_to_py;
use super::options::chunk_config;
use super::run::briefly;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The type of numbers that a dtype of this machine's byte order has.
pub(super) fn number_type(dtype: &str) -> PyResult<NumberType> {
    let parsed: DType = dtype.parse()?;
    let unknown = || Error::unsupported(format!("numbers of {dtype}"));
    if parsed.is_swapped() {
        return Err(unknown().into());
    }
    Ok(parsed.number_type().ok_or_else(unknown)?)
}

/// Bytes as the numbers that they are.
pub(super) fn numbers<T: Number>(bytes: &[u8]) -> Result<&[T]> {
    // No bytes lie where numbers cannot.
    match bytes {
        [] => Ok(&[]),
        bytes => bytemuck::try_cast_slice(bytes).map_err(|_| not_whole()),
    }
}

pub(super) fn numbers_mut<T: Number>(bytes: &mut [u8]) -> Result<&mut [T]> {
    match bytes {
        [] => Ok(&mut []),
        bytes => bytemuck::try_cast_slice_mut(bytes).map_err(|_| not_whole()),
    }
}

fn not_whole() -> Error {
    Error::invalid("bytes that are no whole numbers, or do not lie where numbers do")
}

/// A chunk of any type that is compressed.
trait Compressed: Send + Sync {
    fn n_per_page(&self) -> &[usize];
    fn write_meta(&self, dst: &mut Vec<u8>);
    fn write_page(&self, page: usize, dst: &mut Vec<u8>) -> wrapped::Result<()>;
    fn write_page_indexed(
        &self,
        page: usize,
        dst: &mut Vec<u8>,
    ) -> wrapped::Result<wrapped::RowIndex>;
}

impl<T: Number> Compressed for wrapped::ChunkCompressor<T> {
    fn n_per_page(&self) -> &[usize] {
        self.n_per_page()
    }
    fn write_meta(&self, dst: &mut Vec<u8>) {
        self.write_meta(dst);
    }
    fn write_page(&self, page: usize, dst: &mut Vec<u8>) -> wrapped::Result<()> {
        self.write_page(page, dst)
    }
    fn write_page_indexed(
        &self,
        page: usize,
        dst: &mut Vec<u8>,
    ) -> wrapped::Result<wrapped::RowIndex> {
        self.write_page_indexed(page, dst)
    }
}

/// A chunk of any type that is read.
trait Readable: Send + Sync {
    /// How many numbers were read, whether these were all, and how many bytes.
    fn read_page(&self, page: Page<'_>, dst: &mut [u8]) -> Result<(usize, bool, usize)>;
    fn index_page(&self, page: Page<'_>) -> wrapped::Result<wrapped::RowIndex>;
    fn read_rows(
        &self,
        page: Page<'_>,
        index: &wrapped::RowIndex,
        start: usize,
        dst: &mut [u8],
    ) -> Result<()>;
}

impl<T: Number> Readable for wrapped::ChunkDecompressor<T> {
    fn read_page(&self, page: Page<'_>, dst: &mut [u8]) -> Result<(usize, bool, usize)> {
        let dst = numbers_mut(dst)?;
        if dst.len() >= page.n {
            let read = self.read_page_into(page, dst)?;
            return Ok((read.n_processed, read.finished, read.n_bytes.unwrap_or(0)));
        }
        // pcodec says of a part of a page, too, how many bytes it took.
        let mut stream = self.page_decompressor(page)?;
        let read = stream.read(dst)?;
        Ok((read.n_processed, read.finished, stream.bytes_read()?))
    }
    fn index_page(&self, page: Page<'_>) -> wrapped::Result<wrapped::RowIndex> {
        self.index_page(page)
    }
    fn read_rows(
        &self,
        page: Page<'_>,
        index: &wrapped::RowIndex,
        start: usize,
        dst: &mut [u8],
    ) -> Result<()> {
        let dst: &mut [T] = numbers_mut(dst)?;
        let end = start.saturating_add(dst.len());
        Ok(self.read_rows_into(page, index, start..end, dst)?)
    }
}

/// Compresses chunks for one file.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct FileCompressor(wrapped::FileCompressor);

#[pymethods]
impl FileCompressor {
    #[new]
    fn new() -> PyResult<Self> {
        wrapped::FileCompressor::new()
            .map(Self)
            .map_err(engine_to_py)
    }

    /// The header of the file.
    fn write_header<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut header = Vec::new();
        self.0.write_header(&mut header);
        PyBytes::new(py, &header)
    }

    /// Trains a chunk on numbers of a dtype of this machine's byte order.
    fn chunk_compressor(
        &self,
        py: Python<'_>,
        data: PyReadonlyArray1<'_, u8>,
        dtype: &str,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<ChunkCompressor> {
        let config = chunk_config(options)?;
        let number_type = number_type(dtype)?;
        let data = data.as_slice()?;
        let compressed = briefly(py, || {
            with_number_type!(number_type, |T| {
                let chunk = self.0.chunk_compressor::<T>(numbers(data)?, &config)?;
                Ok(Box::new(chunk) as Box<dyn Compressed>)
            })
        })?;
        Ok(ChunkCompressor(compressed))
    }
}

/// A chunk, trained and ready to be written.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct ChunkCompressor(Box<dyn Compressed>);

#[pymethods]
impl ChunkCompressor {
    /// The numbers of each page.
    fn n_per_page(&self) -> Vec<usize> {
        self.0.n_per_page().to_vec()
    }

    /// The metadata of the chunk.
    fn write_chunk_meta<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut meta = Vec::new();
        self.0.write_meta(&mut meta);
        Ok(PyBytes::new(py, &meta))
    }

    /// A page.
    fn write_page<'py>(&self, py: Python<'py>, page: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = briefly(py, || {
            let mut bytes = Vec::new();
            self.0.write_page(page, &mut bytes)?;
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// A page and its row index.
    fn write_page_indexed<'py>(
        &self,
        py: Python<'py>,
        page: usize,
    ) -> PyResult<(Bound<'py, PyBytes>, RowIndex)> {
        let (bytes, index) = briefly(py, || {
            let mut bytes = Vec::new();
            let index = self.0.write_page_indexed(page, &mut bytes)?;
            Ok((bytes, index))
        })?;
        Ok((PyBytes::new(py, &bytes), RowIndex(index)))
    }
}

/// Decompresses chunks after a header.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct FileDecompressor(wrapped::FileDecompressor);

#[pymethods]
impl FileDecompressor {
    /// Reads a header, and says how many bytes it took.
    #[staticmethod]
    fn new(src: PyReadonlyArray1<'_, u8>) -> PyResult<(Self, usize)> {
        let (file, n_bytes) =
            wrapped::FileDecompressor::new(src.as_slice()?).map_err(engine_to_py)?;
        Ok((Self(file), n_bytes))
    }

    /// Reads the metadata of a chunk of a dtype of this machine's byte order, and says how many bytes it took.
    fn chunk_decompressor(
        &self,
        py: Python<'_>,
        src: PyReadonlyArray1<'_, u8>,
        dtype: &str,
    ) -> PyResult<(ChunkDecompressor, usize)> {
        let number_type = number_type(dtype)?;
        let src = src.as_slice()?;
        let (chunk, n_bytes) = briefly(py, || {
            with_number_type!(number_type, |T| {
                let (chunk, n_bytes) = self.0.chunk_decompressor::<T>(src)?;
                Ok((Box::new(chunk) as Box<dyn Readable>, n_bytes))
            })
        })?;
        Ok((ChunkDecompressor(chunk), n_bytes))
    }
}

/// Decompresses the pages of one chunk; threads can share it.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct ChunkDecompressor(Box<dyn Readable>);

#[pymethods]
impl ChunkDecompressor {
    /// Decodes a page of `page_n` numbers, as many as `dst` takes: how many, whether these were all, and bytes read.
    fn read_page_into(
        &self,
        py: Python<'_>,
        src: PyReadonlyArray1<'_, u8>,
        page_n: usize,
        mut dst: PyReadwriteArray1<'_, u8>,
    ) -> PyResult<(usize, bool, usize)> {
        let (src, dst) = (src.as_slice()?, dst.as_slice_mut()?);
        briefly(py, || self.0.read_page(Page::new(src, page_n), dst))
    }

    /// Builds the row index of a page of `page_n` numbers.
    fn index_page(
        &self,
        py: Python<'_>,
        src: PyReadonlyArray1<'_, u8>,
        page_n: usize,
    ) -> PyResult<RowIndex> {
        let page = Page::new(src.as_slice()?, page_n);
        briefly(py, || Ok(self.0.index_page(page)?)).map(RowIndex)
    }

    /// Decodes rows of a page from `start` on, as many as `dst` takes.
    fn read_rows_into(
        &self,
        py: Python<'_>,
        src: PyReadonlyArray1<'_, u8>,
        page_n: usize,
        index: &RowIndex,
        start: usize,
        mut dst: PyReadwriteArray1<'_, u8>,
    ) -> PyResult<()> {
        let (src, dst) = (src.as_slice()?, dst.as_slice_mut()?);
        let page = Page::new(src, page_n);
        briefly(py, || self.0.read_rows(page, &index.0, start, dst))
    }
}

/// Where decoding may begin within a page.
#[pyclass(frozen, module = "paginum._core")]
pub(super) struct RowIndex(wrapped::RowIndex);

#[pymethods]
impl RowIndex {
    /// Reads one, and says how many bytes it took.
    #[staticmethod]
    fn from_bytes(src: PyReadonlyArray1<'_, u8>) -> PyResult<(Self, usize)> {
        let (index, n_bytes) = wrapped::RowIndex::read(src.as_slice()?).map_err(engine_to_py)?;
        Ok((Self(index), n_bytes))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut bytes = Vec::new();
        self.0.write(&mut bytes);
        PyBytes::new(py, &bytes)
    }

    /// Numbers between two checkpoints.
    #[getter]
    fn spacing(&self) -> usize {
        self.0.spacing()
    }

    /// How many checkpoints there are.
    #[getter]
    fn n_checkpoints(&self) -> usize {
        self.0.n_checkpoints()
    }
}
