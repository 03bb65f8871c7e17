//! The formats `.csv` and `.tsv` as values.

use std::sync::Arc;

use super::open_as;
use super::writer::CsvWriter;
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::dtype::DType;
use crate::error::Result;
use crate::storage::{ReadAt, Store};
use crate::text::Lines;

const TRAITS: &[Trait] = &[
    Trait::Names,
    Trait::Nulls,
    Trait::Columns,
    Trait::NoChecksums,
    Trait::ToldByName,
];

pub(super) static CSV: FormatInfo = FormatInfo::new("csv", &["csv"], TRAITS);
static TSV: FormatInfo = FormatInfo::new("tsv", &["tsv"], TRAITS);

/// Columns of text: with commas between them, or with tabs.
#[derive(Clone, Copy, Debug)]
pub struct CsvFormat {
    info: &'static FormatInfo,
    lines: Lines,
    dtype: Option<DType>,
}

impl Default for CsvFormat {
    /// The format `.csv`: commas are written; what is read may have other separators.
    fn default() -> Self {
        Self {
            info: &CSV,
            lines: Lines::Csv,
            dtype: None,
        }
    }
}

impl CsvFormat {
    /// The format `.tsv`, whose cells are separated by tabs.
    #[must_use]
    pub fn tabs() -> Self {
        Self {
            info: &TSV,
            lines: Lines::Tsv,
            dtype: None,
        }
    }

    /// Sets the type of all columns, where it is known.
    #[must_use]
    pub fn with_dtype(mut self, dtype: Option<DType>) -> Self {
        self.dtype = dtype;
        self
    }
}

impl Format for CsvFormat {
    fn info(&self) -> &'static FormatInfo {
        self.info
    }

    /// Text has no magic number.
    fn recognises(&self, _head: &[u8], _tail: &[u8]) -> Match {
        Match::No
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(CsvWriter::new(store, self.lines, self.info)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        let separator = match self.lines {
            Lines::Csv => None,
            lines => Some(lines.separator()),
        };
        let (dtype, limits) = (self.dtype, &options.limits);
        Ok(Box::new(open_as(
            self.info, separator, &bytes, dtype, limits,
        )?))
    }
}
