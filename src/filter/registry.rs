//! Which filters there are: a value, so that callers add theirs without a global.

use std::sync::Arc;

use super::{Filter, FilterId};
use crate::error::{Error, Result};
use crate::unknown::Unknown;

/// The filters that a reader or writer knows, each with the options by which it writes.
#[derive(Clone, Debug)]
pub struct Registry {
    filters: Vec<Arc<dyn Filter>>,
}

impl Default for Registry {
    /// The filters of this crate, with the options that they have by default.
    fn default() -> Self {
        Self {
            filters: vec![
                #[cfg(feature = "zstd")]
                Arc::new(super::NoFilter::default()),
                #[cfg(feature = "zstd")]
                Arc::new(super::Shuffle::default()),
                Arc::new(super::Numeric::default()),
                Arc::new(super::Fast::default()),
                Arc::new(super::Dense::default()),
                #[cfg(feature = "zstd")]
                Arc::new(super::Delta::default()),
                #[cfg(feature = "zstd")]
                Arc::new(super::ByteDelta::default()),
                #[cfg(feature = "zstd")]
                Arc::new(super::Palette::default()),
                #[cfg(feature = "zstd")]
                Arc::new(super::Gradient::default()),
            ],
        }
    }
}

impl Registry {
    /// Adds a caller's filter, or puts a filter with other options in the place of the one that has its id and its name.
    ///
    /// ```
    /// use paginum::filter::{Numeric, Registry};
    /// use std::sync::Arc;
    /// let numeric = Numeric::default().with_level(12);
    /// let filters = Registry::default().with(Arc::new(numeric))?;
    /// assert_eq!(filters.by_name("numeric")?.level(), Some(12));
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a new id outside [`FilterId::CALLERS`], and where another filter has the id or the name.
    pub fn with(mut self, filter: Arc<dyn Filter>) -> Result<Self> {
        let (id, name) = (filter.id(), filter.name());
        let is_there = |known: &Arc<dyn Filter>| (known.id(), known.name()) == (id, name);
        if self.filters.iter().any(is_there) {
            return Ok(self.replace(filter));
        }
        if !FilterId::CALLERS.contains(&id.0) {
            return Err(Error::invalid(format!(
                "filter id {id}: callers' own are {:?}",
                FilterId::CALLERS
            )));
        }
        let mut known = self.filters.iter();
        if let Some(other) = known.find(|known| known.id() == id || known.name() == name) {
            return Err(Error::invalid(format!(
                "filter {name} ({id}) beside {} ({})",
                other.name(),
                other.id()
            )));
        }
        self.filters.push(filter);
        Ok(self)
    }

    /// Sets the level of all filters of this crate that end in zstd: none, shuffle, delta and those of pixels.
    #[cfg(feature = "zstd")]
    #[must_use]
    pub fn with_zstd_level(self, level: i32) -> Self {
        self.replace(Arc::new(super::NoFilter::default().with_level(level)))
            .replace(Arc::new(super::Shuffle::default().with_level(level)))
            .replace(Arc::new(super::Delta::default().with_level(level)))
            .replace(Arc::new(super::ByteDelta::default().with_level(level)))
            .replace(Arc::new(super::Palette::default().with_level(level)))
            .replace(Arc::new(super::Gradient::default().with_level(level)))
    }

    /// Sets the level and the numbers of a page of all filters of this crate that write pages: numeric, dense, and fast, which has no
    /// levels.
    #[must_use]
    pub fn with_pages(self, level: u32, page_numbers: usize) -> Self {
        let numeric = super::Numeric::default().with_level(level);
        let dense = super::Dense::default().with_level(level);
        self.replace(Arc::new(numeric.with_page_numbers(page_numbers)))
            .replace(Arc::new(dense.with_page_numbers(page_numbers)))
            .replace(Arc::new(
                super::Fast::default().with_page_numbers(page_numbers),
            ))
    }

    /// Puts a filter in the place of the one of its id.
    fn replace(mut self, filter: Arc<dyn Filter>) -> Self {
        let mut known = self.filters.iter_mut();
        if let Some(place) = known.find(|known| known.id() == filter.id()) {
            *place = filter;
        }
        self
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
