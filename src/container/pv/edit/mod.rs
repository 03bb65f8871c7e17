//! Changing a file: arrays added, replaced and removed, in place where that can be done.
//!
//! In place, the old version stays whole until the new one is: new pairs, edited documents and the new index go behind
//! the old end, each part on the medium before the next, and only then are the first bytes of what died overwritten
//! (see [`super::seal`]). The cost is that of what is added, whatever the size of the file. A kill before the new index
//! is complete leaves the old version, which readers find; one after it leaves the new one.
//!
//! Staged, the file is written anew beside the old one and takes its place at once: for readers that know nothing of
//! interrupted appends, for stores without changes in place, and where the first pair of the file dies, which has no
//! payload before it.

mod checks;
mod in_place;
mod plan;
mod readers;
mod rewrite;

pub(crate) use plan::Plan;
pub use readers::target_of;
pub use rewrite::compact;

use super::array_writer::ArrayWriter;
use super::edit_options::{EditOptions, Report};
use super::reader::Reader;
use super::session::Session;
use crate::array::{Array, ArraySpec};
use crate::error::{Result, ResultExt};
use crate::storage::Store;
use crate::validity::Validity;
use std::fmt;

/// Pushes the rows of one array.
type Rows<'a> = Box<dyn FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a>;

/// Changes to one file, applied together or not at all.
///
/// Whoever has the file open keeps the version that he opened. In place, the bytes of an array that is replaced or removed
/// die: reading it through an older [`Reader`] gives its values or an error (or, of what another program wrote without
/// checksums, nonsense). Staged, it stays whole.
///
/// ```
/// use paginum::{Array, container::pv::{Edit, EditOptions, Writer, WriteOptions}, storage::MemoryStore};
/// let store = MemoryStore::new();
/// let mut writer = Writer::create(&store, WriteOptions::default())?;
/// writer.write("a", &Array::from_numbers(&[1_i32, 2])?)?;
/// writer.commit()?;
/// let mut edit = Edit::new();
/// edit.add("field_data/b", Array::from_numbers(&[3_i32])?);
/// edit.remove("field_data/a");
/// edit.apply(&store, &EditOptions::default())?;
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Default)]
pub struct Edit<'a> {
    operations: Vec<Operation<'a>>,
}

impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("Edit");
        words.field("n_operations", &self.operations.len()).finish()
    }
}

enum Operation<'a> {
    Write {
        path: String,
        spec: ArraySpec,
        rows: Rows<'a>,
        existing: Existing,
    },
    Remove {
        path: String,
    },
}

/// What becomes of an array that stands under the name of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    /// It stays: there must be none.
    Refuse,
    /// It is replaced, if there is one.
    Replace,
    /// It is replaced: there must be one.
    Require,
}

impl<'a> Edit<'a> {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an array; it is an error if there is one.
    pub fn add(&mut self, path: impl Into<String>, array: Array) {
        let spec = array.spec().clone();
        self.add_rows(path, spec, move |writer| writer.push_rows(array.bytes()));
    }

    /// Adds an array of which only the rows that `validity` marks have a value.
    pub fn add_with_nulls(&mut self, path: impl Into<String>, array: Array, validity: Validity) {
        let spec = array.spec().clone();
        self.add_rows(path, spec, move |writer| {
            writer.push_rows_with_nulls(array.bytes(), &validity)
        });
    }

    /// Adds an array whose rows `rows` pushes when the changes are applied.
    pub fn add_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), Existing::Refuse);
    }

    /// Replaces an array; it is an error if there is none.
    pub fn replace(&mut self, path: impl Into<String>, array: Array) {
        let spec = array.spec().clone();
        self.replace_rows(path, spec, move |writer| writer.push_rows(array.bytes()));
    }

    /// Replaces an array by one whose rows `rows` pushes when the changes are applied.
    pub fn replace_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), Existing::Require);
    }

    /// Adds an array, or replaces the one that there is.
    pub fn set_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), Existing::Replace);
    }

    fn write(&mut self, path: String, spec: ArraySpec, rows: Rows<'a>, existing: Existing) {
        self.operations.push(Operation::Write {
            path,
            spec,
            rows,
            existing,
        });
    }

    /// Removes an array; it is an error if there is none.
    pub fn remove(&mut self, path: impl Into<String>) {
        self.operations
            .push(Operation::Remove { path: path.into() });
    }

    /// Applies the changes.
    ///
    /// # Errors
    /// `InvalidArgument` for changes that cannot be made; `Io` with `WouldBlock` while another program writes the file;
    /// those of reading the old file and of the store. The old version stays.
    pub fn apply(self, store: &dyn Store, options: &EditOptions) -> Result<Report> {
        let apply = || -> Result<Report> {
            if self.operations.is_empty() {
                return Ok(Report::default());
            }
            let Session {
                update,
                lock: _lock,
                mut report,
                reader,
            } = Session::begin(store, options)?;
            let mut plan = Plan::new(&reader, options)?;
            for operation in self.operations {
                plan.include(operation)?;
            }
            plan.check_datasets()?;
            // Borrowed, and declared before the lock of other programs: that one goes first.
            match &update {
                Some(update) if !options.is_staged && plan.can_be_done_in_place() => {
                    report.is_in_place = true;
                    plan.apply_in_place(&**update, &mut report)?;
                }
                _ => rewrite::rewrite(store, plan, &mut report)?,
            }
            Ok(report)
        };
        apply().in_file(store.url())
    }

    /// Writes a copy of an open file with the changes in it.
    pub(crate) fn write_copy(
        self,
        reader: &Reader,
        store: &dyn Store,
        options: &EditOptions,
    ) -> Result<Report> {
        let mut report = Report::default();
        let mut plan = Plan::new(reader, options)?;
        for operation in self.operations {
            plan.include(operation)?;
        }
        plan.check_datasets()?;
        rewrite::rewrite(store, plan, &mut report)?;
        Ok(report)
    }
}
