//! Between the bytes of an array and the numbers of one component.

use paginum_wrapped::{Number, NumberType};

use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::validity::Validity;

/// What the numbers of an array are, and in which byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::filter) struct Words {
    pub(in crate::filter) number_type: NumberType,
    is_swapped: bool,
}

impl Words {
    pub(super) fn new(number_type: NumberType, is_big_endian: bool) -> Self {
        Self {
            number_type,
            is_swapped: is_big_endian != cfg!(target_endian = "big")
                && number_type.size_bytes() > 1,
        }
    }

    /// The numbers of an array that has some.
    fn of(spec: &ArraySpec) -> Option<Self> {
        let number_type = spec.dtype().number_type()?;
        let is_swapped = spec.dtype().is_swapped();
        let is_big_endian = is_swapped != cfg!(target_endian = "big");
        Some(Self::new(number_type, is_big_endian))
    }

    /// The same for a filter that takes no others.
    ///
    /// # Errors
    /// `InvalidArgument` for an array of something else.
    pub(in crate::filter) fn required(spec: &ArraySpec, filter: &str) -> Result<Self> {
        Self::of(spec).ok_or_else(|| {
            let dtype = spec.dtype();
            Error::invalid(format!(
                "{filter} pages of {dtype}, which is not made of numbers; shuffle is the filter for it"
            ))
        })
    }

    pub(super) fn is_big_endian(self) -> bool {
        self.number_type.size_bytes() > 1 && self.is_swapped != cfg!(target_endian = "big")
    }

    /// Whether the bytes of `out` can be the numbers themselves.
    pub(super) fn is_swapped(self) -> bool {
        self.is_swapped
    }

    /// Puts numbers of this machine's byte order into the array's, or back.
    pub(super) fn swap(self, bytes: &mut [u8]) {
        if self.is_swapped {
            for word in bytes.chunks_exact_mut(self.number_type.size_bytes()) {
                word.reverse();
            }
        }
    }
}

/// Takes the numbers of component `component` out of the bytes of all `components`.
pub(in crate::filter) fn gather<T: Number>(
    bytes: &[u8],
    components: usize,
    component: usize,
    words: Words,
) -> Vec<T> {
    let size = size_of::<T>();
    let items = bytes[component * size..].chunks(components * size);
    let mut numbers: Vec<T> = items
        .map(|item| bytemuck::pod_read_unaligned(&item[..size]))
        .collect();
    words.swap(bytemuck::cast_slice_mut(&mut numbers));
    numbers
}

/// Puts the numbers of component `component` among the bytes of all `components`.
pub(super) fn scatter<T: Number>(
    numbers: &[T],
    components: usize,
    component: usize,
    out: &mut [u8],
) {
    let size = size_of::<T>();
    if components == 1 {
        out.copy_from_slice(bytemuck::cast_slice(numbers));
        return;
    }
    let items = out[component * size..].chunks_mut(components * size);
    for (item, number) in items.zip(numbers) {
        item[..size].copy_from_slice(bytemuck::bytes_of(number));
    }
}

/// The numbers `numbers` of a stream, of `in_row` numbers a row, less those of null rows; `first` is the stream's number
/// that stands first in `values`, and `validity` counts rows from `first_row` on.
pub(super) fn without_nulls<T: Number>(
    values: &[T],
    first: u64,
    in_row: u64,
    numbers: std::ops::Range<u64>,
    validity: &Validity,
    first_row: u64,
) -> Vec<T> {
    let mut kept = Vec::new();
    for run in valid_numbers(in_row, numbers, validity, first_row) {
        kept.extend_from_slice(&values[(run.start - first) as usize..(run.end - first) as usize]);
    }
    kept
}

/// The runs of `numbers` whose rows are valid.
pub(super) fn valid_numbers(
    in_row: u64,
    numbers: std::ops::Range<u64>,
    validity: &Validity,
    first_row: u64,
) -> impl Iterator<Item = std::ops::Range<u64>> {
    let rows = numbers.start / in_row - first_row..numbers.end.div_ceil(in_row) - first_row;
    validity
        .valid_runs(rows.start as usize..rows.end as usize)
        .map(move |run| {
            let start = (run.start as u64 + first_row) * in_row;
            let end = (run.end as u64 + first_row) * in_row;
            start.max(numbers.start)..end.min(numbers.end)
        })
}
