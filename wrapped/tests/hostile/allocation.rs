//! An allocator that counts what the current thread holds, so that tests that run beside each other do not mix.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe to write; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes that this thread has allocated and not freed; below zero if it freed what another allocated.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// All bytes that this thread ever allocated.
    static TOTAL: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counted.
pub(crate) struct Counting;

fn grow(bytes: isize) {
    let _ = TOTAL.try_with(|total| total.set(total.get() + bytes.max(0) as usize));
    // A thread that is ending has no cells any more: what it still does is not counted.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: every call is passed on to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size() as isize);
        // SAFETY: the caller keeps `alloc`'s contract, which is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size() as isize);
        // SAFETY: the caller keeps `alloc_zeroed`'s contract, which is the system's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        grow(-(layout.size() as isize));
        // SAFETY: `block` came from the system's allocator with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both blocks may exist while the contents move.
        grow(size as isize);
        grow(-(layout.size() as isize));
        // SAFETY: `block` came from the system's allocator with this layout.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// The most bytes that `run` held at once on this thread, beyond what was held before, and its result.
pub(crate) fn peak<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let result = run();
    (result, (PEAK.get() - before).max(0) as usize)
}

/// All bytes that `run` allocated on this thread, freed or not, and its result.
pub(crate) fn total<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = TOTAL.get();
    let result = run();
    (result, TOTAL.get() - before)
}

#[test]
fn allocations_are_seen() {
    let (_, bytes) = peak(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20))));
    assert!((1 << 20..1 << 21).contains(&bytes), "{bytes}");
    let (_, bytes) = peak(|| std::hint::black_box(1));
    assert_eq!(bytes, 0);
    let (_, bytes) = total(|| (0..3).for_each(|_| drop(std::hint::black_box(vec![1u8; 100]))));
    assert_eq!(bytes, 300);
}
