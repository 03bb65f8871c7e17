//! `verify`: everything in a file, checked.

use std::path::{Path, PathBuf};

use super::again::again;
use super::called;
use super::failure::{self, Failure, Outcome};
use super::listing;
use super::opening;
use super::session::Session;
use super::size;
use crate::container::{Container, Trait};
use crate::error::ResultExt;

/// Check everything that files hold: structure, checksums, every number
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum verify *.pco *.pv

A line a file says what was checked. Ends with 3 if a file is corrupt or truncated; others are still checked, and of \
several statuses the largest counts.")]
pub(super) struct Verify {
    /// Files to check; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Verify {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        failure::each(&self.files, |file| {
            let words = again(|| verify(session, file))?;
            session.report(format_args!("{}: ok, {words}", file.display()));
            Ok(())
        })
    }
}

/// Checks a file, and says what that was.
fn verify(session: &Session, file: &Path) -> Result<String, Failure> {
    let store = session.open(file)?;
    let container = opening::open_store(session, file, store)?;
    container.verify_structure().in_file(file)?;
    let (mut without_checksums, names) = (Vec::new(), called::shown(&*container));
    let n_arrays = container.n_arrays().max(container.placeholders().end);
    let mut n_fetched = 0;
    // One that is bad keeps no other from being checked.
    failure::each(listing::indices(&*container, true), |i| {
        if i >= n_fetched {
            n_fetched = container.prefetch_arrays(i..n_arrays).in_file(file)?;
        }
        verify_array(&*container, i, file).map(|has_checksums| {
            if !has_checksums {
                without_checksums.push(called::shown_one(&*container, &names, i));
            }
        })
    })?;
    Ok(container
        .checked()
        .unwrap_or_else(|| words(&*container, &without_checksums)))
}

/// Checks an array, and says whether it has checksums.
fn verify_array(container: &dyn Container, index: usize, file: &Path) -> Result<bool, Failure> {
    let verify = || {
        let reader = container.open_array(index)?;
        reader.verify()?;
        reader.has_checksums()
    };
    Ok(match called::is_named(container) {
        true => verify().map_err(|error| called::in_array(container, index, error)),
        false => verify(),
    }
    .in_file(file)?)
}

/// What was checked, where the file has no words of its own for it.
fn words(container: &dyn Container, without_checksums: &[String]) -> String {
    let (n, format) = (container.n_arrays(), container.format());
    let checksums = match without_checksums.len() {
        _ if format.has(Trait::NoChecksums) => "; the format has no checksums".to_owned(),
        _ if format.has(Trait::Checksums) => ", with their checksums".to_owned(),
        0 => ", with their checksums".to_owned(),
        without if without >= n => "; none has a checksum".to_owned(),
        _ => format!("; without a checksum: {}", listed(without_checksums)),
    };
    format!("structure and {}{checksums}", size::counted(n, "array"))
}

/// Names, as many as a line can hold.
fn listed(names: &[String]) -> String {
    const MAX_NAMES: usize = 8;
    let shown: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
