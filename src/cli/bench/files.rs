//! Which files a path of `bench` means.

use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::raw_options;
use crate::container::{Formats, Trait};
use crate::error::ResultExt;

/// A file to bench.
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) n_bytes: u64,
}

/// The files that paths mean: of a folder, those in it whose names tell that they hold arrays.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            inputs.push(input(path)?);
            continue;
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).in_file(path)? {
            let file = entry.in_file(path)?.path();
            if file.is_file() && holds_arrays(&file) {
                files.push(input(&file)?);
            }
        }
        if files.is_empty() {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} holds no file whose name is of arrays"
            )));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        inputs.extend(files);
    }
    Ok(inputs)
}

fn input(path: &Path) -> Result<Input, Failure> {
    Ok(Input {
        path: path.to_owned(),
        n_bytes: path.metadata().in_file(path)?.len(),
    })
}

fn holds_arrays(path: &Path) -> bool {
    let formats = Formats::default();
    let promised = formats.promised(path).map(|format| format.info());
    promised.is_some_and(|info| !info.has(Trait::ToldByName)) || raw_options::is_typed(path)
}
