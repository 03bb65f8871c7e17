//! A `.gnz` file written anew, with its metadata, and its arrays in the order in which they lay.

use std::io::Write;

use super::layout::{Layout, pad};
use super::reader::GnzReader;
use crate::array::Order;
use crate::container::Container;
use crate::container::output::Output;
use crate::container::windows;
use crate::container::writer::WriteReport;
use crate::error::{Result, ResultExt};
use crate::storage::{Durability, Store};

/// Writes a file anew.
///
/// # Errors
/// What is wrong with an array, unless it is that the end of the header is lost; those of reading and of writing.
pub(super) fn copy(reader: &GnzReader, store: &dyn Store) -> Result<WriteReport> {
    let mut notes = Vec::new();
    let mut numbers = Vec::new();
    for (number, name) in reader.keys().enumerate() {
        match reader
            .spec(name)
            .and_then(|spec| Ok((reader.offset(name)?, spec.bytes())))
        {
            // What has no bytes lies where the next array does, and before it.
            Ok((offset, n_bytes)) => numbers.push((offset, n_bytes > 0, number)),
            Err(error) if reader.verify_structure().is_err() => {
                notes.push(format!("array {name:?} is left out: {}", error.message()));
            }
            Err(error) => return Err(error),
        }
    }
    numbers.sort_unstable();
    let mut layout = Layout::default();
    layout.set_metadata(reader.metadata().clone());
    for &(_, _, number) in &numbers {
        let name = reader.path(number);
        layout.add(name, &reader.spec(name)?.clone().with_order(Order::C))?;
    }
    let placed = layout.place()?;
    let mut output = Output::new(store)?;
    output.write_all(&placed.header)?;
    let mut end = placed.header.len() as u64;
    let mut buffer = Vec::new();
    for (&(_, _, number), &offset) in numbers.iter().zip(&placed.offsets) {
        pad(&mut output, end, offset)?;
        let array = reader.open_array(number)?;
        let spec = array.spec().clone();
        for window in windows::of(0..spec.rows(), spec.row_bytes()) {
            windows::read(&*array, window, &mut buffer).in_array(reader.path(number))?;
            output.write_all(&buffer)?;
        }
        end = offset + spec.bytes();
    }
    pad(&mut output, end, placed.n_bytes)?;
    Ok(output.commit(Durability::Synced)?.with_notes(notes))
}
