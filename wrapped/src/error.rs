//! What can go wrong, by what a caller can do about it.
//!
//! Give up on the file (`Corrupt`), fetch the rest of it (`Truncated`), upgrade (`Unsupported`), fix the call
//! (`InvalidArgument`), raise the limit (`LimitExceeded`), retry (`Io`). Offsets are bytes from the start of the
//! slice that the failing call was given; callers that know where that slice lies add to them with [`Error::shifted`].

use std::borrow::Cow;
use std::fmt;
use std::io;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the engine. The crate `paginum` has one of its own, which says in which file, array and page it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not valid: damaged or hostile.
    Corrupt {
        /// What is wrong.
        what: Cow<'static, str>,
        /// Byte offset in the slice that was read, where known.
        offset: Option<u64>,
    },
    /// The bytes end before the data does.
    Truncated {
        /// What was being read.
        what: Cow<'static, str>,
        /// Byte offset at which more was needed, where known.
        offset: Option<u64>,
    },
    /// The bytes may be valid, and need a newer version to read.
    Unsupported(Cow<'static, str>),
    /// The caller asked for something that cannot be done.
    InvalidArgument(Cow<'static, str>),
    /// A limit set by the caller was reached, before anything was allocated for it.
    LimitExceeded {
        /// What is limited, with its unit.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// What the input asked for.
        asked: u64,
    },
    /// Storage failed.
    Io(io::Error),
}

const _: () = assert!(size_of::<Error>() <= 48);

impl Error {
    /// Makes a `Corrupt` without an offset.
    #[cold]
    pub fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt {
            what: what.into(),
            offset: None,
        }
    }

    /// Makes a `Truncated` without an offset.
    #[cold]
    pub fn truncated(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Truncated {
            what: what.into(),
            offset: None,
        }
    }

    /// Makes an `InvalidArgument`.
    #[cold]
    pub fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidArgument(what.into())
    }

    /// Makes an `Unsupported`.
    #[cold]
    pub fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported(what.into())
    }

    /// Sets the byte offset of an error that has none.
    #[must_use]
    pub fn at(mut self, byte: u64) -> Self {
        if let Self::Corrupt { offset, .. } | Self::Truncated { offset, .. } = &mut self {
            offset.get_or_insert(byte);
        }
        self
    }

    /// Adds `base` to the byte offset: for callers that passed a part of a larger whole.
    #[must_use]
    pub fn shifted(mut self, base: u64) -> Self {
        if let Self::Corrupt { offset, .. } | Self::Truncated { offset, .. } = &mut self {
            *offset = Some(offset.unwrap_or(0).saturating_add(base));
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, what, offset) = match self {
            Self::Corrupt { what, offset } => ("corrupt", what, offset),
            Self::Truncated { what, offset } => ("truncated", what, offset),
            Self::Unsupported(what) => return write!(f, "unsupported: {what}"),
            Self::InvalidArgument(what) => return write!(f, "invalid argument: {what}"),
            Self::LimitExceeded { what, limit, asked } => {
                return write!(f, "limit exceeded: {what}: {asked} asked, {limit} allowed");
            }
            Self::Io(source) => return write!(f, "{source}"),
        };
        write!(f, "{kind}: {what}")?;
        match offset {
            Some(offset) => write!(f, " at byte {offset}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(source) => Some(source),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_set_once_and_shifted_by_each_layer() {
        let error = Error::corrupt("x").at(3).at(9).shifted(100);
        assert_eq!(error.to_string(), "corrupt: x at byte 103");
    }
}
