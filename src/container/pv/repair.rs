//! Putting right what an interrupted edit has left.

use super::edit::{EditOptions, Report};
use super::lock::AppendLock;
use super::recover::{self, Version};
use super::seal;
use crate::error::{Result, ResultExt};
use crate::storage::{Durability, Store, UpdateAt};

/// Finishes or takes back an interrupted edit. A file that needs nothing stays untouched.
///
/// # Errors
/// `Unsupported` where the store knows no changes in place; `Corrupt` where no version of the file is whole; `Io` with
/// `WouldBlock` while another program writes it; those of the store.
pub fn repair(store: &dyn Store, options: &EditOptions) -> Result<Report> {
    let repair = || {
        let mut update = store.update()?.ok_or_else(|| {
            crate::Error::unsupported("a store without changes in place has nothing to repair")
        })?;
        let _lock = store.path().map(AppendLock::take).transpose()?;
        let (_, note) = put_right(&mut *update, options)?;
        Ok::<_, crate::Error>(Report {
            is_in_place: true,
            notes: note.into_iter().collect(),
        })
    };
    repair().in_file(store.name())
}

/// Finishes or takes back an interrupted edit of a file that is locked. Returns its newest version, with which the file
/// now ends, and what was done.
pub(crate) fn put_right(
    file: &mut dyn UpdateAt,
    options: &EditOptions,
) -> Result<(Version, Option<String>)> {
    let sync = |file: &mut dyn UpdateAt| match options.write.durability {
        Durability::Synced => file.sync(),
        Durability::None => Ok(()),
    };
    let version = recover::newest_version(file, &options.limits)?;
    let mut note = None;
    let surplus_bytes = file.len() - version.end;
    if surplus_bytes > 0 {
        file.set_len(version.end)?;
        sync(file)?;
        note = Some(format!(
            "took back an interrupted append: {surplus_bytes} bytes behind byte {}",
            version.end
        ));
    }
    let document = &version
        .index
        .pairs
        .last()
        .expect("an index has a pair")
        .payload;
    let mut n_sealed = 0;
    for region in seal::regions(file, document)? {
        if !region.is_sealed(file)? {
            region.seal(file)?;
            n_sealed += 1;
        }
    }
    if n_sealed > 0 {
        sync(file)?;
        note = Some(format!(
            "finished an interrupted append: sealed {n_sealed} dead regions"
        ));
    }
    Ok((version, note))
}
