//! What a caller chooses when a file is opened.

use crate::filter::Registry;
use crate::limits::Limits;

/// How a container is opened.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// What the file may cost.
    pub limits: Limits,
    /// The filters that its arrays may use.
    pub filters: Registry,
    /// What to call the file in messages.
    pub name: Option<String>,
}

impl OpenOptions {
    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Registry) -> Self {
        self.filters = filters;
        self
    }

    /// Sets what to call the file in messages.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}
