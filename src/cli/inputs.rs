//! The arrays of several files, each under a name of its own: what `pack`, `append` and `convert` put together.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::session::Session;
use super::source::{self, RawOptions, Source};

/// An array, and what it is to be called.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) source: Source,
}

/// Opens all arrays of all files. A file of one array gives it its own name; two of one name are an error.
pub(super) fn open(
    session: &Session,
    paths: &[PathBuf],
    raw: &RawOptions,
) -> Result<Vec<Named>, Failure> {
    let mut arrays = Vec::new();
    let mut seen: HashMap<String, &PathBuf> = HashMap::new();
    for path in paths {
        for (name, source) in source::open_all(session, path, raw)? {
            let name = match name {
                Some(name) => name,
                None => stem(path)?,
            };
            if let Some(other) = seen.insert(name.clone(), path) {
                let (other, path) = (other.display(), path.display());
                return Err(Failure::usage(format!(
                    "{other} and {path} both hold an array {name:?}"
                )));
            }
            arrays.push(Named { name, source });
        }
    }
    Ok(arrays)
}

fn stem(path: &Path) -> Result<String, Failure> {
    let stem = source::stem(path).into_os_string().into_string();
    stem.map_err(|_| Failure::usage(format!("{}: a name that is no UTF-8", path.display())))
}
