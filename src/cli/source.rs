//! One array to work on, whatever kind of file it lies in.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::address;
use super::again::{MayBeChange, again};
use super::called::called;
use super::listing::is_named;
use crate::array::{ArraySpec, Selection};
use crate::container::{self, Container, Formats, OpenOptions, npy};
use crate::error::Error;
use crate::filter::{ArrayReader, Part};
use crate::limits::Limits;
use crate::record::{Column, Record};

/// An array that is read, and its place for messages.
pub(super) struct Source {
    spec: ArraySpec,
    reader: RefCell<Box<dyn ArrayReader>>,
    /// Rows were handed out: those that follow must be of the same array.
    is_begun: Cell<bool>,
    limits: Limits,
    path: PathBuf,
    /// Its name, where the file has one for it.
    name: Option<String>,
    /// What the bytes of its elements are, if they are records.
    record: Option<Record>,
}

impl Source {
    /// The type and shape of the array.
    pub(super) fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    /// What stands before its rows in a `.npy` file of that shape.
    pub(super) fn npy_header(&self, spec: &ArraySpec) -> Vec<u8> {
        match &self.record {
            Some(record) => npy::record_header(record, spec),
            None => npy::header(spec),
        }
    }

    /// What the bytes of its elements are, if they are records.
    pub(super) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// One field of its records.
    pub(super) fn field(self, column: &Column) -> Result<Self, Error> {
        let reader = container::field_of(self.reader.into_inner(), column)?;
        Ok(Self {
            spec: reader.spec().clone(),
            reader: RefCell::new(reader),
            record: None,
            ..self
        })
    }

    /// What is wanted of it.
    pub(super) fn select(self, selection: &Selection) -> Result<Self, Error> {
        let reader = Arc::from(self.reader.into_inner());
        let part = Part::new(reader, selection).map_err(|error| {
            let error = error.in_file(&self.path);
            match &self.name {
                Some(name) => error.in_array(name),
                None => error,
            }
        })?;
        Ok(Self {
            spec: part.spec().clone(),
            reader: RefCell::new(Box::new(part)),
            ..self
        })
    }

    /// The file it lies in.
    pub(super) fn file(&self) -> &Path {
        &self.path
    }

    /// Decodes rows; an error names file and array.
    pub(super) fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<(), Error> {
        let read = again(|| {
            let read = self.reader.borrow().read_rows_into(rows.clone(), out);
            if read.as_ref().is_err_and(MayBeChange::is_change) {
                self.reopen()?;
            }
            read
        });
        self.is_begun.set(true);
        read.map_err(|error| {
            let error = error.in_file(&self.path);
            match &self.name {
                Some(name) => error.in_array(name),
                None => error,
            }
        })
    }
}

impl Source {
    /// Opens the array again in the version that the file has now. One that is another by now is left alone: its rows do
    /// not go with those that were read.
    fn reopen(&self) -> Result<(), Error> {
        let Some(name) = &self.name else {
            return Ok(());
        };
        let (reader, _) = newest(&self.path, name, &self.limits)?;
        let all = 0..self.spec.rows();
        let is_same = *reader.spec() == self.spec
            && (!self.is_begun.get()
                || reader.ranges(all.clone()) == self.reader.borrow().ranges(all));
        if is_same {
            self.reader.replace(reader);
        }
        Ok(())
    }
}

/// An array, and what the bytes of its elements are, if they are records.
type Opened = (Box<dyn ArrayReader>, Option<Record>);

fn opened(container: &dyn Container, index: usize) -> Result<Opened, Error> {
    Ok((container.open_array(index)?, container.entry(index)?.record))
}

/// Opens an array of the version that a file has now.
fn newest(path: &Path, name: &str, limits: &Limits) -> Result<Opened, Error> {
    let options = OpenOptions::default()
        .with_limits(*limits)
        .with_name(path.display().to_string());
    let bytes = address::store(path, true)?.open()?;
    let container = Formats::default().open(bytes, &options)?;
    let container = called(container, path);
    opened(&*container, container.find(name)?)
}

/// Opens an array of a container by its number.
pub(super) fn array_of(
    container: &dyn Container,
    index: usize,
    path: &Path,
) -> Result<Source, Error> {
    let name = is_named(container).then(|| container.path(index).to_owned());
    let opened = match opened(container, index) {
        Err(error) if error.is_change() => {
            again(|| newest(path, container.path(index), container.limits()))
        }
        opened => opened,
    };
    let place = |error: Error| error.in_array(container.path(index)).in_file(path);
    let (reader, record) = opened.map_err(place)?;
    Ok(Source {
        spec: reader.spec().clone(),
        reader: RefCell::new(reader),
        is_begun: Cell::new(false),
        limits: *container.limits(),
        path: path.to_owned(),
        name,
        record,
    })
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use super::*;

    use crate::array::Array;
    use crate::container::pv::{Edit, EditOptions, WriteOptions, Writer};
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
            Formats::default()
                .open(store.open().unwrap(), &options)
                .unwrap()
        });
        let before = array_of(&*container, 0, &path).unwrap();
        let mut edit = Edit::new();
        edit.replace("field_data/a", array(7));
        let report = edit.apply(&store, &EditOptions::default()).unwrap();
        assert!(report.is_in_place);
        let again = array_of(&*unread, 0, &path).unwrap();
        for (source, may_be_old) in [(again, false), (before, true)] {
            let mut out = vec![0; 400_000];
            source.read_rows_into(0..50_000, &mut out).unwrap();
            let is_old = may_be_old && out == array(3).bytes();
            assert!(is_old || out == array(7).bytes());
        }
    }
}
