//! How a verb fails, and with which status the program then ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

use super::interrupt;
use crate::error::Error;

/// What a verb returns.
pub(super) type Outcome = Result<(), Failure>;

/// Why a verb did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The library refused or failed.
    Error(Error),
    /// The arguments make no sense together, or ask for what would lose something.
    Usage(String),
    /// `diff` found a difference, and has said which.
    Differs,
}

/// `diff` found a difference.
const DIFFERS: u8 = 1;
/// Arguments; clap ends with the same.
const USAGE: u8 = 2;
/// Ended by Ctrl-C or SIGTERM, as shells report it.
pub(super) const INTERRUPTED: u8 = 130;

impl Failure {
    /// A failure that is the arguments' fault.
    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    /// Says on standard error what happened, unless there is nobody to tell, and gives the status.
    pub(super) fn report(&self) -> ExitCode {
        if interrupt::is_requested() {
            eprintln!("paginum: interrupted");
            return ExitCode::from(INTERRUPTED);
        }
        let status = match self {
            // Whoever read our output has seen enough.
            Self::Error(error) if is_broken_pipe(error) => return ExitCode::SUCCESS,
            Self::Error(error) => error.kind().exit_code(),
            Self::Usage(_) => USAGE,
            Self::Differs => return ExitCode::from(DIFFERS),
        };
        eprintln!("paginum: {self}");
        ExitCode::from(status)
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    error
        .as_io()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Usage(what) => f.write_str(what),
            Self::Differs => f.write_str("they differ"),
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
