//! Rows as lines of cells: CSV, the same with tabs, and text, where spaces stand between them.
//!
//! A line of names comes first, then a row a line. A row of several elements has a cell for each, `points[0]`,
//! `points[1]`. Numbers read back exactly; floats have a point or an exponent, so that a column of whole ones stays floats.
//! A cell without a value is empty, and empty text is `""`; text that could be read as something else is in quotes. As RFC 4180 writes CSV, but for lines that end by `\n`.

use std::fmt::Write;

use super::Notation;
use crate::array::ArraySpec;
use crate::error::{Error, Result};

/// How cells stand in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Commas.
    Csv,
    /// Tabs.
    Tsv,
    /// Spaces; the line of names is a comment to those who read numbers (`numpy.loadtxt`).
    #[cfg_attr(
        not(feature = "cli"),
        allow(dead_code, reason = "text is what the command line prints")
    )]
    Text,
}

/// The most cells of a line. Each has a name, which a file of a hundred bytes could ask for by its shape.
const MAX_CELLS: u64 = 1 << 18;

/// How many cells a line has, of which there were so many before these arrays: refuses too many.
///
/// # Errors
/// `LimitExceeded`.
pub(crate) fn check_cells<'a>(
    n_before: u64,
    specs: impl Iterator<Item = &'a ArraySpec>,
) -> Result<u64> {
    let n = specs.fold(n_before, |n, spec| n.saturating_add(spec.row_elements()));
    match n > MAX_CELLS {
        true => Err(Error::limit("cells of a line", MAX_CELLS, n)),
        false => Ok(n),
    }
}

impl Lines {
    /// The line of names, of columns and their types and shapes.
    pub(crate) fn header<'a>(
        self,
        columns: impl Iterator<Item = (&'a str, &'a ArraySpec)>,
    ) -> String {
        let mut line = match self {
            Self::Csv | Self::Tsv => String::new(),
            Self::Text => "# ".to_owned(),
        };
        let start = line.len();
        for (name, spec) in columns {
            for label in labels(spec) {
                if line.len() > start {
                    line.push(self.separator());
                }
                let name = format!("{name}{label}");
                match self {
                    Self::Csv | Self::Tsv => super::push_csv_name(&name, &mut line),
                    Self::Text => line += &name,
                }
            }
        }
        line.push('\n');
        line
    }

    /// Adds the line of a row: of each column the type and shape of its array, and its bytes if it has a value.
    pub(crate) fn push_row<'a>(
        self,
        columns: impl Iterator<Item = (&'a ArraySpec, Option<&'a [u8]>)>,
        line: &mut String,
    ) {
        let start = line.len();
        let mut is_first = true;
        for (spec, bytes) in columns {
            let item_bytes = spec.dtype().item_bytes() as usize;
            for element in 0..spec.row_elements() as usize {
                if !is_first {
                    line.push(self.separator());
                }
                is_first = false;
                let item =
                    |bytes: &'a [u8]| &bytes[element * item_bytes..(element + 1) * item_bytes];
                match bytes.map(item) {
                    Some(item) => super::push(self.notation(), spec.dtype(), item, line),
                    None if self == Self::Text => *line += "null",
                    None => (),
                }
            }
        }
        // Many readers skip an empty line.
        if self != Self::Text && line.len() == start && !is_first {
            *line += "\"\"";
        }
        line.push('\n');
    }

    /// What stands between two cells.
    pub(crate) fn separator(self) -> char {
        match self {
            Self::Csv => ',',
            Self::Tsv => '\t',
            Self::Text => ' ',
        }
    }

    fn notation(self) -> Notation {
        match self {
            Self::Csv | Self::Tsv => Notation::Csv,
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
