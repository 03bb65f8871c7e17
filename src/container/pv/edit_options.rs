//! What a caller chooses when a file is changed, and what he is told of it.

use super::options::WriteOptions;
use super::target::Target;
use crate::limits::Limits;

/// How a file is changed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct EditOptions {
    /// How new arrays are written; the target only where [`Self::target`] is given.
    pub write: WriteOptions,
    /// Who is to read the file; those who could before, if not given.
    pub target: Option<Target>,
    /// Write the file anew beside the old one, instead of changing it in place.
    pub is_staged: bool,
    /// What reading the old file may cost.
    pub limits: Limits,
}

impl EditOptions {
    /// Sets how new arrays are written.
    #[must_use]
    pub fn with_write(mut self, write: WriteOptions) -> Self {
        self.write = write;
        self
    }

    /// Sets who is to read the file.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Sets whether the file is written anew.
    #[must_use]
    pub fn with_staged(mut self, is_staged: bool) -> Self {
        self.is_staged = is_staged;
        self
    }

    /// Sets what reading the old file may cost.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// What applying changes did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The file was changed in place.
    pub is_in_place: bool,
    /// What a user should know: a repair, a filter other than the one asked for.
    pub notes: Vec<String>,
}
