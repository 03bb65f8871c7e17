//! Reading a file whose edit in place was cut short between its index and its seals.
//!
//! The new version counts by then, and what died still stands behind payloads that have grown over it. Their readers look
//! at the end of a payload for what closes it (a page directory, a table of frames), and would find that of the dead array.
//! The version lists what was to be sealed, so that it can be read as if it were.

use std::ops::Range;
use std::sync::Arc;

use super::index::Index;
use super::seal::{self, DeadRegion};
use super::trial::Trial;
use crate::error::Result;
use crate::storage::ReadAt;

/// What to tell a user of such a file.
pub(super) const WORDS: &str =
    "an interrupted edit is not finished: the next edit, or repair, does that";

/// A file as it is once all of its version is sealed.
#[derive(Debug)]
pub(super) struct Finished {
    /// The bytes that then stand in it.
    pub(super) store: Arc<dyn ReadAt>,
    /// Where the first bytes are that are not sealed.
    pub(super) unsealed_from: Option<u64>,
    /// Whether the file was ever changed in place. None where its list of dead bytes is damaged.
    pub(super) was_edited: Option<bool>,
}

/// Looks at the file whose index is `index`.
///
/// # Errors
/// Those of the store. A list that is damaged is none here; who checks or changes the file says so.
pub(super) fn finished(store: Arc<dyn ReadAt>, index: &Index) -> Result<Finished> {
    let regions = match seal::regions(&*store, index) {
        Ok(regions) => Some(regions),
        Err(error) if error.kind().is_of_storage() => return Err(error),
        Err(_) => None,
    };
    let was_edited = regions.as_ref().map(|regions| !regions.is_empty());
    let unsealed = unsealed(&*store, regions.unwrap_or_default())?;
    let unsealed_from = unsealed.first().map(|region| region.range.start);
    let store: Arc<dyn ReadAt> = match unsealed_from {
        None => store,
        Some(_) => {
            let trial = Trial::of(store);
            for region in &unsealed {
                region.seal(&trial)?;
            }
            Arc::new(trial)
        }
    };
    Ok(Finished {
        store,
        unsealed_from,
        was_edited,
    })
}

/// The regions that are not sealed. What says so of all of them is fetched at once.
///
/// # Errors
/// Those of the store.
pub(super) fn unsealed(file: &dyn ReadAt, regions: Vec<DeadRegion>) -> Result<Vec<DeadRegion>> {
    if file.access().is_distant() {
        let wanted: Vec<Range<u64>> = regions.iter().flat_map(DeadRegion::looked_at).collect();
        file.prefetch(&wanted)?;
    }
    let mut unsealed = Vec::new();
    for region in regions {
        if !region.is_sealed(file)? {
            unsealed.push(region);
        }
    }
    Ok(unsealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::container::pv::reader::Reader;
    use crate::container::pv::{Edit, EditOptions, WriteOptions, Writer, behind, repair};
    use crate::container::{Container, OpenOptions};
    use crate::error::ErrorKind;
    use crate::storage::{MemoryStore, Store};

    fn reader(store: &MemoryStore) -> Result<Reader> {
        Reader::open(store.open().unwrap(), &OpenOptions::default())
    }

    fn numbers(n: usize) -> Array {
        let values: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        Array::from_numbers(&values).unwrap()
    }

    /// A file with the dead regions of an array that was removed, and of its old end.
    fn edited() -> (MemoryStore, Vec<DeadRegion>) {
        let store = MemoryStore::new();
        let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
        for name in ["first", "middle", "last"] {
            writer.write(name, &numbers(300)).unwrap();
        }
        writer.commit().unwrap();
        let mut edit = Edit::new();
        edit.remove("middle");
        assert!(
            edit.apply(&store, &EditOptions::default())
                .unwrap()
                .is_in_place
        );
        let opened = reader(&store).unwrap();
        let regions = seal::regions(&**opened.store(), opened.index()).unwrap();
        assert_eq!(regions.len(), 2);
        (store, regions)
    }

    /// The medium takes blocks in whatever order it likes: what was written last may be the one to stay.
    #[test]
    fn a_seal_whose_first_bytes_alone_are_on_the_medium_is_unfinished() {
        let (store, regions) = edited();
        let dead = regions[0].range.clone();
        let mut bytes = store.bytes().unwrap().to_vec();
        bytes[(dead.end - 40) as usize..dead.end as usize].fill(0xA5);
        let store = MemoryStore::with_bytes(bytes);
        let opened = reader(&store).unwrap();
        assert_eq!(opened.unsealed_from, Some(dead.start));
        assert_eq!(opened.notes(), [WORDS]);
        assert_eq!(
            opened.verify_structure().unwrap_err().kind(),
            ErrorKind::Corrupt
        );
        for i in 0..opened.n_arrays() {
            opened.open_array(i).unwrap().verify().unwrap();
        }
        let report = repair(&store, &EditOptions::default()).unwrap();
        assert_eq!(report.notes.len(), 1);
        let opened = reader(&store).unwrap();
        assert_eq!(opened.unsealed_from, None);
        opened.verify_structure().unwrap();
    }

    /// A file whose list of dead bytes is another one.
    fn relisted(store: &MemoryStore, regions: &[DeadRegion]) -> MemoryStore {
        let opened = reader(store).unwrap();
        let document = &opened.index().pairs.last().unwrap().payload;
        let old = behind::find(&**opened.store(), document, seal::JOURNAL_KIND);
        let old = old.unwrap().unwrap();
        let new = seal::journal(regions);
        let mut bytes = store.bytes().unwrap().to_vec();
        let at = bytes
            .windows(old.len())
            .rposition(|part| part == old)
            .unwrap();
        let n_more = new.len() as u64 - old.len() as u64;
        bytes.splice(at..at + old.len(), new);
        // The range of the document ends later, and so the index begins there.
        let mut index = opened.index().clone();
        index.extend_last(n_more);
        index.start += n_more;
        bytes.truncate(index.start as usize);
        bytes.extend_from_slice(&index.to_bytes());
        MemoryStore::with_bytes(bytes)
    }

    #[test]
    fn a_list_of_regions_that_are_no_ends_of_payloads_is_not_followed() {
        let (store, regions) = edited();
        let with = |more: DeadRegion| [&regions[..], &[more]].concat();
        let moved = |region: &DeadRegion, start: u64, end: u64| DeadRegion {
            payload_start: region.payload_start + start,
            range: region.range.start..region.range.end - end,
            ..region.clone()
        };
        let opened = reader(&store).unwrap();
        let document = opened.index().pairs.last().unwrap();
        let mut of_document = DeadRegion::behind(&document.payload, document.payload.range.end);
        of_document.range.start -= 20;
        for listed in [
            with(regions[0].clone()),
            with(regions[1].clone()),
            vec![moved(&regions[0], 1, 0), regions[1].clone()],
            vec![regions[0].clone(), moved(&regions[1], 0, 1)],
            with(of_document),
        ] {
            let hostile = relisted(&store, &listed);
            let bytes = hostile.bytes().unwrap().to_vec();
            let opened = reader(&hostile).unwrap();
            assert_eq!(opened.unsealed_from, None);
            let error = opened.verify_structure().unwrap_err();
            assert!(error.to_string().contains("lie elsewhere"), "{error}");
            let error = repair(&hostile, &EditOptions::default()).unwrap_err();
            assert!(error.to_string().contains("lie elsewhere"), "{error}");
            assert!(hostile.bytes().unwrap()[..] == bytes[..]);
        }
        reader(&relisted(&store, &regions))
            .unwrap()
            .verify_structure()
            .unwrap();
    }
}
