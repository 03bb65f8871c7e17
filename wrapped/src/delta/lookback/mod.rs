//! Lookback: each latent relative to the one that lies a stored distance back.

mod costs;
mod cover;
mod find;
mod learn;
mod places;
mod savings;
mod search;

pub(crate) use learn::Found;
pub(crate) use search::LookbackSearch;

use crate::dtype::Latent;
use crate::error::{Error, Result};

/// Appends the residuals of a page to `residuals` and its first latent to `states`, given its distances. Before the page
/// there are zeros.
pub(crate) fn encode<L: Latent>(
    latents: &[L],
    distances: &[u32],
    residuals: &mut Vec<L>,
    states: &mut Vec<L>,
) {
    let start = residuals.len();
    residuals.extend_from_slice(latents);
    let n_residuals = encode_in_place(&mut residuals[start..], distances, states);
    residuals.truncate(start + n_residuals);
}

/// Turns the latents of a page into residuals where they stand, and returns how many these are.
pub(crate) fn encode_in_place<L: Latent>(
    page: &mut [L],
    distances: &[u32],
    states: &mut Vec<L>,
) -> usize {
    states.push(page.first().copied().unwrap_or_default());
    // The last one first: each needs those before it.
    for (i, &distance) in distances.iter().enumerate().rev() {
        let earlier = (i + 1).checked_sub(distance as usize);
        let earlier = earlier.map_or(L::zero(), |i| page[i]);
        page[i + 1] = page[i + 1].wrapping_sub(&earlier).toggled();
    }
    page.copy_within(page.len().min(1).., 0);
    distances.len()
}

/// Where the distances of a chunk come from.
pub(crate) enum Distances {
    Equal(u32),
    Searched(Box<LookbackSearch>),
}

impl Distances {
    /// Writes those of the next page, one for each latent but the first.
    pub(crate) fn find_into<L: Latent>(&mut self, page: &[L], distances: &mut [u32]) {
        match self {
            Self::Equal(distance) => distances.fill(*distance),
            Self::Searched(search) => search.find_into(page, distances),
        }
    }
}

/// What distances of a page can reach: at least its last `window_n` latents, and zeros before its first.
#[derive(Clone, Debug)]
pub(crate) struct History<L> {
    /// Latents since some number of the page, the pending ones last.
    latents: Vec<L>,
    /// Latents at the end of `latents` that are known and not given out yet.
    n_pending: usize,
    /// The largest distance.
    window_n: usize,
}

impl<L: Latent> History<L> {
    /// The history of a page whose first latents are `state`.
    pub(crate) fn new(window_n: usize, state: &[L]) -> Self {
        Self {
            latents: state.to_vec(),
            n_pending: state.len(),
            window_n,
        }
    }

    /// Turns residuals into latents in place by the distance of each, and moves on. Where the page ends, there are more
    /// latents to give out than distances, by at most the length of the state.
    ///
    /// # Errors
    /// `Corrupt` for a distance of zero or above the window; `LimitExceeded` where memory is short.
    #[inline(always)]
    pub(crate) fn decode(&mut self, distances: &[u32], latents: &mut [L]) -> Result<()> {
        debug_assert!(distances.len() <= latents.len());
        // Zero becomes the largest of all: one loop over vectors finds distances that are too small or too large.
        let farthest = distances.iter().fold(0, |farthest: u32, distance| {
            farthest.max(distance.wrapping_sub(1))
        }) as usize;
        if farthest >= self.window_n {
            return Err(Error::corrupt(format!(
                "a lookback outside its window of {} numbers",
                self.window_n
            )));
        }
        self.forget(latents.len())?;
        let known = self.latents.len();
        let first = known - self.n_pending;
        self.latents.resize(known + distances.len(), L::zero());
        let window = &mut self.latents[..];
        let coded = (known..).zip(distances.iter().zip(&*latents));
        if farthest < known {
            for (at, (&distance, residual)) in coded {
                window[at] = window[at - distance as usize].wrapping_add(&residual.toggled());
            }
        } else {
            // Before the page's first latent there are zeros. After `forget`, all that the window holds is here.
            for (at, (&distance, residual)) in coded {
                let base = window.get(at.wrapping_sub(distance as usize));
                let base = base.copied().unwrap_or(L::zero());
                window[at] = base.wrapping_add(&residual.toggled());
            }
        }
        let n = latents.len();
        latents.copy_from_slice(&self.latents[first..first + n]);
        self.n_pending = self.latents.len() - first - n;
        Ok(())
    }

    /// Makes room for `n` more, dropping what no distance reaches any more once that is as much again.
    fn forget(&mut self, n: usize) -> Result<()> {
        let kept = self.window_n.max(self.n_pending);
        if self.latents.len() >= 2 * kept + n {
            let dropped = self.latents.len() - kept;
            self.latents.drain(..dropped);
        }
        self.latents
            .try_reserve(n)
            .map_err(|_| Error::LimitExceeded {
                what: "memory for a lookback window, in numbers",
                limit: self.latents.len() as u64,
                asked: (self.latents.len() + n) as u64,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_are_relative_to_what_distances_say() {
        let latents = [7u32, 3, 8, 1];
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        encode(&latents, &[1, 2, 3], &mut residuals, &mut states);
        assert_eq!(states, [7]);
        assert_eq!(residuals, [u32::MID - 4, u32::MID + 1, u32::MID - 6]);
        let mut history = History::new(4, &states);
        let mut decoded = [residuals[0], residuals[1], residuals[2], 0];
        history.decode(&[1, 2, 3], &mut decoded).unwrap();
        assert_eq!(decoded, latents);
    }
}
