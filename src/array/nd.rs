//! Arrays of the crate `ndarray`, from arrays of ours and to them: the feature `ndarray`.

use bytemuck::Pod;
use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension, IxDyn, ShapeBuilder};
use paginum_wrapped::Number;

use super::{Array, ArraySpec, Order};
use crate::error::{Error, Result};

impl Array {
    /// Its numbers as a view of `ndarray`; those of a complex element are a last axis of 2.
    ///
    /// ```
    /// use paginum::Array;
    /// let array = Array::from_vec((0..6_i64).collect(), [2, 3])?;
    /// assert_eq!(array.view::<i64>()?[[1, 2]], 5);
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`numbers`](Self::numbers); `Unsupported` for a shape that `ndarray` does not have.
    pub fn view<T: Number + Pod>(&self) -> Result<ArrayViewD<'_, T>> {
        let shape = shape_of(&self.spec)?;
        ArrayViewD::from_shape(IxDyn(&shape), self.numbers()?).map_err(unsupported)
    }
}

/// Arrays that lie in Fortran order are of that order. All others are of C order, copied index by index where they must be.
impl<T: Number, S: Data<Elem = T>, D: Dimension> TryFrom<&ArrayBase<S, D>> for Array {
    type Error = Error;

    fn try_from(array: &ArrayBase<S, D>) -> Result<Self> {
        let shape: Vec<u64> = array.shape().iter().map(|axis| *axis as u64).collect();
        match array.as_slice() {
            Some(numbers) => Self::from_slice(numbers, shape),
            None => {
                let order = match array.t().is_standard_layout() {
                    true => Order::F,
                    false => Order::C,
                };
                let rows = array.iter().copied().collect();
                Ok(Self::from_vec(rows, shape)?.with_order(order))
            }
        }
    }
}

/// An array of the same order, in this machine's byte order; the numbers of a complex element are a last axis of 2.
impl<T: Number + Pod> TryFrom<&Array> for ArrayD<T> {
    type Error = Error;

    fn try_from(array: &Array) -> Result<Self> {
        let shape = shape_of(&array.spec)?;
        let rows = Self::from_shape_vec(IxDyn(&shape), array.to_vec()?).map_err(unsupported)?;
        if array.spec.order() == Order::C {
            return Ok(rows);
        }
        let columns = rows.t().iter().copied().collect();
        Self::from_shape_vec(IxDyn(&shape).f(), columns).map_err(unsupported)
    }
}

/// The lengths of the axes, with one for the parts of complex elements.
fn shape_of(spec: &ArraySpec) -> Result<Vec<usize>> {
    let parts = Some(spec.dtype().components()).filter(|n| *n > 1);
    let axes = spec.shape().iter().copied().chain(parts);
    axes.map(|axis| usize::try_from(axis).map_err(unsupported))
        .collect()
}

fn unsupported(why: impl std::fmt::Display) -> Error {
    Error::unsupported(format!("a shape that ndarray does not have: {why}"))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array, s};

    use super::*;

    #[test]
    fn rows_columns_and_slices_come_back() {
        let rows = array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let of_rows = Array::try_from(&rows).unwrap();
        assert_eq!(of_rows.spec().to_string(), "<f4 [2, 3]");
        assert_eq!(
            ArrayD::<f32>::try_from(&of_rows).unwrap(),
            rows.clone().into_dyn()
        );

        let columns = rows.t().to_owned();
        let of_columns = Array::try_from(&rows.t()).unwrap();
        assert_eq!(of_columns.spec().order(), Order::F);
        assert_eq!(
            of_columns.numbers::<f32>().unwrap(),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
        );
        let back = ArrayD::<f32>::try_from(&of_columns).unwrap();
        assert_eq!(back, columns.into_dyn());
        assert!(back.t().is_standard_layout());

        let every_second = Array::try_from(&rows.slice(s![.., ..;2])).unwrap();
        assert_eq!(every_second.spec().to_string(), "<f4 [2, 2]");
        assert_eq!(every_second.view::<f32>().unwrap()[[1, 1]], 6.0);
    }

    #[test]
    fn empty_scalar_and_complex_arrays_have_shapes_too() {
        let empty = Array::try_from(&Array2::<u8>::zeros((0, 3))).unwrap();
        assert_eq!(empty.view::<u8>().unwrap().shape(), [0, 3]);
        let scalar = Array::from_slice(&[7_i16], []).unwrap();
        assert_eq!(ArrayD::<i16>::try_from(&scalar).unwrap()[[].as_slice()], 7);
        let complex = ArraySpec::new("<c8".parse().unwrap(), [3]).unwrap();
        let complex = Array::from_bytes(complex, &[0; 24]).unwrap();
        assert_eq!(complex.view::<f32>().unwrap().shape(), [3, 2]);
        assert!(complex.view::<f64>().is_err());
        let endless = ArraySpec::new("<f8".parse().unwrap(), [1 << 62, 1 << 62, 0]).unwrap();
        let endless = Array::from_bytes(endless, &[]).unwrap();
        assert!(endless.view::<f64>().is_err());
    }
}
