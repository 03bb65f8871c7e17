//! `compact`: a `.pv` without the bytes that belong to no array any more.

use std::path::PathBuf;

use super::append::say;
use super::failure::Outcome;
use super::session::Session;
use super::source;
use crate::container::pv::{self, EditOptions};
use crate::error::ResultExt;

/// Write a .pv file anew without what appends and removals left behind
///
/// Arrays are copied as they are. The old file stays until the new one is whole.
#[derive(Debug, clap::Args)]
pub(super) struct Compact {
    /// File to compact
    file: PathBuf,
}

impl Compact {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        source::check_is_pv(session, &self.file)?;
        let store = session.store(&self.file)?;
        let n_bytes = || store.open().in_file(&self.file).map(|bytes| bytes.len());
        let before = n_bytes()?;
        let options = EditOptions::default().with_limits(session.limits());
        say(session, &pv::compact(&*store, &options)?);
        let (file, after) = (self.file.display(), n_bytes()?);
        session.say(format_args!("{file}: {before} -> {after} bytes"));
        Ok(())
    }
}
