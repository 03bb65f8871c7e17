//! What a file asks for that this release does not know: the source of an error of the kind `Unsupported`, for those who tell one
//! from another.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;

/// Something newer than this release, or foreign to this build.
///
/// ```
/// use std::error::Error;
/// use paginum::filter::{FilterId, Registry};
/// let error = Registry::default().by_id(FilterId(0x55)).unwrap_err();
/// let unknown = error.source().and_then(|source| source.downcast_ref());
/// assert_eq!(unknown, Some(&paginum::Unknown::Filter(0x55)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// The version of a file.
    FileVersion(i64),
    /// The number of a filter.
    Filter(u8),
}

impl Unknown {
    /// What an error says is not known, where it says so.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        StdError::source(error)?.downcast_ref().copied()
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileVersion(version) => write!(f, "version {version} of a file"),
            Self::Filter(id) => write!(f, "filter {id}"),
        }
    }
}

impl StdError for Unknown {}
