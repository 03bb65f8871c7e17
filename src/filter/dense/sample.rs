//! The pages of a chunk on which layers are priced.

use crate::filter::paged::Written;

/// Numbers of a sample, about.
const SAMPLE_N: usize = 3 << 13;

/// Which pages of a chunk are looked at: the same ones for all its columns, so that their prices compare.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    /// By number, ascending.
    chosen: Vec<usize>,
    /// How many numbers of each, of all columns.
    most: usize,
}

impl Pages {
    pub(super) fn of(n_per_page: &[usize]) -> Self {
        let held: Vec<usize> = (0..n_per_page.len())
            .filter(|page| n_per_page[*page] > 0)
            .collect();
        let n: usize = n_per_page.iter().sum();
        let mean = (n / held.len()).max(1);
        let n_chosen = (SAMPLE_N / mean).clamp(1, held.len());
        let chosen = (0..n_chosen).map(|i| held[(2 * i + 1) * held.len() / (2 * n_chosen)]);
        Self {
            chosen: chosen.collect(),
            most: SAMPLE_N / n_chosen.min(3),
        }
    }
}

/// What is looked at of a column.
#[derive(Debug)]
pub(super) struct Sample {
    /// For each page that is in it, where it starts and how much of it is taken.
    stretches: Vec<(usize, usize)>,
    /// Numbers of the whole, and how many times those of the sample they are.
    pub(super) n: f64,
    pub(super) scale: f64,
}

impl Sample {
    /// Of one of `k` columns.
    pub(super) fn of(n_per_page: &[usize], pages: &Pages, k: usize) -> Self {
        let mut stretches = Vec::new();
        let mut start = 0;
        for (page, n) in n_per_page.iter().enumerate() {
            if *n > 0 && pages.chosen.binary_search(&page).is_ok() {
                stretches.push((start, (*n).min(pages.most / k)));
            }
            start += n;
        }
        if stretches.is_empty() {
            // Pages of fewer numbers than there are columns.
            stretches.push((0, start.min(pages.most / k)));
        }
        let taken: usize = stretches.iter().map(|(_, n)| n).sum();
        Self {
            stretches,
            n: start as f64,
            scale: start as f64 / taken as f64,
        }
    }

    pub(super) fn take<W: Copy>(&self, words: &[W]) -> (Vec<W>, Vec<usize>) {
        let parts = self
            .stretches
            .iter()
            .map(|(start, n)| &words[*start..start + n]);
        let lens = self.stretches.iter().map(|(_, n)| *n).collect();
        (parts.flatten().copied().collect(), lens)
    }

    /// Bits of the whole, of which this was written of the sample.
    pub(super) fn bits(&self, written: &Written) -> f64 {
        (written.meta.len() as f64 + written.pages.len() as f64 * self.scale) * 8.0
    }
}
