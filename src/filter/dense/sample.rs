//! The pages of a chunk on which layers are priced.

use super::tail::Paged;

/// Numbers of a sample, about: a part of all, within bounds.
const ONE_OF: usize = 3;
const MIN_N: usize = 1 << 13;
const MAX_N: usize = 3 << 13;

/// Which pages of a chunk are looked at: the same ones for all its columns, so that their prices compare.
#[derive(Clone, Debug)]
pub(super) struct Pages<'a> {
    n_per_page: &'a [usize],
    /// By number, ascending.
    chosen: Vec<usize>,
    /// How many numbers of each, of all columns.
    most: usize,
}

impl<'a> Pages<'a> {
    pub(super) fn of(n_per_page: &'a [usize]) -> Self {
        let held: Vec<usize> = (0..n_per_page.len())
            .filter(|page| n_per_page[*page] > 0)
            .collect();
        let n: usize = n_per_page.iter().sum();
        let mean = (n / held.len()).max(1);
        let sample_n = (n / ONE_OF).clamp(MIN_N, MAX_N);
        let n_chosen = sample_n.div_ceil(mean).clamp(1, held.len());
        let chosen = (0..n_chosen).map(|i| held[(2 * i + 1) * held.len() / (2 * n_chosen)]);
        Self {
            n_per_page,
            chosen: chosen.collect(),
            most: sample_n / n_chosen.min(3),
        }
    }
}

/// What is looked at of a column.
#[derive(Debug)]
pub(super) struct Sample<T> {
    pub(super) numbers: Vec<T>,
    /// How many of them are of each page.
    pub(super) lens: Vec<usize>,
    /// Numbers and pages of the whole column, and how many times the numbers here those are.
    pub(super) n: f64,
    pub(super) n_pages: f64,
    pub(super) scale: f64,
}

impl<T: Copy> Sample<T> {
    /// Of component `component` of `k`, of all `numbers` of a chunk, which are more than that.
    pub(super) fn of(numbers: &[T], pages: &Pages<'_>, k: usize, component: usize) -> Self {
        let mut stretches = Vec::new();
        let mut start = 0;
        for (page, n) in pages.n_per_page.iter().enumerate() {
            if pages.chosen.binary_search(&page).is_ok() {
                stretches.push((start, (*n).min(pages.most)));
            }
            start += n;
        }
        if stretches.iter().all(|(_, n)| *n < k) {
            // Pages of fewer numbers than there are columns.
            stretches = vec![(0, numbers.len().min(pages.most.max(k)))];
        }
        let (mut some, mut lens) = (Vec::new(), Vec::new());
        for (start, n) in stretches {
            let first = (component + k - start % k) % k;
            let before = some.len();
            let of_page = &numbers[start..start + n];
            match k {
                1 => some.extend_from_slice(of_page),
                _ => some.extend(of_page.iter().skip(first).step_by(k)),
            }
            lens.push(some.len() - before);
        }
        let n = (numbers.len() / k) as f64;
        Self {
            n,
            n_pages: pages.n_per_page.len() as f64,
            scale: n / some.len() as f64,
            numbers: some,
            lens,
        }
    }

    pub(super) fn paged<'a, W>(&'a self, words: &'a [W]) -> Paged<'a, W> {
        Paged {
            words,
            n_per_page: &self.lens,
        }
    }
}
