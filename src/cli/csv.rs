//! Rows as lines of cells: CSV, and text, where spaces stand between them.
//!
//! A line of names comes first, then a row a line. A row of several elements has a cell for each, `points[0]`,
//! `points[1]`. Numbers read back exactly; floats have a point or an exponent, so that a column of whole ones stays floats.
//! A cell without a value is empty, and empty text is `""`. As RFC 4180 writes CSV, but for lines that end by `\n`.

use std::fmt::Write as _;
use std::io::Write;

use super::columns::{Column, Columns, Piece};
use super::failure::{Failure, Outcome};
use super::printable::printable;
use super::text::{self, Notation};
use crate::array::ArraySpec;
use crate::error::Result;

/// How cells stand in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// Commas.
    Csv,
    /// Spaces; the line of names is a comment to those who read numbers (`numpy.loadtxt`).
    Text,
}

impl Lines {
    /// Refuses arrays that would leave no trace in a `.csv`: without a cell in a row, neither names nor rows are there.
    pub(super) fn check(self, columns: &Columns) -> Outcome {
        let has_no_cell = |column: &&Column| column.source().spec().row_elements() == 0;
        match columns.all().iter().find(has_no_cell) {
            Some(column) if self == Self::Csv => {
                let shape = column.source().spec().shape();
                Err(Failure::usage(format!(
                    "{:?} has the shape {shape:?}: its rows have no cells, and a .csv of it could not be read back",
                    column.name()
                )))
            }
            _ => Ok(()),
        }
    }

    /// The line of names.
    pub(super) fn header(self, columns: &Columns) -> String {
        let mut line = match self {
            Self::Csv => String::new(),
            Self::Text => "# ".to_owned(),
        };
        let start = line.len();
        for column in columns.all() {
            for label in labels(column.source().spec()) {
                if line.len() > start {
                    line.push(self.separator());
                }
                let name = format!("{}{label}", column.name());
                match self {
                    // A name that reads as a number is told from one by its quotes.
                    Self::Csv if name.parse::<f64>().is_ok() => line += &format!("\"{name}\""),
                    Self::Csv => text::push_csv_field(&name, &mut line),
                    Self::Text => line += &printable(&name),
                }
            }
        }
        line.push('\n');
        line
    }

    /// A line for each row of a piece.
    pub(super) fn write(self, piece: &Piece<'_>, out: &mut dyn Write) -> Result<()> {
        let mut line = String::new();
        for i in 0..piece.n_rows() {
            line.clear();
            let mut is_first = true;
            for cells in piece.row(i) {
                for element in 0..cells.spec.row_elements() as usize {
                    if !is_first {
                        line.push(self.separator());
                    }
                    is_first = false;
                    match cells.item(element) {
                        Some(item) => {
                            text::push(self.notation(), cells.spec.dtype(), item, &mut line);
                        }
                        None if self == Self::Text => line += "null",
                        None => (),
                    }
                }
            }
            // Many readers skip an empty line.
            if self == Self::Csv && line.is_empty() && !is_first {
                line += "\"\"";
            }
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    fn separator(self) -> char {
        match self {
            Self::Csv => ',',
            Self::Text => ' ',
        }
    }

    fn notation(self) -> Notation {
        match self {
            Self::Csv => Notation::Csv,
            Self::Text => Notation::Text,
        }
    }
}

/// What is behind the name in the header, an element of a row each: nothing where a row has one element and no axes of
/// its own, `[1][0]` where it has two.
fn labels(spec: &ArraySpec) -> impl Iterator<Item = String> {
    let axes = spec.shape().get(1..).unwrap_or(&[]);
    (0..spec.row_elements()).map(move |element| {
        let mut rest = spec.row_elements();
        let mut label = String::new();
        for &length in axes {
            rest /= length;
            write!(label, "[{}]", element / rest % length).expect("strings take all text");
        }
        label
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_of_a_row_has_a_label() {
        let labels = |shape: &[u64]| {
            let spec = ArraySpec::new("<i4".parse().unwrap(), shape).unwrap();
            labels(&spec).collect::<Vec<_>>()
        };
        assert_eq!(labels(&[]), [""]);
        assert_eq!(labels(&[5]), [""]);
        assert_eq!(labels(&[5, 1]), ["[0]"]);
        assert_eq!(labels(&[5, 3]), ["[0]", "[1]", "[2]"]);
        assert_eq!(labels(&[5, 2, 2])[2], "[1][0]");
        assert_eq!(labels(&[5, 0, 2]), [""; 0]);
    }
}
