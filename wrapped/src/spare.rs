//! Memory as long as a chunk, handed on from one chunk to the next.
//!
//! Fresh pages of the operating system cost more than most passes over them: an eighth of encoding, where each chunk
//! allocated its vectors anew. So what one leaves behind is kept for the next, a bounded amount in each thread.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;

/// Less comes from the allocator as fast.
const MIN_KEPT_WORDS: usize = 1 << 11;
/// What a thread keeps at most: the vectors of a chunk of 2^18 numbers of 64 bits, twice.
const MAX_KEPT_WORDS: usize = 3 << 19;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

/// A slice on the heap whose memory is kept when it is dropped.
#[derive(Debug)]
pub(crate) struct Spare<T> {
    words: Vec<u64>,
    len: usize,
    of: PhantomData<T>,
}

impl<T: Pod> Spare<T> {
    /// `len` items of any value, to be written before they are read.
    pub(crate) fn new(len: usize) -> Self {
        let n_words = (len * size_of::<T>()).div_ceil(size_of::<u64>());
        let mut words = take(n_words);
        if cfg!(debug_assertions) {
            // So that tests notice what is read too early.
            words.fill(0xa5a5_a5a5_a5a5_a5a5);
        }
        Self {
            words,
            len,
            of: PhantomData,
        }
    }

    /// Drops all items from a place on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

/// Words of any value: kept ones, the shortest that suffice, or fresh ones.
fn take(n_words: usize) -> Vec<u64> {
    if n_words < MIN_KEPT_WORDS {
        return vec![0; n_words];
    }
    KEPT.with_borrow_mut(|kept| {
        let long_enough = (0..kept.len()).filter(|&i| kept[i].len() >= n_words);
        let shortest = long_enough.min_by_key(|&i| kept[i].len());
        shortest.map(|i| kept.remove(i))
    })
    .unwrap_or_else(|| vec![0; n_words])
}

/// Keeps words; what was kept for longest gives way.
fn keep(words: Vec<u64>) {
    if !(MIN_KEPT_WORDS..=MAX_KEPT_WORDS).contains(&words.len()) {
        return;
    }
    // A thread that ends keeps nothing.
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let mut n_kept = words.len() + kept.iter().map(Vec::len).sum::<usize>();
        kept.push(words);
        while n_kept > MAX_KEPT_WORDS {
            n_kept -= kept.remove(0).len();
        }
    });
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        keep(std::mem::take(&mut self.words));
    }
}

impl<T: Pod> Deref for Spare<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

impl<T: Pod> DerefMut for Spare<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }
}

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Self {
        let mut words = take(self.words.len());
        words[..self.words.len()].copy_from_slice(&self.words);
        Self {
            words,
            len: self.len,
            of: PhantomData,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n_kept() -> usize {
        KEPT.with_borrow(|kept| kept.iter().map(Vec::len).sum())
    }

    #[test]
    fn memory_is_handed_on_and_bounded() {
        let mut first = Spare::<u32>::new(100_001);
        first.fill(7);
        assert_eq!(first[..], vec![7; 100_001]);
        first.truncate(3);
        assert_eq!(first[..], [7; 3]);
        let at = first.as_ptr().cast::<u8>();
        drop(first);
        let second = Spare::<u16>::new(100_000);
        assert_eq!(second.as_ptr().cast::<u8>(), at);
        assert_eq!(second.clone()[..], second[..]);
        drop(second);
        let many: Vec<Spare<u64>> = (0..8).map(|_| Spare::new(MAX_KEPT_WORDS / 5)).collect();
        drop(many);
        drop(Spare::<u64>::new(MAX_KEPT_WORDS + 1));
        assert!((1..=MAX_KEPT_WORDS).contains(&n_kept()), "{}", n_kept());
    }
}
