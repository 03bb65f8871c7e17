//! Columns that wait until all of their table are there, and the tables that are made of them.

use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use super::cards::Cards;
use super::checksum::{Sum, padded};
use super::stored::Stored;
use crate::array::ArraySpec;
use crate::container::windows;
use crate::error::Result;
use crate::storage::{PositionedWriter, WriteAt};

/// What waits in memory.
const MEMORY_BYTES: usize = 32 << 20;
/// The most columns of a table, by the standard.
const MAX_COLUMNS: usize = 999;

/// All tables of a file.
pub(super) struct Waiting {
    tables: Vec<Table>,
    /// The place of each table by its name.
    numbers: HashMap<String, usize>,
    bytes: BufWriter<SpooledTempFile>,
    end: u64,
}

struct Table {
    name: String,
    n_rows: u64,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    spec: ArraySpec,
    stored: Stored,
    /// Where its rows begin among those that wait.
    start: u64,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            tables: Vec::new(),
            numbers: HashMap::new(),
            bytes: BufWriter::new(SpooledTempFile::new(MEMORY_BYTES)),
            end: 0,
        }
    }
}

impl Waiting {
    /// The number of the table that a column of this name and shape belongs to, or would be the first of; none where it
    /// cannot be a column there.
    pub(super) fn place(&self, table: &str, column: &str, spec: &ArraySpec) -> Option<usize> {
        if table.is_empty() || column.is_empty() || table.ends_with(' ') {
            return None;
        }
        match self.numbers.get(table) {
            None => Some(self.tables.len()),
            Some(&number) => {
                let known = &self.tables[number];
                let row_bytes = known
                    .columns
                    .iter()
                    .try_fold(spec.row_bytes(), |n, column| {
                        n.checked_add(column.spec.row_bytes())
                    });
                let is_countable = row_bytes.is_some_and(|n| i64::try_from(n).is_ok());
                let fits = known.n_rows == spec.rows()
                    && known.columns.len() < MAX_COLUMNS
                    && is_countable;
                fits.then_some(number)
            }
        }
    }

    pub(super) fn n_tables(&self) -> usize {
        self.tables.len()
    }

    /// Starts a column at the place that was found; what is written goes to it.
    pub(super) fn begin(
        &mut self,
        number: usize,
        name: &str,
        spec: &ArraySpec,
        stored: Stored,
        table: &str,
    ) -> &mut dyn Write {
        if number == self.tables.len() {
            self.numbers.insert(table.to_owned(), number);
            self.tables.push(Table {
                name: table.to_owned(),
                n_rows: spec.rows(),
                columns: Vec::new(),
            });
        }
        self.tables[number].columns.push(Column {
            name: name.to_owned(),
            spec: spec.clone(),
            stored,
            start: self.end,
        });
        self.end += spec.bytes();
        &mut self.bytes
    }

    /// Writes the tables from an offset on, and returns where they end.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn write(self, out: &dyn WriteAt, mut offset: u64) -> Result<u64> {
        let bytes = self.bytes.into_inner();
        let mut bytes = bytes.map_err(io::IntoInnerError::into_error)?;
        for table in &self.tables {
            offset = table.write(&mut bytes, out, offset)?;
        }
        Ok(offset)
    }
}

impl Table {
    fn write(&self, bytes: &mut SpooledTempFile, target: &dyn WriteAt, start: u64) -> Result<u64> {
        let row_bytes: u64 = self
            .columns
            .iter()
            .map(|column| column.spec.row_bytes())
            .sum();
        let cards = self.cards(row_bytes);
        let mut out = PositionedWriter::new(target, start + cards.n_bytes());
        let mut sum = Sum::default();
        let (mut rows, mut piece) = (Vec::new(), Vec::new());
        for window in windows::of(0..self.n_rows, row_bytes) {
            let n_rows = window.end - window.start;
            windows::fit(&mut rows, n_rows * row_bytes)?;
            let mut at = 0;
            for column in &self.columns {
                let width = column.spec.row_bytes();
                windows::fit(&mut piece, n_rows * width)?;
                bytes.seek(SeekFrom::Start(column.start + window.start * width))?;
                bytes.read_exact(&mut piece)?;
                let width = width as usize;
                if width > 0 {
                    let cells = rows.chunks_exact_mut(row_bytes as usize);
                    for (row, cell) in cells.zip(piece.chunks_exact(width)) {
                        row[at..at + width].copy_from_slice(cell);
                    }
                }
                at += width;
            }
            sum.add(&rows);
            out.write_all(&rows)?;
        }
        let n_bytes = self.n_rows * row_bytes;
        out.write_all(&vec![0; (padded(n_bytes) - n_bytes) as usize])?;
        let end = out.finish()?;
        target.write_all_at(&cards.finish(sum.value()), start)?;
        Ok(end)
    }

    fn cards(&self, row_bytes: u64) -> Cards {
        let mut cards = Cards::of("BINTABLE", false);
        cards.value("BITPIX", 8);
        cards.value("NAXIS", 2);
        cards.value("NAXIS1", row_bytes);
        cards.value("NAXIS2", self.n_rows);
        cards.value("PCOUNT", 0);
        cards.value("GCOUNT", 1);
        cards.value("TFIELDS", self.columns.len());
        cards.text("EXTNAME", &self.name);
        for (i, column) in self.columns.iter().enumerate() {
            let i = i + 1;
            let (form, dimensions) = column.stored.form(&column.spec);
            cards.text(&format!("TTYPE{i}"), &column.name);
            cards.text(&format!("TFORM{i}"), &form);
            if let Some(dimensions) = dimensions {
                cards.text(&format!("TDIM{i}"), &dimensions);
            }
            if let Some(zero) = column.stored.zero {
                cards.value(&format!("TSCAL{i}"), 1);
                cards.value(&format!("TZERO{i}"), zero);
            }
        }
        cards
    }
}
