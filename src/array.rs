//! Arrays: a dtype, a shape and bytes in C order.
//!
//! Sizes are checked once, when an [`ArraySpec`] is made, and are right from then on. A *row* is one index of the first
//! axis; an array without axes is one row.

use std::fmt;

use bytemuck::Pod;

use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;

/// The type and shape of an array, whose sizes in elements and bytes fit 63 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArraySpec {
    dtype: DType,
    shape: Vec<u64>,
    row_elements: u64,
    row_bytes: u64,
}

impl ArraySpec {
    /// The most axes: numpy's bound.
    pub const MAX_AXES: usize = 64;

    /// Checks that the sizes fit.
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

    /// The type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Lengths of the axes, slowest first; empty for a scalar.
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
        Self::new(self.dtype, shape)
    }

    /// Refuses rows that the array does not have.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn check_rows(&self, rows: &std::ops::Range<u64>) -> Result<()> {
        if rows.start > rows.end || rows.end > self.rows() {
            return Err(Error::invalid(format!(
                "rows {}..{} of an array of {} rows",
                rows.start,
                rows.end,
                self.rows()
            )));
        }
        Ok(())
    }
}

impl fmt::Display for ArraySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.dtype, self.shape)
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

/// Bytes at an address that suits every number type.
pub struct AlignedBytes {
    words: Box<[u64]>,
    len: usize,
}

impl AlignedBytes {
    /// Zeroes. The pages of large ones cost nothing until they are written.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold them.
    pub fn zeroed(len: u64) -> Result<Self> {
        let out_of_memory = || Error::limit("bytes of memory", isize::MAX as u64, len);
        let len = usize::try_from(len).map_err(|_| out_of_memory())?;
        let words = bytemuck::allocation::try_zeroed_slice_box(len.div_ceil(8))
            .map_err(|()| out_of_memory())?;
        Ok(Self { words, len })
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold them.
    pub fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut copy = Self::zeroed(bytes.len() as u64)?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }
}

impl std::ops::Deref for AlignedBytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

impl std::ops::DerefMut for AlignedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }
}

impl fmt::Debug for AlignedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len)
    }
}

impl Clone for AlignedBytes {
    fn clone(&self) -> Self {
        Self {
            words: self.words.clone(),
            len: self.len,
        }
    }
}

/// An array in memory.
#[derive(Clone, Debug)]
pub struct Array {
    spec: ArraySpec,
    bytes: AlignedBytes,
}

impl Array {
    /// Zeroes of a type and shape.
    ///
    /// # Errors
    /// `LimitExceeded` by `limits` or by memory.
    pub fn zeroed(spec: ArraySpec, limits: &Limits) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        let bytes = AlignedBytes::zeroed(spec.bytes())?;
        Ok(Self { spec, bytes })
    }

    /// Gives bytes in C order their type and shape.
    ///
    /// # Errors
    /// `InvalidArgument` if the length is not the array's.
    pub fn from_bytes(spec: ArraySpec, bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 != spec.bytes() {
            return Err(Error::invalid(format!(
                "{} bytes for an array of {}",
                bytes.len(),
                spec.bytes()
            )));
        }
        let bytes = AlignedBytes::copy_of(bytes)?;
        Ok(Self { spec, bytes })
    }

    /// A one-dimensional array of numbers.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold it.
    pub fn from_numbers<T: paginum_wrapped::Number>(numbers: &[T]) -> Result<Self> {
        let mut dtype = DType::of(T::NUMBER_TYPE);
        if cfg!(target_endian = "big") && dtype.item_bytes() > 1 {
            dtype = dtype.to_string().replace('<', ">").parse()?;
        }
        let spec = ArraySpec::new(dtype, [numbers.len() as u64])?;
        Self::from_bytes(spec, bytemuck::cast_slice(numbers))
    }

    /// Its type and shape.
    #[must_use]
    pub fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    /// Its bytes, in C order and the dtype's byte order.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes, to be filled.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Its numbers: a complex element is two of them.
    ///
    /// # Errors
    /// `InvalidArgument` if `T` is not [`DType::number_type`], or the byte order not this machine's.
    pub fn numbers<T: paginum_wrapped::Number + Pod>(&self) -> Result<&[T]> {
        let dtype = self.spec.dtype;
        if dtype.number_type() != Some(T::NUMBER_TYPE) || dtype.is_swapped() {
            return Err(Error::invalid(format!(
                "elements of {dtype} seen as {}",
                T::NUMBER_TYPE
            )));
        }
        Ok(bytemuck::cast_slice(&self.bytes))
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec && *self.bytes == *other.bytes
    }
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
    fn numbers_are_seen_only_as_what_they_are() {
        let array = Array::from_numbers(&[1.5f64, -0.0]).unwrap();
        assert_eq!(array.numbers::<f64>().unwrap(), [1.5, -0.0]);
        assert!(array.numbers::<i64>().is_err());
        let complex = Array::from_bytes(spec("<c8", &[1]).unwrap(), &[0; 8]).unwrap();
        assert_eq!(complex.numbers::<f32>().unwrap(), [0.0, 0.0]);
        let big = Array::from_bytes(spec(">f8", &[1]).unwrap(), &[0; 8]).unwrap();
        assert!(big.numbers::<f64>().is_err());
    }
}
