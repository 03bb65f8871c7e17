//! The format `.csv` as a value.

use std::sync::Arc;

use super::open;
use super::writer::CsvWriter;
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::dtype::DType;
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "csv",
    &["csv"],
    &[
        Trait::Names,
        Trait::Nulls,
        Trait::Columns,
        Trait::NoChecksums,
        Trait::ToldByName,
    ],
);

/// Columns of text.
#[derive(Clone, Copy, Debug, Default)]
pub struct CsvFormat {
    dtype: Option<DType>,
}

impl CsvFormat {
    /// Sets the type of all columns, where it is known.
    #[must_use]
    pub fn with_dtype(mut self, dtype: Option<DType>) -> Self {
        self.dtype = dtype;
        self
    }
}

impl Format for CsvFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    /// Text has no magic number.
    fn recognises(&self, _head: &[u8], _tail: &[u8]) -> Match {
        Match::No
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(CsvWriter::new(store)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(open(&bytes, self.dtype, &options.limits)?))
    }
}
