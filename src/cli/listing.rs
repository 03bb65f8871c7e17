//! Which arrays of a file a verb is about, by number.

use std::path::Path;

use super::called::{self, shown};
use super::failure::Failure;
use super::session::Session;
use crate::container::{self, Container};
use crate::error::{Error, ResultExt};
use crate::record::Column;

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
                let error = called::in_array(container, index, fault.to_error());
                session.skip(&error.in_file(file));
            }
        }
    }
    Ok(readable)
}

/// Says what a file has beside its arrays, which an output of the format `output` has no place for.
pub(super) fn say_left_behind(
    session: &Session,
    container: &dyn Container,
    file: &Path,
    output: &str,
) {
    if let Some(what) = container.beside_arrays() {
        session.say(format_args!(
            "{}: {what} stays behind: a .{output} of its arrays has no place for it",
            file.display()
        ));
    }
}

/// All arrays but geometry without bytes, such as that which a `.pv` of plain arrays has for the sake of its readers.
pub(super) fn plain_arrays(container: &dyn Container) -> Result<Vec<usize>, Error> {
    let mut indices = Vec::new();
    for index in 0..container.n_arrays() {
        let entry = container.entry(index)?;
        if container.given_name(index).is_some() || entry.decoded_bytes > 0 {
            indices.push(index);
        }
    }
    Ok(indices)
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
