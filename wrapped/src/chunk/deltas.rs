//! Delta encodes the primary latents of a chunk and trains what that leaves.

use super::latents::{ChunkVar, TrainedChunkVar};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::delta::choose::DeltaChoice;
use crate::delta::lookback::{Found, LookbackSearch};
use crate::delta::{consecutive, conv1, lookback};
use crate::dtype::Latent;
use crate::model::Delta;
use crate::spare::Spare;

/// A part of the numbers says that all take so many bits, and that is more than they may.
pub(super) struct TooLarge(pub(super) f64);

/// Latents with deltas: the distances, if the encoding has them, and the residuals.
pub(super) type DeltaEncoded<L> = (Option<TrainedChunkVar<u32>>, TrainedChunkVar<L>);

/// Delta encodes primary latents.
///
/// # Errors
/// `TooLarge` if a look at a part of the chunk says that a search for distances comes to more bits than a limit.
pub(super) fn delta_encoded<L: Latent>(
    latents: Spare<L>,
    encoding: &Delta,
    choice: DeltaChoice,
    n_per_page: &[usize],
    params: TrainingParams,
    limit: f64,
) -> Result<DeltaEncoded<L>, TooLarge> {
    /// A search of all latents comes to little less than what a part says: it learns more.
    const LEFT_OF_LOOK: f64 = 0.975;
    let state_n = encoding.state_n();
    let var = match encoding {
        Delta::None => ChunkVar::plain(latents, n_per_page),
        Delta::Consecutive { .. } => {
            ChunkVar::encoded(latents, n_per_page, state_n, |page, states| {
                consecutive::encode_in_place(page, state_n, states)
            })
        }
        Delta::Conv1(conv) => ChunkVar::encoded(latents, n_per_page, state_n, |page, states| {
            conv1::encode_in_place(page, conv, states)
        }),
        Delta::Lookback { window_n_log, .. } => {
            let mut search = match choice {
                DeltaChoice::Lag(_) => None,
                _ => Some(LookbackSearch::new(params.isa, *window_n_log)),
            };
            if let Some(search) = &mut search {
                let found = search.learn(&latents);
                if let Some(found) = found {
                    let look = price_of(found, latents.len(), params) * LEFT_OF_LOOK;
                    if look > limit {
                        return Err(TooLarge(look));
                    }
                }
            }
            let n_distances: Vec<usize> = n_per_page.iter().map(|n| n - 1).collect();
            let mut distances = Spare::new(n_distances.iter().sum());
            let mut rest = &mut distances[..];
            let var = ChunkVar::encoded(latents, n_per_page, state_n, |page, states| {
                let of_page = rest.split_off_mut(..page.len() - 1).expect("one a latent");
                match (&mut search, choice) {
                    (Some(search), _) => search.find_into(page, of_page),
                    (None, DeltaChoice::Lag(lag)) => of_page.fill(lag as u32),
                    (None, _) => unreachable!("other choices search"),
                }
                lookback::encode_in_place(page, of_page, states)
            });
            let distances = ChunkVar::plain(distances, &n_distances).train(params);
            return Ok((Some(distances), var.train(params)));
        }
    };
    Ok((None, var.train(params)))
}

/// What all latents cost, in bits, if they are like what a search found in some.
fn price_of<L: Latent>(mut found: Found<L>, n: usize, params: TrainingParams) -> f64 {
    let bits = estimate_bits_per_latent(&mut found.residuals, n, params)
        + estimate_bits_per_latent(&mut found.distances, n, params);
    bits * n as f64
}
