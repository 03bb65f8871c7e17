//! Choices of a sample, held against what they come to on all numbers.
//!
//! The first choice is encoded. Each that promises to be cheaper than what the best came to is encoded, too. Where the
//! first came to something else than the sample promised, the sample was no likeness of the chunk: then a larger one
//! chooses again, at last all numbers.

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
    choose: impl Fn(usize) -> Result<Vec<Choice<T>>>,
    mut encode: impl FnMut(Choice<T>) -> (C, f64),
) -> Result<C> {
    let mut best: Option<(C, f64)> = None;
    let mut tried: Vec<(ModeChoice<T>, DeltaChoice)> = Vec::new();
    let promising = if n <= MAX_FEW {
        PROMISING_OF_FEW
    } else {
        PROMISING
    };
    for scale in SCALES {
        let choices = choose(scale)?;
        let is_demanded = choices.len() == 1 && choices[0].price == 0.0;
        let mut is_surprise = false;
        for (rank, choice) in choices.into_iter().take(MAX_ENCODED).enumerate() {
            let (promised, price) = (choice.promise * n as f64, choice.price * n as f64);
            let known = best.as_ref().map_or(f64::INFINITY, |&(_, bits)| bits);
            if best.is_some() && promised >= known * promising {
                break;
            }
            if tried.contains(&(choice.mode, choice.delta)) {
                continue;
            }
            tried.push((choice.mode, choice.delta));
            let is_search = matches!(choice.delta, DeltaChoice::Lookback { .. });
            let other = encode(choice);
            if rank == 0 {
                // That a search finds more than in a sample is none.
                let off = if is_search {
                    other.1 - price
                } else {
                    (other.1 - price).abs()
                };
                is_surprise = off > price * SURPRISE.0 + SURPRISE.1;
            }
            if other.1 < known {
                best = Some(other);
            }
            if is_surprise && !is_demanded && n > MAX_FEW && scale < SCALES[SCALES.len() - 1] {
                break;
            }
        }
        if !is_surprise || is_demanded || n <= MAX_FEW {
            break;
        }
    }
    Ok(best.expect("at least one choice").0)
}
