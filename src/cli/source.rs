//! One array to work on, whatever kind of file it lies in.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use super::session::Session;
use crate::array::ArraySpec;
use crate::container::{self, Container, OpenOptions};
use crate::dtype::DType;
use crate::error::{Error, ResultExt};
use crate::filter::ArrayReader;
use crate::storage::ReadAt;
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
    open_store_or_raw(session, path, session.open(path)?, raw)
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
    open_store(session, path, session.open(path)?)
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

/// An array that is read, and its place for messages.
pub(super) struct Source {
    reader: Box<dyn ArrayReader>,
    path: PathBuf,
    /// Its name, where the file has one for it.
    name: Option<String>,
}

impl Source {
    /// The type and shape of the array.
    pub(super) fn spec(&self) -> &ArraySpec {
        self.reader.spec()
    }

    /// The file it lies in.
    pub(super) fn file(&self) -> &Path {
        &self.path
    }

    /// Decodes rows; an error names file and array.
    pub(super) fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<(), Error> {
        self.reader.read_rows_into(rows, out).map_err(|error| {
            let error = error.in_file(&self.path);
            match &self.name {
                Some(name) => error.in_array(name),
                None => error,
            }
        })
    }
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
    Ok(Source {
        reader: container
            .array(index)
            .in_array(container.path(index))
            .in_file(path)?,
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
