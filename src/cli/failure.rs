//! How a verb fails, and with which status the program then ends.

use std::fmt;
use std::io;
use std::path::Path;

use super::{address, interrupt, stdio};
use crate::error::{Error, ErrorKind};

/// What a verb returns.
pub(super) type Outcome = Result<(), Failure>;

/// Why a verb did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The library refused or failed.
    Error(Error),
    /// The same, and what may help.
    Hinted(Error, String),
    /// The arguments make no sense together, or ask for what would lose something.
    Usage(String),
    /// What happened has been said already; this is its status.
    Said(u8),
}

/// `diff` found a difference.
pub(super) const DIFFERS: u8 = 1;
/// Arguments; clap ends with the same.
pub(super) const USAGE: u8 = 2;
/// The input is damaged.
pub(super) const CORRUPT: u8 = 3;
/// Ended by Ctrl-C or SIGTERM, as shells report it.
pub(super) const INTERRUPTED: u8 = 130;

impl Failure {
    /// A failure that is the arguments' fault.
    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    /// Says on standard error what happened, unless there is nobody to tell, and gives the status.
    fn report(&self) -> u8 {
        let status = match self {
            Self::Said(status) => return *status,
            // Whoever read our output has seen enough.
            Self::Error(error) if is_broken_pipe(error) => return 0,
            Self::Error(error) | Self::Hinted(error, _) => status_of(error.kind()),
            Self::Usage(_) => USAGE,
        };
        stdio::say(format_args!("paginum: {self}"));
        match self {
            Self::Hinted(_, hint) => stdio::say(format_args!("paginum: {hint}")),
            Self::Error(error) => {
                if let Some(folder) = missing_folder(error) {
                    let folder = folder.display();
                    stdio::say(format_args!("paginum: there is no folder {folder}"));
                }
            }
            _ => {}
        }
        status
    }
}

/// The status that an error of the library ends the program with.
pub(super) fn status_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidArgument => USAGE,
        kind if kind.is_damage() => CORRUPT,
        ErrorKind::Unsupported => 4,
        ErrorKind::LimitExceeded => 5,
        ErrorKind::Interrupted => INTERRUPTED,
        _ => 6,
    }
}

/// The folder of a file that is not there, where that is not there, either.
fn missing_folder(error: &Error) -> Option<&Path> {
    if error.kind() != ErrorKind::NotFound {
        return None;
    }
    let file = Path::new(error.place()?.file.as_deref()?);
    let folder = file.parent()?;
    let is_missing =
        !folder.as_os_str().is_empty() && !address::is_address(file) && !folder.exists();
    is_missing.then_some(folder)
}

fn is_broken_pipe(error: &Error) -> bool {
    error
        .as_io()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// What became of several pieces of work that do not depend on one another: each failure is said when it happens, and
/// the largest status is that of all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    status: u8,
}

impl Tally {
    /// Takes in what became of one piece.
    pub(super) fn add(&mut self, outcome: Outcome) {
        let status = match outcome {
            Ok(()) => 0,
            Err(Failure::Said(status)) => status,
            Err(_) if self.status == INTERRUPTED => INTERRUPTED,
            Err(_) if interrupt::is_requested() => {
                stdio::say("paginum: interrupted");
                INTERRUPTED
            }
            Err(failure) => failure.report(),
        };
        self.status = self.status.max(status);
    }

    /// The status so far; 0 if nothing failed.
    pub(super) fn status(&self) -> u8 {
        self.status
    }

    /// What became of all.
    pub(super) fn outcome(&self) -> Outcome {
        match self.status {
            0 => Ok(()),
            status => Err(Failure::Said(status)),
        }
    }
}

/// Does the same with each of several items. One that fails does not keep the others from their turn; an interrupt does.
pub(super) fn each<T>(
    items: impl IntoIterator<Item = T>,
    mut work: impl FnMut(T) -> Outcome,
) -> Outcome {
    let mut tally = Tally::default();
    for item in items {
        tally.add(work(item));
        if tally.status() == INTERRUPTED {
            break;
        }
    }
    tally.outcome()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) | Self::Hinted(error, _) => error.fmt(f),
            Self::Usage(what) => f.write_str(what),
            Self::Said(_) => f.write_str("said already"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<paginum_wrapped::Error> for Failure {
    fn from(error: paginum_wrapped::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Error(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_tell_what_to_do() {
        for (error, status) in [
            (Error::invalid("x"), 2),
            (Error::corrupt("x"), 3),
            (Error::checksum("x"), 3),
            (io::Error::from(io::ErrorKind::UnexpectedEof).into(), 3),
            (Error::unsupported("x"), 4),
            (Error::limit("x", 1, 2), 5),
            (io::Error::from(io::ErrorKind::NotFound).into(), 6),
            (Error::changed("x"), 6),
            (Error::interrupted("x"), 130),
        ] {
            assert_eq!(status_of(error.kind()), status, "{error}");
        }
    }
}
