//! Numbers of one axis, summed up as they come, so that a drawing of any length takes the memory of its columns.

/// What is known of the finite numbers of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Stretch {
    pub(in crate::cli) least: f64,
    pub(in crate::cli) most: f64,
    pub(in crate::cli) first: f64,
    pub(in crate::cli) last: f64,
    sum: f64,
    n: f64,
}

impl Stretch {
    /// Of these, where there are any.
    pub(in crate::cli) fn mean(&self) -> f64 {
        self.sum / self.n
    }
}

/// Numbers side by side, cut into stretches that are equally long, but for one number.
#[derive(Debug)]
pub(in crate::cli) struct Stretches {
    n: u64,
    n_pushed: u64,
    parts: Vec<Option<Stretch>>,
    current: usize,
}

impl Stretches {
    /// Of `n` numbers that are to come, in `most` stretches or fewer.
    pub(in crate::cli) fn new(n: u64, most: usize) -> Self {
        Self {
            n,
            n_pushed: 0,
            parts: vec![None; most.min(usize::try_from(n).unwrap_or(most))],
            current: 0,
        }
    }

    /// Takes the next number. What is not finite is a gap.
    pub(in crate::cli) fn push(&mut self, value: f64) {
        while self.current + 1 < self.parts.len() && self.n_pushed >= self.start(self.current + 1) {
            self.current += 1;
        }
        self.n_pushed += 1;
        let Some(part) = self.parts.get_mut(self.current) else {
            return;
        };
        if !value.is_finite() {
            return;
        }
        *part = Some(match *part {
            None => Stretch {
                least: value,
                most: value,
                first: value,
                last: value,
                sum: value,
                n: 1.0,
            },
            Some(known) => Stretch {
                least: known.least.min(value),
                most: known.most.max(value),
                first: known.first,
                last: value,
                sum: known.sum + value,
                n: known.n + 1.0,
            },
        });
    }

    /// So many numbers there are.
    pub(in crate::cli) fn n(&self) -> u64 {
        self.n
    }

    /// The first number of a stretch.
    pub(in crate::cli) fn start(&self, part: usize) -> u64 {
        let start = part as u128 * u128::from(self.n) / self.parts.len().max(1) as u128;
        start as u64
    }

    /// What is known of each; nothing where none of its numbers is finite.
    pub(in crate::cli) fn parts(&self) -> &[Option<Stretch>] {
        &self.parts
    }

    /// The least and the largest finite number.
    pub(in crate::cli) fn bounds(&self) -> Option<(f64, f64)> {
        let parts = self.parts.iter().flatten();
        let bounds = parts.map(|part| (part.least, part.most));
        bounds.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_one_stretch() {
        for (n, most) in [(0, 5), (1, 5), (3, 3), (10, 3), (1000, 72)] {
            let mut stretches = Stretches::new(n, most);
            (0..n).for_each(|i| stretches.push(i as f64));
            let parts = stretches.parts();
            assert_eq!(parts.len() as u64, n.min(most as u64));
            let mut next = 0.0;
            for (number, part) in parts.iter().enumerate() {
                let part = part.unwrap();
                assert_eq!(
                    (part.first, part.first),
                    (next, stretches.start(number) as f64)
                );
                assert_eq!(part.mean(), f64::midpoint(part.least, part.most));
                next = part.last + 1.0;
            }
            assert_eq!(next as u64, n);
        }
    }

    #[test]
    fn what_is_not_finite_is_a_gap() {
        let mut stretches = Stretches::new(4, 2);
        [f64::NAN, f64::INFINITY, 2.0, f64::NAN]
            .into_iter()
            .for_each(|value| stretches.push(value));
        assert_eq!(stretches.parts()[0], None);
        assert_eq!(stretches.bounds(), Some((2.0, 2.0)));
    }
}
