//! `verify`: everything in a file, checked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::again::again;
use super::called;
use super::failure::{self, Failure, Outcome, Tally};
use super::opening;
use super::session::Session;
use crate::container::pv::{self, EditOptions};
use crate::container::{ArrayChecks, Container, Formats, Met, Trait};
use crate::storage::ReadAt;
use crate::text::counted;

/// Check everything that files hold: structure, checksums, every number
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum verify *.pco *.pv

A line a file says what was checked, or a line for each thing in it that is damaged. Ends with 3 if a file is corrupt or truncated; others are still checked, and of \
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
    let container = opening::open_store(session, file, store.clone())
        .map_err(|failure| with_others(session, file, &store, failure))?;
    let mut faults = container.structure_faults();
    // Where the storage fails nothing else can be said, and what was changed is read again.
    if let Some(failed) = faults.pop_if(|fault| fault.kind().is_of_storage()) {
        return Err(failed.in_file(file).into());
    }
    // What is bad keeps nothing else from being checked, and is said once.
    let (mut met, mut tally) = (Met::default(), Tally::default());
    for fault in faults {
        if met.add(&fault) {
            tally.add(Err(fault.in_file(file).into()));
        }
    }
    let (mut without_checksums, names) = (Vec::new(), called::shown(&*container));
    let mut checks = ArrayChecks::new(&*container);
    for i in checks.indices() {
        match checks.check(i) {
            Ok(true) => {}
            Ok(false) => without_checksums.push(called::shown_one(&*container, &names, i)),
            Err(error) => {
                let error = match called::is_named(&*container) {
                    true => called::in_array(&*container, i, error),
                    false => error,
                };
                if !met.has(&error) {
                    tally.add(Err(error.in_file(file).into()));
                }
            }
        }
        if tally.status() == failure::INTERRUPTED {
            break;
        }
    }
    tally.outcome()?;
    Ok(container
        .checked()
        .unwrap_or_else(|| words(&*container, &without_checksums)))
}

/// The failure to open a file. Where a part of it that leads to arrays is damaged, all else that is damaged is said before.
fn with_others(
    session: &Session,
    file: &Path,
    store: &Arc<dyn ReadAt>,
    failure: Failure,
) -> Failure {
    let (error, hint) = match failure {
        Failure::Error(error) => (error, None),
        Failure::Hinted(error, hint) => (error, Some(hint)),
        other => return other,
    };
    let mut others = Vec::new();
    if error.kind().is_damage() && opening::may_be_salvaged(&**store, &Formats::default()) {
        let options = EditOptions::default().with_limits(session.limits());
        others = pv::scanned_faults(store, &options).unwrap_or_default();
    }
    let mut met = Met::default();
    met.add(&error);
    others.retain(|other| met.add(other));
    let mut tally = Tally::default();
    for other in others {
        tally.add(Err(other.in_file(file).into()));
    }
    tally.add(Err(match hint {
        Some(hint) => Failure::Hinted(error, hint),
        None => Failure::Error(error),
    }));
    Failure::Said(tally.status())
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
    format!("structure and {}{checksums}", counted(n, "array"))
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
