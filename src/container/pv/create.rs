//! Writing a `.pv` file as a container: a folder of plain arrays.

use super::array_writer::ArrayWriter;
use super::names::Role;
use super::options::WriteOptions;
use super::writer::Writer;
use crate::container::writer::{ArraySink, ContainerWriter, NewArray, WriteReport};
use crate::error::{Result, ResultExt};
use crate::storage::Store;
use crate::validity::Validity;

/// Writes plain arrays as the field data of an empty mesh.
pub(super) struct Folder {
    writer: Writer,
    name: String,
}

impl Folder {
    pub(super) fn new(store: &dyn Store, options: WriteOptions) -> Result<Self> {
        Ok(Self {
            writer: Writer::create(store, options)?,
            name: store.url().to_string(),
        })
    }
}

impl ContainerWriter for Folder {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        // A bare `points` would be the points of a mesh.
        let path = Role::field(array.name).to_string();
        let array = self.writer.begin_array(&path, array.spec.clone())?;
        let file = &self.name;
        Ok(Box::new(Sink { array, file }))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        self.writer.commit_reporting()
    }
}

struct Sink<'a> {
    array: ArrayWriter<'a>,
    file: &'a str,
}

impl ArraySink for Sink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        self.array.push_rows(rows)
    }

    fn push_rows_with_nulls(&mut self, rows: &[u8], validity: &Validity) -> Result<()> {
        self.array.push_rows_with_nulls(rows, validity)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.array.finish().in_file(self.file)
    }
}

impl ArraySink for ArrayWriter<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        ArrayWriter::push_rows(self, rows)
    }

    fn push_rows_with_nulls(&mut self, rows: &[u8], validity: &Validity) -> Result<()> {
        ArrayWriter::push_rows_with_nulls(self, rows, validity)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        ArrayWriter::finish(*self)
    }
}
