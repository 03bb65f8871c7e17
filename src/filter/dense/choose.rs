//! Which layers a chunk gets: priced on a few of its pages by coding them, then held against the engine alone.

use paginum_wrapped::{Latent, Number, sorted_ranks};

use super::chunk::{MAX_COMPONENTS, component_of, join};
use super::column::{self, Ranked, Ranks, with_ranks};
use super::layers::Tail;
use super::price::{Base, Look, Plan};
use super::sample::{Pages, Sample};
use super::scan;
use super::stream::Engine;
use super::tail::Paged;
use super::word::Word;
use crate::error::Result;
use crate::filter::paged::Written;

/// Components of fewer numbers do not pay for their metadata.
const MIN_COMPONENT_N: usize = 256;
/// The most components that are looked for; a shape may tell of more.
const MAX_FOUND: usize = 8;
/// What layers must come to, of what the engine alone takes.
const WORTHWHILE: f64 = 0.995;
/// What components must come to, of what the whole takes.
const WORTHWHILE_APART: f64 = 0.99;
/// The first components may take so much more than their share, and the others make up for it.
const UNLIKE: f64 = 1.25;
/// What ranks of a sample may take, of what the engine alone does, so that all are ranked.
const PROMISING: f64 = 1.1;
/// What decoding a rank is charged, in bits.
const RANK_BITS: f64 = 0.02;

/// Writes a chunk of which each page holds so many numbers; `components` is what the array's shape says of them.
pub(super) fn write<T: Number<Latent: Word>>(
    engine: &Engine,
    numbers: &[T],
    n_per_page: &[usize],
    components: Option<usize>,
) -> Result<Written> {
    let pages = &Pages::of(n_per_page);
    let whole = Column::of(numbers, n_per_page, pages, 1);
    let (alone, together) = whole.plans(engine)?;
    let mut best = vec![together];
    for k in component_counts(numbers, components) {
        let mut plans = Vec::new();
        for component in 0..k {
            let (numbers, lens) = component_of(numbers, n_per_page, k, component);
            plans.push(Column::of(&numbers, &lens, pages, k).plans(engine)?.1);
            // The other components are thought to be like these.
            if bits_of(&plans) * k as f64 > bits_of(&best) * (component + 1) as f64 * UNLIKE {
                break;
            }
        }
        if plans.len() == k && bits_of(&plans) < bits_of(&best) * WORTHWHILE_APART {
            best = plans;
        }
    }
    let is_alone = best.len() == 1 && best[0].layers.is_none();
    let plain = || -> Result<Written> {
        let plan = Plan::alone(alone);
        Ok(join(&[whole.write(engine, &plan)?], n_per_page))
    };
    if is_alone || bits_of(&best) > alone * WORTHWHILE {
        return plain();
    }
    let k = best.len();
    let mut columns = Vec::new();
    for (component, plan) in best.iter().enumerate() {
        let (numbers, lens) = component_of(numbers, n_per_page, k, component);
        columns.push(Column::of(&numbers, &lens, pages, k).write(engine, plan)?);
    }
    let layered = join(&columns, n_per_page);
    // A sample may have promised what the rest does not keep.
    let plain = plain()?;
    let is_kept = (layered.size() as f64) < plain.size() as f64 * WORTHWHILE;
    Ok(if is_kept { layered } else { plain })
}

fn bits_of(plans: &[Plan]) -> f64 {
    plans.iter().map(|plan| plan.bits).sum()
}

/// How many components numbers may be made of, other than one.
fn component_counts<T: Number>(numbers: &[T], components: Option<usize>) -> Vec<usize> {
    let max = MAX_COMPONENTS.min(numbers.len() / MIN_COMPONENT_N);
    let max_found = max.min(MAX_FOUND);
    let mut counts = match max_found {
        2.. => scan::periods(&numbers[numbers.len() / 3..], max_found),
        _ => Vec::new(),
    };
    let stated = components.filter(|k| (2..=max).contains(k) && !counts.contains(k));
    counts.extend(stated);
    counts
}

/// The numbers of a column, and how many of them each page has.
#[derive(Clone, Copy, Debug)]
struct Column<'a, T> {
    numbers: &'a [T],
    n_per_page: &'a [usize],
    pages: &'a Pages,
    /// How many columns the chunk has.
    k: usize,
}

