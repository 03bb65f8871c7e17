//! What choices are made by: runs of numbers from all over a chunk.

use crate::dtype::Number;

/// Runs of consecutive numbers, equally long and evenly spread, one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Sample<T> {
    pub(crate) numbers: Vec<T>,
    pub(crate) run_n: usize,
    /// Where each run starts among all numbers.
    pub(crate) starts: Vec<usize>,
}

impl<T: Number> Sample<T> {
    /// Numbers in a run: enough to see most repetitions.
    const RUN_N: usize = 256;
    /// A small sample of these numbers, to be looked at in many ways; all of them, if they are few. `scale` times as large
    /// as usual.
    pub(crate) fn small(numbers: &[T], scale: usize) -> Self {
        Self::of(numbers, scale * Self::small_n_runs(numbers.len()))
    }

    /// A larger sample, which decides where a small one cannot.
    pub(crate) fn large(numbers: &[T], scale: usize) -> Self {
        Self::of(numbers, 3 * scale * Self::small_n_runs(numbers.len()))
    }

    fn small_n_runs(n: usize) -> usize {
        (n >> 14).clamp(4, 8)
    }

    fn of(numbers: &[T], n_runs: usize) -> Self {
        let n = numbers.len();
        if n <= Self::RUN_N * n_runs {
            return Self {
                numbers: numbers.to_vec(),
                run_n: n,
                starts: vec![0],
            };
        }
        let starts: Vec<usize> = (0..n_runs)
            .map(|run| (n - Self::RUN_N) * run / (n_runs - 1))
            .collect();
        let runs = starts
            .iter()
            .map(|&start| &numbers[start..start + Self::RUN_N]);
        Self {
            numbers: runs.flatten().copied().collect(),
            run_n: Self::RUN_N,
            starts,
        }
    }
}
