//! Why one array of a container cannot be read, where the others can.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::unknown::Unknown;

/// What is wrong with one array: damage, or something that this build does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: ErrorKind,
    what: String,
    unknown: Option<Unknown>,
    /// Where in the file, if that is known.
    offset: Option<u64>,
}

impl Fault {
    /// Takes an error for the fault of one array, unless the storage or a limit failed: these are nobody's fault.
    pub(super) fn of(error: Error) -> Result<Self> {
        match error.kind() {
            kind if kind.is_damage() || kind == ErrorKind::Unsupported => Ok(Self {
                kind,
                what: error.message(),
                unknown: Unknown::of(&error),
                offset: None,
            }),
            _ => Err(error),
        }
    }

    /// The same of an error whose place is one in the file.
    #[cfg(feature = "zstd")]
    pub(super) fn in_place(error: Error) -> Result<Self> {
        let offset = error.place().and_then(|place| place.offset);
        let fault = Self::of(error)?;
        Ok(Self { offset, ..fault })
    }

    /// `Corrupt`, `Checksum`, `Truncated` or `Unsupported`.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong, without its kind.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The error of reading the array, which names the byte where that is known.
    #[must_use]
    pub fn to_error(&self) -> Error {
        let what = self.what.clone();
        let error = match (self.kind, self.unknown) {
            (ErrorKind::Unsupported, Some(unknown)) => {
                Error::unsupported(what).with_source(unknown)
            }
            (ErrorKind::Unsupported, None) => Error::unsupported(what),
            (ErrorKind::Truncated, _) => Error::truncated(what),
            (ErrorKind::Checksum, _) => Error::checksum(what),
            _ => Error::corrupt(what),
        };
        match self.offset {
            Some(offset) => error.at(offset),
            None => error,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.what)?;
        match self.offset {
            Some(offset) => write!(f, " at byte {offset}"),
            None => Ok(()),
        }
    }
}
