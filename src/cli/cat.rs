//! `cat`: some rows of an array, without the others.

use std::path::PathBuf;

use super::failure::Outcome;
use super::output::OutputOptions;
use super::rows::Rows;
use super::session::Session;
use super::source;

/// Print or save rows of an array, reading only what they need
///
/// Rows are indices of the first axis. Without -o they are printed as text.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum cat points.pco --rows 2000..2005
  paginum cat mesh.pv points --rows 1000000 -o point.npy
  paginum cat arrays.npz temperature --rows ..10
  paginum cat points.pco --rows 5.. -o - | python3 -c 'import numpy, sys; ...'")]
pub(super) struct Cat {
    /// File of arrays
    file: PathBuf,
    /// Which array, where the file holds several
    array: Option<String>,
    /// a..b (without b), a.., ..b, or a alone; all if not given
    #[arg(long, default_value = "..", value_name = "a..b")]
    rows: Rows,
    /// OUT.npy, or - for .npy on standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    form: OutputOptions,
}

impl Cat {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let source = source::open_array(session, &self.file, self.array.as_deref())?;
        let rows = self.rows.of(source.spec().rows())?;
        self.form
            .write(session, &source, rows, self.output.as_ref())
    }
}
