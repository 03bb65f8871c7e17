//! Writing a `.csv` file. Arrays come one after another and stand side by side, so that their rows wait until all are there:
//! in memory, and beyond some megabytes in a file without a name.

use std::io::Write;

use super::losses::{self, Losses};
use super::waiting::Rows;
use super::{cells, groups};
use crate::array::ArraySpec;
use crate::container::format::FormatInfo;
use crate::container::output::Output;
use crate::container::windows;
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::dtype::Kind;
use crate::error::{Error, Result};
use crate::record::Column;
use crate::storage::{Durability, Store};
use crate::text::{Lines, check_cells, counted};
use crate::validity::Validity;

/// Says that an array would leave no trace: without a cell in a row, neither names nor rows are there.
pub(crate) fn no_cells(spec: &ArraySpec) -> String {
    let shape = spec.shape();
    format!(
        "the shape {shape:?}: rows have no cells, and columns of text could not be read back as it"
    )
}

/// Says that two arrays, of these names and numbers of rows, do not stand side by side.
pub(crate) fn unequal_lengths(a: (&str, u64), b: (&str, u64)) -> String {
    let length = |(name, n): (&str, u64)| format!("{name:?} has {}", counted(n, "row"));
    format!(
        "only arrays of equal length stand side by side: {}, {}",
        length(a),
        length(b)
    )
}

/// Writes arrays side by side.
pub(super) struct CsvWriter {
    output: Output,
    lines: Lines,
    arrays: Vec<Waiting>,
    /// Of a line.
    n_cells: u64,
    rows: Rows,
    losses: Losses,
    /// An array was begun and not finished.
    is_open: bool,
}

/// An array whose rows wait.
struct Waiting {
    spec: ArraySpec,
    columns: Vec<Part>,
    validity: Option<Validity>,
    /// Where its rows begin.
    start: u64,
}

/// What stands in columns of one name: an array, or a field of its records.
struct Part {
    name: String,
    spec: ArraySpec,
    field: Option<Column>,
}

impl CsvWriter {
    /// Starts the file of a format.
    pub(super) fn new(store: &dyn Store, lines: Lines, info: &'static FormatInfo) -> Result<Self> {
        Ok(Self {
            output: Output::new(store)?,
            lines,
            arrays: Vec::new(),
            n_cells: 0,
            rows: Rows::default(),
            losses: Losses::new(lines, info.name),
            is_open: false,
        })
    }

    fn check_fits(&self, part: &Part) -> Result<()> {
        let has_bytes = part.spec.row_bytes() > 0 || part.spec.rows() == 0;
        if part.spec.row_elements() == 0 || !has_bytes {
            return Err(Error::invalid(no_cells(&part.spec)));
        }
        let dtype = part.spec.dtype();
        if let (Kind::Float, 9..) | (Kind::Complex, 17..) = (dtype.kind(), dtype.item_bytes()) {
            let what = format!("numbers of {dtype}, which text has no digits for");
            return Err(Error::unsupported(what).in_array(&part.name));
        }
        let first = self.arrays.first().map(|array| &array.columns[0]);
        match first {
            Some(first) if first.spec.rows() != part.spec.rows() => {
                let [a, b] = [first, part].map(|part| (part.name.as_str(), part.spec.rows()));
                Err(Error::invalid(unequal_lengths(a, b)))
            }
            _ => Ok(()),
        }
    }

    /// Writes the line of names and a line a row.
    fn write_lines(&mut self) -> Result<()> {
        let parts = self.arrays.iter().flat_map(|array| &array.columns);
        let parts = parts.map(|part| (part.name.as_str(), &part.spec));
        let header = self.lines.header(parts.clone());
        check_names(&header, self.lines, parts)?;
        self.check_lone_text()?;
        self.output.write_all(header.as_bytes())?;
        let n_rows = self.arrays.first().map_or(0, |array| array.spec.rows());
        let row_bytes = self.arrays.iter().map(|array| array.spec.row_bytes());
        let row_bytes = row_bytes.fold(0, u64::saturating_add);
        let mut buffers = vec![Vec::new(); self.arrays.len()];
        let (mut line, mut field) = (String::new(), Vec::new());
        for window in windows::of(0..n_rows, row_bytes) {
            for (array, buffer) in self.arrays.iter().zip(&mut buffers) {
                let row_bytes = array.spec.row_bytes();
                windows::fit(buffer, (window.end - window.start) * row_bytes)?;
                self.rows
                    .read(array.start + window.start * row_bytes, buffer)?;
            }
            for row in window.clone() {
                let at = (row - window.start) as usize;
                field.clear();
                line.clear();
                for (array, buffer) in self.arrays.iter().zip(&buffers) {
                    let row_bytes = array.spec.row_bytes() as usize;
                    array.take_fields(&buffer[at * row_bytes..][..row_bytes], &mut field);
                }
                let cells = cells(&self.arrays, row as usize, &field);
                self.lines.push_row(cells, &mut line);
                self.losses.see(&line)?;
                self.output.write_all(line.as_bytes())?;
            }
        }
        Ok(())
    }
}

