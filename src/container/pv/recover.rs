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
use crate::text::counted;

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
                "an append was interrupted: what it left behind byte {}, {}, is not read",
                self.end,
                counted(rest, "byte")
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
    let mut magic = [0; ZSTD_MAGIC.len()];
    if store.len() < magic.len() as u64 {
        return Ok(None);
    }
    store.read_exact_at(&mut magic, 0)?;
    match magic == ZSTD_MAGIC {
        true => last_candidate(store, |end| Version::at(store, end, limits)),
        false => Ok(None),
    }
}

/// Looks for places where a footer may end, from the end of a file on, and returns what is read at the first where that goes
/// well.
fn last_candidate<T>(
    store: &dyn ReadAt,
    mut read: impl FnMut(u64) -> Result<T>,
) -> Result<Option<T>> {
    let len = store.len();
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
            match read(start + end as u64) {
                Ok(found) => return Ok(Some(found)),
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

    /// Bytes that are no footer, and then an index of one pair that ends its frames where it begins.
    fn with_footer(mut file: Vec<u8>) -> Vec<u8> {
        let index_start = file.len() as u64;
        for word in [4, 1, index_start, 1, 2] {
            file.extend_from_slice(&u64::to_le_bytes(word));
        }
        file
    }

    /// Where footers may end, from the end on, if none of them is one.
    fn candidates(file: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        let read = |end: u64| {
            found.push(end as usize);
            Err::<(), _>(Error::corrupt("no version"))
        };
        assert!(last_candidate(&file.to_vec(), read).unwrap().is_none());
        found
    }

    #[test]
    fn a_footer_is_found_wherever_windows_meet() {
        // The first window begins 100 bytes behind the length of one.
        let len = 2 * WINDOW_BYTES as usize + 100;
        for shift in 0..200 {
            let mut file = with_footer(vec![0xAA; WINDOW_BYTES as usize - 30 + shift]);
            let end = file.len();
            file.extend_from_slice(&ZSTD_MAGIC);
            file.resize(len, 0xBB);
            assert_eq!(candidates(&file), [end], "shift {shift}");
        }
        // The end of the file itself is no older version, however long it is.
        let file = with_footer(vec![0xAA; len]);
        assert!(candidates(&file).is_empty());
    }

    #[test]
    fn behind_a_footer_stands_the_start_of_an_append_or_what_has_not_arrived() {
        let file = with_footer(vec![0xAA; 100]);
        for (behind, is_one) in [
            (&ZSTD_MAGIC[..1], true),
            (&ZSTD_MAGIC, true),
            (&[0], true),
            (&[0, 0, 0, 0, 7], true),
            (&[0, 0, 0, 7], false),
            (&[7], false),
            (&[], false),
        ] {
            let found = candidates(&[&file, behind].concat());
            assert_eq!(found == [file.len()], is_one, "{behind:?}: {found:?}");
        }
    }

    #[test]
    fn few_candidates_are_read_and_none_where_the_store_fails() {
        let mut file = Vec::new();
        for _ in 0..2 * MAX_CANDIDATES {
            file = with_footer([file, ZSTD_MAGIC.repeat(5)].concat());
        }
        file.extend_from_slice(&ZSTD_MAGIC);
        let found = candidates(&file);
        assert_eq!((found.len(), found[0]), (MAX_CANDIDATES, file.len() - 4));
        let mut n_read = 0;
        let result = last_candidate(&file, |_| {
            n_read += 1;
            Err::<(), _>(Error::storage("unplugged"))
        });
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(n_read, 1);
    }

    #[test]
    fn what_is_too_short_for_a_version_says_so() {
        for n in 0..40 {
            let error = newest_version(&ZSTD_MAGIC.repeat(10)[..n].to_vec(), &Limits::default());
            assert!(error.unwrap_err().kind().is_damage(), "{n}");
        }
    }

    #[test]
    fn an_interrupted_append_is_found_even_if_its_end_looks_like_a_huge_index() {
        use crate::array::Array;
        use crate::container::pv::{WriteOptions, Writer};
        use crate::storage::{MemoryStore, Store};

        let store = MemoryStore::new();
        let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
        let array = Array::from_numbers(&[7_u8; 10]).unwrap();
        writer.write("a", &array).unwrap();
        writer.commit().unwrap();
        let whole = store.open().unwrap();
        let limits = Limits {
            max_arrays: 8,
            ..Limits::default()
        };
        let mut file = store.to_bytes().unwrap();
        file.extend_from_slice(&ZSTD_MAGIC);
        // As many entries as the file could hold.
        file.extend_from_slice(&u64::to_le_bytes(2 * 10));
        let error = Version::at(&file, file.len() as u64, &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
        let version = newest_version(&file, &limits).unwrap();
        assert_eq!(version.end, whole.len());
        let note = version.note(file.len() as u64).unwrap();
        assert!(note.contains(", 12 bytes, is not read"), "{note}");
        assert_eq!(version.note(version.end), None);
    }
}
