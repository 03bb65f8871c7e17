//! Lookback: each latent relative to the one that lies a stored distance back.

use crate::dtype::Latent;
use crate::error::{Error, Result};

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
    pub(crate) fn decode(&mut self, distances: &[u32], latents: &mut [L]) -> Result<()> {
        debug_assert!(distances.len() <= latents.len());
        let outside = |&distance: &u32| distance == 0 || distance as usize > self.window_n;
        if let Some(distance) = distances.iter().find(|d| outside(d)) {
            return Err(Error::corrupt(format!(
                "a lookback of {distance} in a window of {}",
                self.window_n
            )));
        }
        self.forget(latents.len())?;
        let first = self.latents.len() - self.n_pending;
        for (&distance, residual) in distances.iter().zip(&*latents) {
            // Before the page's first latent there are zeros. After `forget`, all that the window holds is here.
            let from = self.latents.len().checked_sub(distance as usize);
            let base = from.map_or(L::zero(), |from| self.latents[from]);
            self.latents.push(base.wrapping_add(&residual.toggled()));
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
