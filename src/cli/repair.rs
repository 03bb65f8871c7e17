//! `repair`: a `.pv` whose last append was interrupted, put right.

use std::path::PathBuf;

use super::append::say;
use super::failure::Outcome;
use super::session::Session;
use crate::container::pv::{self, EditOptions};
use crate::storage::FileStore;

/// Finish or take back an append that was interrupted
///
/// Reading finds the last whole version by itself, and the next append puts a file right unasked; this is for files that
/// other programs are to read before that.
#[derive(Debug, clap::Args)]
pub(super) struct Repair {
    /// File to repair
    file: PathBuf,
}

impl Repair {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let options = EditOptions::default().with_limits(session.limits());
        let report = pv::repair(&FileStore::new(&self.file), &options)?;
        say(session, &report);
        match report.notes.is_empty() {
            true => session.say(format_args!("{}: nothing to repair", self.file.display())),
            false => session.say(format_args!("{}: repaired", self.file.display())),
        }
        Ok(())
    }
}
