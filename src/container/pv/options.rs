//! What a caller chooses when a file is written.

use std::sync::Arc;

use super::target::Target;
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::{Filter, FilterId, FilterOptions, Goal, Registry};
use crate::storage::Durability;

/// Which filter stores an array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterChoice {
    /// The one that a trial on a sample favours, by the goal of the options.
    #[default]
    Auto,
    /// The one of this name, at this level or that of its kind in the options.
    Named {
        /// As in [`Filter::name`].
        name: String,
        /// zstd's level, or the engine's for `numeric`.
        level: Option<i32>,
    },
}

impl FilterChoice {
    /// The filter of this name, at the level of the options.
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Who is to read it.
    pub target: Target,
    /// The filters there are.
    pub filters: Registry,
    /// The filter of arrays without a choice of their own.
    pub filter: FilterChoice,
    /// Choices for single arrays, by path or by bare name.
    pub array_filters: Vec<(String, FilterChoice)>,
    /// What trials favour.
    pub goal: Goal,
    /// Level of zstd; 3 by default.
    pub zstd_level: i32,
    /// Level of the engine; 8 by default.
    pub numeric_level: u32,
    /// Numbers of a page of the engine.
    pub page_numbers: usize,
    /// How hard the store tries to survive a loss of power.
    pub durability: Durability,
}

impl Default for WriteOptions {
    fn default() -> Self {
        let filter_options = FilterOptions::default();
        Self {
            target: Target::default(),
            filters: Registry::default(),
            filter: FilterChoice::default(),
            array_filters: Vec::new(),
            goal: filter_options.goal,
            zstd_level: filter_options.zstd_level,
            numeric_level: filter_options.numeric_level,
            page_numbers: filter_options.page_numbers,
            durability: Durability::default(),
        }
    }
}

impl WriteOptions {
    /// Sets who is to read the file.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// Sets the filters there are.
    #[must_use]
    pub fn with_filters(mut self, filters: Registry) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the filter of arrays without a choice of their own.
    #[must_use]
    pub fn with_filter(mut self, filter: FilterChoice) -> Self {
        self.filter = filter;
        self
    }

    /// Sets the filter of one array, by its path or its bare name.
    #[must_use]
    pub fn with_array_filter(mut self, array: impl Into<String>, filter: FilterChoice) -> Self {
        self.array_filters.push((array.into(), filter));
        self
    }

    /// Sets what trials favour.
    #[must_use]
    pub fn with_goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// Sets the level of zstd.
    #[must_use]
    pub fn with_zstd_level(mut self, level: i32) -> Self {
        self.zstd_level = level;
        self
    }

    /// Sets the level of the engine.
    #[must_use]
    pub fn with_numeric_level(mut self, level: u32) -> Self {
        self.numeric_level = level;
        self
    }

    /// Sets the numbers of a page of the engine.
    #[must_use]
    pub fn with_page_numbers(mut self, n: usize) -> Self {
        self.page_numbers = n;
        self
    }

    /// Sets how hard the store tries to survive a loss of power.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// What the filter of the array `frame_name` is told.
    pub(crate) fn filter_options(&self, frame_name: &str, level: Option<i32>) -> FilterOptions {
        let engine_level = level.and_then(|level| u32::try_from(level).ok());
        FilterOptions::default()
            .with_zstd_level(level.unwrap_or(self.zstd_level))
            .with_numeric_level(engine_level.unwrap_or(self.numeric_level))
            .with_page_numbers(self.page_numbers)
            .with_goal(self.goal)
            .with_frames(self.target.frames())
            .with_identity(frame_name.as_bytes())
    }

    /// The choice for an array, and whether it was made for this one alone.
    fn choice(&self, path: &str, bare_name: &str) -> (&FilterChoice, bool) {
        let mut own = self.array_filters.iter().rev();
        match own.find(|(name, _)| name == path || name == bare_name) {
            Some((_, choice)) => (choice, true),
            None => (&self.filter, false),
        }
    }

    /// The filter for an array: `None` to let a trial decide. A note where it is not the one asked for.
    ///
    /// # Errors
    /// `InvalidArgument` for a filter that does not exist, that the target's readers do not know, or that was asked for
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
            return Ok(Resolved {
                filter,
                level: None,
                note: None,
            });
        }
        let FilterChoice::Named { name, level } = choice else {
            return Ok(Resolved {
                filter: None,
                level: None,
                note: None,
            });
        };
        let filter = self.filters.by_name(name)?;
        if !self.target.knows(filter.id()) {
            return Err(Error::invalid(format!(
                "no released pyvista-zstd reads the filter {name}: it needs --compat native, not {}",
                self.target
            )));
        }
        if filter.accepts(spec) {
            return Ok(Resolved {
                filter: Some(filter.clone()),
                level: *level,
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
            level: None,
            note: Some(note),
        })
    }
}

/// What [`WriteOptions::resolve`] finds.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) filter: Option<Arc<dyn Filter>>,
    pub(crate) level: Option<i32>,
    pub(crate) note: Option<String>,
}
