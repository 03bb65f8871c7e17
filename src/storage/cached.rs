//! Bytes of a distant store that are here already.
//!
//! Containers say what they will need ([`ReadAt::prefetch`]) before they decode, so that one round trip brings it all; what
//! they ask for without a word is fetched when it is asked for. Both stay here, within a budget, and what was not used for
//! longest goes first.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::check_parts;
use super::{Access, Part, ReadAt, Version};

/// Larger parts are passed through: whoever reads them does not come back for them.
const MAX_KEPT_BYTES: u64 = 1 << 20;

/// A store whose bytes are kept once they were fetched, up to a budget.
///
/// ```
/// use std::sync::Arc;
/// use paginum::storage::{Cached, ReadAt};
/// let cached = Cached::new(Arc::new(vec![7; 1000]), 1 << 20);
/// cached.prefetch(&[0..10, 990..1000])?;
/// let mut end = [0; 10];
/// cached.read_exact_at(&mut end, 990)?; // asks the store for nothing
/// assert_eq!(end, [7; 10]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Cached {
    store: Arc<dyn ReadAt>,
    budget: u64,
    kept: Mutex<Kept>,
}

/// Runs of bytes by their first. None lies within another; they may overlap.
#[derive(Debug, Default)]
struct Kept {
    runs: BTreeMap<u64, Run>,
    n_bytes: u64,
    /// Counts uses: the run with the smallest number was not used for longest.
    clock: u64,
}

struct Run {
    bytes: Vec<u8>,
    used: u64,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

impl Cached {
    /// Keeps at most `budget` bytes of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn ReadAt>, budget: u64) -> Self {
        Self {
            store,
            budget,
            kept: Mutex::default(),
        }
    }

    /// Takes in bytes that came from elsewhere: with the answer that told the length.
    #[must_use]
    pub fn with_bytes(self, offset: u64, bytes: Vec<u8>) -> Self {
        self.kept().keep(offset, bytes, self.budget);
        self
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each change leaves the table whole: a panic elsewhere does no harm to it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches what is not here, all at once, and keeps it.
    fn fetch(&self, missing: Vec<Range<u64>>) -> io::Result<()> {
        let mut buffers = Vec::with_capacity(missing.len());
        for range in &missing {
            buffers.push(zeroed(range.end - range.start)?);
        }
        let mut parts: Vec<Part<'_>> = missing
            .iter()
            .zip(&mut buffers)
            .map(|(range, buf)| Part::new(range.start, buf))
            .collect();
        self.store.read_many(&mut parts)?;
        let mut kept = self.kept();
        for (range, bytes) in missing.iter().zip(buffers) {
            kept.keep(range.start, bytes, self.budget);
        }
        Ok(())
    }
}

/// The bytes exist in the store, so `size` is no bomb; memory may still be too small.
fn zeroed(size: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(size)
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    bytes.resize(size, 0);
    Ok(bytes)
}

impl Kept {
    /// Fills a part from what is here; `false` if some of it is not.
    fn fill(&mut self, part: &mut Part<'_>) -> bool {
        let (mut at, end) = (part.offset, part.offset + part.buf.len() as u64);
        self.clock += 1;
        while at < end {
            let Some((start, run)) = self.runs.range_mut(..=at).next_back() else {
                return false;
            };
            let from = (at - start) as usize;
            let n = run
                .bytes
                .len()
                .saturating_sub(from)
                .min((end - at) as usize);
            if n == 0 {
                return false;
            }
            let to = (at - part.offset) as usize;
            part.buf[to..to + n].copy_from_slice(&run.bytes[from..from + n]);
            run.used = self.clock;
            at += n as u64;
        }
        true
    }

    /// The pieces of a range that are not here.
    fn missing(&self, range: Range<u64>, holes: &mut Vec<Range<u64>>) {
        let mut at = range.start;
        while at < range.end {
            let before = self.runs.range(..=at).next_back();
            let here = before.map_or(0, |(start, run)| start + run.bytes.len() as u64);
            if here > at {
                at = here;
                continue;
            }
            let next = self.runs.range(at..).next();
            let end = next.map_or(range.end, |(start, _)| range.end.min(*start));
            holes.push(at..end);
            at = end;
        }
    }

