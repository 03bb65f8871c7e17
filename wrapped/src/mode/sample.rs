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
    /// Runs of a sample that is looked at in many ways.
    pub(crate) const FEW_RUNS: usize = 8;
    /// Runs of a sample that decides.
    pub(crate) const MANY_RUNS: usize = 24;

    /// A sample of so many runs; all numbers, if they are no more.
    pub(crate) fn of(numbers: &[T], n_runs: usize) -> Self {
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
