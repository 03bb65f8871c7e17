//! Differences at one distance, and at two: layers of `dense`, and rows of `fast`.
//!
//! The engine subtracts neighbours itself. Here is what it does not: the neighbour in the row before (`Lag`), the
//! change from one row to the next (`Grad`), and plain differences that matches are to be found in (`Lag` of 1). Words wrap
//! around. A page starts anew, so that it is decoded alone.

use paginum_wrapped::{Isa, Latent, vertical};

/// How words become differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Step {
    /// Not at all.
    #[default]
    None,
    /// `x[i] - x[i - far]`, and before that `x[i] - x[i - 1]`.
    Lag {
        /// At least 1.
        far: usize,
    },
    /// `(x[i] - x[i - near]) - (x[i - far] - x[i - far - near])`, and before that `x[i] - x[i - near]`, and before
    /// that `x[i] - x[i - 1]`.
    Grad {
        /// At least 1: the distance to the neighbour.
        near: usize,
        /// More than `near`: the length of a row.
        far: usize,
    },
}

impl Step {
    /// Appends the differences of a page to `out`; its first word's is to `first`.
    pub(super) fn differences<W: Latent>(self, words: &[W], first: W, out: &mut Vec<W>) {
        let (near, far) = match self {
            Self::None => return out.extend_from_slice(words),
            Self::Lag { far } => (far, words.len()),
            Self::Grad { near, far } => (near, far),
        };
        let Some(start) = words.first() else { return };
        out.push(start.wrapping_sub(&first));
        let at = |i: usize, lag: usize| words[i].wrapping_sub(&words[i - lag]);
        let n = words.len();
        let (near_n, far_n) = (near.min(n), far.saturating_add(near).min(n));
        out.extend((1..near_n).map(|i| at(i, 1)));
        out.extend((near_n..far_n).map(|i| at(i, near)));
        out.extend((far_n..n).map(|i| at(i, near).wrapping_sub(&at(i - far, near))));
    }

    /// Puts words where their differences stand: a whole page, or its front.
    pub(super) fn sum<W: Latent>(self, isa: Isa, words: &mut [W], first: W) {
        match self {
            Self::None => {}
            Self::Lag { far: 1 } => vertical::running_sum(isa, words, first),
            Self::Lag { far } => {
                let start = far.min(words.len());
                vertical::running_sum(isa, &mut words[..start], first);
                add_earlier(words, far, start);
            }
            Self::Grad { near, far } => {
                let n = words.len();
                let (near_n, far_n) = (near.min(n), far.saturating_add(near).min(n));
                vertical::running_sum(isa, &mut words[..near_n], first);
                add_earlier(&mut words[..far_n], near, near_n);
                // From here on, what words are more than those of the row before.
                let changes: Vec<W> = (far..far_n)
                    .map(|i| words[i].wrapping_sub(&words[i - far]))
                    .collect();
                if far_n < n {
                    words[far..far_n].copy_from_slice(&changes);
                    sum_at(isa, &mut words[far..], near);
                    add_earlier(words, far, far);
                }
            }
        }
    }
}

/// Adds to each word from `lag` on the one that far before it.
fn sum_at<W: Latent>(isa: Isa, words: &mut [W], lag: usize) {
    if lag == 1 {
        return vertical::running_sum(isa, words, W::zero());
    }
    add_earlier(words, lag, lag);
}

/// Adds to each word from `start` on the one `lag` before it: a stretch of `lag` words at once, in vectors.
fn add_earlier<W: Latent>(words: &mut [W], lag: usize, start: usize) {
    let mut at = start;
    while at < words.len() {
        let (before, after) = words.split_at_mut(at);
        let earlier = &before[at - lag..];
        for (word, earlier) in after.iter_mut().zip(earlier) {
            *word = word.wrapping_add(earlier);
        }
        at += lag;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_undo_differences() {
        let words: Vec<u16> = (0..1000u64)
            .map(|i| ((i * i * 40_503) >> 7) as u16)
            .collect();
        let lags = [1, 2, 3, 7, 63, 999, 1000, 5000].map(|far| Step::Lag { far });
        let grads = [(1, 2), (3, 4), (1, 60), (3, 999), (7, 3000), (2000, 2001)];
        let grads = grads.map(|(near, far)| Step::Grad { near, far });
        let isa = Isa::best().unwrap();
        for step in lags.into_iter().chain(grads) {
            for n in [0, 1, 2, 3, 4, 63, 64, 1000] {
                let mut steps = Vec::new();
                step.differences(&words[..n], 77, &mut steps);
                assert_eq!(steps.len(), n, "{step:?}");
                for front in [n, n / 2] {
                    let mut sums = steps[..front].to_vec();
                    step.sum(isa, &mut sums, 77);
                    assert_eq!(sums, words[..front], "{step:?} of {n}");
                }
            }
        }
    }

    #[test]
    fn rows_that_grow_alike_have_no_differences() {
        let words: Vec<u32> = (0..600).map(|i| i % 60 * 3 + i / 60 * 1000).collect();
        let mut steps = Vec::new();
        Step::Grad { near: 1, far: 60 }.differences(&words, 0, &mut steps);
        assert!(steps[61..].iter().all(|step| *step == 0));
    }
}
