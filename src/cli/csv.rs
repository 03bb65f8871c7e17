//! Rows of columns as lines of cells.

use std::borrow::Cow;
use std::io::Write;

use super::columns::{Columns, Piece};
use super::failure::{Failure, Outcome};
use super::printable::printable;
use crate::container::csv;
use crate::error::Result;
use crate::text::{Lines, check_cells};

/// Refuses rows of too many elements, and arrays that would leave no trace in a `.csv`: without a cell in a row, neither
/// names nor rows are there.
pub(super) fn check(lines: Lines, columns: &Columns) -> Outcome {
    let mut columns = columns.all().iter();
    check_cells(0, columns.clone().map(|column| column.source().spec()))?;
    match columns.find(|column| column.source().spec().row_elements() == 0) {
        Some(column) if lines != Lines::Text => {
            let (name, spec) = (column.name(), column.source().spec());
            Err(Failure::usage(format!(
                "{name:?} has {}",
                csv::no_cells(spec)
            )))
        }
        _ => Ok(()),
    }
}

/// The line of names.
pub(super) fn header(lines: Lines, columns: &Columns) -> String {
    let name = |name| match lines {
        Lines::Csv | Lines::Tsv => Cow::Borrowed(name),
        Lines::Text => Cow::Owned(printable(name)),
    };
    let all = columns.all().iter();
    let names: Vec<_> = all
        .map(|column| (name(column.name()), column.source().spec()))
        .collect();
    lines.header(names.iter().map(|(name, spec)| (&**name, *spec)))
}

/// A line for each row of a piece.
pub(super) fn write(lines: Lines, piece: &Piece<'_>, out: &mut dyn Write) -> Result<()> {
    let mut line = String::new();
    for i in 0..piece.n_rows() {
        line.clear();
        lines.push_row(
            piece.row(i).map(|cells| (cells.spec, cells.bytes)),
            &mut line,
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}
