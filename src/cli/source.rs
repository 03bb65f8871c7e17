//! One array to work on, whatever kind of file it lies in.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::address;
use super::again::{MayBeChange, again};
use super::called::{called, shown};
use super::failure::Failure;
use super::format::{Format, is_stream};
use super::session::Session;
use crate::array::ArraySpec;
use crate::container::{self, Container, Entry, OpenOptions, npy};
use crate::dtype::{DType, Kind};
use crate::error::{Error, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::record::{Column, Record};
use crate::storage::ReadAt;
use crate::wrapped::NumberType;

/// How bytes that do not say what they are shall be read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct RawOptions {
    /// Type of raw binary inputs: f64, float64, or as numpy spells it, '>i2'. A file called NAME.f64.bin needs none. Of a
    /// .csv, the type of all columns
    #[arg(long, value_parser = parse_dtype)]
    dtype: Option<DType>,
    /// Shape of raw binary inputs, in C order: 100x3 or 100,3. Without it, one axis
    #[arg(long, value_name = "NxN", value_parser = parse_shape)]
    shape: Option<Shape>,
    /// Take each field of a structured array as an array of its own, NAME/FIELD
    #[arg(long)]
    fields: bool,
}

/// Lengths of axes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape(Vec<u64>);

/// Lengths with commas between them, or as `ls` shows them: `7x17420`.
fn parse_shape(text: &str) -> Result<Shape, String> {
    let length = |axis: &str| {
        let is_number = !axis.is_empty() && axis.bytes().all(|byte| byte.is_ascii_digit());
        let length = axis.parse().ok().filter(|_| is_number);
        length.ok_or_else(|| format!("{axis:?} is no length of an axis; a shape is 100x3 or 100,3"))
    };
    text.split([',', 'x'])
        .map(length)
        .collect::<Result<_, _>>()
        .map(Shape)
}

/// A type as Rust or as numpy spells it, where they do not mean two things by it: `i8` is a byte to one and eight to the
/// other.
fn parse_dtype(text: &str) -> Result<DType, String> {
    let rust = NumberType::from_name(text).map(DType::of);
    let numpy = text.parse::<DType>();
    match (rust, numpy) {
        (Some(rust), Ok(numpy)) if rust != numpy => Err(format!(
            "to Rust it is {}, to numpy {}: say which",
            spellings(rust),
            spellings(numpy)
        )),
        (Some(rust), _) => Ok(rust),
        (None, numpy) => numpy.map_err(|error| error.message()),
    }
}

/// How a number type is spelled, each way meaning the same to everybody: `'<i8'` and `int64`.
fn spellings(dtype: DType) -> String {
    let kind = match dtype.kind() {
        Kind::UInt => "uint",
        Kind::Float => "float",
        _ => "int",
    };
    format!("'{dtype}' ({kind}{})", 8 * dtype.item_bytes())
}

/// `NAME.f64.bin` says its type itself, as Rust spells it.
fn type_in_name(path: &Path) -> Option<DType> {
    let path = address::without_gz(path);
    if path.extension()? != "bin" {
        return None;
    }
    // What stands before it need not be UTF-8.
    let type_name = Path::new(path.file_stem()?).extension()?.to_str()?;
    NumberType::from_name(type_name).map(DType::of)
}

/// Whether the name of a file says that it is raw, and of which type.
pub(super) fn is_typed(path: &Path) -> bool {
    type_in_name(path).is_some()
}

impl RawOptions {
    /// Whether a file was said to be raw, by an option or by its name.
    pub(super) fn is_given(&self, path: &Path) -> bool {
        self.dtype.is_some() || is_typed(path)
    }