impl CsvWriter {
    /// Refuses rows without a value in a lone column of text: an empty line is skipped, and `""` is empty text.
    fn check_lone_text(&self) -> Result<()> {
        let [array] = &self.arrays[..] else {
            return Ok(());
        };
        let is_text = |part: &Part| matches!(part.spec.dtype().kind(), Kind::Str | Kind::Bytes);
        let [part] = &array.columns[..] else {
            return Ok(());
        };
        let is_null =
            |validity: &Validity| validity.count_valid(0..validity.len()) < validity.len();
        let has_nulls = array.validity.as_ref().is_some_and(is_null);
        if has_nulls && is_text(part) && part.spec.row_elements() == 1 {
            let what = "a lone column of text with rows without a value, which cannot be told from empty text";
            return Err(Error::unsupported(what).in_array(&part.name));
        }
        Ok(())
    }
}

/// Refuses names that a reader would, or would take for others: two columns of one name, as an array `p[0]` and the first of
/// each row of `p` are; arrays `p[0]` and `p[1]`, which are rows of `p`.
fn check_names<'a>(
    header: &str,
    lines: Lines,
    parts: impl Iterator<Item = (&'a str, &'a ArraySpec)>,
) -> Result<()> {
    let mut cells = Vec::new();
    cells::Lines::new(header, lines.separator()).next(&mut cells)?;
    let names: Vec<String> = cells.iter().map(|cell| cell.text.to_string()).collect();
    let groups = groups::of(&names).map_err(|error| {
        let what = error.message();
        Error::invalid(format!("{what}: columns of them could not be read back"))
    })?;
    let mut groups = groups.iter();
    for (name, spec) in parts {
        let axes = spec.shape().get(1..).unwrap_or(&[]);
        let is_read = groups
            .next()
            .is_some_and(|group| group.name == name && group.row_axes == axes);
        if !is_read {
            let what = "a name that columns of text would give another array: [0] at its end is a place in a row";
            return Err(Error::invalid(what).in_array(name));
        }
    }
    Ok(())
}

/// The cells of a row, whose bytes lie one part after another.
fn cells<'a>(
    arrays: &'a [Waiting],
    row: usize,
    mut bytes: &'a [u8],
) -> impl Iterator<Item = (&'a ArraySpec, Option<&'a [u8]>)> {
    let parts = arrays.iter().flat_map(move |array| {
        let validity = array.validity.as_ref();
        let is_valid = validity.is_none_or(|validity| validity.is_valid(row));
        array.columns.iter().map(move |part| (part, is_valid))
    });
    parts.map(move |(part, is_valid)| {
        let (cell, rest) = bytes.split_at(part.spec.row_bytes() as usize);
        bytes = rest;
        (&part.spec, is_valid.then_some(cell))
    })
}

impl Waiting {
    /// Adds the bytes of each part of a row to `out`.
    fn take_fields(&self, row: &[u8], out: &mut Vec<u8>) {
        for part in &self.columns {
            match &part.field {
                None => out.extend_from_slice(row),
                Some(_) if row.is_empty() => {}
                Some(field) => {
                    let record_bytes = self.spec.dtype().item_bytes() as usize;
                    let records = row.chunks_exact(record_bytes);
                    records.for_each(|record| field.push(record, out));
                }
            }
        }
    }
}

impl ContainerWriter for CsvWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        let fields = array
            .record
            .map_or_else(Vec::new, |record| record.columns());
        let mut columns = Vec::new();
        for field in fields {
            let spec = field.spec(array.spec)?;
            columns.push(Part {
                name: format!("{}/{}", array.name, field.name()),
                // A single record is a line, also where a field of it is an array.
                spec: match array.spec.shape() {
                    [] => spec.as_row()?,
                    _ => spec,
                },
                field: Some(field),
            });
        }
        if columns.is_empty() {
            columns.push(Part {
                name: array.name.to_owned(),
                spec: array.spec.clone(),
                field: None,
            });
        }
        columns.iter().try_for_each(|part| self.check_fits(part))?;
        let is_scalar = array.spec.shape().is_empty();
        for part in &columns {
            self.losses.add(&part.name, &part.spec, is_scalar);
        }
        self.n_cells = check_cells(self.n_cells, columns.iter().map(|part| &part.spec))?;
        self.is_open = true;
        self.arrays.push(Waiting {
            spec: array.spec.clone(),
            columns,
            validity: None,
            start: self.rows.len(),
        });
        Ok(Box::new(Sink {
            writer: self,
            n_rows: 0,
        }))
    }

    fn commit(mut self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        self.write_lines()?;
        let specs = self.arrays.iter().map(|array| &array.spec);
        let notes = match losses::of_no_rows(specs) {
            Some(note) => vec![note],
            None => self.losses.notes()?,
        };
        Ok(self.output.commit(Durability::Synced)?.with_notes(notes))
    }
}

