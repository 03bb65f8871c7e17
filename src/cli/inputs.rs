//! The arrays of several files, each under a name of its own: what `pack`, `append` and `advise` put together.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::failure::Failure;
use super::session::Session;
use super::source::{self, RawOptions, Source};
use crate::array::ArraySpec;
use crate::container::Container;
use crate::error::ResultExt;

/// An array, and what it is to be called. It is opened when it is its turn: some formats take it into memory whole.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) spec: ArraySpec,
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
        Ok(Self {
            name,
            spec: source::spec_of(&**container, index).in_file(path)?,
            container: container.clone(),
            index,
            path: path.to_owned(),
        })
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
        for index in 0..container.n_arrays() {
            let name = match source::has_names(&*container) {
                true => container.path(index).to_owned(),
                false => stem(path)?,
            };
            if let Some(other) = seen.insert(name.clone(), path) {
                let (other, path) = (other.display(), path.display());
                let words = format!("{other} and {path} both hold an array {name:?}");
                return Err(Failure::usage(words));
            }
            arrays.push(Named::new(name, &container, index, path)?);
        }
    }
    Ok(arrays)
}

fn stem(path: &Path) -> Result<String, Failure> {
    let stem = source::stem(path).into_os_string().into_string();
    stem.map_err(|_| Failure::usage(format!("{}: a name that is no UTF-8", path.display())))
}
