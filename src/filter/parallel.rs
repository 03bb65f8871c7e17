//! The engine's threads, with errors of this library.

pub(super) use paginum_wrapped::parallel::threads;

use crate::error::Result;

/// Does `work` to each item over the caller's rayon pool, and returns what came of them in order, or the first error in that
/// order.
pub(super) fn map<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    paginum_wrapped::parallel::map(items, work)
}