    fn keep(&mut self, offset: u64, bytes: Vec<u8>, budget: u64) {
        let end = offset + bytes.len() as u64;
        if bytes.is_empty() || bytes.len() as u64 > budget {
            return;
        }
        let within: Vec<u64> = self
            .runs
            .range(offset..end)
            .filter(|(start, run)| *start + run.bytes.len() as u64 <= end)
            .map(|(start, _)| *start)
            .collect();
        within.into_iter().for_each(|start| self.forget(start));
        // A longer run that begins here has these bytes already.
        if self.runs.contains_key(&offset) {
            return;
        }
        self.clock += 1;
        self.n_bytes += bytes.len() as u64;
        let used = self.clock;
        self.runs.insert(offset, Run { bytes, used });
        while self.n_bytes > budget {
            let oldest = self.runs.iter().min_by_key(|(_, run)| run.used);
            let Some(start) = oldest.map(|(start, _)| *start) else {
                break;
            };
            self.forget(start);
        }
    }

    fn forget(&mut self, start: u64) {
        if let Some(run) = self.runs.remove(&start) {
            self.n_bytes -= run.bytes.len() as u64;
        }
    }
}

impl ReadAt for Cached {
    fn len(&self) -> u64 {
        self.store.len()
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check_parts(parts, self.len())?;
        let mut kept = self.kept();
        let mut missing: Vec<&mut Part<'_>> = parts
            .iter_mut()
            .filter_map(|part| (!kept.fill(part)).then_some(part))
            .collect();
        drop(kept);
        if missing.is_empty() {
            return Ok(());
        }
        let mut wanted: Vec<Part<'_>> = missing
            .iter_mut()
            .map(|part| Part::new(part.offset, &mut *part.buf))
            .collect();
        self.store.read_many(&mut wanted)?;
        let mut kept = self.kept();
        for part in wanted {
            if part.buf.len() as u64 <= MAX_KEPT_BYTES {
                kept.keep(part.offset, part.buf.to_vec(), self.budget);
            }
        }
        Ok(())
    }

    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        let len = self.len();
        let kept = self.kept();
        // What lies behind the end is an error of whoever reads it.
        let mut missing = Vec::new();
        for range in ranges {
            kept.missing(range.start.min(len)..range.end.min(len), &mut missing);
        }
        drop(kept);
        missing.sort_by_key(|range| (range.start, range.end));
        // What lies between two parts of one request comes with it, and readers go over it.
        let gap = self.access().merge_gap;
        let mut total = 0;
        let mut wanted: Vec<Range<u64>> = Vec::new();
        for range in missing {
            let last = wanted.last_mut();
            let last = last.filter(|last| range.start <= last.end.saturating_add(gap));
            let from = last.as_ref().map_or(range.start, |last| last.end);
            total += range.end.saturating_sub(from);
            // More would push out what has just come. The rest is fetched when it is asked for.
            if total > self.budget / 2 {
                break;
            }
            match last {
                Some(last) => last.end = last.end.max(range.end),
                None => wanted.push(range),
            }
        }
        if !wanted.is_empty() {
            self.fetch(wanted)?;
        }
        Ok(true)
    }

    fn holds(&self, range: &Range<u64>) -> bool {
        let mut holes = Vec::new();
        self.kept().missing(range.clone(), &mut holes);
        holes.is_empty()
    }

    fn access(&self) -> Access {
        self.store.access()
    }

    fn version(&self) -> Option<Version> {
        self.store.version()
    }

    fn has_changed(&self) -> bool {
        self.store.has_changed()
    }

    fn as_slice(&self) -> Option<&[u8]> {
        self.store.as_slice()
    }
}

#[cfg(test)]
mod tests;
