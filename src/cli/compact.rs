//! `compact`: a `.pv` without the bytes that belong to no array any more.

use std::path::PathBuf;

use super::append::say;
use super::failure::Outcome;
use super::opening;
use super::session::Session;
use crate::container::pv::{self, EditOptions};
use crate::error::ResultExt;

/// Make a .pv file smaller after rm and append --replace
///
/// Both leave the old arrays in the file, where nothing refers to them; ls says how many bytes they take. compact writes a
/// new file without them. The other arrays are copied, not compressed again. The old file is replaced when the new one is
/// complete.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  paginum rm weather.pv rain && paginum compact weather.pv")]
pub(super) struct Compact {
    /// The .pv file
    file: PathBuf,
}

impl Compact {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let instead = "nothing in FILE is unused; pack FILE -o NEW.pv may make it smaller";
        opening::check_is_pv(session, &self.file, instead)?;
        let store = session.store(&self.file)?;
        let n_bytes = || store.open().in_file(&self.file).map(|bytes| bytes.len());
        let before = n_bytes()?;
        let options = EditOptions::default().with_limits(session.limits());
        let report = pv::compact(&*store, &options);
        say(
            session,
            &report.map_err(|error| opening::hinted(&self.file, error))?,
        );
        let (file, after) = (self.file.display(), n_bytes()?);
        session.say(format_args!("{file}: {before} -> {after} bytes"));
        Ok(())
    }
}
