//! The choice of a filter by trial: every candidate encodes a sample, and what it takes there is held against a [`Goal`].
//!
//! The sample is up to 1 MiB from the middle of the rows that are given. No clock is read, so the same rows lead to the
//! same choice everywhere. The order in which the candidates stand is the registry's: what more readers know first.

use std::io::{self, Write};
use std::sync::Arc;

use super::{EncodeContext, Filter, FilterId, Goal, Registry, parallel};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::text::counted;

/// Bytes of the sample at most, unless a single element is larger.
const SAMPLE_BYTES: u64 = 1 << 20;

/// What a filter made of a sample.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The filter.
    pub filter: Arc<dyn Filter>,
    /// Bytes of the sample.
    pub sample_bytes: u64,
    /// Bytes of its payload.
    pub payload_bytes: u64,
    /// What decoding a byte is charged.
    pub decode_picoseconds: u64,
}

impl Trial {
    /// What `filter` made of the `sample_bytes` of an array.
    pub fn new(
        filter: Arc<dyn Filter>,
        spec: &ArraySpec,
        sample_bytes: u64,
        payload_bytes: u64,
    ) -> Self {
        Self {
            decode_picoseconds: filter.decode_picoseconds(spec),
            filter,
            sample_bytes,
            payload_bytes,
        }
    }

    /// Its price by a goal: the highest of all for a filter that does not serve it.
    #[must_use]
    pub fn price(&self, goal: Goal) -> u64 {
        if !self.filter.serves(goal) {
            return u64::MAX;
        }
        goal.price(
            self.payload_bytes,
            self.sample_bytes,
            self.decode_picoseconds,
        )
    }
}

/// Lets every filter that `may_be_used`, and that accepts the array, encode a sample of `rows`: some or all rows of an
/// array of `spec`. In the registry's order.
///
/// # Errors
/// Those of the filters; `InvalidArgument` if `rows` are no whole rows.
pub fn measure(
    filters: &Registry,
    may_be_used: &dyn Fn(FilterId) -> bool,
    spec: &ArraySpec,
    rows: &[u8],
    context: &EncodeContext,
) -> Result<Vec<Trial>> {
    let (sample_spec, sample) = sample(spec, rows)?;
    let candidates: Vec<&Arc<dyn Filter>> = filters
        .iter()
        .filter(|filter| may_be_used(filter.id()) && filter.accepts(spec))
        .collect();
    parallel::map(candidates, |filter| {
        let mut counter = Counter(0);
        let mut encoder = filter.encoder(&sample_spec, context)?;
        encoder.push_rows(sample, &mut counter)?;
        encoder.finish(&mut counter)?;
        let sample_bytes = sample.len() as u64;
        Ok(Trial::new(filter.clone(), spec, sample_bytes, counter.0))
    })
}

/// The filter that a goal favours after a trial: see [`measure`]. It writes by its options in the registry.
///
/// # Errors
/// Those of [`measure`]; `InvalidArgument` if no filter may be used.
pub fn choose(
    filters: &Registry,
    may_be_used: &dyn Fn(FilterId) -> bool,
    spec: &ArraySpec,
    rows: &[u8],
    goal: Goal,
    context: &EncodeContext,
) -> Result<Arc<dyn Filter>> {
    let serves = |id| filters.by_id(id).is_ok_and(|filter| filter.serves(goal));
    let may_be_used = |id| may_be_used(id) && serves(id);
    let trials = measure(filters, &may_be_used, spec, rows, context)?;
    best(&trials, goal)
        .map(|trial| trial.filter.clone())
        .ok_or_else(|| Error::invalid(format!("no filter for {spec}")))
}

/// The one of `trials` that a goal favours.
#[must_use]
pub fn best(trials: &[Trial], goal: Goal) -> Option<&Trial> {
    trials.get(goal.best(trials.iter().map(|trial| trial.price(goal)))?)
}

/// The middle of `rows`, as an array of its own.
fn sample<'a>(spec: &ArraySpec, rows: &'a [u8]) -> Result<(ArraySpec, &'a [u8])> {
    let dtype = spec.dtype();
    let n_bytes = rows.len() as u64;
    let row_bytes = spec.row_bytes();
    if n_bytes == 0 {
        return Ok((ArraySpec::new(dtype, [0])?, rows));
    }
    if row_bytes == 0 || !n_bytes.is_multiple_of(row_bytes) {
        return Err(Error::invalid(format!(
            "no rows of {spec}: {}",
            counted(n_bytes, "byte")
        )));
    }
    // Rows that are larger than the sample are cut along as few axes as will do.
    let mut item_shape = spec.shape().get(1..).unwrap_or_default().to_vec();
    while ArraySpec::new(dtype, item_shape.clone())?.bytes() > SAMPLE_BYTES
        && !item_shape.is_empty()
    {
        item_shape.remove(0);
    }
    let item = ArraySpec::new(dtype, item_shape.clone())?;
    let items = n_bytes / item.bytes();
    let n = items.min((SAMPLE_BYTES / item.bytes()).max(1));
    let start = (items - n) / 2 * item.bytes();
    let shape: Vec<u64> = std::iter::once(n).chain(item_shape).collect();
    let sample = &rows[start as usize..(start + n * item.bytes()) as usize];
    Ok((ArraySpec::new(dtype, shape)?, sample))
}

