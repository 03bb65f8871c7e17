//! The arrays of files under names of their own: what `pack`, `append` and `advise` put together, and `convert` and
//! `compress` take apart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::convert::plain_arrays;
use super::failure::Failure;
use super::session::Session;
use super::source::{self, RawOptions, Source};
use crate::array::ArraySpec;
use crate::container::Container;
use crate::error::{Error, ResultExt};
use crate::record::Record;
use crate::validity::Validity;

/// An array, and what it is to be called. It is opened when it is its turn: some formats take it into memory whole.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) spec: ArraySpec,
    /// What the bytes of its elements are, if they are records.
    pub(super) record: Option<Record>,
    container: Rc<dyn Container>,
    index: usize,
    path: PathBuf,
}

impl Named {
    /// Array `index` of a file, under a name.
    pub(super) fn new(
        name: String,
        container: &Rc<dyn Container>,
        index: usize,
        path: &Path,
    ) -> crate::Result<Self> {
        let entry = container.entry(index).in_file(path)?;
        Ok(Self {
            name,
            spec: source::stated_spec(&entry).in_file(path)?,
            record: entry.record,
            container: container.clone(),
            index,
            path: path.to_owned(),
        })
    }

    /// Says of records that they will be bytes of which nothing is known.
    pub(super) fn say_opaque(&self, session: &Session) {
        if let Some(record) = &self.record {
            session.say(format_args!(
                "{}: {:?} holds records {record}, which become opaque {}; --fields takes each field as an array",
                self.path.display(),
                self.name,
                self.spec.dtype(),
            ));
        }
    }

    /// Which rows have a value, where some have none.
    pub(super) fn validity(&self) -> crate::Result<Option<Arc<Validity>>> {
        let validity = self.container.validity(self.index);
        validity
            .in_array(self.container.path(self.index))
            .in_file(&self.path)
    }

    /// Its number in its file.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The file that it lies in.
    pub(super) fn file(&self) -> &Path {
        &self.path
    }

    /// Opens the array for reading.
    pub(super) fn open(&self) -> crate::Result<Source> {
        source::array_of(&*self.container, self.index, &self.path)
    }
}

/// Finds all arrays of all files. A file of one array gives it its own name; two of one name are an error.
pub(super) fn find(
    session: &Session,
    paths: &[PathBuf],
    raw: &RawOptions,
) -> Result<Vec<Named>, Failure> {
    let mut arrays = Vec::new();
    let mut seen: HashMap<String, &PathBuf> = HashMap::new();
    for path in paths {
        let container: Rc<dyn Container> = source::open_or_raw(session, path, raw)?.into();
        let all = 0..container.n_arrays();
        for index in source::readable(session, &*container, all, path)? {
            let name = container.path(index).to_owned();
            // They become field data again.
            let name = match (container.format(), name.strip_prefix("field_data/")) {
                ("pv", Some(bare)) => bare.to_owned(),
                _ => name,
            };
            if let Some(other) = seen.insert(name.clone(), path) {
                let (other, path) = (other.display(), path.display());
                let words = format!("{other} and {path} both hold an array {name:?}");
                return Err(Failure::usage(words));
            }
            let named = Named::new(name, &container, index, path)?;
            named.say_opaque(session);
            arrays.push(named);
        }
    }
    Ok(arrays)
}

/// The only array of a file, for verbs that have no place for a second one.
pub(super) fn only(container: &dyn Container, file: &Path) -> Result<usize, Failure> {
    let indices = plain_arrays(container).in_file(file)?;
    match indices.as_slice() {
        [index] => Ok(*index),
        [] => Err(Failure::usage(format!("{} holds no array", file.display()))),
        several => Err(Failure::usage(format!(
            "{} holds {} arrays, and this verb takes one: unpack writes each into a file",
            file.display(),
            several.len()
        ))),
    }
}

/// Refuses an array with nulls, for outputs that have no place for them.
pub(super) fn check_has_no_nulls(container: &dyn Container, index: usize) -> crate::Result<()> {
    match container.validity(index)? {
        None => Ok(()),
        Some(_) => {
            let what = "an array with nulls, which only .pv can hold; unpack saves them beside it";
            Err(Error::invalid(what).in_array(container.path(index)))
        }
    }
}
