//! Choices of a sample, held against what they come to on all numbers.
//!
//! The first choice is encoded. Each that promises to be cheaper than what the best came to is encoded, too. Where the
//! first came to something else than the sample promised, the sample was no likeness of the chunk: then a larger one
//! chooses again, at last all numbers.

use crate::bins;
use crate::config::{ChunkConfig, DeltaSpec, ModeSpec};
use crate::delta::choose::DeltaChoice;
use crate::dtype::Number;
use crate::error::Result;
use crate::mode::choose::{Choice, ModeChoice};

/// How many times as large samples are: as usual; where that was no likeness; at last whatever the size of the chunk.
const SCALES: [usize; 3] = [1, 6, usize::MAX >> 16];
/// What a promise has to be below, as a part of what is known: samples err by that much.
const PROMISING: f64 = 0.965;
/// The same for few numbers, all of which were sampled: what trials leave out are tables and paddings.
const PROMISING_OF_FEW: f64 = 1.03;
/// Those are few.
const MAX_FEW: usize = 1 << 11;
/// And for so few that each byte of a table counts.
const PROMISING_OF_FEWEST: f64 = 1.3;
/// The same for what needs no search, where the best does: it takes less time than that did, and samples of searches err
/// more.
const PROMISING_BESIDE_SEARCH: f64 = 1.25;
/// The same at high levels, which may take time.
const PROMISING_OF_THOROUGH: f64 = 1.02;
/// Those begin here.
const THOROUGH_LEVEL: u32 = 12;
/// How much more a promise may be than what is known, in bits a number, and as a part of it.
const UNSURE_BITS: f64 = 0.15;
const UNSURE_PART: f64 = 0.15;
/// Choices of one sample that are encoded, at most.
const MAX_ENCODED: usize = 5;
/// How far a promise may be off, as a part of it and in bits in all.
const SURPRISE: (f64, f64) = (0.15, 512.0);

/// The best of the choices that `choose` makes with samples of a scale. `encode` tells what a choice comes to on all `n`
/// numbers, in bits.
///
/// # Errors
/// Those of `choose`.
pub(super) fn held_against_all<T: Number, C>(
    n: usize,
    config: &ChunkConfig,
    choose: impl Fn(usize) -> Result<Vec<Choice<T>>>,
    mut encode: impl FnMut(Choice<T>) -> (C, f64),
) -> Result<C> {
    let mut best: Option<(C, f64)> = None;
    let mut best_kind = None;
    let mut tried: Vec<(ModeChoice<T>, DeltaChoice, f64)> = Vec::new();
    let level = config.level;
    let promising = match n {
        _ if n <= bins::MAX_FEW => PROMISING_OF_FEWEST,
        _ if n <= MAX_FEW => PROMISING_OF_FEW,
        _ if level >= THOROUGH_LEVEL => PROMISING_OF_THOROUGH,
        _ => PROMISING,
    };
    for scale in SCALES {
        let choices = choose(scale)?;
        let is_demanded = choices.len() == 1 && choices[0].price == 0.0;
        let mut is_surprise = false;
        for (rank, choice) in choices.into_iter().take(MAX_ENCODED).enumerate() {
            let (promised, price) = (choice.promise * n as f64, choice.price * n as f64);
            let known = best.as_ref().map_or(f64::INFINITY, |&(_, bits)| bits);
            let is_search = matches!(choice.delta, DeltaChoice::Lookback { .. });
            let is_best_searched = matches!(best_kind, Some((_, DeltaChoice::Lookback { .. })));
            let promising = match is_best_searched && !is_search {
                true => promising.max(PROMISING_BESIDE_SEARCH),
                false => promising,
            };
            // Where little is left, rare numbers decide, of which a sample has few.
            let margin = UNSURE_BITS.min(price / n as f64 * UNSURE_PART) * n as f64;
            if best.is_some() && promised >= known * promising + margin {
                continue;
            }
            let kind = (choice.mode, choice.delta);
            let before = tried.iter().find(|tried| (tried.0, tried.1) == kind);
            let came_to = match before {
                Some(&(_, _, bits)) => bits,
                None => {
                    let other = encode(choice);
                    let bits = other.1;
                    tried.push((kind.0, kind.1, bits));
                    if bits < known {
                        best = Some(other);
                        best_kind = Some(kind);
                    }
                    bits
                }
            };
            if rank == 0 {
                // That a search finds more than in a sample is none.
                let off = if is_search {
                    came_to - price
                } else {
                    (came_to - price).abs()
                };
                is_surprise = off > price * SURPRISE.0 + SURPRISE.1;
            }
            if is_surprise && !is_demanded && n > MAX_FEW && scale < SCALES[SCALES.len() - 1] {
                break;
            }
        }
        if !is_surprise || is_demanded || n <= MAX_FEW {
            break;
        }
    }
    if config.mode_spec == ModeSpec::Auto && config.delta_spec == DeltaSpec::Auto {
        let (_, bits) = best.as_ref().expect("at least one choice");
        if let Some(choice) = last_resort(best_kind, bits / n.max(1) as f64, n) {
            let kind = (choice.mode, choice.delta);
            if tried.iter().all(|tried| (tried.0, tried.1) != kind) {
                let other = encode(choice);
                best = best.map(|best| if other.1 < best.1 { other } else { best });
            }
        }
    }
    Ok(best.expect("at least one choice").0)
}

/// What samples know too little of to propose it: beside a search, numbers as they are, since bins of all numbers tell
/// values apart that those of a sample do not; beside a period that leaves little of `bits` a number, a search for what
/// it leaves.
fn last_resort<T: Number>(
    best: Option<(ModeChoice<T>, DeltaChoice)>,
    bits: f64,
    n: usize,
) -> Option<Choice<T>> {
    /// So little is left where most numbers are those of a period before.
    const LITTLE: std::ops::Range<f64> = 0.1..3.0;
    match best? {
        (_, DeltaChoice::Lookback { .. }) => {
            Some(Choice::new(ModeChoice::Classic, DeltaChoice::None))
        }
        (mode, DeltaChoice::Lag(_)) if mode != ModeChoice::Dict && LITTLE.contains(&bits) => {
            Some(Choice::new(mode, DeltaChoice::lookback(n)))
        }
        _ => None,
    }
}
