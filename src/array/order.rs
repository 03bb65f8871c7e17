//! The two orders in which elements may lie, and the way from one into the other.

use super::aligned::AlignedBytes;
use super::spec::ArraySpec;
use crate::error::Result;

/// Which axis varies fastest where elements lie one after another.
///
/// ```
/// use paginum::{Array, Order, container::npy};
/// let two_by_three = Array::from_slice(&[1_u8, 2, 3, 4, 5, 6], [2, 3])?;
/// assert!(npy::to_bytes(&two_by_three).ends_with(&[1, 2, 3, 4, 5, 6]));
/// // In memory rows stay rows; the file is laid out in columns.
/// let fortran = two_by_three.clone().with_order(Order::F);
/// assert_eq!(fortran.bytes(), two_by_three.bytes());
/// assert!(npy::to_bytes(&fortran).ends_with(&[1, 4, 2, 5, 3, 6]));
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The last axis: rows one after another.
    #[default]
    C,
    /// The first axis: columns one after another, as Fortran has it.
    F,
}

/// Elements in Fortran order, put into C order.
///
/// # Errors
/// `LimitExceeded` if memory cannot hold them twice.
pub(crate) fn in_c_order(columns: &[u8], spec: &ArraySpec) -> Result<AlignedBytes> {
    // Elements from one index of an axis to the next, in the source.
    let strides = ascending_strides(spec.shape().iter().copied());
    gather(columns, spec, spec.shape(), &strides)
}

/// Elements in C order, put into Fortran order.
///
/// # Errors
/// `LimitExceeded` if memory cannot hold them twice.
pub(crate) fn in_fortran_order(rows: &[u8], spec: &ArraySpec) -> Result<AlignedBytes> {
    // It is the C order of the axes turned round.
    let shape: Vec<u64> = spec.shape().iter().rev().copied().collect();
    let strides = ascending_strides(shape.iter().copied());
    gather(rows, spec, &shape, &strides)
}

/// Elements between two indices of each axis where the first axis varies fastest.
fn ascending_strides(lengths: impl Iterator<Item = u64>) -> Vec<usize> {
    lengths
        .scan(1_usize, |stride, length| {
            Some(std::mem::replace(
                stride,
                stride.saturating_mul(length as usize),
            ))
        })
        .collect()
}

/// Goes through `shape` in C order, and takes from `source` the element that `strides` lead to.
fn gather(
    source: &[u8],
    spec: &ArraySpec,
    shape: &[u64],
    strides: &[usize],
) -> Result<AlignedBytes> {
    let item_bytes = spec.dtype().item_bytes() as usize;
    let mut out = AlignedBytes::zeroed(spec.bytes())?;
    if out.is_empty() {
        return Ok(out);
    }
    let mut indices = vec![0; shape.len()];
    let mut element = 0;
    for item in out.chunks_exact_mut(item_bytes) {
        item.copy_from_slice(&source[element * item_bytes..][..item_bytes]);
        // The next element in C order: the last axis that has one, those behind it from the start.
        for axis in (0..shape.len()).rev() {
            indices[axis] += 1;
            element += strides[axis];
            if indices[axis] < shape[axis] {
                break;
            }
            element -= strides[axis] * shape[axis] as usize;
            indices[axis] = 0;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_order_is_the_other_one_turned_round() {
        let spec = |shape: &[u64]| ArraySpec::new("<u2".parse().unwrap(), shape).unwrap();
        let cube = spec(&[2, 3, 2]);
        let number = |i: u16, j: u16, k: u16| (100 * i + 10 * j + k).to_le_bytes();
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        for n in 0..12 {
            rows.extend(number(n / 6, n / 2 % 3, n % 2));
            columns.extend(number(n % 2, n / 2 % 3, n / 6));
        }
        assert_eq!(*in_c_order(&columns, &cube).unwrap(), *rows);
        assert_eq!(*in_fortran_order(&rows, &cube).unwrap(), *columns);
        for shape in [&[][..], &[0], &[5], &[3, 0, 2], &[1, 4], &[4, 3, 2, 5]] {
            let spec = spec(shape);
            let rows: Vec<u8> = (0..spec.bytes()).map(|i| i as u8).collect();
            let columns = in_fortran_order(&rows, &spec).unwrap();
            assert_eq!(*in_c_order(&columns, &spec).unwrap(), *rows, "{shape:?}");
        }
    }
}
