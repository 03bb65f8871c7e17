//! `cat`: some rows of an array, without the others.

use std::path::{Path, PathBuf};

use super::called;
use super::columns::{Column, Columns};
use super::failure::{Failure, Outcome};
use super::listing;
use super::opening;
use super::output::OutputOptions;
use super::rows::RowOptions;
use super::session::Session;
use super::source;
use crate::array::Selection;
use crate::container::Container;
use crate::error::ResultExt;
use crate::record::Record;

/// Print or save rows of arrays, reading only what they need
///
/// Rows are indices of the first axis. Without -o they are printed as text. Several arrays of equal length stand side by
/// side, as do the fields of records.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum cat points.pco --rows 2000..2005
  paginum cat mesh.pv points --rows -3..
  paginum cat arrays.npz time temperature --first 10
  paginum cat arrays.npz time temperature --rows ::100 --format csv
  paginum cat mesh.pv points --rows 1000000 -o point.npy
  paginum cat waves.pv heights --select 0:100,::2,5 -o part.npy
  paginum cat points.pco --rows 5.. -o - | paginum compress - -o tail.pco")]
pub(super) struct Cat {
    /// File of arrays; - for standard input
    file: PathBuf,
    /// Which arrays, where the file holds several
    #[arg(value_name = "ARRAY")]
    arrays: Vec<String>,
    #[command(flatten)]
    rows: RowOptions,
    /// What of each axis: START:END:STEP, each optional, or one index, which drops the axis; with commas between axes
    #[arg(long, value_name = "a:b,...", allow_hyphen_values = true, conflicts_with_all = ["rows", "first", "last"])]
    select: Option<Selection>,
    /// OUT.npy, .csv, .json, .txt, or raw binary as .bin or .raw; - for .npy on standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    form: OutputOptions,
}

impl Cat {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let container = opening::open(session, &self.file)?;
        let is_words = self.form.is_words(self.output.as_deref())?;
        let mut columns = columns(&*container, &self.file, &self.arrays, is_words)?;
        if let Some(selection) = &self.select {
            columns = columns.select(selection)?;
        }
        let rows = self.rows.of(columns.n_rows())?;
        self.form
            .write(session, &columns, &rows, self.output.as_deref())
    }
}

/// The arrays of these names, or the only one of the file. Records are their fields side by side, where `by_fields`.
pub(super) fn columns(
    container: &dyn Container,
    file: &Path,
    names: &[String],
    by_fields: bool,
) -> Result<Columns, Failure> {
    let whole = |index, name: &str| columns_of(container, index, file, name, by_fields);
    let mut columns = Vec::new();
    if names.is_empty() {
        let index = listing::only_array(container, file)?;
        let shown = called::shown(container);
        columns = whole(index, &called::shown_one(container, &shown, index))?;
    }
    for name in names {
        match container.find(name).in_file(file) {
            Ok(index) => columns.extend(whole(index, name)?),
            Err(error) => {
                let Some((index, field)) = listing::field(container, name).in_file(file)? else {
                    return Err(error.into());
                };
                let source = source::array_of(container, index, file)?.field(&field)?;
                let validity = container.validity(index).in_file(file)?;
                columns.push(Column::new(name.clone(), source, validity));
            }
        }
    }
    Columns::new(columns)
}

/// An array under a name; of records, where `by_fields`, their fields side by side.
pub(super) fn columns_of(
    container: &dyn Container,
    index: usize,
    file: &Path,
    name: &str,
    by_fields: bool,
) -> Result<Vec<Column>, Failure> {
    let validity = container.validity(index).in_file(file)?;
    let source = source::array_of(container, index, file)?;
    let fields = source.record().map_or_else(Vec::new, Record::columns);
    if !by_fields || fields.is_empty() {
        return Ok(vec![Column::new(name.to_owned(), source, validity)]);
    }
    let column = |field: &crate::record::Column| {
        let source = source::array_of(container, index, file)?.field(field)?;
        let name = format!("{name}/{}", field.name());
        Ok(Column::new(name, source, validity.clone()))
    };
    fields.iter().map(column).collect()
}
