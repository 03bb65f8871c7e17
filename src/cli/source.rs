//! One array to work on, whatever kind of file it lies in.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::called;
use crate::array::{ArraySpec, Selection};
use crate::container::{self, Container};
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayReader, Part};
use crate::record::{Column, Record};

/// An array that is read.
pub(super) struct Source {
    reader: Box<dyn ArrayReader>,
    path: PathBuf,
    /// Its name, where the file has one for it.
    name: Option<String>,
    /// What the bytes of its elements are, if they are records.
    record: Option<Record>,
}

impl Source {
    /// The type and shape of the array.
    pub(super) fn spec(&self) -> &ArraySpec {
        self.reader.spec()
    }

    /// What reads it.
    pub(super) fn reader(&self) -> &dyn ArrayReader {
        &*self.reader
    }

    /// What the bytes of its elements are, if they are records.
    pub(super) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// One field of its records.
    pub(super) fn field(self, column: &Column) -> Result<Self> {
        Ok(Self {
            reader: container::field_of(self.reader, column)?,
            record: None,
            ..self
        })
    }

    /// What is wanted of it.
    pub(super) fn select(self, selection: &Selection) -> Result<Self> {
        let part = Part::new(Arc::from(self.reader), selection);
        let part = match &self.name {
            Some(name) => part.in_array(name),
            None => part,
        };
        Ok(Self {
            reader: Box::new(part.in_file(&self.path)?),
            ..self
        })
    }

    /// All of it as one row.
    pub(super) fn into_row(self) -> Result<Self> {
        Ok(Self {
            reader: Box::new(container::OneRow::new(self.reader)?),
            ..self
        })
    }

    /// The file it lies in.
    pub(super) fn file(&self) -> &Path {
        &self.path
    }

    /// Decodes rows; an error names file and array.
    pub(super) fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.reader.read_rows_into(rows, out)
    }
}

/// Opens an array of a container by its number.
pub(super) fn array_of(container: &dyn Container, index: usize, path: &Path) -> Result<Source> {
    let open = || Ok::<_, Error>((container.open_array(index)?, container.entry(index)?.record));
    let opened = open().map_err(|error| called::in_array(container, index, error));
    let (reader, record) = opened.in_file(path)?;
    Ok(Source {
        reader,
        path: path.to_owned(),
        name: called::is_named(container).then(|| called::name_of(container, index).to_owned()),
        record,
    })
}
