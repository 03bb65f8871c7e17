//! Chunks in parallel, on the caller's rayon pool, where the feature `parallel` is on.

use crate::error::Result;

/// How many chunks are worked on at a time.
pub(super) fn available() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    return 1;
}

/// Applies `work` to each part; results come in the order of the parts, or the first error.
pub(super) fn map<T: Send, R: Send>(
    parts: Vec<T>,
    work: impl Fn(T) -> Result<R> + Send + Sync,
) -> Result<Vec<R>> {
    #[cfg(feature = "parallel")]
    return {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        // Nothing is gained for one part but a thread that must wake.
        match parts.len() {
            0 | 1 => parts.into_iter().map(work).collect(),
            _ => parts.into_par_iter().map(work).collect(),
        }
    };
    #[cfg(not(feature = "parallel"))]
    return parts.into_iter().map(work).collect();
}
