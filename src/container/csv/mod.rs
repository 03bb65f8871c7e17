//! `.csv`: columns of text as arrays, all in memory.
//!
//! The first line has the names, unless all of it are numbers without quotes; then columns are named `0`, `1` and so on.
//! Neighbours named `points[0]`, `points[1]` are one array of rows of two, as this program writes them. Types are what the
//! cells are: bool, 64-bit integers, doubles, dates, or text; or one type for all, where the caller knows it. Integers that
//! a double would round are no doubles: beside fractions they are text. An empty cell is a row without a value.
//!
//! What is in memory is a small multiple of the file, whatever stands in it.

mod cells;
mod column;
mod date;
mod format;
mod groups;
mod text;

use std::sync::Arc;

use super::plain::Plain;
use super::{Container, Entry, FormatInfo};
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;
use cells::{Cell, Lines};
use column::{Elements, Guess, Values};
use groups::Group;
use text::Text;

pub use format::CsvFormat;

/// So many columns are read of any file, and of larger ones as many as their bytes allow: each takes some hundred bytes of
/// memory, and as few as two of the file.
const FREE_COLUMNS: u64 = 1 << 16;
const BYTES_OF_COLUMN: u64 = 64;

/// A row of text is made an element a cell, each as wide as the longest: so many bytes at most, or as many times those of
/// the file.
const FREE_ROW_BYTES: u64 = 1 << 24;
const ROW_BYTES_OF_BYTE: u64 = 16;

/// An open `.csv` file.
#[derive(Debug)]
pub struct Csv {
    arrays: Vec<Read>,
    notes: Vec<String>,
    stored_bytes: u64,
    limits: Limits,
}

/// An array that was read.
#[derive(Debug)]
struct Read {
    name: String,
    elements: Column,
    validity: Option<Arc<Validity>>,
}

/// Its elements.
#[derive(Clone, Debug)]
enum Column {
    Numbers(Plain),
    Text(Text),
}

impl Column {
    fn spec(&self) -> &ArraySpec {
        match self {
            Self::Numbers(numbers) => numbers.spec(),
            Self::Text(text) => text.spec(),
        }
    }
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
    let (arrays, notes) = arrays(text, dtype, limits)?;
    Ok(Csv {
        arrays,
        notes,
        stored_bytes: store.len(),
        limits: *limits,
    })
}

fn arrays(text: &str, dtype: Option<DType>, limits: &Limits) -> Result<(Vec<Read>, Vec<String>)> {
    let mut lines = Lines::new(text);
    let mut cells = Vec::new();
    lines.next(&mut cells)?;
    let mut first = Guess::new();
    cells.iter().for_each(|cell| first.add(cell));
    let has_names = !first.is_number() || cells.iter().any(|cell| cell.is_quoted);
    let n_cells = cells.len();
    let groups = if has_names {
        let names: Vec<String> = cells.iter().map(|cell| cell.text.to_string()).collect();
        drop(cells);
        groups::of(&names)?
    } else {
        drop(cells);
        check_columns(n_cells, text, limits)?;
        groups::numbered(n_cells)
    };
    check_columns(groups.len(), text, limits)?;
    let (dtypes, notes) = match dtype {
        Some(dtype) => (vec![dtype; groups.len()], Vec::new()),
        None => guessed(text, has_names, n_cells, &groups)?,
    };
    let mut elements: Vec<Elements> = dtypes.into_iter().map(Elements::new).collect();
    let mut n_rows = 0;
    for_each_row(text, has_names, n_cells, |cells| {
        n_rows += 1;
        for (group, elements) in groups.iter().zip(&mut elements) {
            elements
                .push(&cells[group.cells.clone()], limits)
                .map_err(|error| error.in_array(group.name.as_str()))?;
        }
        Ok(())
    })?;
    let read = |(group, elements)| read(group, elements, n_rows, text.len() as u64);
    let arrays = groups.into_iter().zip(elements).map(read);
    Ok((arrays.collect::<Result<_>>()?, notes))
}