impl<'a, T: Number<Latent: Word>> Column<'a, T> {
    fn of(numbers: &'a [T], n_per_page: &'a [usize], pages: &'a Pages, k: usize) -> Self {
        Self {
            numbers,
            n_per_page,
            pages,
            k,
        }
    }

    fn write(&self, engine: &Engine, plan: &Plan) -> Result<Written> {
        let Self {
            numbers,
            n_per_page,
            ..
        } = *self;
        let ranked = plan.ranked.as_ref();
        column::write(
            engine,
            numbers,
            ranked,
            n_per_page,
            plan.layers,
            plan.finder,
        )
    }

    /// The ranks of a column, if those of a sample of its `numbers` are worth a look beside what the engine
    /// takes `alone`, in bits.
    fn ranked(
        &self,
        engine: &Engine,
        sample: &Sample,
        numbers: &[T],
        lens: &[usize],
        alone: f64,
    ) -> Result<Option<Ranked>> {
        if T::Latent::BITS == 8 || !may_have_few_values(self.numbers) {
            return Ok(None);
        }
        let is_all = numbers.len() == self.numbers.len();
        let most = self.numbers.len() / 2;
        let most_of_some = if is_all { most } else { numbers.len() };
        let Some(some) = Ranked::of(engine, numbers, most_of_some)? else {
            return Ok(None);
        };
        let own = with_ranks!(&some.ranks, |ranks: R| engine
            .classic()
            .write::<R>(ranks, lens)?);
        // The dictionary of all is larger; matches of ranks may make up for that.
        if some.meta.len() as f64 * 8.0 + sample.bits(&own) > alone * PROMISING {
            return Ok(None);
        }
        match is_all {
            true => Ok(Some(some)),
            false => Ranked::of(engine, self.numbers, most),
        }
    }

    /// What the engine alone takes, in bits, and the best plan there is.
    fn plans(&self, engine: &Engine) -> Result<(f64, Plan)> {
        let sample = Sample::of(self.n_per_page, self.pages, self.k);
        let (numbers, lens) = sample.take(self.numbers);
        let width = scan::width(&numbers[..lens[0]]);
        let alone = sample.bits(&engine.write(&numbers, &lens)?);
        let mut best = Plan::alone(alone);

        let words: &[T::Latent] = bytemuck::cast_slice(&numbers);
        let words = Paged {
            words,
            n_per_page: &lens,
        };
        let mut look = Look {
            engine,
            sample: &sample,
            width,
            best: &mut best,
        };
        look.tails::<T>(Base {
            words,
            own: alone,
            rest: 0.0,
            dictionary: false,
        })?;
        if let Some(ranked) = self.ranked(engine, &sample, &numbers, &lens, alone)? {
            with_ranks!(&ranked.ranks, |ranks: R| {
                let (ranks, _) = sample.take(ranks);
                let words = Paged {
                    words: &ranks,
                    n_per_page: &lens,
                };
                let own = sample.bits(&engine.classic().write(&ranks, &lens)?);
                let rest = ranked.meta.len() as f64 * 8.0 + self.numbers.len() as f64 * RANK_BITS;
                look.offer(own + rest, Tail::default(), true, own);
                look.tails::<R>(Base {
                    words,
                    own,
                    rest,
                    dictionary: true,
                })?;
            });
            if best.layers.dictionary {
                best.ranked = Some(ranked);
            }
        }
        Ok((alone, best))
    }
}

/// Whether as many of a few numbers from all over a column are equal as if half of all, or fewer, were different: the expected
/// pairs of equal ones among `s` are `s * s / (2 * values)`.
fn may_have_few_values<T: Number>(numbers: &[T]) -> bool {
    const LOOKED_AT: usize = 1 << 12;
    let step = (numbers.len() / LOOKED_AT) | 1;
    let some: Vec<T> = numbers.iter().copied().step_by(step).collect();
    let Some((values, _)) = sorted_ranks(&some, some.len()) else {
        return false;
    };
    let n_equal = some.len() - values.len();
    n_equal * numbers.len() >= some.len() * some.len()
}
