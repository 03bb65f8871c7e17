//! One array to work on, whatever kind of file it lies in.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::again::{MayBeChange, again};
use super::failure::Failure;
use super::interrupt::Guarded;
use super::session::Session;
use crate::array::ArraySpec;
use crate::container::{self, Container, OpenOptions};
use crate::dtype::DType;
use crate::error::{Error, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::{FileStore, ReadAt, Store};
use crate::wrapped::NumberType;

/// How bytes that do not say what they are shall be read.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RawOptions {
    /// Inputs are raw binary of this type: f64, or as numpy spells it, '>i2'
    #[arg(long, value_parser = parse_dtype)]
    dtype: Option<DType>,
    /// The shape of raw inputs, C order: 100,3; one axis if not given
    #[arg(long, value_delimiter = ',', requires = "dtype", value_name = "N,N")]
    shape: Option<Vec<u64>>,
}

/// `f64` is a Rust name before it is anything to numpy, for which `f16` would be a long double.
fn parse_dtype(text: &str) -> Result<DType, String> {
    match NumberType::from_name(text) {
        Some(number_type) => Ok(DType::of(number_type)),
        None => text.parse().map_err(|error: Error| error.to_string()),
    }
}

impl RawOptions {
    /// Raw bytes of the number type of this Rust name, if there is one.
    pub(super) fn of_type(name: &str) -> Option<Self> {
        let dtype = DType::of(NumberType::from_name(name)?);
        Some(Self {
            dtype: Some(dtype),
            shape: None,
        })
    }

    /// Whether inputs were said to be raw.
    pub(super) fn is_given(&self) -> bool {
        self.dtype.is_some()
    }

    /// The type and shape of a raw file of `len` bytes.
    fn spec(&self, len: u64, path: &Path) -> Result<ArraySpec, Failure> {
        let dtype = self.dtype.expect("asked only where a dtype was given");
        let item_bytes = dtype.item_bytes();
        let misfit = |what| Failure::usage(format!("{}: {len} bytes are {what}", path.display()));
        if item_bytes == 0 || !len.is_multiple_of(item_bytes) {
            return Err(misfit(format!("no whole number of {dtype}")));
        }
        let shape = self.shape.clone().unwrap_or_else(|| vec![len / item_bytes]);
        let spec = ArraySpec::new(dtype, shape)?;
        if spec.bytes() != len {
            return Err(misfit(format!("not {spec}")));
        }
        Ok(spec)
    }
}

/// Opens a file of arrays, or what raw options say that it is.
pub(super) fn open_or_raw(
    session: &Session,
    path: &Path,
    raw: &RawOptions,
) -> Result<Box<dyn Container>, Failure> {
    again(|| open_store_or_raw(session, path, session.open(path)?, raw))
}

/// The same, of a store that is open already.
pub(super) fn open_store_or_raw(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
    raw: &RawOptions,
) -> Result<Box<dyn Container>, Failure> {
    if raw.dtype.is_none() {
        return open_store(session, path, store);
    }
    let spec = raw.spec(store.len(), path)?;
    Ok(Box::new(
        container::open_raw(store, spec, &session.limits()).in_file(path)?,
    ))
}

/// Opens a file of arrays, and passes on what there is to say about it.
pub(super) fn open(session: &Session, path: &Path) -> Result<Box<dyn Container>, Failure> {
    again(|| open_store(session, path, session.open(path)?))
}

/// The same, of a store that is open already.
pub(super) fn open_store(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
) -> Result<Box<dyn Container>, Failure> {
    let options = OpenOptions::default()
        .with_limits(session.limits())
        .with_name(path.display().to_string());
    let container = container::open(store, &options).in_file(path)?;
    for note in container.notes() {
        session.say(format_args!("{}: {note}", path.display()));
    }
    Ok(container)
}

/// Refuses files of other formats, for verbs that change `.pv` files. What has no magic number is left to them: it may be
/// a damaged `.pv`.
pub(super) fn check_is_pv(session: &Session, path: &Path) -> Result<(), Failure> {
    let start = container::start_of(&*session.open(path)?).in_file(path)?;
    match container::format_of_start(&start) {
        None => Ok(()),
        Some(format) => {
            let path = path.display();
            Err(Failure::usage(format!(
                "{path} is a .{format} file, and this verb changes .pv files; convert makes one of it"
            )))
        }
    }
}

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
}

impl Source {
    /// The type and shape of the array.
    pub(super) fn spec(&self) -> &ArraySpec {
        &self.spec
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
        let reader = newest(&self.path, name, &self.limits)?;
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

/// Opens an array of the version that a file has now.
fn newest(path: &Path, name: &str, limits: &Limits) -> Result<Box<dyn ArrayReader>, Error> {
    let options = OpenOptions::default()
        .with_limits(*limits)
        .with_name(path.display().to_string());
    let container = container::open(Guarded(FileStore::new(path)).open()?, &options)?;
    container.array(container.find(name)?)
}

/// Whether files of a format have a name for each array.
pub(super) fn has_names(container: &dyn Container) -> bool {
    !matches!(container.format(), "npy" | "pco" | "bin")
}

/// The type and shape of an array of a container, without opening it.
pub(super) fn spec_of(container: &dyn Container, index: usize) -> Result<ArraySpec, Error> {
    let entry = container.entry(index)?;
    let spec = entry
        .dtype
        .parse()
        .and_then(|dtype| ArraySpec::new(dtype, entry.shape));
    spec.in_array(&entry.path)
}

/// Opens an array of a container by its number.
pub(super) fn array_of(
    container: &dyn Container,
    index: usize,
    path: &Path,
) -> Result<Source, Error> {
    let name = has_names(container).then(|| container.path(index).to_owned());
    let opened = match container.array(index) {
        Err(error) if error.is_change() => {
            again(|| newest(path, container.path(index), container.limits()))
        }
        opened => opened,
    };
    let reader = opened.in_array(container.path(index)).in_file(path)?;
    Ok(Source {
        spec: reader.spec().clone(),
        reader: RefCell::new(reader),
        is_begun: Cell::new(false),
        limits: *container.limits(),
        path: path.to_owned(),
        name,
    })
}

/// The numbers of the arrays of a file; of `all`, those too that only stand there for other programs.
pub(super) fn indices(container: &dyn Container, all: bool) -> impl Iterator<Item = usize> {
    let placeholders = container.placeholders();
    let n_placeholders = if all { placeholders.len() } else { 0 };
    (0..container.n_arrays()).chain(placeholders.take(n_placeholders))
}

/// The number of the only array of a file.
pub(super) fn only_array(container: &dyn Container, path: &Path) -> Result<usize, Failure> {
    match container.n_arrays() {
        1 => Ok(0),
        0 => Err(Failure::usage(format!("{} holds no array", path.display()))),
        n => {
            let (path, first) = (path.display(), container.path(0));
            Err(Failure::usage(format!(
                "{path} holds {n} arrays: name one, such as {first:?}"
            )))
        }
    }
}

/// The name of a file without folder and extension: what its only array is called.
pub(super) fn stem(path: &Path) -> PathBuf {
    match path.file_stem() {
        Some(stem) if path.as_os_str() != "-" => PathBuf::from(stem),
        _ => PathBuf::from("stdin"),
    }
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::container::pv::{Edit, EditOptions, WriteOptions, Writer};

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
        let [unread, container] =
            [0; 2].map(|_| container::open(store.open().unwrap(), &options).unwrap());
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