    /// The type and shape of a raw file of `len` bytes.
    fn spec(&self, dtype: DType, len: u64, path: &Path) -> Result<ArraySpec, Failure> {
        let item_bytes = dtype.item_bytes();
        let misfit = |what| Failure::usage(format!("{}: {len} bytes are {what}", path.display()));
        if item_bytes == 0 || !len.is_multiple_of(item_bytes) {
            return Err(misfit(format!("no whole number of {dtype}")));
        }
        let shape = match &self.shape {
            Some(Shape(shape)) => shape.clone(),
            None => vec![len / item_bytes],
        };
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
    Ok(called(open_as_stored(session, path, store, raw)?, path))
}

/// The same, with the paths that arrays have in the file.
fn open_as_stored(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
    raw: &RawOptions,
) -> Result<Box<dyn Container>, Failure> {
    if Format::of(path) == Some(Format::Csv) {
        // Text has no magic number: its name says what it is.
        let csv = container::csv::open(&store, raw.dtype, &session.limits());
        let csv = csv.in_file(path)?;
        say_notes(session, path, &csv);
        return Ok(Box::new(csv));
    }
    let says_itself = type_in_name(path).is_none()
        && container::format_of_start(&container::start_of(&*store).in_file(path)?).is_some();
    let dtype = raw
        .dtype
        .or_else(|| type_in_name(path))
        .filter(|_| !says_itself);
    let Some(dtype) = dtype else {
        let name = path.display();
        if raw.shape.is_some() {
            return Err(Failure::usage(match says_itself {
                true => format!("--shape is for raw files, and {name} has its own shapes"),
                false => {
                    format!("--shape is for raw files, and {name} says no type: --dtype gives one")
                }
            }));
        }
        if raw.dtype.is_some() {
            session.say(format_args!(
                "{name} says its type itself; --dtype is for raw files and .csv, and converts nothing"
            ));
        }
        let container = open_known(session, path, store)?;
        return match raw.fields {
            true => Ok(container::by_fields(container).in_file(path)?),
            false => Ok(container),
        };
    };
    let spec = raw.spec(dtype, store.len(), path)?;
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
    open_store_or_raw(session, path, store, &RawOptions::default())
}

/// Opens a file that says itself what it is.
fn open_known(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
) -> Result<Box<dyn Container>, Failure> {
    let options = OpenOptions::default()
        .with_limits(session.limits())
        .with_name(path.display().to_string());
    let hint = salvage_hint(path, &*store);
    let container = container::open(store, &options).map_err(|error| {
        let error = error.in_file(path);
        match hint {
            Some(hint) if error.kind().is_damage() => Failure::Hinted(error, hint),
            _ => Failure::Error(error),
        }
    })?;
    say_notes(session, path, &*container);
    Ok(container)
}

/// What helps where a file cannot be opened, if it may be a `.pv`, which has no magic number but that of its first frame.
fn salvage_hint(path: &Path, store: &dyn ReadAt) -> Option<String> {
    const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let starts_as_one = container::start_of(store).is_ok_and(|start| start.starts_with(&FRAME));
    let is_file = !is_stream(path) && path.is_file();
    (starts_as_one && is_file).then(|| {
        let path = path.display();
        format!("repair --salvage {path} -o NEW.pv saves the arrays that are whole")
    })
}

/// Passes on what a user should know of a file.
fn say_notes(session: &Session, path: &Path, container: &dyn Container) {
    for note in container.notes() {
        session.say(format_args!("{}: {note}", path.display()));
    }
}

/// Refuses files of other formats, for verbs that change `.pv` files. What has no magic number is left to them: it may be
/// a damaged `.pv`. Pipes and devices are not opened at all: that may wait for ever.
pub(super) fn check_is_pv(session: &Session, path: &Path) -> Result<(), Failure> {
    if is_stream(path) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "{path} is no plain file, and this verb changes .pv files in place"
        )));
    }
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
    Ok((container.array(index)?, container.entry(index)?.record))
}

/// Opens an array of the version that a file has now.
fn newest(path: &Path, name: &str, limits: &Limits) -> Result<Opened, Error> {
    let options = OpenOptions::default()
        .with_limits(*limits)
        .with_name(path.display().to_string());
    let container = container::open(address::store(path, true)?.open()?, &options)?;
    let container = called(container, path);
    opened(&*container, container.find(name)?)
}

/// Whether files of a format have a name for each array.
pub(super) fn has_names(container: &dyn Container) -> bool {
    !matches!(container.format(), "npy" | "pco" | "bin")
}

