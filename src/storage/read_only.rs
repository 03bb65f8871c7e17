//! What stores say that can be read, and not written.

use crate::error::Error;

/// For files on servers of a kind.
pub(super) fn read_only(kind: &str) -> Error {
    Error::unsupported(format!(
        "files on {kind} servers can be read, and not written"
    ))
}
