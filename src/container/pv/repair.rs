//! Putting right what an interrupted edit has left.
//!
//! What a repair would do is tried first, on a view of the file that keeps the changes to itself; only a version that opens
//! and verifies there is what the file is brought to. A file that lost its end looks like an interrupted append too: the
//! footer of an earlier version stands in its dead bytes, whose documents are long sealed. Going back to that one would
//! destroy what can still be saved.

use std::sync::Arc;

use super::edit_options::{EditOptions, Report};
use super::lock::AppendLock;
use super::locked::Locked;
use super::reader::Reader;
use super::recover::{self, Version};
use super::seal::{self, DeadRegion};
use super::trial::Trial;
use super::unfinished::unsealed;
use crate::container::{Container, OpenOptions};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Durability, ReadAt, Store, UpdateAt};
use crate::text::counted;

/// Finishes or takes back an interrupted edit. A file that needs nothing stays untouched, and so does one that would not
/// verify afterwards.
///
/// # Errors
/// `Unsupported` where the store knows no changes in place; `Corrupt` and `Truncated` where no version of the file is whole
/// ([`salvage`](super::salvage) saves what is); `Io` with `WouldBlock` while another program writes it; those of the store.
pub fn repair(store: &dyn Store, options: &EditOptions) -> Result<Report> {
    let repair = || {
        let update = store.update()?.ok_or_else(|| {
            Error::unsupported("a store without changes in place has nothing to repair")
        })?;
        let _lock = AppendLock::take(store)?;
        let (version, note) = repair_in_place(store, &*update, options)?;
        if note.is_none() {
            prove(Locked::open(store)?, version, options)?;
        }
        Ok::<_, Error>(Report {
            is_in_place: true,
            notes: note.into_iter().collect(),
        })
    };
    repair().in_file(store.url())
}

/// Finishes or takes back an interrupted edit of a file that is locked. Returns its newest version, with which the file
/// now ends, and what was done.
pub(crate) fn repair_in_place(
    store: &dyn Store,
    file: &dyn UpdateAt,
    options: &EditOptions,
) -> Result<(Version, Option<String>)> {
    let version = recover::newest_version(file, &options.limits)?;
    let remedy = Remedy::of(file, &version)?;
    if remedy.is_empty() {
        return Ok((version, None));
    }
    let trial = Trial::of(Locked::open(store)?);
    remedy.apply(&trial, Durability::None)?;
    prove(Arc::new(trial), version.clone(), options)?;
    remedy.apply(file, options.write.durability)?;
    Ok((version, Some(remedy.note())))
}

/// What there is to do.
struct Remedy {
    end: u64,
    surplus_bytes: u64,
    unsealed: Vec<DeadRegion>,
}

impl Remedy {
    fn of(file: &dyn ReadAt, version: &Version) -> Result<Self> {
        Ok(Self {
            end: version.end,
            surplus_bytes: file.len() - version.end,
            unsealed: unsealed(file, seal::regions(file, &version.index)?)?,
        })
    }

    fn is_empty(&self) -> bool {
        self.surplus_bytes == 0 && self.unsealed.is_empty()
    }

    fn apply(&self, file: &dyn UpdateAt, durability: Durability) -> Result<()> {
        let sync = |file: &dyn UpdateAt| match durability {
            Durability::Synced => file.sync(),
            Durability::None => Ok(()),
        };
        if self.surplus_bytes > 0 {
            file.set_len(self.end)?;
            sync(file)?;
        }
        if !self.unsealed.is_empty() {
            for region in &self.unsealed {
                region.seal(file)?;
            }
            sync(file)?;
        }
        Ok(())
    }

    fn note(&self) -> String {
        match self.unsealed.len() {
            0 => format!(
                "took back an interrupted append: {} behind byte {}",
                counted(self.surplus_bytes, "byte"),
                self.end
            ),
            n => format!(
                "finished an interrupted append: sealed {}",
                counted(n, "dead region")
            ),
        }
    }
}

/// Checks that a version opens and that all of it is as it should be.
fn prove(bytes: Arc<dyn ReadAt>, version: Version, options: &EditOptions) -> Result<()> {
    let end = version.end;
    let open_options = OpenOptions::default()
        .with_limits(options.limits)
        .with_filters(options.write.filters.clone());
    let proved = Reader::open_version(bytes, &open_options, version).and_then(|reader| {
        reader.verify_structure()?;
        for i in 0..reader.n_arrays() {
            check_array(&reader, i)?;
        }
        Ok(())
    });
    proved.map_err(|error| match error.kind() {
        kind if kind.is_damage() => Error::corrupt(format!(
            "the file stays as it is: the version that ends at byte {end} is not whole ({error})"
        )),
        _ => error,
    })
}

/// Checks every byte of an array. One that this build or these limits cannot read proves nothing against the file.
///
/// # Errors
/// `Corrupt` and `Truncated` where it is damaged; `Io`.
pub(crate) fn check_array(reader: &Reader, index: usize) -> Result<()> {
    let checked = reader.open_array(index).and_then(|array| array.verify());
    match checked {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::LimitExceeded
            ) =>
        {
            Ok(())
        }
        checked => checked.in_array(reader.path(index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::container::pv::{WriteOptions, Writer};
    use crate::limits::Limits;
    use crate::storage::{MemoryStore, Part};

    fn file() -> MemoryStore {
        let store = MemoryStore::new();
        let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
        let array = Array::from_numbers(&[7_i64; 1000]).unwrap();
        writer.write("a", &array).unwrap();
        writer.commit().unwrap();
        store
    }

    #[test]
    fn an_array_beyond_the_limits_proves_nothing_against_the_file() {
        let mut options = EditOptions::default();
        options.limits.max_array_bytes = 100;
        let report = repair(&file(), &options).unwrap();
        assert!(report.notes.is_empty());
    }

    /// So many bytes, none of which can be read.
    #[derive(Debug)]
    struct Unplugged(u64);

    impl ReadAt for Unplugged {
        fn len(&self) -> u64 {
            self.0
        }
        fn read_many(&self, _: &mut [Part<'_>]) -> std::io::Result<()> {
            Err(std::io::Error::other("unplugged"))
        }
    }

    #[test]
    fn a_store_that_fails_proves_nothing_against_the_file() {
        let bytes = file().open().unwrap();
        let version = recover::newest_version(&*bytes, &Limits::default()).unwrap();
        let unplugged = Arc::new(Unplugged(bytes.len()));
        let error = prove(unplugged, version, &EditOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    }
}
