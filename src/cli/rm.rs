//! `rm`: arrays out of a `.pv`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::append::say;
use super::failure::Outcome;
use super::opening;
use super::session::Session;
use crate::container::pv::{Edit, EditOptions};
use crate::error::ResultExt;
use crate::text::counted;

/// Remove arrays from a .pv file
///
/// The arrays are taken off the file's list. Their bytes stay in the file until compact writes a new file without them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  paginum rm weather.pv rain && paginum compact weather.pv")]
pub(super) struct Rm {
    /// The .pv file
    file: PathBuf,
    /// The arrays to remove, by the names that ls shows
    #[arg(required = true, value_name = "ARRAY")]
    arrays: Vec<String>,
    /// Write a new file that replaces the old one, instead of changing it in place
    #[arg(long)]
    stage: bool,
}

impl Rm {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let instead = "convert FILE NEW --select NAME,... keeps those arrays that it names";
        opening::check_is_pv(session, &self.file, instead)?;
        let mut edit = Edit::new();
        let container = opening::open(session, &self.file)?;
        let mut indices = BTreeSet::new();
        for name in &self.arrays {
            // One that is named twice is removed once.
            indices.insert(container.find(name).in_file(&self.file)?);
        }
        indices
            .iter()
            .for_each(|index| edit.remove(container.path(*index)));
        drop(container);
        let options = EditOptions::default()
            .with_staged(self.stage)
            .with_limits(session.limits());
        let report = edit.apply(&*session.store(&self.file)?, &options);
        say(
            session,
            &report.map_err(|error| opening::hinted(&self.file, error))?,
        );
        session.say(format_args!(
            "{}: {} removed; compact gives their bytes back",
            self.file.display(),
            counted(indices.len(), "array")
        ));
        Ok(())
    }
}
