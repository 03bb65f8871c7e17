//! From lines of cells to arrays: names, types, elements.

use std::sync::Arc;

use super::cells::{Cell, Lines};
use super::column::{Elements, Guess, Values};
use super::groups::{self, Group};
use super::text::Text;
use crate::array::ArraySpec;
use crate::container::plain::Plain;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::text::{counted, is_bare_csv_name};
use crate::validity::Validity;

/// So many columns are read of any file, and of larger ones as many as their bytes allow: each takes some hundred bytes of
/// memory, and as few as two of the file.
const FREE_COLUMNS: u64 = 1 << 16;
const BYTES_OF_COLUMN: u64 = 64;

/// A row of text is made an element a cell, each as wide as the longest: so many bytes at most, or as many times those of
/// the file.
const FREE_ROW_BYTES: u64 = 1 << 24;
const ROW_BYTES_OF_BYTE: u64 = 16;

/// An array that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) name: String,
    pub(super) elements: Column,
    pub(super) validity: Option<Arc<Validity>>,
}

/// Its elements.
#[derive(Clone, Debug)]
pub(super) enum Column {
    Numbers(Plain),
    Text(Text),
}

impl Column {
    pub(super) fn spec(&self) -> &ArraySpec {
        match self {
            Self::Numbers(numbers) => numbers.spec(),
            Self::Text(text) => text.spec(),
        }
    }
}

/// Reads all arrays, and says what there is to say about them.
///
/// # Errors
/// Those of [`open`](super::open).
pub(super) fn read(
    text: &str,
    separator: char,
    dtype: Option<DType>,
    limits: &Limits,
) -> Result<(Vec<Read>, Vec<String>)> {
    let mut lines = Lines::new(text, separator);
    let mut cells = Vec::new();
    lines.next(&mut cells)?;
    let mut first = Guess::new();
    cells.iter().for_each(|cell| first.add(cell));
    let has_names = !first.is_number() || cells.iter().any(|cell| cell.is_quoted);
    let head = Head {
        separator,
        has_names,
        n_cells: cells.len(),
        // Who quotes a name that needs no quotes may quote everything.
        is_quoted: cells.iter().all(|cell| cell.is_quoted)
            && cells.iter().any(|cell| is_bare_csv_name(&cell.text)),
    };
    let groups = if has_names {
        let names: Vec<String> = cells.iter().map(|cell| cell.text.to_string()).collect();
        drop(cells);
        groups::of(&names)?
    } else {
        drop(cells);
        check_columns(head.n_cells, text, limits)?;
        groups::numbered(head.n_cells)
    };
    check_columns(groups.len(), text, limits)?;
    let (dtypes, notes) = match dtype {
        Some(dtype) => (vec![dtype; groups.len()], Vec::new()),
        None => guessed(text, &head, &groups)?,
    };
    let mut elements: Vec<Elements> = dtypes.into_iter().map(Elements::new).collect();
    let mut n_rows = 0;
    for_each_row(text, &head, |cells| {
        n_rows += 1;
        for (group, elements) in groups.iter().zip(&mut elements) {
            elements
                .push(&cells[group.cells.clone()], limits)
                .map_err(|error| error.in_array(group.name.as_str()))?;
        }
        Ok(())
    })?;
    let array = |(group, elements)| array(group, elements, n_rows, text.len() as u64);
    let arrays = groups.into_iter().zip(elements).map(array);
    Ok((arrays.collect::<Result<_>>()?, notes))
}

/// What the first line tells of the others.
struct Head {
    separator: char,
    has_names: bool,
    n_cells: usize,
    /// All of its cells are in quotes, and not all have to be. If those of the other lines are, too, quotes tell nothing.
    is_quoted: bool,
}

