//! `.csv`: columns of text as arrays, all in memory.
//!
//! The first line has the names, unless all of it are numbers without quotes; then columns are named `0`, `1` and so on. Neighbours named
//! `points[0]`, `points[1]` are one array of rows of two, as this program writes them. Types are what the cells are: bool,
//! 64-bit integers, doubles, or text; or one type for all, where the caller knows it. An empty cell is a row without a value.

mod cells;
mod column;

use std::sync::Arc;

use super::plain::Plain;
use super::{Container, Entry};
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;
use cells::{Cell, Lines};
use column::{Elements, Guess};

/// An open `.csv` file.
#[derive(Debug)]
pub struct Csv {
    arrays: Vec<Read>,
    stored_bytes: u64,
    limits: Limits,
}

/// An array that was read.
#[derive(Debug)]
struct Read {
    name: String,
    elements: Plain,
    validity: Option<Arc<Validity>>,
}

/// The cells of a line that are a row of one array.
#[derive(Debug)]
struct Group {
    name: String,
    cells: std::ops::Range<usize>,
    /// Lengths of the axes of a row.
    row_axes: Vec<u64>,
}

/// Reads a `.csv` file. `dtype` is the type of all columns, where it is known.
///
/// # Errors
/// `Corrupt` for lines of different lengths and cells that are not of the type; `Unsupported` for types that are not read
/// from text; `LimitExceeded`.
pub fn open(store: &Arc<dyn ReadAt>, dtype: Option<DType>, limits: &Limits) -> Result<Csv> {
    limits.check_total_bytes(store.len())?;
    let len = usize::try_from(store.len())
        .map_err(|_| Error::limit("bytes of memory", isize::MAX as u64, store.len()))?;
    let mut bytes = vec![0; len];
    store.read_exact_at(&mut bytes, 0)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Error::corrupt("text that is not UTF-8").at(error.valid_up_to() as u64))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::truncated("an empty file").at(store.len()));
    }
    let arrays = arrays(text, dtype, limits)?;
    Ok(Csv {
        arrays,
        stored_bytes: store.len(),
        limits: *limits,
    })
}

fn arrays(text: &str, dtype: Option<DType>, limits: &Limits) -> Result<Vec<Read>> {
    let mut lines = Lines::new(text);
    let mut cells = Vec::new();
    lines.next(&mut cells)?;
    let mut first = Guess::new();
    cells.iter().for_each(|cell| first.add(cell));
    let has_names = !first.is_number() || cells.iter().any(|cell| cell.is_quoted);
    let names: Vec<String> = match has_names {
        true => cells.iter().map(|cell| cell.text.to_string()).collect(),
        false => (0..cells.len()).map(|i| i.to_string()).collect(),
    };
    let groups = groups(&names);
    limits.check_arrays(groups.len() as u64)?;
    check_distinct(&groups)?;

    let dtypes = match dtype {
        Some(dtype) => vec![dtype; groups.len()],
        None => {
            let mut guesses = vec![Guess::new(); groups.len()];
            for_each_row(text, has_names, names.len(), |cells| {
                for (group, guess) in groups.iter().zip(&mut guesses) {
                    cells[group.cells.clone()]
                        .iter()
                        .for_each(|cell| guess.add(cell));
                }
                Ok(())
            })?;
            guesses.iter().map(Guess::dtype).collect::<Result<_>>()?
        }
    };
    let mut elements: Vec<Elements> = dtypes.into_iter().map(Elements::new).collect();
    let mut n_rows = 0;
    for_each_row(text, has_names, names.len(), |cells| {
        n_rows += 1;
        for (group, elements) in groups.iter().zip(&mut elements) {
            elements
                .push(&cells[group.cells.clone()], limits)
                .map_err(|error| error.in_array(group.name.as_str()))?;
        }
        Ok(())
    })?;
    let read = |(group, elements): (Group, Elements)| {
        let mut shape = vec![n_rows];
        shape.extend(&group.row_axes);
        let spec = ArraySpec::new(elements.dtype(), shape)?;
        let (bytes, validity) = elements.into_parts();
        Ok(Read {
            name: group.name,
            elements: Plain::new(Arc::new(bytes), spec, 0),
            validity: validity.map(Arc::new),
        })
    };
    groups.into_iter().zip(elements).map(read).collect()
}

