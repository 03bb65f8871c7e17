//! The files that arguments mean: files as they are named, and with `-r` those in folders whose names tell that they are
//! wanted.

use std::path::{Path, PathBuf};

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

/// Finds all files in the order of the arguments, those of a folder by name. What cannot be looked into is said, and
/// the others are found.
pub(super) fn find(
    paths: &[PathBuf],
    is_recursive: bool,
    is_wanted: &dyn Fn(&Path) -> bool,
) -> (Vec<Input>, Outcome) {
    let mut inputs = Vec::new();
    let outcome = failure::each(paths, |path| {
        if path.as_os_str() == "-" || !path.is_dir() {
            inputs.push(Input {
                path: path.clone(),
                below: PathBuf::new(),
            });
            return Ok(());
        }
        if !is_recursive {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} is a folder; -r takes the files in it"
            )));
        }
        let n_before = inputs.len();
        walk(path, Path::new(""), is_wanted, &mut inputs)?;
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

fn walk(
    folder: &Path,
    below: &Path,
    is_wanted: &dyn Fn(&Path) -> bool,
    inputs: &mut Vec<Input>,
) -> Outcome {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).in_file(folder)? {
        entries.push(entry.in_file(folder)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    failure::each(entries, |entry| {
        let path = entry.path();
        // Links to folders are not followed: they may lead around in a circle.
        if entry.file_type().in_file(&path)?.is_dir() {
            return walk(&path, &below.join(entry.file_name()), is_wanted, inputs);
        }
        if is_wanted(&path) && path.is_file() {
            inputs.push(Input {
                path,
                below: below.to_owned(),
            });
        }
        Ok(())
    })
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
        let (inputs, outcome) = find(&[folder.path().to_owned()], true, &is_wanted);
        assert!(outcome.is_ok());
        let found: Vec<_> = inputs.iter().map(|i| (&*i.path, &*i.below)).collect();
        let expected = [("b/c/x.npy", "b/c"), ("b/y.npy", "b"), ("z.npy", "")];
        let expected = expected.map(|(path, below)| (at(path), PathBuf::from(below)));
        let expected: Vec<_> = expected.iter().map(|(p, b)| (&**p, &**b)).collect();
        assert_eq!(found, expected);
    }
}
