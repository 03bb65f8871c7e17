//! `cat`: some rows of an array, without the others.

use std::path::{Path, PathBuf};

use super::columns::{Column, Columns};
use super::failure::{Failure, Outcome};
use super::output::OutputOptions;
use super::rows::RowOptions;
use super::session::Session;
use super::source;
use crate::container::Container;
use crate::error::ResultExt;

/// Print or save rows of arrays, reading only what they need
///
/// Rows are indices of the first axis. Without -o they are printed as text. Several arrays of equal length stand side by
/// side.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum cat points.pco --rows 2000..2005
  paginum cat mesh.pv points --rows -3..
  paginum cat arrays.npz time temperature --first 10
  paginum cat arrays.npz time temperature --rows ::100 --format csv
  paginum cat mesh.pv points --rows 1000000 -o point.npy
  paginum cat points.pco --rows 5.. -o - | python3 -c 'import numpy, sys; ...'")]
pub(super) struct Cat {
    /// File of arrays; - for standard input
    file: PathBuf,
    /// Which arrays, where the file holds several
    #[arg(value_name = "ARRAY")]
    arrays: Vec<String>,
    #[command(flatten)]
    rows: RowOptions,
    /// OUT.npy, .csv, .json or .txt, or - for .npy on standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    form: OutputOptions,
}

impl Cat {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let container = source::open(session, &self.file)?;
        let columns = columns(&*container, &self.file, &self.arrays)?;
        let rows = self.rows.of(columns.n_rows())?;
        self.form
            .write(session, &columns, &rows, self.output.as_deref())
    }
}

/// The arrays of these names, or the only one of the file.
pub(super) fn columns(
    container: &dyn Container,
    file: &Path,
    names: &[String],
) -> Result<Columns, Failure> {
    let column = |index: usize, name: String| {
        let validity = container.validity(index).in_file(file)?;
        let source = source::array_of(container, index, file)?;
        Ok::<_, Failure>(Column::new(name, source, validity))
    };
    if names.is_empty() {
        let index = source::only_array(container, file)?;
        let name = match source::has_names(container) {
            true => container.path(index).to_owned(),
            false => source::stem(file).display().to_string(),
        };
        return Columns::new(vec![column(index, name)?]);
    }
    let named = |name: &String| column(container.find(name).in_file(file)?, name.clone());
    Columns::new(names.iter().map(named).collect::<Result<_, _>>()?)
}