/// The field of an array of records that `NAME/FIELD` means, or `FIELD` where the file has no name for its array.
pub(super) fn field(
    container: &dyn Container,
    name: &str,
) -> Result<Option<(usize, Column)>, Error> {
    let slashes = name.match_indices('/').map(|(at, _)| at);
    let splits = slashes.map(|at| (&name[..at], &name[at + 1..]));
    for (array, field) in splits.chain([(container::ONLY, name)]) {
        let Ok(index) = container.find(array) else {
            continue;
        };
        let record = container.entry(index)?.record;
        let columns = record.map_or_else(Vec::new, |record| record.columns());
        if let Some(column) = columns.into_iter().find(|column| column.name() == field) {
            return Ok(Some((index, column)));
        }
    }
    Ok(None)
}

/// Those arrays of a file that can be read. Of the others it is said why not.
pub(super) fn readable(
    session: &Session,
    container: &dyn Container,
    indices: impl IntoIterator<Item = usize>,
    file: &Path,
) -> Result<Vec<usize>, Error> {
    container.prefetch_entries().in_file(file)?;
    let mut readable = Vec::new();
    for index in indices {
        match container.entry(index).in_file(file)?.fault {
            None => readable.push(index),
            Some(fault) => {
                let error = fault.to_error().in_array(container.path(index));
                session.skip(&error.in_file(file));
            }
        }
    }
    Ok(readable)
}

/// The type and shape of an array of a container, without opening it.
pub(super) fn spec_of(container: &dyn Container, index: usize) -> Result<ArraySpec, Error> {
    stated_spec(&container.entry(index)?)
}

/// The type and shape that an entry states.
pub(super) fn stated_spec(entry: &Entry) -> Result<ArraySpec, Error> {
    if let Some(fault) = &entry.fault {
        return Err(fault.to_error().in_array(&entry.path));
    }
    let spec = entry
        .dtype
        .parse()
        .and_then(|dtype| ArraySpec::new(dtype, entry.shape.as_slice()))
        .map(|spec| spec.with_order(entry.order));
    spec.in_array(&entry.path)
}

/// Opens an array of a container by its number.
pub(super) fn array_of(
    container: &dyn Container,
    index: usize,
    path: &Path,
) -> Result<Source, Error> {
    let is_named = has_names(container) || container.n_arrays() > 1;
    let name = is_named.then(|| container.path(index).to_owned());
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
            let (path, names) = (path.display(), shown(container));
            Err(Failure::usage(format!(
                "{path} holds {n} arrays: name one, such as {:?}",
                names[0]
            )))
        }
    }
}

/// The name of a file without folder and extension: what its only array is called.
pub(super) fn stem(path: &Path) -> PathBuf {
    let path = &*address::without_gz(path);
    match path.file_stem() {
        // NAME.f64.bin is called NAME.
        Some(stem) if is_typed(path) => PathBuf::from(stem).with_extension(""),
        Some(stem) if path.as_os_str() != "-" => PathBuf::from(stem),
        _ => PathBuf::from("stdin"),
    }
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_spelled_in_two_ways() {
        let shape = |text| parse_shape(text).ok().map(|Shape(shape)| shape);
        assert_eq!(shape("7x17420"), Some(vec![7, 17_420]));
        assert_eq!(shape("7,17420"), Some(vec![7, 17_420]));
        assert_eq!(shape("0"), Some(vec![0]));
        for text in [
            "",
            "7x",
            "x7",
            "7*2",
            "-1",
            "+1",
            "7,,2",
            "18446744073709551616",
        ] {
            assert_eq!(shape(text), None, "{text}");
        }
    }

    #[test]
    fn a_raw_file_says_its_type_whatever_else_it_is_called() {
        assert!(is_typed(Path::new("x/a.f64.bin")) && is_typed(Path::new("é.b.u8.bin")));
        for name in ["f64.bin", "a.f64", "a.bin", "a.f65.bin", "a.f64.bin.bin"] {
            assert!(!is_typed(Path::new(name)), "{name}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert!(is_typed(Path::new(std::ffi::OsStr::from_bytes(
                b"\xff.f64.bin"
            ))));
        }
    }
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
