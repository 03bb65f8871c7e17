//! What differs between two arrays: how much, and where first. Both are gone through side by side, piece by piece.

use std::fmt;

use super::columns::{Cells, Columns, Piece};
use super::failure::{Failure, Outcome};
use super::number::{Number, Tolerance};
use super::rows::Selection;
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::text;
use crate::text::counted;

/// How many differences are shown, of those that are counted.
const SHOWN: usize = 10;

/// Elements that differ between two arrays of one shape.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// How many differ.
    pub(super) n: u64,
    n_elements: u64,
    first: Vec<Difference>,
}

/// Where two arrays differ, and what each has there.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    index: Vec<u64>,
    values: [String; 2],
}

/// How elements are compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// By their bits.
    Bits,
    /// By their values, where they are numbers.
    Close(Tolerance),
}

impl Rule {
    /// Whether arrays of these types and shapes can be compared element by element.
    pub(super) fn fits(self, a: &ArraySpec, b: &ArraySpec) -> bool {
        let are_numbers = || [a, b].iter().all(|spec| Number::is_of(spec.dtype()));
        let has_fitting_types = match self {
            Self::Bits => a.dtype() == b.dtype(),
            Self::Close(_) => a.dtype() == b.dtype() || are_numbers(),
        };
        has_fitting_types && a.shape() == b.shape()
    }

    fn is_same(self, dtypes: [DType; 2], items: [&[u8]; 2]) -> bool {
        if dtypes[0] == dtypes[1] && items[0] == items[1] {
            return true;
        }
        let Self::Close(tolerance) = self else {
            return false;
        };
        let number = |i: usize| Number::of(dtypes[i], &text::in_native_order(dtypes[i], items[i]));
        match (number(0), number(1)) {
            (Some(a), Some(b)) => tolerance.allows(a, b),
            _ => false,
        }
    }
}

impl Differences {
    /// Compares two arrays that fit the rule. Of a row that has a value in one alone, all elements differ.
    pub(super) fn between(pair: &Columns, rule: Rule) -> Result<Self, Failure> {
        let mut found = Self {
            n_elements: pair.all()[0].source().spec().elements(),
            ..Self::default()
        };
        found.look_through(pair, rule)?;
        Ok(found)
    }

    fn look_through(&mut self, pair: &Columns, rule: Rule) -> Outcome {
        let has_nulls = pair.all().iter().any(|column| column.has_nulls());
        let [a, b] = pair.all() else {
            return Err(Failure::usage("two arrays are compared"));
        };
        let has_one_type = a.source().spec().dtype() == b.source().spec().dtype();
        pair.for_each(&Selection::all(0..pair.n_rows()), |piece| {
            if has_nulls || !has_one_type || piece.bytes(0) != piece.bytes(1) {
                self.look_through_piece(piece, rule);
            }
            Ok(())
        })
    }

    fn look_through_piece(&mut self, piece: &Piece<'_>, rule: Rule) {
        for i in 0..piece.n_rows() {
            let mut cells = piece.row(i);
            let (Some(a), Some(b)) = (cells.next(), cells.next()) else {
                return;
            };
            match (a.bytes, b.bytes) {
                (None, None) => (),
                (Some(x), Some(y)) if a.spec.dtype() == b.spec.dtype() && x == y => (),
                _ => self.look_through_row(piece.number(i), &a, &b, rule),
            }
        }
    }

    fn look_through_row(&mut self, row: u64, a: &Cells<'_>, b: &Cells<'_>, rule: Rule) {
        let dtypes = [a.spec.dtype(), b.spec.dtype()];
        for element in 0..a.spec.row_elements() as usize {
            let [x, y] = [a, b].map(|cells| cells.item(element));
            if let (Some(x), Some(y)) = (x, y)
                && rule.is_same(dtypes, [x, y])
            {
                continue;
            }
            self.n += 1;
            if self.first.len() < SHOWN {
                let show = |dtype, item: Option<&[u8]>| {
                    item.map_or_else(|| "null".to_owned(), |item| text::element(dtype, item))
                };
                self.first.push(Difference {
                    index: index(a.spec, row, element as u64),
                    values: [show(dtypes[0], x), show(dtypes[1], y)],
                });
            }
        }
    }
}

/// Where an element of a row is, an index for each axis.
fn index(spec: &ArraySpec, row: u64, element: u64) -> Vec<u64> {
    let Some(axes) = spec.shape().get(1..) else {
        return Vec::new();
    };
    let mut rest = spec.row_elements();
    let within = axes.iter().map(|&length| {
        rest /= length;
        element / rest % length
    });
    std::iter::once(row).chain(within).collect()
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let elements = counted(self.n_elements, "element");
        let verb = if self.n == 1 { "differs" } else { "differ" };
        write!(f, "{} of {elements} {verb}", self.n)?;
        for Difference { index, values } in &self.first {
            write!(f, "\n  {index:?}: {} and {}", values[0], values[1])?;
        }
        if self.n > self.first.len() as u64 {
            write!(f, "\n  ... and {} more", self.n - self.first.len() as u64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_has_an_index_an_axis() {
        let index = |shape: &[u64], row, element| {
            let spec = ArraySpec::new("<i4".parse().unwrap(), shape).unwrap();
            index(&spec, row, element)
        };
        assert_eq!(index(&[], 0, 0), [0; 0]);
        assert_eq!(index(&[5], 3, 0), [3]);
        assert_eq!(index(&[5, 2, 3], 4, 5), [4, 1, 2]);
        assert_eq!(index(&[5, 2, 3], 4, 2), [4, 0, 2]);
    }
}
