//! The files that arguments mean: files as they are named, and those in folders whose names tell that they are wanted. A
//! folder may be one of a store: what names of objects begin with.

use std::path::{Path, PathBuf};

use super::address;
use super::failure::{self, Failure, Outcome};
use crate::error::ResultExt;

/// A file to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Where it is.
    pub(super) path: PathBuf,
    /// The folders between the one that was named and the file: a folder of outputs repeats them.
    pub(super) below: PathBuf,
}

/// What becomes of folders among the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folders {
    /// They are told how to be taken.
    Refused,
    /// The files in them.
    Alone,
    /// The files in them and in all folders below.
    WithAllBelow,
}

impl Folders {
    /// What `-r` says to a verb that writes.
    pub(super) fn if_recursive(is_recursive: bool) -> Self {
        match is_recursive {
            true => Self::WithAllBelow,
            false => Self::Refused,
        }
    }
}

/// Finds all files in the order of the arguments, those of a folder by name. What cannot be looked into is said, and
/// the others are found.
pub(super) fn find(
    paths: &[PathBuf],
    folders: Folders,
    is_wanted: &dyn Fn(&Path) -> bool,
) -> (Vec<Input>, Outcome) {
    let mut inputs = Vec::new();
    let outcome = failure::each(paths, |path| {
        if !is_folder(path) {
            inputs.push(Input {
                path: path.clone(),
                below: PathBuf::new(),
            });
            return Ok(());
        }
        if folders == Folders::Refused {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} is a folder; -r takes the files in it"
            )));
        }
        let n_before = inputs.len();
        let is_deep = folders == Folders::WithAllBelow;
        walk(path, Path::new(""), is_deep, is_wanted, &mut inputs)?;
        if inputs.len() == n_before {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} holds no file that this verb takes"
            )));
        }
        Ok(())
    });
    (inputs, outcome)
}

/// Whether an argument is a folder, of this machine or of a store.
pub(super) fn is_folder(path: &Path) -> bool {
    address::is_folder(path) || path.as_os_str() != "-" && path.is_dir()
}

fn walk(
    folder: &Path,
    below: &Path,
    is_deep: bool,
    is_wanted: &dyn Fn(&Path) -> bool,
    inputs: &mut Vec<Input>,
) -> Outcome {
    failure::each(entries_of(folder)?, |entry| {
        if entry.is_folder {
            let below = below.join(entry.path.file_name().unwrap_or_default());
            return match is_deep {
                true => walk(&entry.path, &below, is_deep, is_wanted, inputs),
                false => Ok(()),
            };
        }
        if is_wanted(&entry.path) {
            inputs.push(Input {
                path: entry.path,
                below: below.to_owned(),
            });
        }
        Ok(())
    })
}

/// What lies in a folder.
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

/// Files and folders in a folder, by name.
fn entries_of(folder: &Path) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    if address::is_folder(folder) {
        let (files, folders) = address::list(folder)?;
        let entry = |is_folder| move |path| Entry { path, is_folder };
        entries.extend(files.into_iter().map(entry(false)));
        entries.extend(folders.into_iter().map(entry(true)));
    } else {
        for entry in std::fs::read_dir(folder).in_file(folder)? {
            let entry = entry.in_file(folder)?;
            let path = entry.path();
            // Links to folders are not followed: they may lead around in a circle.
            let is_folder = entry.file_type().in_file(&path)?.is_dir();
            if is_folder || path.is_file() {
                entries.push(Entry { path, is_folder });
            }
        }
    }
    entries.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_by_name_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("b/c")).unwrap();
        for name in ["z.npy", "b/y.npy", "b/c/x.npy", "b/other.txt"] {
            std::fs::write(at(name), "").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), at("b/circle")).unwrap();
        let is_wanted = |path: &Path| path.extension().is_some_and(|e| e == "npy");
        let folders = [folder.path().to_owned()];
        let (inputs, outcome) = find(&folders, Folders::WithAllBelow, &is_wanted);
        assert!(outcome.is_ok());
        let found: Vec<_> = inputs.iter().map(|i| (&*i.path, &*i.below)).collect();
        let expected = [("b/c/x.npy", "b/c"), ("b/y.npy", "b"), ("z.npy", "")];
        let expected = expected.map(|(path, below)| (at(path), PathBuf::from(below)));
        let expected: Vec<_> = expected.iter().map(|(p, b)| (&**p, &**b)).collect();
        assert_eq!(found, expected);
        let (inputs, _) = find(&folders, Folders::Alone, &is_wanted);
        assert_eq!(inputs.len(), 1);
        let (inputs, outcome) = find(&folders, Folders::Refused, &is_wanted);
        assert!(inputs.is_empty() && outcome.is_err());
    }
}