/// The types that the cells of each group tell, and what there is to say about them.
fn guessed(text: &str, head: &Head, groups: &[Group]) -> Result<(Vec<DType>, Vec<String>)> {
    let mut guesses = vec![Guess::new(); groups.len()];
    let mut has_rows = false;
    for_each_row(text, head, |cells| {
        has_rows = true;
        for (group, guess) in groups.iter().zip(&mut guesses) {
            cells[group.cells.clone()]
                .iter()
                .for_each(|cell| guess.add(cell));
        }
        Ok(())
    })?;
    if !head.is_quoted || guesses.iter().any(Guess::has_bare) {
        guesses = guesses.into_iter().map(Guess::by_quotes).collect();
    }
    let mut notes = vec![
        said(groups, &guesses, Guess::kept_as_text, |integer| {
            format!("a double would round {integer}")
        }),
        said(groups, &guesses, Guess::comma_floats, |()| {
            "its numbers have commas for points".to_owned()
        }),
        said(groups, &guesses, Guess::other_than_numbers, |cell| {
            format!("{:?} is no number", shortened(cell))
        }),
    ];
    if !has_rows {
        let what =
            "without rows nothing tells the types of its columns: they are text; --dtype sets one";
        notes.push(Some(what.to_owned()));
    }
    let dtypes = guesses.iter().map(Guess::dtype).collect::<Result<_>>()?;
    Ok((dtypes, notes.into_iter().flatten().collect()))
}

/// Says of the first column for which there is a reason, and of how many others, that they are read as text, and why.
fn said<'a, R>(
    groups: &[Group],
    guesses: &'a [Guess],
    reason: impl Fn(&'a Guess) -> Option<R>,
    words: impl Fn(R) -> String,
) -> Option<String> {
    let mut all = groups
        .iter()
        .zip(guesses)
        .filter_map(|(group, guess)| Some((&group.name, reason(guess)?)));
    let (name, first) = all.next()?;
    let others = match all.count() {
        0 => String::new(),
        1 => ", and so is another".to_owned(),
        n => format!(", and so are {n} more"),
    };
    let why = words(first);
    Some(format!(
        "column {name:?} is read as text, since {why}{others}"
    ))
}

/// As much of a cell as tells which one it is.
fn shortened(cell: &str) -> String {
    const MAX_CHARACTERS: usize = 40;
    match cell.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// Refuses more columns than the file is large.
fn check_columns(n: usize, text: &str, limits: &Limits) -> Result<()> {
    let n = n as u64;
    limits.check_arrays(n)?;
    let allowed = FREE_COLUMNS.max(text.len() as u64 / BYTES_OF_COLUMN);
    match n <= allowed {
        true => Ok(()),
        false => Err(Error::limit("columns of a file of this size", allowed, n)),
    }
}

/// The array of a group that has so many rows, in a file of so many bytes.
fn array(group: Group, elements: Elements, n_rows: u64, file_bytes: u64) -> Result<Read> {
    let mut shape = vec![n_rows];
    shape.extend(&group.row_axes);
    let spec = ArraySpec::new(elements.dtype(), shape)?;
    let (values, validity) = elements.into_parts();
    let elements = match values {
        Values::Bytes(bytes) => Column::Numbers(Plain::new(Arc::new(bytes), spec, 0)),
        Values::Text(cells) => {
            let allowed = FREE_ROW_BYTES.max(file_bytes.saturating_mul(ROW_BYTES_OF_BYTE));
            if spec.row_bytes() > allowed {
                let what = "bytes of a row of text";
                return Err(Error::limit(what, allowed, spec.row_bytes()).in_array(group.name));
            }
            Column::Text(Text::new(cells, spec))
        }
    };
    Ok(Read {
        name: group.name,
        elements,
        validity: validity.map(Arc::new),
    })
}

/// Hands the cells of each row to `take`.
fn for_each_row<'a>(
    text: &'a str,
    head: &Head,
    mut take: impl FnMut(&[Cell<'a>]) -> Result<()>,
) -> Result<()> {
    let mut lines = Lines::new(text, head.separator);
    let mut cells = Vec::new();
    if head.has_names {
        lines.next(&mut cells)?;
    }
    while lines.next(&mut cells)? {
        if cells.len() != head.n_cells {
            let (n, first) = (cells.len(), head.n_cells);
            let what = format!("{}, where the first line has {first}", counted(n, "cell"));
            return Err(lines.broken_before(what));
        }
        take(&cells)?;
    }
    Ok(())
}
