//! What the shape of an array tells of its numbers: which belong together, and where others of the same column are.

use crate::array::ArraySpec;
use crate::filter::paged::components;

/// Rows of fewer numbers are not looked at: differences of neighbours tell as much.
const MIN_ROW_N: u64 = 32;
/// Nor those that no page holds several of.
const MAX_ROW_N: u64 = 1 << 20;

/// Numbers that belong together, and lengths of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Numbers of an element or of the last axis, where they are few and more than one.
    pub(super) components: Option<usize>,
    /// Numbers of a row, of a plane and so on, the shortest first.
    rows: Vec<usize>,
}

impl Shape {
    pub(super) fn of(spec: &ArraySpec) -> Self {
        let components = components(spec);
        let mut row_n = spec.dtype().components();
        let mut rows = Vec::new();
        for axis in spec.shape().iter().skip(1).rev() {
            row_n = row_n.saturating_mul(*axis);
            if (MIN_ROW_N..=MAX_ROW_N).contains(&row_n) && rows.last() != Some(&(row_n as usize)) {
                rows.push(row_n as usize);
            }
        }
        Self {
            components: (components > 1).then_some(components as usize),
            rows,
        }
    }

    /// An array of one axis whose numbers belong together, so many at a time.
    #[cfg(test)]
    pub(super) fn of_components(k: usize) -> Self {
        Self {
            components: Some(k),
            rows: Vec::new(),
        }
    }

    /// The lengths of rows in one of `k` components.
    pub(super) fn rows_of_component(&self, k: usize) -> impl Iterator<Item = usize> {
        let own = self.rows.iter().filter(move |row_n| *row_n % k == 0);
        own.map(move |row_n| row_n / k)
            .filter(|row_n| *row_n as u64 >= MIN_ROW_N)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::spec;

    #[test]
    fn rows_are_what_stands_behind_the_first_axis() {
        let rows = |dtype, shape: &[u64], k| -> Vec<usize> {
            Shape::of(&spec(dtype, shape))
                .rows_of_component(k)
                .collect()
        };
        assert!(rows("<f4", &[10_000], 1).is_empty());
        assert_eq!(rows("<f4", &[100, 49], 1), [49]);
        assert_eq!(rows("<f4", &[100, 37, 49], 1), [49, 1813]);
        assert_eq!(rows("|u1", &[480, 640, 3], 3), [640]);
        assert_eq!(rows("<c8", &[480, 64], 2), [64]);
        assert_eq!(rows("<f4", &[100, 1, 49], 1), [49]);
        assert_eq!(rows("<f4", &[100, 0, 49], 1), [49]);
        assert_eq!(Shape::of(&spec("<c8", &[480, 64])).components, Some(2));
    }
}
