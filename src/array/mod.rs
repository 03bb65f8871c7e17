//! Arrays: a dtype, a shape and bytes in C order.
//!
//! Sizes are checked once, when an [`ArraySpec`] is made, and are right from then on. A *row* is one index of the first
//! axis; an array without axes is one row. Bytes in memory are always rows one after another, in C order; the [`Order`] of
//! an array says how files that can say so lay it out.

mod aligned;
#[cfg(feature = "ndarray")]
mod nd;
mod numbers;
mod order;
mod selection;
mod spec;

pub use aligned::AlignedBytes;
pub(crate) use numbers::put_into_native_order;
pub use order::Order;
pub(crate) use order::{in_c_order, in_fortran_order};
pub use selection::{AxisRange, Selection, Step};
pub(crate) use selection::{Cut, Cuts};
pub use spec::ArraySpec;

use crate::error::Result;
use crate::limits::Limits;

/// An array in memory.
///
/// ```
/// use paginum::{Array, ArraySpec};
/// let array = Array::from_slice(&[1.5_f32, 2.5, 3.5, 4.5], [2, 2])?;
/// assert_eq!(array.spec(), &ArraySpec::new("<f4".parse()?, [2, 2])?);
/// assert_eq!(array.to_vec::<f32>()?, [1.5, 2.5, 3.5, 4.5]);
/// # Ok::<(), paginum::Error>(())
/// ```
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
        spec.check_bytes(bytes.len())?;
        let bytes = AlignedBytes::copy_of(bytes)?;
        Ok(Self { spec, bytes })
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

    /// The same values, to be laid out in another order by files that can say so.
    #[must_use]
    pub fn with_order(mut self, order: Order) -> Self {
        self.spec = self.spec.with_order(order);
        self
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec && *self.bytes == *other.bytes
    }
}
