//! Independent work over the caller's rayon pool, or in turn where there is none.

use crate::error::Result;

/// How many pieces of work are worth having at once.
pub(super) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    return 1;
}

/// Does `work` to each item and returns what came of them in order, or the first error in that order.
pub(super) fn map<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    #[cfg(feature = "parallel")]
    if items.len() > 1 && threads() > 1 {
        use rayon::prelude::*;
        // Not `try_for_each`: which error that returns depends on the clock.
        let results: Vec<Result<R>> = items.into_par_iter().map(&work).collect();
        return results.into_iter().collect();
    }
    items.into_iter().map(work).collect()
}
