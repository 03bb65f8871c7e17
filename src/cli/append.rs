//! `append`: more arrays into a `.pv` that is there.

use std::path::PathBuf;

use super::called;
use super::failure::{Failure, Outcome};
use super::format;
use super::inputs;
use super::opening;
use super::pv_options::PvOptions;
use super::raw_options::RawOptions;
use super::session::Session;
use crate::container::Format as _;
use crate::container::pv::{ArrayWriter, Edit, PvFormat, Report};
use crate::error::{Error, ErrorKind};
use crate::text::counted;

/// Append arrays to a .pv file
///
/// Only the new arrays are written, however large the file is. If the program is killed meanwhile, the file still reads as
/// it was before. With --stage a new file is written beside the old one, and replaces it when it is complete.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum append weather.pv humidity.npy
  paginum append mesh.pv stress.npy --into point_data --replace")]
pub(super) struct Append {
    /// The .pv file to append to
    file: PathBuf,
    #[arg(required = true, value_name = "IN", help = format::inputs("Files of arrays"))]
    inputs: Vec<PathBuf>,
    /// Where the arrays go: field_data, point_data or cell_data. In a file of several blocks: blocks/0/point_data, and so on
    #[arg(long, default_value = "field_data", value_name = "PATH")]
    into: String,
    /// Replace arrays that have the same name
    #[arg(long)]
    replace: bool,
    /// Write a new file that replaces the old one, instead of changing it in place
    #[arg(long)]
    stage: bool,
    #[command(flatten)]
    raw: RawOptions,
    #[command(flatten)]
    pv: PvOptions,
}

impl Append {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        self.append(session).map_err(|failure| match failure {
            Failure::Error(error)
                if error.kind() == ErrorKind::NotFound && opening::is_about(&error, &self.file) =>
            {
                let hint = format!("pack IN -o {} begins a file", self.file.display());
                Failure::Hinted(error, hint)
            }
            Failure::Error(error)
                if error.kind() == ErrorKind::InvalidArgument
                    && opening::is_about(&error, &self.file) =>
            {
                self.refused(session, error)
            }
            other => opening::hinted(&self.file, other),
        })
    }

    /// Why an array was refused. One that is there is named as `ls` shows it.
    fn refused(&self, session: &Session, error: Error) -> Failure {
        let there = || {
            let array = error.place()?.array.as_deref()?;
            let file = opening::reopen(session, &self.file, &RawOptions::default()).ok()?;
            let is_it = |&index: &usize| {
                let path = file.path(index);
                path == array || file.format().bare(path) == array
            };
            let index = (0..file.n_arrays()).find(is_it)?;
            Some((file, index))
        };
        let Some((file, index)) = there() else {
            return Failure::Error(error);
        };
        let error = called::in_array(&*file, index, error);
        match self.replace {
            true => Failure::Error(error),
            false => Failure::Hinted(error, "--replace replaces it".to_owned()),
        }
    }

    fn append(&self, session: &Session) -> Outcome {
        let instead = "pack FILE MORE -o NEW.pv puts arrays of several files into one";
        opening::check_is_pv(session, &self.file, instead)?;
        let pv = PvFormat::default().info().name;
        let arrays = inputs::find(session, &self.inputs, &self.raw, Some(pv))?;
        let into = self.into.trim_end_matches('/');
        let names = arrays.iter().map(|array| array.name.as_str());
        self.pv.check_filters(Some(into), names)?;
        let options = self.pv.edit_options(session, self.stage)?;
        let progress = session.progress(arrays.iter().map(|array| array.spec.bytes()).sum());
        let mut edit = Edit::new();
        for array in &arrays {
            let path = match into {
                "" => array.name.clone(),
                folder => format!("{folder}/{}", array.name),
            };
            let spec = array.spec.clone();
            let progress = &progress;
            let rows = move |writer: &mut ArrayWriter<'_>| {
                let array = array.open()?;
                array.push_to(writer, &|n| progress.inc(n))
            };
            match self.replace {
                true => edit.set_rows(path, spec, rows),
                false => edit.add_rows(path, spec, rows),
            }
        }
        let report = edit.apply(&*session.store(&self.file)?, &options)?;
        progress.finish_and_clear();
        say(session, &report);
        session.say(format_args!(
            "{}: {} added",
            self.file.display(),
            counted(arrays.len(), "array")
        ));
        Ok(())
    }
}

/// Passes on what an edit has to say.
pub(super) fn say(session: &Session, report: &Report) {
    report.notes.iter().for_each(|note| session.say(note));
}
