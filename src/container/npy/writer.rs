//! Writing a `.npy` file as a container of its one array, and the rows of an array as `.npy` lays them out.

use std::io::Write;

use super::{Elements, header, record_header};
use crate::container::output::Output;
use crate::container::writer::{ArraySink, ContainerWriter, NewArray, Only, WriteReport};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{Durability, Store};

/// Writes the array of a `.npy` file.
#[derive(Debug)]
pub(super) struct NpyWriter {
    output: Output,
    only: Only,
    /// Bytes of the header.
    n_header: u64,
}

impl NpyWriter {
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        Ok(Self {
            output: Output::new(store)?,
            only: Only::default(),
            n_header: 0,
        })
    }
}

impl NpyWriter {
    /// What a reader has to know.
    fn notes(&self) -> Vec<String> {
        let usual = Limits::default().max_npy_header;
        match self.n_header > usual {
            true => vec![format!(
                "a .npy header of {} bytes, for its many fields: numpy reads more than {usual} where max_header_size says so, paginum by --max-bytes",
                self.n_header
            )],
            false => Vec::new(),
        }
    }
}

impl ContainerWriter for NpyWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        self.only.begin()?;
        let header = match array.record {
            Some(record) => record_header(record, array.spec),
            None => header(array.spec),
        };
        self.n_header = header.len() as u64;
        self.output.write_all(&header)?;
        let elements = Elements::new(array.spec, &mut self.output);
        let only = &mut self.only;
        Ok(Box::new(ElementSink::new(elements, move || {
            *only = Only::Whole;
        })))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        self.only.check_is_whole()?;
        let notes = self.notes();
        Ok(self.output.commit(Durability::Synced)?.with_notes(notes))
    }
}

/// Takes rows as elements of a `.npy`.
pub(in crate::container) struct ElementSink<'a, F> {
    elements: Elements<'a>,
    /// Is called once all rows came.
    done: F,
}

impl<'a, F: FnOnce()> ElementSink<'a, F> {
    pub(in crate::container) fn new(elements: Elements<'a>, done: F) -> Self {
        Self { elements, done }
    }
}

impl<F: FnOnce()> ArraySink for ElementSink<'_, F> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        if rows.len() as u64 > self.elements.missing() {
            return Err(Error::invalid("more rows than the array has"));
        }
        Ok(self.elements.write_all(rows)?)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        if self.elements.missing() > 0 {
            return Err(Error::invalid("fewer rows than the array has"));
        }
        (self.done)();
        Ok(())
    }
}
