//! The arrays of files under names of their own: what `pack`, `append` and `advise` put together, and `convert` and
//! `compress` take apart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::convert::plain_arrays;
use super::failure::Failure;
use super::session::Session;
use super::source::{self, RawOptions, Source};
use crate::array::ArraySpec;
use crate::container::Container;
use crate::error::{Error, ResultExt};

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

/// What each array of a file is to be called: field data by their bare names where no other array has them, all else by
/// path, and the array of a file that has no name for it like the file.
pub(super) fn names(container: &dyn Container, file: &Path) -> Vec<String> {
    if !source::has_names(container) {
        return vec![source::stem(file).display().to_string()];
    }
    let paths: Vec<&str> = (0..container.n_arrays())
        .map(|i| container.path(i))
        .collect();
    let bare = |path: &str| path.strip_prefix("field_data/").unwrap_or(path).to_owned();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for path in &paths {
        *counts.entry(bare(path)).or_default() += 1;
    }
    let name = |path: &&str| match bare(path) {
        bare if counts[&bare] == 1 => bare,
        _ => (*path).to_owned(),
    };
    paths.iter().map(name).collect()
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

fn stem(path: &Path) -> Result<String, Failure> {
    let stem = source::stem(path).into_os_string().into_string();
    stem.map_err(|_| Failure::usage(format!("{}: a name that is no UTF-8", path.display())))
}
