//! Delta encodes the primary latents of a chunk and trains what that leaves.

use super::latents::{ChunkVar, TrainedChunkVar};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::choose::DeltaChoice;
use crate::config::MAX_FAST_LEVEL;
use crate::delta::DeltaEncoder;
use crate::delta::lookback::Found;
use crate::dtype::Latent;
use crate::model::Delta;
use crate::spare::Spare;

/// A part of the numbers says that all take so many bits, and that is more than they may.
pub(super) struct TooLarge(pub(super) f64);

/// Latents with deltas: the encoding's own variable, if it has one, and the residuals.
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
    /// A search of all latents comes to little less than what a part says, since it learns more. That is worth its time
    /// where size counts for more.
    const LEFT_OF_LOOK: f64 = 0.975;
    if encoding.is_none() {
        return Ok((None, ChunkVar::plain(latents, n_per_page).train(params)));
    }
    let mut encoder = DeltaEncoder::new(params.isa, encoding, choice.lag());
    let n = latents.len();
    let price = |found| price_of(found, n, params);
    if let Some(found) = encoder.learn(&latents, n / n_per_page.len().max(1), price) {
        let left = if params.level <= MAX_FAST_LEVEL {
            1.0
        } else {
            LEFT_OF_LOOK
        };
        let look = price(found) * left;
        if look > limit {
            return Err(TooLarge(look));
        }
    }
    let own_n: Vec<usize> = n_per_page.iter().map(|&n| encoding.own_n(n)).collect();
    let mut own = Spare::new(own_n.iter().sum());
    let mut rest = &mut own[..];
    let var = ChunkVar::encoded(latents, n_per_page, encoding.state_n(), |page, states| {
        let own_n = encoding.own_n(page.len());
        let of_page = rest.split_off_mut(..own_n).expect("all pages have theirs");
        encoder.encode(page, of_page, states)
    });
    let own = encoding
        .var_bits()
        .map(|_| ChunkVar::plain(own, &own_n).train(params));
    Ok((own, var.train(params)))
}

/// What all latents cost, in bits, if they are like what a search found in some.
fn price_of<L: Latent>(mut found: Found<L>, n: usize, params: TrainingParams) -> f64 {
    let bits = estimate_bits_per_latent(&mut found.residuals, n, params)
        + estimate_bits_per_latent(&mut found.distances, n, params);
    bits * n as f64
}
