//! Which filters there are: a value, so that callers add theirs without a global.

use std::sync::Arc;

use super::{Filter, FilterId};
use crate::error::{Error, Result};
use crate::unknown::Unknown;

/// The filters that a reader or writer knows.
#[derive(Clone, Debug)]
pub struct Registry {
    filters: Vec<Arc<dyn Filter>>,
}

impl Default for Registry {
    /// The filters of this crate.
    fn default() -> Self {
        Self {
            filters: vec![
                #[cfg(feature = "zstd")]
                Arc::new(super::NoFilter),
                #[cfg(feature = "zstd")]
                Arc::new(super::Shuffle),
                Arc::new(super::Numeric),
                Arc::new(super::Fast),
                Arc::new(super::Dense),
                #[cfg(feature = "zstd")]
                Arc::new(super::Delta),
                #[cfg(feature = "zstd")]
                Arc::new(super::ByteDelta),
                #[cfg(feature = "zstd")]
                Arc::new(super::Palette),
                #[cfg(feature = "zstd")]
                Arc::new(super::Gradient),
            ],
        }
    }
}

impl Registry {
    /// Adds a caller's filter.
    ///
    /// # Errors
    /// `InvalidArgument` for an id outside [`FilterId::CALLERS`], and for an id or a name that is taken.
    pub fn with(mut self, filter: Arc<dyn Filter>) -> Result<Self> {
        let (id, name) = (filter.id(), filter.name());
        if !FilterId::CALLERS.contains(&id.0) {
            return Err(Error::invalid(format!(
                "filter id {id}: callers' own are {:?}",
                FilterId::CALLERS
            )));
        }
        if self
            .filters
            .iter()
            .any(|f| f.id() == id || f.name() == name)
        {
            return Err(Error::invalid(format!(
                "filter {name} ({id}) is there already"
            )));
        }
        self.filters.push(filter);
        Ok(self)
    }

    /// The filter that a file names by number.
    ///
    /// # Errors
    /// `Unsupported` if there is none.
    pub fn by_id(&self, id: FilterId) -> Result<&Arc<dyn Filter>> {
        self.filters
            .iter()
            .find(|filter| filter.id() == id)
            .ok_or_else(|| {
                Error::unsupported(format!("filter {id}")).with_source(Unknown::Filter(id.0))
            })
    }

    /// The filter that a person names.
    ///
    /// # Errors
    /// `InvalidArgument` if there is none.
    pub fn by_name(&self, name: &str) -> Result<&Arc<dyn Filter>> {
        self.filters
            .iter()
            .find(|filter| filter.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = self.filters.iter().map(|f| f.name()).collect();
                Error::invalid(format!(
                    "no filter {name:?}; there are {}",
                    names.join(", ")
                ))
            })
    }

    /// All of them, in the order in which ties are broken.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Filter>> {
        self.filters.iter()
    }
}
