//! Writing a `.gnz` file as a container: array by array, each of which is known when it begins.
//!
//! The header says where all arrays lie, and its length where the first one does: elements wait until the last array is
//! there, in memory while they are few, else in a temporary file without a name.

use std::io::{self, Seek, Write};

use tempfile::SpooledTempFile;

use super::layout::{Layout, pad};
use super::{PAGE_BYTES, format};
use crate::array::Order;
use crate::container::losses::Losses;
use crate::container::npy::{ElementSink, Elements};
use crate::container::output::Output;
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::error::Result;
use crate::storage::{Durability, Store};

/// What waits in memory.
const MEMORY_BYTES: usize = 32 << 20;

/// Writes the arrays of a file.
pub(super) struct Arrays {
    output: Output,
    layout: Layout,
    /// The arrays as they are to lie, each filled up to a page.
    waiting: io::BufWriter<SpooledTempFile>,
    losses: Losses,
    /// An array was begun and not finished.
    is_open: bool,
}

impl Arrays {
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        Ok(Self {
            output: Output::new(store)?,
            layout: Layout::default(),
            waiting: io::BufWriter::new(SpooledTempFile::new(MEMORY_BYTES)),
            losses: Losses::default(),
            is_open: false,
        })
    }
}

impl ContainerWriter for Arrays {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        if let Some((_, last)) = self.layout.arrays().last() {
            let n_bytes = last.bytes();
            pad(
                &mut self.waiting,
                n_bytes,
                n_bytes.next_multiple_of(PAGE_BYTES),
            )?;
        }
        self.losses
            .see(array.name, array.spec, true, format::INFO.name)?;
        // Files that are written are in C order, whatever the source was.
        let spec = array.spec.clone().with_order(Order::C);
        self.layout.add(array.name, &spec)?;
        let is_open = &mut self.is_open;
        *is_open = true;
        let elements = Elements::new(&spec, &mut self.waiting);
        Ok(Box::new(ElementSink::new(elements, move || {
            *is_open = false;
        })))
    }

    fn commit(mut self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        let placed = self.layout.place()?;
        let n_header = placed.header.len() as u64;
        self.output.write_all(&placed.header)?;
        let start = placed.offsets.first().copied().unwrap_or(placed.n_bytes);
        pad(&mut self.output, n_header, start)?;
        let waiting = self.waiting.into_inner();
        let mut waiting = waiting.map_err(io::IntoInnerError::into_error)?;
        waiting.rewind()?;
        let n_copied = io::copy(&mut waiting, &mut self.output)?;
        pad(&mut self.output, start + n_copied, placed.n_bytes)?;
        let notes = self.losses.note().into_iter().collect();
        Ok(self.output.commit(Durability::Synced)?.with_notes(notes))
    }
}
