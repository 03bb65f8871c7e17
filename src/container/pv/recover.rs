//! Finding the newest version of a file that is whole.
//!
//! An append in place writes behind the end of the old version and makes the new one count by the footer that it
//! writes last. Killed in between, it leaves the old version intact with the start of a new one behind it: scanning
//! backwards finds the last footer whose count, ends and metadata agree. What stands behind that footer must look like
//! the start of an append, or like a file that grew before its bytes arrived (zeroes): anything else is damage.

use super::frame::FrameDecoder;
use super::header::Header;
use super::index::Index;
use super::metadata::FileMetadata;
use super::names::FILE_METADATA;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::filter::skippable;
use crate::limits::Limits;
use crate::storage::ReadAt;

const ZSTD_MAGIC: [u8; 4] = skippable::ZSTD_MAGIC.to_le_bytes();
/// Candidates that pass the cheap test and are then read whole: hostile files could hold any number of them.
const MAX_CANDIDATES: usize = 32;
const WINDOW_BYTES: u64 = 256 << 10;
/// The last entry of an index and its count.
const FOOTER_BYTES: usize = 24;

/// A version of a file: where it ends and what it says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) index: Index,
    pub(crate) metadata: FileMetadata,
    /// Behind the count of its index.
    pub(crate) end: u64,
}

impl Version {
    /// Reads the version that ends at `end`.
    ///
    /// # Errors
    /// `Corrupt` and `Truncated` where none does; `Unsupported`, `LimitExceeded`, `Io`.
    fn at(store: &dyn ReadAt, end: u64, limits: &Limits) -> Result<Self> {
        let index = Index::read(store, end, limits.max_arrays.saturating_add(1))?;
        let last = index.pairs.last().expect("an index has a pair");
        store.prefetch(&[last.header.range.clone(), last.payload.range.clone()])?;
        let mut decoder = FrameDecoder::new(store, limits.max_metadata_bytes);
        let name = Header::parse(&decoder.header(&last.header)?, None)
            .at(last.header.range.start)?
            .name;
        if !FILE_METADATA.contains(&name.as_str()) {
            let what = format!("the last array is {name:?}, not the metadata of the file");
            return Err(Error::corrupt(what).at(last.header.range.start));
        }
        let metadata =
            FileMetadata::parse(&decoder.document(&last.payload)?).at(last.payload.range.start)?;
        Ok(Self {
            index,
            metadata,
            end,
        })
    }

    /// What to tell a user where the version is not all that the file holds.
    pub(crate) fn note(&self, file_bytes: u64) -> Option<String> {
        let rest = file_bytes - self.end;
        (rest > 0).then(|| {
            format!(
                "an append was interrupted: its {rest} bytes behind byte {} are not read",
                self.end
            )
        })
    }
}

/// Reads the newest version that is whole.
///
/// # Errors
/// Those of the version at the end of the file, where there is no other one either.
pub(crate) fn newest_version(store: &dyn ReadAt, limits: &Limits) -> Result<Version> {
    let error = match Version::at(store, store.len(), limits) {
        Ok(version) => return Ok(version),
        Err(error) => error,
    };
    // The end of what was interrupted may look like a count, even like one beyond the limits.
    let may_be_interrupted = error.kind().is_damage() || error.kind() == ErrorKind::LimitExceeded;
    if !may_be_interrupted {
        return Err(error);
    }
    older_version(store, limits)?.ok_or(error)
}

/// Scans backwards for a version that ends before the file does.
fn older_version(store: &dyn ReadAt, limits: &Limits) -> Result<Option<Version>> {
    let mut magic = ZSTD_MAGIC;
    let len = store.len();
    if len < 4 {
        return Ok(None);
    }
    store.read_exact_at(&mut magic, 0)?;
    if magic != ZSTD_MAGIC {
        return Ok(None);
    }
    let mut n_candidates = 0;
    // Each window overlaps the next one by the bytes that the cheap test looks at on either side.
    let mut window_end = len;
    let mut window = Vec::new();
    while window_end > FOOTER_BYTES as u64 {
        let start = window_end.saturating_sub(WINDOW_BYTES);
        let behind = (window_end + 4).min(len);
        window.resize((behind - start) as usize, 0);
        store.read_exact_at(&mut window, start)?;
        let last = (window_end - start).min(len - 1 - start) as usize;
        for end in (FOOTER_BYTES..=last).rev() {
            if !is_candidate(&window, end, start) {
                continue;
            }
            match Version::at(store, start + end as u64, limits) {
                Ok(version) => return Ok(Some(version)),
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(_) => n_candidates += 1,
            }
            if n_candidates == MAX_CANDIDATES {
                return Ok(None);
            }
        }
        if start == 0 {
            break;
        }
        window_end = start + FOOTER_BYTES as u64 - 1;
    }
    Ok(None)
}

/// Whether a footer may end at `end` of `window`, which begins at byte `start` of the file.
fn is_candidate(window: &[u8], end: usize, start: u64) -> bool {
    let word =
        |at: usize| u64::from_le_bytes(window[at..at + 8].try_into().expect("8 bytes of a window"));
    let behind = &window[end..window.len().min(end + 4)];
    let looks_like_an_append =
        ZSTD_MAGIC.starts_with(behind) || behind.iter().all(|byte| *byte == 0);
    // Every writer ends its frames where its index begins.
    looks_like_an_append
        && Index::start_of(&window[..end], start + end as u64)
            .is_ok_and(|index_start| word(end - FOOTER_BYTES) == index_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_is_found_wherever_windows_meet() {
        // An index of one pair that ends its frames where it begins, and nothing else that would pass.
        for shift in 0..60_u64 {
            let index_start = WINDOW_BYTES - 30 + shift;
            let mut file = vec![0xAA; index_start as usize];
            file[..4].copy_from_slice(&ZSTD_MAGIC);
            for word in [4, 1, index_start, 1, 2] {
                file.extend_from_slice(&u64::to_le_bytes(word));
            }
            let end = file.len();
            file.extend_from_slice(&ZSTD_MAGIC);
            file.resize(file.len() + WINDOW_BYTES as usize, 0xBB);
            let mut found = Vec::new();
            // The scan itself, with the reading of a version replaced by a note of the place.
            let mut window_end = file.len() as u64;
            while window_end > FOOTER_BYTES as u64 {
                let start = window_end.saturating_sub(WINDOW_BYTES);
                let window = &file[start as usize..file.len().min(window_end as usize + 4)];
                let last = (window_end - start).min(file.len() as u64 - 1 - start) as usize;
                found.extend(
                    (FOOTER_BYTES..=last)
                        .filter(|end| is_candidate(window, *end, start))
                        .map(|end| start as usize + end),
                );
                if start == 0 {
                    break;
                }
                window_end = start + FOOTER_BYTES as u64 - 1;
            }
            assert_eq!(found, [end], "shift {shift}");
        }
    }
}
