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
    /// The most runs.
    const MAX_RUNS: usize = 24;

    /// A sample of all of these, if they are few.
    pub(crate) fn of(numbers: &[T]) -> Self {
        let n = numbers.len();
        if n <= Self::RUN_N * Self::MAX_RUNS {
            return Self {
                numbers: numbers.to_vec(),
                run_n: n,
                starts: vec![0],
            };
        }
        let starts: Vec<usize> = (0..Self::MAX_RUNS)
            .map(|run| (n - Self::RUN_N) * run / (Self::MAX_RUNS - 1))
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