/// Hands the cells of each row to `take`.
fn for_each_row<'a>(
    text: &'a str,
    has_names: bool,
    n_cells: usize,
    mut take: impl FnMut(&[Cell<'a>]) -> Result<()>,
) -> Result<()> {
    let mut lines = Lines::new(text);
    let mut cells = Vec::new();
    if has_names {
        lines.next(&mut cells)?;
    }
    while lines.next(&mut cells)? {
        if cells.len() != n_cells {
            let what = format!("{} cells, where the first line has {n_cells}", cells.len());
            return Err(lines.broken_before(what));
        }
        take(&cells)?;
    }
    Ok(())
}

/// Two arrays of one name are no arrays to ask for.
fn check_distinct(groups: &[Group]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    match groups.iter().find(|group| !seen.insert(&group.name)) {
        Some(group) => Err(Error::corrupt(format!(
            "two columns named {:?}",
            group.name
        ))),
        None => Ok(()),
    }
}

/// Which neighbours are one array: those whose labels go through all indices of a row, in order.
fn groups(names: &[String]) -> Vec<Group> {
    let labels: Vec<(&str, Vec<u64>)> = names.iter().map(|name| label(name)).collect();
    let mut groups = Vec::new();
    let mut start = 0;
    while start < names.len() {
        let (base, indices) = &labels[start];
        let run = labels[start..]
            .iter()
            .take_while(|(other, more)| other == base && more.len() == indices.len())
            .count();
        let axes: Vec<u64> = match indices.is_empty() {
            true => Vec::new(),
            false => labels[start + run - 1]
                .1
                .iter()
                .map(|i| i.saturating_add(1))
                .collect(),
        };
        let is_whole = !axes.is_empty()
            && axes.iter().copied().try_fold(1_u64, u64::checked_mul) == Some(run as u64)
            && (0..run).all(|i| labels[start + i].1 == indices_of(i as u64, &axes));
        groups.push(match is_whole {
            true => Group {
                name: (*base).to_owned(),
                cells: start..start + run,
                row_axes: axes,
            },
            false => Group {
                name: names[start].clone(),
                cells: start..start + 1,
                row_axes: Vec::new(),
            },
        });
        start = groups.last().map_or(start + 1, |group| group.cells.end);
    }
    groups
}

/// `points[1][0]` is `points` with 1 and 0.
fn label(name: &str) -> (&str, Vec<u64>) {
    let mut base = name;
    let mut indices = Vec::new();
    while let Some((rest, index)) = base
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
        .and_then(|(rest, digits)| Some((rest, digits.parse().ok()?)))
    {
        base = rest;
        indices.insert(0, index);
    }
    (base, indices)
}

/// The index on each axis of element `i` of a row.
fn indices_of(i: u64, axes: &[u64]) -> Vec<u64> {
    let mut rest = axes.iter().product::<u64>();
    let index = |length: &u64| {
        rest /= length;
        i / rest % length
    };
    axes.iter().map(index).collect()
}

impl Container for Csv {
    fn format(&self) -> &'static str {
        "csv"
    }

    fn n_arrays(&self) -> usize {
        self.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.arrays[index].name
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.arrays.iter().position(|array| array.name == name);
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let array = &self.arrays[index];
        let spec = array.elements.spec();
        Ok(Entry {
            dtype: spec.dtype().to_string(),
            shape: spec.shape().to_vec(),
            decoded_bytes: spec.bytes(),
            has_nulls: array.validity.is_some(),
            ..Entry::new(
                array.name.clone(),
                "text",
                self.stored_bytes / self.arrays.len() as u64,
            )
        })
    }

    fn array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let elements = &self.arrays[index].elements;
        self.limits.check_array_bytes(elements.spec().bytes())?;
        Ok(Box::new(elements.clone()))
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(self.arrays[index].validity.clone())
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn open(text: &str) -> Result<Csv> {
        let store: Arc<dyn ReadAt> = Arc::new(text.as_bytes().to_vec());
        super::open(&store, None, &Limits::default())
    }

    fn listed(text: &str) -> Vec<(String, String, Vec<u64>)> {
        let csv = open(text).unwrap();
        let entries = (0..csv.n_arrays()).map(|i| csv.entry(i).unwrap());
        entries
            .map(|entry| (entry.path, entry.dtype, entry.shape))
            .collect()
    }

    #[test]
    fn types_are_what_the_cells_are() {
        let text = "a,b,c,d,e,f\n1,18446744073709551615,1.5,true,x,-1\n-2,0,3,false,1,2e3\n";
        let dtypes: Vec<String> = listed(text)
            .into_iter()
            .map(|(_, dtype, _)| dtype)
            .collect();
        assert_eq!(dtypes, ["<i8", "<u8", "<f8", "|b1", "<U1", "<f8"]);
        let array = open(text).unwrap().read("c").unwrap();
        assert_eq!(array.numbers::<f64>().unwrap(), [1.5, 3.0]);
    }

    #[test]
    fn labels_are_axes() {
        let text = "p[0],p[1],q[1],r[0][0],r[0][1],r[1][0],r[1][1]\n1,2,3,4,5,6,7\n";
        let names: Vec<(String, Vec<u64>)> = listed(text)
            .into_iter()
            .map(|(name, _, shape)| (name, shape))
            .collect();
        let expected = [("p", vec![1, 2]), ("q[1]", vec![1]), ("r", vec![1, 2, 2])];
        assert_eq!(
            names,
            expected.map(|(name, shape)| (name.to_owned(), shape))
        );
        let huge = "p[18446744073709551615],p[99999999999999999999]\n1,2\n";
        assert_eq!(listed(huge).len(), 2);
    }

    #[test]
    fn numbers_alone_need_no_names() {
        assert_eq!(
            listed("1,2.5\n3,4\n")[1],
            ("1".to_owned(), "<f8".to_owned(), vec![2])
        );
    }

    #[test]
    fn empty_cells_are_rows_without_a_value() {
        let csv = open("a,b\n1,\n,\"\"\n").unwrap();
        let validity = |i| csv.validity(i).unwrap().unwrap();
        assert_eq!(
            (validity(0).is_valid(0), validity(0).is_valid(1)),
            (true, false)
        );
        assert_eq!(
            (validity(1).is_valid(0), validity(1).is_valid(1)),
            (false, true)
        );
    }

    #[test]
    fn a_type_that_is_known_is_that_of_all() {
        let read = |text: &str, dtype: &str| {
            let store: Arc<dyn ReadAt> = Arc::new(text.as_bytes().to_vec());
            super::open(&store, Some(dtype.parse()?), &Limits::default())?.read("a")
        };
        assert_eq!(
            read("a\n0.1\n", "<f4").unwrap().numbers::<f32>().unwrap(),
            [0.1]
        );
        assert_eq!(read("a\n258\n", ">i2").unwrap().bytes(), [1, 2]);
        for (cell, dtype, kind) in [
            ("256", "|u1", ErrorKind::Corrupt),
            ("-129", "|i1", ErrorKind::Corrupt),
            ("x", "<f8", ErrorKind::Corrupt),
            ("1", "<c8", ErrorKind::Unsupported),
        ] {
            assert_eq!(
                read(&format!("a\n{cell}\n"), dtype).unwrap_err().kind(),
                kind,
                "{cell}"
            );
        }
    }

    #[test]
    fn lines_of_other_lengths_and_names_twice_are_errors() {
        for text in ["a,b\n1\n", "a\n1,2\n", "a,a\n1,2\n", "a\n\"x\n"] {
            let error = open(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        }
        assert_eq!(open("\n").expect_err("empty").kind(), ErrorKind::Truncated);
    }
}
