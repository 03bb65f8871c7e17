//! Least squares in a few unknowns.

/// Sums for the normal equations of `y = weights * x + constant`.
pub(crate) struct LeastSquares {
    /// Values of a sample with its target; the constant takes the target's place among the unknowns.
    width: usize,
    /// Products of each two values of a sample, rows of `width + 1`, the last for a constant 1.
    products: Vec<f64>,
}

impl LeastSquares {
    /// For samples of `width` values, of which the last is the target.
    pub(crate) fn new(width: usize) -> Self {
        Self {
            width,
            products: vec![0.0; (width + 1) * (width + 1)],
        }
    }

    /// Takes in a sample.
    pub(crate) fn add(&mut self, sample: &[f64]) {
        let row_len = self.width + 1;
        for (i, &x) in sample.iter().chain(&[1.0]).enumerate() {
            let row = &mut self.products[i * row_len..(i + 1) * row_len];
            for (product, &y) in row.iter_mut().zip(sample.iter().chain(&[1.0])) {
                *product += x * y;
            }
        }
    }

    /// The weights and, last, the constant; `None` where they are not determined.
    pub(crate) fn solve(&self) -> Option<Vec<f64>> {
        let (n, row_len, target) = (self.width, self.width + 1, self.width - 1);
        // Unknowns are all but the target, the constant last.
        let index = |unknown: usize| {
            if unknown == target {
                self.width
            } else {
                unknown
            }
        };
        let at = |i: usize, j: usize| self.products[i * row_len + j];
        // Cholesky: lower * lower^T = products + ridge.
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
                let mut rest = at(index(i), index(j)) - known;
                if i == j {
                    // Small against the data: it only keeps what is not determined from exploding.
                    rest += at(index(i), index(i)) * 1e-10 + 1e-3;
                    if rest <= 0.0 || !rest.is_finite() {
                        return None;
                    }
                    lower[i * n + i] = rest.sqrt();
                } else {
                    lower[i * n + j] = rest / lower[j * n + j];
                }
            }
        }
        let mut solution: Vec<f64> = (0..n).map(|i| at(index(i), target)).collect();
        for i in 0..n {
            let known: f64 = (0..i).map(|k| lower[i * n + k] * solution[k]).sum();
            solution[i] = (solution[i] - known) / lower[i * n + i];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| lower[k * n + i] * solution[k]).sum();
            solution[i] = (solution[i] - known) / lower[i * n + i];
        }
        solution.iter().all(|x| x.is_finite()).then_some(solution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_samples_give_their_weights_back() {
        let mut squares = LeastSquares::new(3);
        for i in 0..50 {
            let (x, y) = (f64::from(i % 7), f64::from(i % 11) * 10.0);
            squares.add(&[x, y, 3.0 * x - 0.5 * y + 20.0]);
        }
        let solution = squares.solve().unwrap();
        for (found, expected) in solution.iter().zip([3.0, -0.5, 20.0]) {
            assert!((found - expected).abs() < 1e-2, "{solution:?}");
        }
    }
}
