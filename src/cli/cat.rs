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
use crate::array::{ArraySpec, AxisRange, Selection};
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
    /// OUT.npy, .csv, .tsv, .json, .txt, or raw binary as .bin or .raw; - for .npy on standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    form: OutputOptions,
}

impl Cat {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let container = opening::open(session, &self.file)?;
        let is_words = self.form.is_words(self.output.as_deref())?;
        let wanted = Wanted {
            names: &self.arrays,
            selection: self.select.as_ref(),
            by_fields: is_words,
        };
        let columns = columns(&*container, &self.file, &wanted)?;
        let rows = self.rows.of(columns.n_rows())?;
        self.form
            .write(session, &columns, &rows, self.output.as_deref())
    }
}

/// What is to stand side by side.
pub(super) struct Wanted<'a> {
    /// The arrays of these names, or the only one of the file.
    pub(super) names: &'a [String],
    /// What of each.
    pub(super) selection: Option<&'a Selection>,
    /// Whether records are their fields side by side.
    pub(super) by_fields: bool,
}

/// The arrays of a file that are wanted.
pub(super) fn columns(
    container: &dyn Container,
    file: &Path,
    wanted: &Wanted<'_>,
) -> Result<Columns, Failure> {
    let whole = |index, name: &str| columns_of(container, index, file, name, wanted);
    let mut columns = Vec::new();
    if wanted.names.is_empty() {
        let index = listing::only_array(container, file)?;
        let shown = called::shown(container);
        columns = whole(index, &called::shown_one(container, &shown, index))?;
    }
    for name in wanted.names {
        match container.find(name).in_file(file) {
            Ok(index) => columns.extend(whole(index, name)?),
            Err(error) => {
                let Some((index, field)) = listing::field(container, name).in_file(file)? else {
                    return Err(error.into());
                };
                let source = source::array_of(container, index, file)?.field(&field)?;
                let validity = container.validity(index).in_file(file)?;
                let column = Column::new(name.clone(), source, validity);
                columns.push(column.select(wanted.selection)?);
            }
        }
    }
    Columns::new(columns)
}

/// An array under a name; of records, where that is wanted, their fields side by side.
fn columns_of(
    container: &dyn Container,
    index: usize,
    file: &Path,
    name: &str,
    wanted: &Wanted<'_>,
) -> Result<Vec<Column>, Failure> {
    let validity = container.validity(index).in_file(file)?;
    let source = source::array_of(container, index, file)?;
    let fields = source.record().map_or_else(Vec::new, Record::columns);
    if !wanted.by_fields || fields.is_empty() {
        let column = Column::new(name.to_owned(), source, validity);
        return Ok(vec![column.select(wanted.selection)?]);
    }
    let is_one = is_one_of(source.spec(), wanted.selection);
    let column = |field: &crate::record::Column| {
        let source = source::array_of(container, index, file)?.field(field)?;
        let name = format!("{name}/{}", field.name());
        let column = Column::new(name, source, validity.clone()).select(wanted.selection)?;
        match is_one {
            true => Ok(column.into_row()?),
            false => Ok(column),
        }
    };
    fields.iter().map(column).collect()
}

/// Whether a selection leaves one element of an array, and no axis. Of one record all fields stand in a line, also those
/// that are arrays.
fn is_one_of(array: &ArraySpec, selection: Option<&Selection>) -> bool {
    let axes = selection.map_or(&[][..], Selection::axes);
    let is_index = |axis: &AxisRange| matches!(axis, AxisRange::Index(_));
    axes.len() == array.shape().len() && axes.iter().all(is_index)
}
