//! Writing a `.npz` file as a container.

use super::NpzWriter;
use crate::container::npy::ElementSink;
use crate::container::output::Output;
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::error::Result;
use crate::storage::{Durability, Store};

/// Writes the members of an archive.
pub(super) struct Archive {
    writer: NpzWriter<Output>,
    /// An array was begun and not finished.
    is_open: bool,
}

impl Archive {
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        Ok(Self {
            writer: NpzWriter::new(Output::new(store)?),
            is_open: false,
        })
    }
}

impl ContainerWriter for Archive {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        let elements = match array.record {
            Some(record) => self.writer.begin_records(array.name, record, array.spec)?,
            None => self.writer.begin_array(array.name, array.spec)?,
        };
        let is_open = &mut self.is_open;
        *is_open = true;
        Ok(Box::new(ElementSink::new(elements, move || {
            *is_open = false;
        })))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        self.writer.into_output()?.commit(Durability::Synced)
    }
}
