//! Writing a `.pco` file as a container of its one array.

use super::{PcoOptions, PcoWriter};
use crate::container::output::Output;
use crate::container::writer::{ArraySink, ContainerWriter, NewArray, WriteReport};
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Durability, Store};

/// Writes the array of a `.pco` file.
pub(super) struct One {
    options: PcoOptions,
    /// Until an array is begun.
    output: Option<Output>,
    writer: Option<PcoWriter<Output>>,
}

impl One {
    pub(super) fn new(store: &dyn Store, options: PcoOptions) -> Result<Self> {
        Ok(Self {
            options,
            output: Some(Output::new(store)?),
            writer: None,
        })
    }
}

impl ContainerWriter for One {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        let Some(output) = self.output.take() else {
            return Err(Error::invalid("files of this format hold one array"));
        };
        let writer = PcoWriter::new(array.spec.clone(), self.options.clone(), output)
            .in_array(array.name)?;
        Ok(Box::new(Sink(self.writer.insert(writer))))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        let Some(writer) = self.writer else {
            return Err(Error::invalid("a file of this format holds an array"));
        };
        writer.into_output()?.0.commit(Durability::Synced)
    }
}

struct Sink<'a>(&'a mut PcoWriter<Output>);

impl ArraySink for Sink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        self.0.push(rows)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.check_is_whole()
    }
}