/// Counts bytes and forgets them.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::{encode, spec, walk_bytes};

    fn chosen(spec: &ArraySpec, rows: &[u8], may_be_used: &dyn Fn(FilterId) -> bool) -> FilterId {
        let (filters, goal) = (Registry::default(), Goal::default());
        let context = EncodeContext::default();
        choose(&filters, may_be_used, spec, rows, goal, &context)
            .unwrap()
            .id()
    }

    #[test]
    fn the_choice_is_the_first_within_a_hundredth_of_the_smallest() {
        let registry = Registry::default();
        for spec in [
            spec("<f8", &[9000]),
            spec("<i4", &[4000, 3]),
            spec("|u1", &[70_000]),
        ] {
            let rows = walk_bytes(&spec);
            let id = chosen(&spec, &rows, &|_| true);
            let sizes: Vec<(FilterId, usize)> = registry
                .iter()
                .filter(|filter| filter.accepts(&spec))
                .map(|filter| {
                    let n = spec.rows() as usize;
                    let payload = encode(&**filter, &spec, &EncodeContext::default(), &rows, n);
                    (filter.id(), payload.len())
                })
                .collect();
            let smallest = sizes.iter().map(|size| size.1).min().unwrap();
            let first = sizes
                .iter()
                .find(|size| size.1 * 100 <= smallest * 101)
                .unwrap();
            assert_eq!(id, first.0, "{spec}: {sizes:?}");
        }
    }

    #[test]
    fn a_goal_decides_between_room_and_time() {
        let spec = spec("<i4", &[200_000]);
        let rows = walk_bytes(&spec);
        let registry = Registry::default();
        let trials = measure(
            &registry,
            &|_| true,
            &spec,
            &rows,
            &EncodeContext::default(),
        )
        .unwrap();
        let chosen = |goal| {
            let context = EncodeContext::default();
            let filter = choose(&registry, &|_| true, &spec, &rows, goal, &context).unwrap();
            let of = |trial: &&Trial| trial.filter.id() == filter.id();
            trials.iter().find(of).unwrap()
        };
        let bytes = trials.iter().map(|trial| trial.payload_bytes);
        assert_eq!(chosen(Goal::Size).payload_bytes, bytes.min().unwrap());
        assert_eq!(chosen(Goal::Balanced).filter.id(), FilterId::NUMERIC);
        assert_eq!(chosen(Goal::Speed).filter.id(), FilterId::FAST);
    }

    #[test]
    fn only_what_readers_know_is_considered() {
        let spec = spec("<f8", &[9000]);
        let old = |id: FilterId| id == FilterId::NONE || id == FilterId::SHUFFLE;
        assert!(old(chosen(&spec, &walk_bytes(&spec), &old)));
        let none = choose(
            &Registry::default(),
            &|_| false,
            &spec,
            &[],
            Goal::default(),
            &EncodeContext::default(),
        );
        assert!(none.is_err());
    }

    #[test]
    fn arrays_of_nothing_and_of_no_numbers_have_a_filter() {
        assert_eq!(chosen(&spec("<f8", &[0]), &[], &|_| true), FilterId::NONE);
        assert_eq!(
            chosen(&spec("<f8", &[7, 0]), &[], &|_| true),
            FilterId::NONE
        );
        let names = spec("<U9", &[500]);
        chosen(&names, &walk_bytes(&names), &|_| true);
    }

    #[test]
    fn rows_of_many_megabytes_are_sampled_in_part() {
        for shape in [&[2u64, 400_000][..], &[2, 200_000, 3], &[900_000]] {
            let spec = spec("<f4", shape);
            let rows = walk_bytes(&spec);
            let (sample_spec, sample) = sample(&spec, &rows).unwrap();
            assert_eq!(sample_spec.bytes(), sample.len() as u64);
            assert!((1 << 19..=1 << 20).contains(&sample.len()), "{sample_spec}");
        }
    }
}
