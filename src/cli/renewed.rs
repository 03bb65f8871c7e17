//! An array whose file may be changed in place while it is read: then it is read again, in the version that is there now.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::again::{MayBeChange, again};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::{ArrayReader, ChunkSummary};

/// Reads an array, of the newest version of its file where that may be. Errors name the file, and the array if the file has
/// a name for it.
pub(super) struct Renewed {
    spec: ArraySpec,
    reader: RwLock<Arc<dyn ArrayReader>>,
    /// Rows were handed out: those that follow must be of the same array.
    is_begun: AtomicBool,
    path: PathBuf,
    /// Its path in the file, and what it is shown as.
    name: Option<(String, String)>,
    /// None where the file has no name for it.
    newest: Option<Newest>,
}

/// Opens an array of the version that its file has now.
pub(super) type Newest = Box<dyn Fn() -> Result<Box<dyn ArrayReader>> + Send + Sync>;

impl Renewed {
    /// The array that `open` opens, of the file at `path`; `name` is its path in it, and what messages
    /// call it.
    pub(super) fn open(
        open: impl FnOnce() -> Result<Box<dyn ArrayReader>>,
        path: &Path,
        name: Option<(&str, &str)>,
        newest: Option<Newest>,
    ) -> Result<Self> {
        let reader = match (open(), &newest) {
            (Err(error), Some(newest)) if error.is_change() => again(newest)?,
            (opened, _) => opened?,
        };
        Ok(Self {
            spec: reader.spec().clone(),
            reader: RwLock::new(reader.into()),
            is_begun: AtomicBool::new(false),
            path: path.to_owned(),
            name: name.map(|(path, shown)| (path.to_owned(), shown.to_owned())),
            newest,
        })
    }

    fn reader(&self) -> Arc<dyn ArrayReader> {
        let reader = self.reader.read().unwrap_or_else(PoisonError::into_inner);
        reader.clone()
    }

    /// Opens the array again in the version that the file has now. One that is another by now is left alone: its rows do
    /// not go with those that were read.
    fn reopen(&self) -> Result<()> {
        let Some(newest) = &self.newest else {
            return Ok(());
        };
        let reader = newest()?;
        let all = 0..self.spec.rows();
        let is_same = *reader.spec() == self.spec
            && (!self.is_begun.load(Ordering::Relaxed)
                || reader.ranges(all.clone()) == self.reader().ranges(all));
        if is_same {
            let mut old = self.reader.write().unwrap_or_else(PoisonError::into_inner);
            *old = reader.into();
        }
        Ok(())
    }

    fn place(&self, error: Error) -> Error {
        let error = error.in_file(&self.path);
        match &self.name {
            Some((path, shown)) => error.in_array_shown_as(path, shown),
            None => error,
        }
    }
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {}", self.reader(), self.path.display())
    }
}

impl ArrayReader for Renewed {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.reader().ranges(rows)
    }

    fn held_bytes(&self) -> u64 {
        self.reader().held_bytes()
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        let read = again(|| {
            let read = self.reader().read_rows_into(rows.clone(), out);
            if read.as_ref().is_err_and(MayBeChange::is_change) {
                self.reopen()?;
            }
            read
        });
        self.is_begun.store(true, Ordering::Relaxed);
        read.map_err(|error| self.place(error))
    }

    fn has_checksums(&self) -> Result<bool> {
        self.reader().has_checksums()
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<ChunkSummary>> + '_> {
        let chunks: Vec<_> = self.reader().chunks().collect();
        Box::new(chunks.into_iter())
    }

    fn verify(&self) -> Result<()> {
        let verified = self.reader().verify();
        verified.map_err(|error| self.place(error))
    }
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use crate::array::Array;
    use crate::cli::called::called;
    use crate::container::pv::{Edit, EditOptions, WriteOptions, Writer};
    use crate::container::{Formats, OpenOptions};
    use crate::storage::{FileStore, Store};

    /// Whoever opened a file before it was changed in place reads the version that is there now, whatever he opened of it.
    #[test]
    fn an_array_that_died_meanwhile_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pv");
        let store = FileStore::new(&path);
        let array = |step: i64| {
            let values: Vec<i64> = (0..50_000).map(|i| i * step % 9973).collect();
            Array::from_numbers(&values).unwrap()
        };
        let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
        writer.write("a", &array(3)).unwrap();
        writer.commit().unwrap();
        let options = OpenOptions::default();
        let [unread, container] = [0; 2].map(|_| {
            let bytes = store.open().unwrap();
            called(Formats::default().open(bytes, &options).unwrap(), &path)
        });
        let before = container.open_array(0).unwrap();
        let mut edit = Edit::new();
        edit.replace("field_data/a", array(7));
        let report = edit.apply(&store, &EditOptions::default()).unwrap();
        assert!(report.is_in_place);
        let again = unread.open_array(0).unwrap();
        for (source, may_be_old) in [(again, false), (before, true)] {
            let mut out = vec![0; 400_000];
            source.read_rows_into(0..50_000, &mut out).unwrap();
            let is_old = may_be_old && out == array(3).bytes();
            assert!(is_old || out == array(7).bytes());
        }
    }
}
