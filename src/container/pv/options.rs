//! What a caller chooses when a file is written.

use std::sync::Arc;

use super::target::Target;
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::{EncodeContext, Filter, FilterId, Goal, Registry};
use crate::storage::Durability;

/// Which filter stores an array. A filter with options of its own is one, too:
///
/// ```
/// use paginum::container::pv::WriteOptions;
/// use paginum::filter::{Numeric, Shuffle};
/// let options = WriteOptions::default()
///     .with_filter(Numeric::default().with_level(12))
///     .with_array_filter("names", Shuffle::default().with_level(19));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum FilterChoice {
    /// The one that a trial on a sample favours, by the goal of the options.
    #[default]
    Auto,
    /// The one of this name in the registry of the options, at another level if one is said.
    Named {
        /// As in [`Filter::name`].
        name: String,
        /// As of [`Filter::at_level`].
        level: Option<i32>,
    },
    /// This one, with its options. The registry of the options knows it, too, by which the file is read while it is changed.
    Value(Arc<dyn Filter>),
}

impl<F: Filter + 'static> From<F> for FilterChoice {
    fn from(filter: F) -> Self {
        Self::Value(Arc::new(filter))
    }
}

impl FilterChoice {
    /// The filter of this name, with its options in the registry.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named {
            name: name.into(),
            level: None,
        }
    }

    /// Parses `FILTER` or `FILTER:LEVEL`.
    ///
    /// # Errors
    /// `InvalidArgument` for a level that is no number, and for a level of `auto`.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, level) = match text.split_once(':') {
            None => (text, None),
            Some((name, level)) => {
                let level = level
                    .parse()
                    .map_err(|_| Error::invalid(format!("no level {level:?}")))?;
                (name, Some(level))
            }
        };
        match (name, level) {
            ("auto", None) => Ok(Self::Auto),
            ("auto", Some(_)) => Err(Error::invalid(
                "`auto` has no level: give --level or --numeric-level",
            )),
            (name, level) => Ok(Self::Named {
                name: name.to_owned(),
                level,
            }),
        }
    }
}

/// How a file is written.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Who is to read it.
    pub target: Target,
    /// The filters there are, each with the options by which it writes. What stands beside arrays, as documents and headers, is
    /// compressed at the level of `none`.
    pub filters: Registry,
    /// The filter of arrays without a choice of their own.
    pub filter: FilterChoice,
    /// Choices for single arrays, by path or by bare name.
    pub array_filters: Vec<(String, FilterChoice)>,
    /// What trials favour.
    pub goal: Goal,
    /// How hard the store tries to survive a loss of power.
    pub durability: Durability,
}

impl WriteOptions {
    /// Sets who is to read the file.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// Sets the filters there are, and by that their options.
    ///
    /// ```
    /// use paginum::container::pv::WriteOptions;
    /// use paginum::filter::Registry;
    /// let filters = Registry::default().with_zstd_level(9).with_pages(12, 65_536);
    /// let options = WriteOptions::default().with_filters(filters);
    /// ```
    #[must_use]
    pub fn with_filters(mut self, filters: Registry) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the filter of arrays without a choice of their own.
    #[must_use]
    pub fn with_filter(mut self, filter: impl Into<FilterChoice>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Sets the filter of one array, by its path or its bare name.
    #[must_use]
    pub fn with_array_filter(
        mut self,
        array: impl Into<String>,
        filter: impl Into<FilterChoice>,
    ) -> Self {
        self.array_filters.push((array.into(), filter.into()));
        self
    }

    /// Sets what trials favour.
    #[must_use]
    pub fn with_goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// Sets how hard the store tries to survive a loss of power.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// What the filter of the array `frame_name` is told.
    pub(crate) fn context(&self, frame_name: &str) -> EncodeContext {
        EncodeContext::default()
            .with_frames(self.target.frames())
            .with_identity(frame_name.as_bytes())
    }

    /// The level of zstd that the file states, at which documents and headers are compressed: that of `none`.
    pub(crate) fn document_level(&self) -> i32 {
        let none = self.filters.by_id(FilterId::NONE).ok();
        none.and_then(|none| none.level()).unwrap_or_default()
    }

    /// The choice for an array, and whether it was made for this one alone.
    fn choice(&self, path: &str, bare_name: &str) -> (&FilterChoice, bool) {
        let mut own = self.array_filters.iter().rev();
        match own.find(|(name, _)| name == path || name == bare_name) {
            Some((_, choice)) => (choice, true),
            None => (&self.filter, false),
        }
    }

    /// The filter of a choice: `None` to let a trial decide.
    fn chosen(&self, choice: &FilterChoice) -> Result<Option<Arc<dyn Filter>>> {
        Ok(Some(match choice {
            FilterChoice::Auto => return Ok(None),
            FilterChoice::Named { name, level } => {
                let filter = self.filters.by_name(name)?;
                match level {
                    Some(level) => filter.at_level(*level)?,
                    None => filter.clone(),
                }
            }
            FilterChoice::Value(filter) => {
                let known = self.filters.by_name(filter.name())?;
                if known.id() != filter.id() {
                    return Err(Error::invalid(format!(
                        "the filter {} has the id {} in the registry, not {}",
                        filter.name(),
                        known.id(),
                        filter.id()
                    )));
                }
                filter.clone()
            }
        }))
    }

    /// The filter for an array: `None` to let a trial decide. A note where it is not the one asked for.
    ///
    /// # Errors
    /// `InvalidArgument` for a filter or a level that does not exist, that the target's readers do not know, or that was asked for
    /// this very array and does not take it.
    pub(crate) fn resolve(
        &self,
        path: &str,
        bare_name: &str,
        spec: &ArraySpec,
    ) -> Result<Resolved> {
        let (choice, is_own) = self.choice(path, bare_name);
        if spec.bytes() == 0 && !is_own {
            let filter = Some(self.filters.by_id(FilterId::NONE)?.clone());
            return Ok(Resolved { filter, note: None });
        }
        let Some(filter) = self.chosen(choice)? else {
            return Ok(Resolved {
                filter: None,
                note: None,
            });
        };
        let name = filter.name();
        if !self.target.knows(filter.id()) {
            return Err(Error::invalid(format!(
                "no released pyvista-zstd reads the filter {name}: it needs --compat native, not {}",
                self.target
            )));
        }
        if filter.accepts(spec) {
            return Ok(Resolved {
                filter: Some(filter),
                note: None,
            });
        }
        if is_own {
            let others = self.filters.iter().filter(|filter| filter.accepts(spec));
            let others: Vec<_> = others.map(|filter| filter.name()).collect();
            let what = format!(
                "the filter {name} does not take {spec}; {} do",
                others.join(", ")
            );
            return Err(Error::invalid(what).in_array(path));
        }
        let instead = self.filters.by_id(FilterId::SHUFFLE)?;
        let instead = if instead.accepts(spec) {
            instead
        } else {
            self.filters.by_id(FilterId::NONE)?
        };
        let note = format!(
            "{path}: {name} does not take {spec}; stored with {}",
            instead.name()
        );
        Ok(Resolved {
            filter: Some(instead.clone()),
            note: Some(note),
        })
    }
}

/// What [`WriteOptions::resolve`] finds.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) filter: Option<Arc<dyn Filter>>,
    pub(crate) note: Option<String>,
}
