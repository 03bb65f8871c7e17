//! `decompress`: `.pco` files back into arrays.

use std::path::{Path, PathBuf};

use super::failure::{self, Outcome, Tally};
use super::format::Format;
use super::opening;
use super::output::{Form, OutputOptions};
use super::outputs::{Job, Place};
use super::rows::RowOptions;
use super::session::Session;
use super::target::Target;
use super::walk;
use super::{cat, inputs};

/// Decompress .pco files into .npy files
///
/// x.pco becomes x.npy beside it, with the dtype and the shape that were compressed. A .pco of another program has no
/// shape, and becomes an array of one axis. The name of an output decides what it is: .npy, .txt, .csv, .tsv, .json, or
/// raw binary as .bin or .raw. Text, csv, tsv and json are printed where no output is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum decompress temperature.pco
  paginum decompress *.pco -o arrays/
  paginum decompress samples.pco -o samples.bin
  paginum decompress temperature.pco --first 10 --text
  paginum decompress - < numbers.pco | consume")]
pub(super) struct Decompress {
    /// Files to decompress; - for standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The file to write, or a folder for several; - for .npy on standard output; default: beside the input
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// For each IN that is a folder, decompress all .pco files in it and in its subfolders
    #[arg(short, long)]
    recursive: bool,
    #[command(flatten)]
    rows: RowOptions,
    #[command(flatten)]
    form: OutputOptions,
}

impl Decompress {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let is_wanted = |path: &Path| Format::of(path) == Some(Format::pco());
        let (inputs, found) = walk::find(
            &self.inputs,
            walk::Folders::if_recursive(self.recursive),
            &is_wanted,
        );
        let mut tally = Tally::default();
        tally.add(found);
        let job = |input| Job {
            input,
            member: None,
        };
        let jobs: Vec<Job> = inputs.into_iter().map(job).collect();
        if !jobs.is_empty() {
            tally.add(self.decompress_all(session, &jobs));
        }
        tally.outcome()
    }

    fn decompress_all(&self, session: &Session, jobs: &[Job]) -> Outcome {
        if let (None, Some(form)) = (
            &self.output,
            self.form.asked().filter(|form| form.is_words()),
        ) {
            return failure::each(jobs, |job| {
                self.decompress(session, job, form, &Target::Stdout)
            });
        }
        let place = Place::of(self.output.as_deref(), jobs)?;
        let default = self.form.asked().unwrap_or(Form::Npy);
        let form = place.decide(|path| self.form.form(path), default)?;
        let targets = place.targets(jobs, form.format().extension(), self.form.force())?;
        failure::each(jobs.iter().zip(targets), |(job, target)| {
            let target = &target?;
            place.make_folder_of(target)?;
            self.decompress(session, job, form, target)
        })
    }

    fn decompress(&self, session: &Session, job: &Job, form: Form, target: &Target) -> Outcome {
        let path = &job.input.path;
        let container = opening::open(session, path)?;
        let index = inputs::only(&*container, path)?;
        let names = [container.path(index).to_owned()];
        let wanted = cat::Wanted {
            names: &names,
            selection: None,
            by_fields: form.is_words(),
        };
        let columns = cat::columns(&*container, path, &wanted)?;
        let rows = self.rows.of(columns.n_rows())?;
        self.form.write_to(session, &columns, &rows, form, target)
    }
}
