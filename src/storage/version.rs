//! Which bytes a reader sees.

use std::fmt;
use std::sync::Arc;

/// What tells one version of a store's bytes from another: an entity tag, or what a file system knows of a file. Versions
/// of the same store that are equal have the same bytes, as far as the storage can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(Arc<str>);

impl Version {
    /// A version by the text that the storage tells it by.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text that the storage tells it by.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
