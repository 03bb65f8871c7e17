//! What a `.csv` does not bring back: digits tell no width of floats, a year is a number, and some types have no digits that a
//! reader knows.
//!
//! Integers come back as wider ones of the same values, which is what a `.csv` is, and not said.

use super::cells::Lines;
use super::column::Guess;
use crate::array::ArraySpec;
use crate::container::losses;
use crate::dtype::{DType, Kind};
use crate::error::Result;
use crate::text;

/// What will be read of the columns of a file.
pub(super) struct Losses {
    lines: text::Lines,
    format: &'static str,
    columns: Vec<Column>,
}

/// The cells of one name.
struct Column {
    name: String,
    is_scalar: bool,
    dtype: DType,
    n_cells: usize,
    /// What a reader will take the cells for: of times, whose unit its digits tell or not.
    guess: Option<Guess>,
}

/// Says that without rows nothing tells types, if these arrays have none.
pub(super) fn of_no_rows<'a>(specs: impl Iterator<Item = &'a ArraySpec>) -> Option<String> {
    let mut types = Vec::new();
    for spec in specs {
        if spec.rows() > 0 {
            return None;
        }
        types.push(spec.dtype().to_string());
    }
    (!types.is_empty()).then(|| {
        format!(
            "without rows text tells no types: --dtype has to say {} when it is read",
            types.join(", ")
        )
    })
}

impl Losses {
    /// Of a file of this name of a format, whose lines are these.
    pub(super) fn new(lines: text::Lines, format: &'static str) -> Self {
        Self {
            lines,
            format,
            columns: Vec::new(),
        }
    }

    /// Takes note of a column, or of the neighbours that are one array. What is a single element becomes a row.
    pub(super) fn add(&mut self, name: &str, spec: &ArraySpec, is_scalar: bool) {
        let dtype = spec.dtype();
        let is_time = matches!(dtype.kind(), Kind::DateTime | Kind::TimeDelta);
        self.columns.push(Column {
            name: name.to_owned(),
            is_scalar,
            dtype,
            n_cells: spec.row_elements() as usize,
            guess: is_time.then(Guess::new),
        });
    }

    /// Looks at a line that was written.
    ///
    /// # Errors
    /// `Corrupt` for what is no line.
    pub(super) fn see(&mut self, line: &str) -> Result<()> {
        if self.columns.iter().all(|column| column.guess.is_none()) {
            return Ok(());
        }
        let mut cells = Vec::new();
        Lines::new(line, self.lines.separator()).next(&mut cells)?;
        let mut cells = cells.iter();
        for column in &mut self.columns {
            let these = cells.by_ref().take(column.n_cells);
            match &mut column.guess {
                Some(guess) => these.for_each(|cell| guess.add(cell)),
                None => these.for_each(drop),
            }
        }
        Ok(())
    }

    /// What is lost, in words.
    ///
    /// # Errors
    /// Those of types that there are not.
    pub(super) fn notes(&self) -> Result<Vec<String>> {
        let mut losses = losses::Losses::default();
        for column in &self.columns {
            let (name, format, dtype) = (&column.name, self.format, column.dtype);
            match column.read_as()? {
                Some(read) => losses.add(name, dtype, read, format),
                None if column.is_scalar => {
                    losses.add(name, format_args!("{dtype} []"), "one row", format);
                }
                None => {}
            }
        }
        Ok(losses.note().into_iter().collect())
    }
}

impl Column {
    /// What it is read back as, where that is something else than a wider type of the same values.
    fn read_as(&self) -> Result<Option<String>> {
        let text = || Some("text".to_owned());
        Ok(match self.dtype.kind() {
            Kind::Complex | Kind::Bytes | Kind::Void => text(),
            Kind::Float if self.dtype.item_bytes() < 8 => {
                Some("<f8, which --dtype can change".to_owned())
            }
            Kind::DateTime | Kind::TimeDelta => match &self.guess {
                Some(guess) if !guess.is_empty() => {
                    let read = guess.dtype()?;
                    let is_same = read.to_string().get(1..) == self.dtype.to_string().get(1..);
                    match (is_same, read.kind()) {
                        (true, _) => None,
                        (false, Kind::Str) => text(),
                        (false, _) => Some(read.to_string()),
                    }
                }
                _ => None,
            },
            _ => None,
        })
    }
}
