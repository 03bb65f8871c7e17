//! Where a payload ended before appends in place swallowed the metadata that stood behind it.
//!
//! An append to a `.pv` lets the range of the last kept payload grow over the old file's last pairs, index and count
//! (FORMAT.md, appending in place): the payload is then followed by a *dead tail*, whose last eight bytes are the old
//! count N, and before them the old index of N `{u64 end, u64 size}`. That index says where the payload ended then.

use crate::error::Result;
use crate::filter::Payload;
use crate::filter::skippable::read_u64;

const ENTRY_BYTES: u64 = 16;
const COUNT_BYTES: u64 = 8;
/// An index of up to so many bytes is fetched whole from a distant store: a search in it would be a round trip a step.
pub(crate) const MAX_FETCHED_INDEX: u64 = 1 << 20;

/// The payload as it was before the last append in place, if its range ends in a dead tail.
pub(in crate::filter) fn before_append(payload: &Payload) -> Result<Option<Payload>> {
    let len = payload.len();
    if len < COUNT_BYTES + 2 * ENTRY_BYTES {
        return Ok(None);
    }
    let count = read_u64(&payload.bytes(len - COUNT_BYTES..len)?);
    let index_start = count
        .checked_mul(ENTRY_BYTES)
        .and_then(|bytes| (len - COUNT_BYTES).checked_sub(bytes));
    let (Some(index_start), true) = (index_start, count >= 2) else {
        return Ok(None);
    };
    if count * ENTRY_BYTES <= MAX_FETCHED_INDEX {
        let in_store = payload.range().start;
        payload.prefetch(|| {
            let end = len - COUNT_BYTES;
            std::iter::once(in_store + index_start..in_store + end).collect()
        })?;
    }
    let start = payload.offset_of(0);
    let end_of = |i: u64| -> Result<u64> {
        let entry = index_start + i * ENTRY_BYTES;
        Ok(read_u64(&payload.bytes(entry..entry + 8)?))
    };
    // The first range that ends behind our start is ours, if the one before it ends where we start.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if end_of(middle)? <= start {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if low == 0 || low == count || end_of(low - 1)? != start {
        return Ok(None);
    }
    let earlier_len = end_of(low)? - start;
    if earlier_len > index_start {
        return Ok(None);
    }
    Ok(Some(payload.clone().truncated_to(earlier_len)))
}

/// The payload as its own encoder left it.
///
/// # Errors
/// Those of the storage.
#[cfg(feature = "zstd")]
pub(crate) fn without_dead_tail(mut payload: Payload) -> Result<Payload> {
    while let Some(before) = before_append(&payload)? {
        payload = before;
    }
    Ok(payload)
}

/// Fetches at once, for many payloads of a distant store, what [`without_dead_tail`] is about to look at: in one round trip for each
/// append that swallowed something.
///
/// # Errors
/// Those of the storage.
#[cfg(feature = "zstd")]
pub(crate) fn prefetch_tails(mut payloads: Vec<Payload>) -> Result<()> {
    let tail = |payload: &Payload| {
        let range = payload.range();
        let tail_bytes = COUNT_BYTES + 2 * ENTRY_BYTES;
        range.start.max(range.end.saturating_sub(tail_bytes))..range.end
    };
    while let Some(first) = payloads.first() {
        first.prefetch(|| payloads.iter().map(tail).collect())?;
        let before = payloads.iter().map(before_append);
        let before = before.filter_map(Result::transpose);
        payloads = before.collect::<Result<_>>()?;
    }
    Ok(())
}

/// Looks for something at the end of the payload, then at its ends before each append.
pub(super) fn find_at_ends<T>(
    payload: &Payload,
    look: impl Fn(&Payload) -> Result<Option<T>>,
) -> Result<Option<T>> {
    let mut earlier = payload.clone();
    loop {
        if let Some(found) = look(&earlier)? {
            return Ok(Some(found));
        }
        // Each is shorter than the one before, so this ends.
        match before_append(&earlier)? {
            Some(before) => earlier = before,
            None => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A file of one payload at 10..30, an old tail whose index tells so, twice over.
    fn swallowed_twice() -> Vec<u8> {
        let mut file = vec![7; 30];
        for _ in 0..2 {
            let index: [(u64, u64); 3] = [(10, 1), (30, 2), (file.len() as u64, 3)];
            for (end, size) in index {
                file.extend(end.to_le_bytes());
                file.extend(size.to_le_bytes());
            }
            file.extend(3u64.to_le_bytes());
        }
        file
    }

    #[test]
    fn each_append_is_taken_back() {
        let file = swallowed_twice();
        let n = file.len() as u64;
        let payload = Payload::new(Arc::new(file), 10..n).unwrap();
        let before = before_append(&payload).unwrap().unwrap();
        assert_eq!(before.range(), 10..30);
        assert!(before_append(&before).unwrap().is_none());
        let found = find_at_ends(&payload, |p| Ok((p.len() == 20).then_some(()))).unwrap();
        assert!(found.is_some());
    }

    #[test]
    fn other_bytes_are_no_tail() {
        for bytes in [vec![0; 100], vec![1; 100], vec![255; 100], vec![2; 7]] {
            let n = bytes.len() as u64;
            let payload = Payload::new(Arc::new(bytes), 0..n).unwrap();
            assert!(before_append(&payload).unwrap().is_none());
        }
    }
}
