//! `verify`: everything in a file, checked.

use std::path::{Path, PathBuf};

use super::again::again;
use super::called;
use super::failure::{self, Failure, Outcome};
use super::session::Session;
use super::size;
use super::source;
use crate::container::pco::{self, Pco};
use crate::error::ResultExt;
use crate::filter::ArrayReader;

/// Check everything that files hold: structure, checksums, every number
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum verify *.pco *.pv

A line a file says what was checked. Ends with 3 if a file is corrupt or truncated; others are still checked, and of
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
    let mut start = [0; 4];
    if store.read_exact_at(&mut start, 0).is_ok() && pco::is_pco(&start) {
        let pco = Pco::open(store, &session.limits()).in_file(file)?;
        let limits = session.limits();
        limits.check_array_bytes(pco.spec().bytes()).in_file(file)?;
        pco.verify().in_file(file)?;
        return Ok(match (pco.has_trailer(), pco.unknown_bytes()) {
            (true, _) => "structure, checksums and numbers".to_owned(),
            (false, 0) => "structure and numbers; the file has no checksums".to_owned(),
            (false, n) => format!(
                "structure and numbers; the file has no checksums, and {n} bytes behind its end are not understood"
            ),
        });
    }
    let container = source::open_store(session, file, store)?;
    container.verify_structure().in_file(file)?;
    let (mut without_checksums, names) = (Vec::new(), called::shown(&*container));
    // One that is bad keeps no other from being checked.
    failure::each(source::indices(&*container, true), |i| {
        let path = container.path(i);
        let reader = container.array(i).in_array(path).in_file(file)?;
        reader.verify().in_array(path).in_file(file)?;
        if !reader.has_checksums().in_array(path).in_file(file)? {
            without_checksums.push(called::shown_one(&*container, &names, i));
        }
        Ok(())
    })?;
    let n = container.n_arrays();
    let checksums = match container.format() {
        "npy" => "; the format has no checksums".to_owned(),
        "npz" => ", with their checksums".to_owned(),
        _ if without_checksums.is_empty() => ", with their checksums".to_owned(),
        _ if without_checksums.len() >= n => "; none has a checksum".to_owned(),
        _ => format!("; without a checksum: {}", listed(&without_checksums)),
    };
    Ok(format!(
        "structure and {}{checksums}",
        size::counted(n, "array")
    ))
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
