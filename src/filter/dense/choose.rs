//! Which layers a chunk gets: what its plans promise, held against the engine alone.

use paginum_wrapped::{ChunkCompressor, Delta, Mode, Number};

use super::chunk::{column_of, join};
use super::column;
use super::gauge::View;
use super::plan::plan;
use super::price::{Gauge, OF_RANGES, Plan};
use super::sample::{Pages, Sample};
use super::scan;
use super::stream::{Engine, Trained};
use super::word::Word;
use crate::error::Result;
use crate::filter::paged::{MAX_COMPONENTS, Written};

/// Components of fewer numbers do not pay for their metadata.
const MIN_COMPONENT_N: usize = 256;
/// The most components that are looked for; a shape may tell of more.
const MAX_FOUND: usize = 8;
/// What layers must come to, of what the engine alone takes.
const WORTHWHILE: f64 = 0.995;
/// What must be promised so that layers are tried, and where numbers take so few bits that a sample says little: there layers that
/// save less than a tenth are never found.
const PROMISING: f64 = 0.988;
const PROMISING_OF_LITTLE: f64 = 0.9;
const LITTLE_BITS: f64 = 4.0;
/// How far the reckoned size of a chunk may be off: a part of it, and bytes of each page.
const RECKONED_WITHIN: (f64, usize) = (1.0 / 30.0, 2);
/// What components must come to, of what the whole takes.
const WORTHWHILE_APART: f64 = 0.99;
/// The first components may take so much more than their share, and the others make up for it.
const UNLIKE: f64 = 1.4;

/// Writes a chunk of which each page holds so many numbers; `components` is what the array's shape says of them.
pub(super) fn write<T: Number<Latent: Word>>(
    engine: &Engine,
    numbers: &[T],
    n_per_page: &[usize],
    components: Option<usize>,
) -> Result<Written> {
    let plain = engine.train(numbers, n_per_page)?;
    let alone = || Ok(join(&[column::without_layers(&plain)?], n_per_page));
    let alone_bits = plain.chunk.reckoned_size() as f64 * 8.0;
    let plans = plans(engine.level, &plain, numbers, n_per_page, components);
    let is_alone = plans.len() == 1 && plans[0].layers.is_none();
    let promising = match alone_bits < numbers.len() as f64 * LITTLE_BITS {
        true => PROMISING_OF_LITTLE,
        false => PROMISING,
    };
    if is_alone || bits_of(&plans) > alone_bits * promising {
        return alone();
    }
    let layered = with_layers(engine, numbers, n_per_page, &plans)?;
    // A sample may have promised what the rest does not keep. Pages of the engine alone need not be written to see that they
    // are much larger.
    let within =
        alone_bits / 8.0 * RECKONED_WITHIN.0 + (n_per_page.len() * RECKONED_WITHIN.1) as f64;
    if (layered.size() as f64) < (alone_bits / 8.0 - within) * WORTHWHILE {
        return Ok(layered);
    }
    let alone = alone()?;
    let is_less = (layered.size() as f64) < alone.size() as f64 * WORTHWHILE;
    Ok(if is_less { layered } else { alone })
}

/// The columns of a chunk, as planned.
fn with_layers<T: Number<Latent: Word>>(
    engine: &Engine,
    numbers: &[T],
    n_per_page: &[usize],
    plans: &[Plan],
) -> Result<Written> {
    if let [plan] = plans {
        let column = column::write(engine, numbers, n_per_page, plan)?;
        return Ok(join(&[column], n_per_page));
    }
    let k = plans.len();
    let mut columns = Vec::new();
    for (component, plan) in plans.iter().enumerate() {
        let (numbers, lens) = column_of(numbers, n_per_page, k, component);
        columns.push(column::write(engine, &numbers, &lens, plan)?);
    }
    Ok(join(&columns, n_per_page))
}

/// The best plans there are: of the whole, or one for each component.
fn plans<T: Number<Latent: Word>>(
    level: u32,
    plain: &Trained<'_, T>,
    numbers: &[T],
    n_per_page: &[usize],
    components: Option<usize>,
) -> Vec<Plan> {
    let pages = &Pages::of(n_per_page);
    let whole = Sample::of(numbers, pages, 1, 0);
    let alone = plain.chunk.reckoned_size() as f64 * 8.0;
    let gauge = gauge(level, &plain.chunk, alone, &whole);
    let mut best = vec![plan(gauge, &whole, Some(alone))];
    for k in component_counts(numbers, components) {
        let mut plans = Vec::new();
        for component in 0..k {
            plans.push(plan(gauge, &Sample::of(numbers, pages, k, component), None));
            // The other components are thought to be like these.
            if bits_of(&plans) * k as f64 > bits_of(&best) * (component + 1) as f64 * UNLIKE {
                break;
            }
        }
        if plans.len() == k && bits_of(&plans) < bits_of(&best) * WORTHWHILE_APART {
            best = plans;
        }
    }
    best
}

fn bits_of(plans: &[Plan]) -> f64 {
    plans.iter().map(|plan| plan.bits).sum()
}

/// How what is made of a chunk's numbers is priced: by its mode, and by what it took, in bits.
fn gauge<T: Number>(level: u32, plain: &ChunkCompressor<T>, bits: f64, whole: &Sample<T>) -> Gauge {
    let model = plain.meta();
    let mut gauge = Gauge {
        view: View::of::<T>(model),
        of_numbers: OF_RANGES,
        of_words: OF_RANGES,
        level,
    };
    let is_reckoned = !matches!(
        (&model.mode, &model.delta),
        (Mode::Dict { .. }, _) | (_, Delta::Lookback { .. })
    );
    if is_reckoned {
        let reckoned = gauge.view.bits_each(&whole.numbers) * whole.n;
        gauge.of_numbers = (bits / reckoned).clamp(0.25, 4.0);
        gauge.of_words = gauge.of_numbers.clamp(0.8, 1.3);
    }
    gauge
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
