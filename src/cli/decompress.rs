//! `decompress`: a `.pco` file back into an array.

use std::path::PathBuf;

use super::cat;
use super::failure::Outcome;
use super::output::OutputOptions;
use super::rows::RowOptions;
use super::session::Session;
use super::source;

/// Decompress a .pco file into .npy or raw binary
///
/// The trailer gives dtype and shape back; a file that another program wrote becomes an array of one axis. OUT.npy
/// is a .npy file, OUT.txt text, and any other name raw binary.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum decompress temperature.pco -o temperature.npy
  paginum decompress samples.pco -o samples.bin
  paginum decompress temperature.pco --first 10 --text
  paginum decompress - -o - < numbers.pco | consume")]
pub(super) struct Decompress {
    /// File to decompress; - for standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where to; - writes .npy to standard output; without it, text goes there
    #[arg(short, long, value_name = "OUT", required_unless_present_any = ["text", "raw", "format"])]
    output: Option<PathBuf>,
    #[command(flatten)]
    rows: RowOptions,
    #[command(flatten)]
    form: OutputOptions,
}

impl Decompress {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let container = source::open(session, &self.input)?;
        let columns = cat::columns(&*container, &self.input, &[])?;
        let rows = self.rows.of(columns.n_rows())?;
        self.form
            .write(session, &columns, &rows, self.output.as_ref())
    }
}
