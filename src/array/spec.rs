//! What an array is: a dtype, a shape and an order.

use std::fmt;

use super::order::Order;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::text::counted;

/// The type and shape of an array, whose sizes in elements and bytes fit 63 bits, and how files lay it out.
///
/// ```
/// use paginum::{ArraySpec, Order};
/// let spec = ArraySpec::new("<f4".parse()?, [5, 3])?;
/// assert_eq!((spec.rows(), spec.row_bytes(), spec.bytes()), (5, 12, 60));
/// assert_eq!(spec.order(), Order::C);
/// assert_eq!(spec.with_order(Order::F).to_string(), "<f4 [5, 3] in Fortran order");
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArraySpec {
    dtype: DType,
    shape: Vec<u64>,
    order: Order,
    row_elements: u64,
    row_bytes: u64,
}

impl ArraySpec {
    /// The most axes: numpy's bound.
    pub const MAX_AXES: usize = 64;

    /// An array in C order. Checks that the sizes fit.
    ///
    /// # Errors
    /// `Unsupported` for more than 64 axes, `InvalidArgument` if elements or bytes do not fit 63 bits.
    pub fn new(dtype: DType, shape: impl Into<Vec<u64>>) -> Result<Self> {
        let shape = shape.into();
        if shape.len() > Self::MAX_AXES {
            return Err(Error::unsupported(format!(
                "an array of {} axes; at most {}",
                shape.len(),
                Self::MAX_AXES
            )));
        }
        let too_large = || Error::invalid(format!("an array of shape {shape:?} is too large"));
        let row_axes = shape.get(1..).unwrap_or(&[]);
        let row_elements = product(row_axes).ok_or_else(too_large)?;
        let row_bytes = row_elements
            .checked_mul(dtype.item_bytes())
            .ok_or_else(too_large)?;
        let rows = shape.first().copied().unwrap_or(1);
        for row_size in [row_elements, row_bytes] {
            let size = rows.checked_mul(row_size).ok_or_else(too_large)?;
            i64::try_from(size).map_err(|_| too_large())?;
        }
        Ok(Self {
            dtype,
            shape,
            order: Order::C,
            row_elements,
            row_bytes,
        })
    }

    /// The type and shape that a file states: sizes that do not fit are the file's fault, not the caller's.
    pub(crate) fn stored(dtype: DType, shape: impl Into<Vec<u64>>) -> Result<Self> {
        Self::new(dtype, shape).map_err(|error| match error.kind() {
            ErrorKind::InvalidArgument => Error::corrupt(error.message()),
            _ => error,
        })
    }

    /// The same array in another order: files that can say so lay it out like that. Its rows stay what they are.
    #[must_use]
    pub fn with_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// The type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// How files that can say so lay it out.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// Lengths of the axes, that of the rows first; empty for a scalar.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Rows: the length of the first axis, or 1 for a scalar.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Elements of a row; 0 if a later axis is empty.
    #[must_use]
    pub fn row_elements(&self) -> u64 {
        self.row_elements
    }

    /// Bytes of a row; may be 0.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        self.row_bytes
    }

    /// Elements in all.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.rows() * self.row_elements
    }

    /// Bytes in all.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.rows() * self.row_bytes
    }

    /// The same array with another number of rows.
    ///
    /// # Errors
    /// `InvalidArgument` for a scalar, or if the sizes do not fit.
    pub fn with_rows(&self, rows: u64) -> Result<Self> {
        let mut shape = self.shape.clone();
        *shape
            .first_mut()
            .ok_or_else(|| Error::invalid("a scalar has no rows to choose from"))? = rows;
        Ok(Self::new(self.dtype, shape)?.with_order(self.order))
    }

    /// An array of which this one is the only row.
    ///
    /// # Errors
    /// `Unsupported` for more axes than an array can have.
    pub(crate) fn as_row(&self) -> Result<Self> {
        let shape: Vec<u64> = std::iter::once(1)
            .chain(self.shape.iter().copied())
            .collect();
        Self::new(self.dtype, shape)
    }

    /// Refuses a number of bytes that is not the array's.
    pub(crate) fn check_bytes(&self, len: usize) -> Result<()> {
        if len as u64 == self.bytes() {
            return Ok(());
        }
        let bytes = self.bytes();
        Err(Error::invalid(format!(
            "{} for an array of {bytes}",
            counted(len, "byte")
        )))
    }

    /// Refuses rows that the array does not have.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn check_rows(&self, rows: &std::ops::Range<u64>) -> Result<()> {
        if rows.start > rows.end || rows.end > self.rows() {
            return Err(Error::invalid(format!(
                "rows {}..{} of an array of {}",
                rows.start,
                rows.end,
                counted(self.rows(), "row")
            )));
        }
        Ok(())
    }
}

impl fmt::Display for ArraySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.dtype, self.shape)?;
        match self.order {
            Order::C => Ok(()),
            Order::F => f.write_str(" in Fortran order"),
        }
    }
}

/// The product of the lengths, 0 if any is 0 whatever the others; `None` if it does not fit.
fn product(lengths: &[u64]) -> Option<u64> {
    if lengths.contains(&0) {
        return Some(0);
    }
    lengths
        .iter()
        .try_fold(1u64, |n, &length| n.checked_mul(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(dtype: &str, shape: &[u64]) -> Result<ArraySpec> {
        ArraySpec::new(dtype.parse()?, shape)
    }

    #[test]
    fn sizes_follow_from_dtype_and_shape() {
        let points = spec("<f4", &[5, 3]).unwrap();
        assert_eq!(
            (points.rows(), points.row_bytes(), points.bytes()),
            (5, 12, 60)
        );
        let scalar = spec("<f8", &[]).unwrap();
        assert_eq!(
            (scalar.rows(), scalar.row_elements(), scalar.bytes()),
            (1, 1, 8)
        );
        let empty = spec("<f8", &[0, u64::MAX >> 8]).unwrap();
        assert_eq!(empty.bytes(), 0);
        let empty_rows = spec("<f8", &[u64::MAX >> 1, 0]).unwrap();
        assert_eq!((empty_rows.row_bytes(), empty_rows.bytes()), (0, 0));
    }

    #[test]
    fn sizes_that_overflow_are_errors() {
        for shape in [&[1 << 62][..], &[1 << 33, 1 << 33], &[2, 1 << 63], &[1; 65]] {
            assert!(spec("<f8", shape).is_err(), "{shape:?}");
        }
    }

    #[test]
    fn sizes_that_overflow_are_the_file_s_fault_where_it_states_them() {
        let dtype: DType = "<f8".parse().unwrap();
        let asked = ArraySpec::new(dtype, [1 << 62]).unwrap_err();
        assert_eq!(asked.kind(), ErrorKind::InvalidArgument);
        let stated = ArraySpec::stored(dtype, [1 << 62]).unwrap_err();
        assert_eq!(stated.kind(), ErrorKind::Corrupt);
        assert!(stated.to_string().contains("too large"), "{stated}");
    }

    #[test]
    fn rows_of_an_array_have_its_order() {
        let fortran = spec("<f4", &[5, 3]).unwrap().with_order(Order::F);
        assert_eq!(fortran.with_rows(2).unwrap().order(), Order::F);
        assert_ne!(fortran, spec("<f4", &[5, 3]).unwrap());
    }
}
