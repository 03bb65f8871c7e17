//! The start of every change to a file: locked, put right where an earlier change was interrupted, and read.

use super::edit_options::{EditOptions, Report};
use super::lock::AppendLock;
use super::locked::Locked;
use super::reader::Reader;
use super::repair;
use crate::container::OpenOptions;
use crate::error::Result;
use crate::storage::{Store, UpdateAt};

/// A file that is about to be changed. Nobody else changes it while this lives.
///
/// Fields are dropped in their order: who has the file's own lock meets no other one of ours.
pub(crate) struct Session {
    /// The version that is to be changed.
    pub(crate) reader: Reader,
    /// What was put right so far.
    pub(crate) report: Report,
    /// What other programs wait on.
    pub(crate) lock: Option<AppendLock>,
    /// Where changes in place go, of stores that have them.
    pub(crate) update: Option<Box<dyn UpdateAt>>,
}

impl Session {
    /// Locks the file and reads it.
    ///
    /// # Errors
    /// `Io` with `WouldBlock` while another program writes the file; those of reading it and of the store.
    pub(crate) fn begin(store: &dyn Store, options: &EditOptions) -> Result<Self> {
        let update = store.update()?;
        let lock = match &update {
            Some(_) => Some(AppendLock::take(store)?),
            None => None,
        };
        let mut report = Report::default();
        let mut version = None;
        if let Some(update) = &update {
            let (newest, note) = repair::repair_in_place(store, &**update, options)?;
            version = Some(newest);
            report.notes.extend(note);
        }
        let open_options = OpenOptions::default()
            .with_limits(options.limits)
            .with_filters(options.write.filters.clone());
        let bytes = match &update {
            Some(_) => Locked::open(store)?,
            None => store.open()?,
        };
        let reader = match version {
            // Read under the lock: it need not be read again.
            Some(version) if version.end == bytes.len() => {
                Reader::open_version(bytes, &open_options, version)?
            }
            _ => Reader::open(bytes, &open_options)?,
        };
        Ok(Self {
            reader,
            report,
            lock,
            update,
        })
    }
}
