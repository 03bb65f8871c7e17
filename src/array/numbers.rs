//! Arrays from numbers, and numbers from arrays.

use bytemuck::{Pod, allocation};
use paginum_wrapped::Number;

use super::{AlignedBytes, Array, ArraySpec};
use crate::dtype::DType;
use crate::error::{Error, Result};

impl Array {
    /// A one-dimensional array of numbers.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold it.
    pub fn from_numbers<T: Number>(numbers: &[T]) -> Result<Self> {
        Self::from_slice(numbers, [numbers.len() as u64])
    }

    /// An array of this shape of numbers in C order.
    ///
    /// ```
    /// use paginum::Array;
    /// let points = Array::from_slice(&[0.0_f64, 0.0, 1.0, 0.0, 1.0, 1.0], [3, 2])?;
    /// assert_eq!((points.spec().rows(), points.spec().row_elements()), (3, 2));
    /// assert!(Array::from_slice(&[1_u8, 2, 3], [2, 2]).is_err());
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for another number of them than the shape has; `LimitExceeded` if memory cannot hold it.
    pub fn from_slice<T: Number>(numbers: &[T], shape: impl Into<Vec<u64>>) -> Result<Self> {
        let spec = ArraySpec::new(dtype_of::<T>()?, shape)?;
        Self::from_bytes(spec, bytemuck::cast_slice(numbers))
    }