/// The types that the cells of each group tell, and what there is to say about them.
fn guessed(
    text: &str,
    has_names: bool,
    n_cells: usize,
    groups: &[Group],
) -> Result<(Vec<DType>, Vec<String>)> {
    let mut guesses = vec![Guess::new(); groups.len()];
    for_each_row(text, has_names, n_cells, |cells| {
        for (group, guess) in groups.iter().zip(&mut guesses) {
            cells[group.cells.clone()]
                .iter()
                .for_each(|cell| guess.add(cell));
        }
        Ok(())
    })?;
    let mut kept = groups
        .iter()
        .zip(&guesses)
        .filter_map(|(group, guess)| Some((group.name.as_str(), guess.kept_as_text()?)));
    let note = kept.next().map(|(name, integer)| {
        let others = match kept.count() {
            0 => String::new(),
            n => format!(", and so are {n} more"),
        };
        format!("column {name:?} is read as text, since a double would round {integer}{others}")
    });
    let dtypes = guesses.iter().map(Guess::dtype).collect::<Result<_>>()?;
    Ok((dtypes, note.into_iter().collect()))
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
fn read(group: Group, elements: Elements, n_rows: u64, file_bytes: u64) -> Result<Read> {
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

impl Container for Csv {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
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

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let elements = &self.arrays[index].elements;
        self.limits.check_array_bytes(elements.spec().bytes())?;
        Ok(match elements {
            Column::Numbers(numbers) => Box::new(numbers.clone()),
            Column::Text(text) => Box::new(text.clone()),
        })
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(self.arrays[index].validity.clone())
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::File;
    use crate::error::ErrorKind;

    fn open(text: &str) -> Result<File> {
        open_typed(text, None)
    }

    fn open_typed(text: &str, dtype: Option<DType>) -> Result<File> {
        let store: Arc<dyn ReadAt> = Arc::new(text.as_bytes().to_vec());
        let csv = super::open(&store, dtype, &Limits::default())?;
        Ok(File::of(Box::new(csv)))
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
        let read = |text: &str, dtype: &str| open_typed(text, Some(dtype.parse()?))?.read("a");
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

    /// 4 TB if each element were as wide as the longest.
    #[test]
    fn one_long_cell_does_not_make_all_others_large() {
        let text = format!(
            "a,b\n{},1\n{}",
            "x".repeat(1 << 20),
            "y,2\n".repeat(1 << 20)
        );
        let csv = open(&text).unwrap();
        assert_eq!(csv.entry(0).unwrap().dtype, "<U1048576");
        let refused = csv.open_array(0).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        assert_eq!(csv.read("b").unwrap().spec().rows(), 1 + (1 << 20));
        // A row alone that is large.
        let labels: Vec<String> = (0..1000).map(|i| format!("p[{i}]")).collect();
        let text = format!(
            "{}\n{}{}\n",
            labels.join(","),
            "x".repeat(100_000),
            ",".repeat(999)
        );
        let refused = open(&text).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn columns_must_be_earned() {
        let row = "1,".repeat((1 << 20) - 1) + "1\n";
        let refused = open(&row).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        assert_eq!(
            open(&"1,".repeat(1 << 15)).unwrap().n_arrays(),
            (1 << 15) + 1
        );
    }

    #[test]
    fn integers_that_a_double_would_round_stay_as_they_are() {
        for (cells, dtype, has_note) in [
            ("9007199254740993,0.5", "<U16", true),
            ("18446744073709551615,-1", "<U20", true),
            ("18446744073709551616,1", "<f8", false),
            ("18446744073709551617,1", "<U20", true),
            ("-9007199254740993,1e3", "<U17", true),
            ("100000000000000000000,0.5", "<f8", false),
            ("9007199254740992,0.5", "<f8", false),
            ("0000000000000000001,0.5", "<f8", false),
            ("0.12345678901234567890,1", "<f8", false),
            ("9007199254740993,1", "<i8", false),
            ("9007199254740993,x", "<U16", false),
        ] {
            let csv = open(&format!("a\n{}\n", cells.replace(',', "\n"))).unwrap();
            assert_eq!(csv.entry(0).unwrap().dtype, dtype, "{cells}");
            assert_eq!(
                !csv.notes().is_empty(),
                has_note,
                "{cells}: {:?}",
                csv.notes()
            );
        }
    }

    #[test]
    fn dates_of_one_unit_are_dates() {
        for (cells, dtype) in [
            ("2024-05-01,1969-12-31", "<M8[D]"),
            ("2024-05-01T00:00:00.000000001,NaT", "<M8[ns]"),
            ("2024-05-01,2024-05", "<U10"),
            ("2024-05-01,x", "<U10"),
            ("2024,1970", "<i8"),
            ("NaT,NaT", "<U3"),
        ] {
            let csv = open(&format!("a\n{}\n", cells.replace(',', "\n"))).unwrap();
            assert_eq!(csv.entry(0).unwrap().dtype, dtype, "{cells}");
        }
        let array = open("a\n2000-02-29\n\n").unwrap().read("a").unwrap();
        assert_eq!(array.bytes(), 11_016_i64.to_le_bytes());
    }
}
