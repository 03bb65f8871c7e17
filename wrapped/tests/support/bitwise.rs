//! Comparison of numbers by their bits: NaNs compare equal only to themselves, and -0.0 not to 0.0.

use bytemuck::Pod;
use std::fmt::Debug;

/// The index of the first number that differs, or the shorter length if only lengths do.
pub fn first_difference<T: Pod>(left: &[T], right: &[T]) -> Option<usize> {
    let differs = |(a, b): (&T, &T)| bytemuck::bytes_of(a) != bytemuck::bytes_of(b);
    let shorter = left.len().min(right.len());
    let found = left.iter().zip(right).position(differs);
    found.or((left.len() != right.len()).then_some(shorter))
}

/// Panics unless both hold the same bits; `what` says what was compared.
#[track_caller]
pub fn assert_same_bits<T: Pod + Debug>(found: &[T], expected: &[T], what: impl Debug) {
    if let Some(i) = first_difference(found, expected) {
        panic!(
            "{what:?}: {} numbers for {}; number {i} is {:?}, expected {:?}",
            found.len(),
            expected.len(),
            found.get(i),
            expected.get(i),
        );
    }
}