/// Takes the rows of the last array.
struct Sink<'a> {
    writer: &'a mut CsvWriter,
    n_rows: u64,
}

impl Sink<'_> {
    fn take(&mut self, rows: &[u8], validity: Option<&Validity>) -> Result<()> {
        let (arrays, waiting) = (&mut self.writer.arrays, &mut self.writer.rows);
        let Some(array) = arrays.last_mut() else {
            return Ok(());
        };
        let row_bytes = array.spec.row_bytes();
        let n = (rows.len() as u64).checked_div(row_bytes).unwrap_or(0);
        if n * row_bytes != rows.len() as u64 || n > array.spec.rows() - self.n_rows {
            return Err(Error::invalid("other rows than the array has"));
        }
        if validity.is_some_and(|validity| validity.len() as u64 != n) {
            return Err(Error::invalid("a mask that is not one bit a row"));
        }
        if n > 0 && validity.is_some() && array.validity.is_none() {
            array.validity = Some(Validity::repeat(true, self.n_rows as usize));
        }
        if let Some(mask) = &mut array.validity {
            match validity {
                Some(validity) => mask.append(validity),
                None => mask.append(&Validity::repeat(true, n as usize)),
            }
        }
        self.n_rows += n;
        waiting.push(rows)
    }
}

impl ArraySink for Sink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        self.take(rows, None)
    }

    fn push_rows_with_nulls(&mut self, rows: &[u8], validity: &Validity) -> Result<()> {
        self.take(rows, Some(validity))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let spec = self.writer.arrays.last().map(|array| &array.spec);
        if spec.is_some_and(|spec| spec.row_bytes() > 0 && spec.rows() != self.n_rows) {
            return Err(Error::invalid("fewer rows than the array has"));
        }
        self.writer.is_open = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::container::csv::format::CSV;
    use crate::storage::{MemoryStore, Store};

    fn written(write: impl FnOnce(&mut CsvWriter) -> Result<()>) -> Result<String> {
        let store = MemoryStore::new();
        let mut writer = Box::new(CsvWriter::new(&store, Lines::Csv, &CSV)?);
        write(&mut writer)?;
        let report = writer.commit()?;
        let bytes = store.open()?;
        assert_eq!(bytes.len(), report.n_bytes);
        let mut text = vec![0; bytes.len() as usize];
        bytes.read_exact_at(&mut text, 0)?;
        Ok(String::from_utf8(text).unwrap())
    }

    fn push(writer: &mut CsvWriter, name: &str, array: &Array) -> Result<()> {
        let mut sink = writer.begin(NewArray::new(name, array.spec()))?;
        for row in array.bytes().chunks(array.spec().row_bytes() as usize) {
            sink.push_rows(row)?;
        }
        sink.finish()
    }

    #[test]
    fn arrays_stand_side_by_side() {
        let text = written(|writer| {
            push(writer, "a", &Array::from_vec(vec![1_i32, 2, 3], [3])?)?;
            push(
                writer,
                "b",
                &Array::from_vec(vec![0.5_f64, 1.0, 2.0, 3.0, 4.0, 5.0], [3, 2])?,
            )
        });
        let expected = "a,b[0],b[1]\n1,0.5,1.0\n2,2.0,3.0\n3,4.0,5.0\n";
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn a_row_without_a_value_has_empty_cells() {
        let text = written(|writer| {
            let array = Array::from_vec(vec![1_u8, 2, 3], [3])?;
            let mut sink = writer.begin(NewArray::new("a", array.spec()))?;
            sink.push_rows(&array.bytes()[..1])?;
            let validity = [false, true].into_iter().collect();
            sink.push_rows_with_nulls(&array.bytes()[1..], &validity)?;
            sink.finish()?;
            push(writer, "b", &array)
        });
        assert_eq!(text.unwrap(), "a,b\n1,1\n,2\n3,3\n");
    }

    #[test]
    fn what_cannot_stand_side_by_side_is_refused() {
        let of = |n: u64| Array::from_vec(vec![0_u8; n as usize], [n]).unwrap();
        let error = written(|writer| {
            push(writer, "a", &of(2))?;
            push(writer, "b", &of(1))
        });
        let words = error.unwrap_err().to_string();
        assert!(
            words.ends_with(r#""a" has 2 rows, "b" has 1 row"#),
            "{words}"
        );
        let error = written(|writer| {
            let pairs = Array::from_vec(vec![0_u8; 4], [2, 2])?;
            push(writer, "p", &pairs)?;
            push(writer, "p[0]", &of(2))
        });
        let words = error.unwrap_err().to_string();
        assert!(words.contains(r#"two columns named "p[0]""#), "{words}");
        let unfinished = written(|writer| {
            let sink = writer.begin(NewArray::new("a", of(2).spec()))?;
            drop(sink);
            Ok(())
        });
        assert!(unfinished.is_err());
        let too_many = written(|writer| {
            let mut sink = writer.begin(NewArray::new("a", of(2).spec()))?;
            sink.push_rows(&[1, 2, 3])
        });
        assert!(too_many.is_err());
    }
}