    /// The same of a vector; numbers of 64 bits are not copied.
    ///
    /// ```
    /// use paginum::Array;
    /// let grid = Array::from_vec((0..12_i64).collect(), [3, 4])?;
    /// assert_eq!(grid.numbers::<i64>()?[5], 5);
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`from_slice`](Self::from_slice).
    pub fn from_vec<T: Number>(numbers: Vec<T>, shape: impl Into<Vec<u64>>) -> Result<Self> {
        match allocation::try_cast_slice_box::<T, u64>(numbers.into_boxed_slice()) {
            Ok(words) => {
                let spec = ArraySpec::new(dtype_of::<T>()?, shape)?;
                let bytes = AlignedBytes::from(words);
                spec.check_bytes(bytes.len())?;
                Ok(Self { spec, bytes })
            }
            // Of another alignment: allocations go back as what they came.
            Err((_, numbers)) => Self::from_slice(&numbers, shape),
        }
    }

    /// Its numbers: a complex element is two of them.
    ///
    /// # Errors
    /// `InvalidArgument` if `T` is not [`DType::number_type`], or the byte order not this machine's.
    pub fn numbers<T: Number + Pod>(&self) -> Result<&[T]> {
        let dtype = self.spec.dtype();
        if dtype.number_type() != Some(T::NUMBER_TYPE) || dtype.is_swapped() {
            return Err(self.is_no::<T>());
        }
        Ok(bytemuck::cast_slice(&self.bytes))
    }

    /// A copy of its numbers in C order, whatever its byte order: a complex element is two of them.
    ///
    /// ```
    /// use paginum::{Array, ArraySpec};
    /// let big_endian = Array::from_bytes(ArraySpec::new(">i2".parse()?, [2])?, &[0, 1, 0, 2])?;
    /// assert_eq!(big_endian.to_vec::<i16>()?, [1, 2]);
    /// assert!(big_endian.to_vec::<f64>().is_err());
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` if `T` is not [`DType::number_type`].
    pub fn to_vec<T: Number + Pod>(&self) -> Result<Vec<T>> {
        let dtype = self.spec.dtype();
        if dtype.number_type() != Some(T::NUMBER_TYPE) {
            return Err(self.is_no::<T>());
        }
        let mut numbers: Vec<T> = bytemuck::cast_slice(&self.bytes).to_vec();
        put_into_native_order(&mut numbers, dtype);
        Ok(numbers)
    }

    fn is_no<T: Number>(&self) -> Error {
        let (dtype, asked) = (self.spec.dtype(), T::NUMBER_TYPE);
        Error::invalid(format!("elements of {dtype} seen as {asked}"))
    }
}

/// Turns the bytes of numbers round where those of a dtype are in another order than this machine's.
pub(crate) fn put_into_native_order<T: Number + Pod>(numbers: &mut [T], dtype: DType) {
    if dtype.is_swapped() {
        bytemuck::cast_slice_mut::<T, u8>(numbers)
            .chunks_exact_mut(size_of::<T>())
            .for_each(<[u8]>::reverse);
    }
}

/// The dtype of numbers in this machine's byte order.
fn dtype_of<T: Number>() -> Result<DType> {
    let dtype = DType::of(T::NUMBER_TYPE);
    match cfg!(target_endian = "big") && dtype.item_bytes() > 1 {
        true => dtype.to_string().replace('<', ">").parse(),
        false => Ok(dtype),
    }
}

/// One axis.
impl<T: Number> TryFrom<&[T]> for Array {
    type Error = Error;

    fn try_from(numbers: &[T]) -> Result<Self> {
        Self::from_numbers(numbers)
    }
}

/// One axis.
impl<T: Number> TryFrom<Vec<T>> for Array {
    type Error = Error;

    fn try_from(numbers: Vec<T>) -> Result<Self> {
        let shape = [numbers.len() as u64];
        Self::from_vec(numbers, shape)
    }
}

/// The numbers in C order; the shape is left behind.
impl<T: Number + Pod> TryFrom<&Array> for Vec<T> {
    type Error = Error;

    fn try_from(array: &Array) -> Result<Self> {
        array.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(dtype: &str, shape: &[u64]) -> ArraySpec {
        ArraySpec::new(dtype.parse().unwrap(), shape).unwrap()
    }

    #[test]
    fn numbers_are_seen_only_as_what_they_are() {
        let array = Array::from_numbers(&[1.5f64, -0.0]).unwrap();
        assert_eq!(array.numbers::<f64>().unwrap(), [1.5, -0.0]);
        assert!(array.numbers::<i64>().is_err());
        let complex = Array::from_bytes(spec("<c8", &[1]), &[0; 8]).unwrap();
        assert_eq!(complex.numbers::<f32>().unwrap(), [0.0, 0.0]);
        let big = Array::from_bytes(spec(">f8", &[1]), &[0; 8]).unwrap();
        assert!(big.numbers::<f64>().is_err());
    }

    #[test]
    fn vectors_come_back_whether_they_are_copied_or_not() {
        let wide = Array::from_vec(vec![1_i64, -2, 3, 4], [2, 2]).unwrap();
        let narrow = Array::from_vec(vec![1_i8, -2, 3], [3]).unwrap();
        assert_eq!(Vec::<i64>::try_from(&wide).unwrap(), [1, -2, 3, 4]);
        assert_eq!(Vec::<i8>::try_from(&narrow).unwrap(), [1, -2, 3]);
        assert_eq!(Array::try_from(vec![1_i8, -2, 3]).unwrap(), narrow);
        assert_eq!(Array::try_from(&[1_i8, -2, 3][..]).unwrap(), narrow);
        for shape in [&[3][..], &[5], &[2, 1], &[]] {
            assert!(Array::from_vec(vec![0_f64; 4], shape).is_err(), "{shape:?}");
            assert!(Array::from_vec(vec![0_f32; 4], shape).is_err(), "{shape:?}");
        }
    }

    #[test]
    fn swapped_complex_numbers_are_swapped_one_by_one() {
        let swapped = spec(">c8", &[1]);
        let bytes = [1.5_f32.to_be_bytes(), (-2.0_f32).to_be_bytes()].concat();
        let array = Array::from_bytes(swapped, &bytes).unwrap();
        assert_eq!(array.to_vec::<f32>().unwrap(), [1.5, -2.0]);
    }
}
