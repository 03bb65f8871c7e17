//! Independent work over the caller's rayon pool, or in turn without the feature `parallel`.
//!
//! What comes of it is handed on in order, so that the number of threads never shows in a result.

use std::sync::{Mutex, PoisonError};

/// How many pieces of work are worth having at once.
#[must_use]
pub fn threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    return 1;
}

/// Does `work` to each item and returns what came of them in order.
///
/// # Errors
/// The first one in that order.
pub fn map<T: Send, R: Send, E: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    if items.len() < 2 || threads() < 2 {
        return items.into_iter().map(work).collect();
    }
    // An item goes into its slot, and what came of it comes out.
    let slots: Vec<_> = items
        .into_iter()
        .map(|item| Mutex::new((Some(item), None)))
        .collect();
    for_each(slots.len(), &|i| {
        let lock = || slots[i].lock().unwrap_or_else(PoisonError::into_inner);
        let item = lock().0.take();
        let result = item.map(&work);
        lock().1 = result;
    });
    slots
        .into_iter()
        .filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner).1)
        .collect()
}

/// Appends what `work` writes of each item to `dst`, in order, and returns the length of each: as many items at once as there
/// are threads, or one after the other straight into `dst`, with the same scratch.
///
/// # Errors
/// The first one in that order; what was appended is then of no use.
pub(crate) fn append<T: Copy + Send, S: Default, E: Send>(
    items: &[T],
    scratch: &mut S,
    dst: &mut Vec<u8>,
    work: impl Fn(T, &mut S, &mut Vec<u8>) -> Result<(), E> + Sync,
) -> Result<Vec<usize>, E> {
    let mut lengths = Vec::with_capacity(items.len());
    for items in items.chunks(threads()) {
        if let &[item] = items {
            let start = dst.len();
            work(item, scratch, dst)?;
            lengths.push(dst.len() - start);
            continue;
        }
        let written = map(items.to_vec(), |item| {
            let mut bytes = Vec::new();
            work(item, &mut S::default(), &mut bytes).map(|()| bytes)
        })?;
        for bytes in written {
            dst.extend_from_slice(&bytes);
            lengths.push(bytes.len());
        }
    }
    Ok(lengths)
}

/// Calls `work` with 0 to `n`, in any order. Not generic: rayon's machinery is compiled once, not for each caller.
fn for_each(n: usize, work: &(dyn Fn(usize) + Sync)) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..n).into_par_iter().for_each(work);
    }
    #[cfg(not(feature = "parallel"))]
    (0..n).for_each(work);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn results_are_in_order_and_the_first_error_wins() {
        let squares = map((0..100u64).collect(), |i| Ok::<_, Error>(i * i)).unwrap();
        assert!(squares.into_iter().eq((0..100).map(|i| i * i)));
        let result = map((0..100u64).collect(), |i| match i {
            30.. => Err(Error::corrupt(i.to_string())),
            _ => Ok(i),
        });
        assert_eq!(result.unwrap_err().to_string(), "corrupt: 30");
    }
}
