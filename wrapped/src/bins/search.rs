//! The bin of each latent.

use crate::dtype::Latent;

/// Finds bins by their sorted lower bounds.
#[derive(Clone, Debug)]
pub(crate) struct BinSearch<L> {
    /// Padded with the largest latent to a power of two.
    lowers: Vec<L>,
    n_bins: usize,
}

impl<L: Latent> BinSearch<L> {
    /// Over bins that are sorted, disjoint, and cover all latents that will be looked for.
    pub(crate) fn new(lowers: &[L]) -> Self {
        let mut padded = lowers.to_vec();
        padded.resize(lowers.len().next_power_of_two(), L::max_value());
        Self {
            lowers: padded,
            n_bins: lowers.len(),
        }
    }

    /// Writes the bin of each latent.
    pub(crate) fn find(&self, latents: &[L], symbols: &mut [u16]) {
        for (&latent, symbol) in latents.iter().zip(symbols) {
            let mut first = 0;
            let mut half = self.lowers.len() / 2;
            while half > 0 {
                if self.lowers[first + half] <= latent {
                    first += half;
                }
                half /= 2;
            }
            // Past the bins only for the largest latent, which equals the padding.
            *symbol = first.min(self.n_bins - 1) as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latent_is_in_the_last_bin_that_starts_before_it() {
        let search = BinSearch::new(&[3u8, 10, 255]);
        let latents = [3, 9, 10, 254, 255];
        let mut symbols = [0; 5];
        search.find(&latents, &mut symbols);
        assert_eq!(symbols, [0, 0, 1, 1, 2]);
    }
}
