//! The arrays of files under names of their own: what `pack`, `append` and `advise` put together, and `convert` and
//! `compress` take apart.
//!
//! There may be more files than a process can have open. So a file is opened to list its arrays, and again when it is its
//! turn to be read; those that were used last stay open.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::failure::Failure;
use super::format::is_stream;
use super::raw_options::RawOptions;
use super::session::Session;
use super::{called, listing, opening};
use crate::array::ArraySpec;
use crate::container::{ArrayHandle, Container, Entry, File};
use crate::error::{Error, ResultExt};

/// So many files stay open, besides streams, which cannot be opened again.
const MAX_OPEN: usize = 16;

/// A file of arrays, which is open as long as there is room for it.
struct Input<'a> {
    session: &'a Session,
    raw: RawOptions,
    path: PathBuf,
    /// Those that are open, of all files; the one that was used last at the end.
    open: Rc<RefCell<Vec<Open>>>,
}

/// An open file, and where it lies.
struct Open {
    path: PathBuf,
    file: File,
}

impl Input<'_> {
    /// The file, opened again if it was closed.
    fn file(&self) -> crate::Result<File> {
        let found = {
            let mut open = self.open.borrow_mut();
            let at = open.iter().position(|open| open.path == self.path);
            at.map(|at| open.remove(at).file)
        };
        let file = match found {
            Some(file) => file,
            None => opening::reopen(self.session, &self.path, &self.raw)?,
        };
        self.keep(file.clone());
        Ok(file)
    }

    fn keep(&self, file: File) {
        let mut open = self.open.borrow_mut();
        open.push(Open {
            path: self.path.clone(),
            file,
        });
        let mut n_closed = open.len().saturating_sub(MAX_OPEN);
        open.retain(|open| {
            let is_kept = n_closed == 0 || is_stream(&open.path);
            n_closed -= usize::from(!is_kept);
            is_kept
        });
    }
}

/// An array, and what it is to be called. It is opened when it is its turn: some formats take it into memory whole.
pub(super) struct Named<'a> {
    pub(super) name: String,
    pub(super) spec: ArraySpec,
    input: Rc<Input<'a>>,
    index: usize,
    /// What it is called in its file.
    path: String,
}

impl<'a> Named<'a> {
    /// Array `index` of a file, under a name.
    fn new(name: String, input: &Rc<Input<'a>>, file: &File, index: usize) -> crate::Result<Self> {
        let entry = file.entry(index).in_file(&input.path)?;
        Ok(Self {
            name,
            spec: entry.spec().in_file(&input.path)?,
            input: input.clone(),
            index,
            path: entry.path,
        })
    }

    /// The file that it lies in.
    pub(super) fn file(&self) -> &Path {
        &self.input.path
    }

    /// Opens the array for reading.
    pub(super) fn open(&self) -> crate::Result<ArrayHandle> {
        Ok(self.container()?.array_at(self.index))
    }

    /// Its file, in which it is what it was when the files were listed.
    fn container(&self) -> crate::Result<File> {
        let file = self.input.file()?;
        let is_there = self.index < file.n_arrays() && file.path(self.index) == self.path;
        let is_same = || Ok::<_, Error>(file.entry(self.index)?.spec()? == self.spec);
        match is_there && is_same().in_file(self.file())? {
            true => Ok(file),
            false => {
                let changed = Error::changed("another array than when the files were listed");
                Err(changed.in_array(&self.path).in_file(self.file()))
            }
        }
    }
}

/// Says of records that they will be bytes of which nothing is known.
pub(super) fn say_opaque(session: &Session, file: &Path, name: &str, entry: &Entry) {
    if let Some(record) = &entry.record {
        session.say(format_args!(
            "{}: {name:?} holds records {record}, which become opaque {}; --fields takes each field as an array",
            file.display(),
            entry.dtype,
        ));
    }
}

/// Finds all arrays of all files. A file of one array gives it its own name; two of one name are an error. Where they are to be
/// written, `output` is the name of the format: what it has no place for is said.
pub(super) fn find<'a>(
    session: &'a Session,
    paths: &[PathBuf],
    raw: &RawOptions,
    output: Option<&str>,
) -> Result<Vec<Named<'a>>, Failure> {
    let mut arrays = Vec::new();
    let mut seen: HashMap<String, &PathBuf> = HashMap::new();
    let open = Rc::default();
    for path in paths {
        let input = Rc::new(Input {
            session,
            raw: raw.clone(),
            path: path.clone(),
            open: Rc::clone(&open),
        });
        let file = opening::open_or_raw(session, path, raw)?;
        if let Some(output) = output {
            listing::say_left_behind(session, &*file, path, output);
        }
        let all = 0..file.n_arrays();
        for index in listing::readable(session, &*file, all, path)? {
            // What belongs to nothing becomes that again.
            let name = file.format().bare(file.path(index)).to_owned();
            if let Some(other) = seen.insert(name.clone(), path) {
                let (other, path) = (other.display(), path.display());
                let words = format!("{other} and {path} both hold an array {name:?}");
                return Err(Failure::usage(words));
            }
            let named = Named::new(name, &input, &file, index)?;
            say_opaque(
                session,
                path,
                &named.name,
                &file.entry(index).in_file(path)?,
            );
            arrays.push(named);
        }
        input.keep(file);
    }
    Ok(arrays)
}

/// The only array of a file, for verbs that have no place for a second one.
pub(super) fn only(container: &dyn Container, file: &Path) -> Result<usize, Failure> {
    let indices = listing::plain_arrays(container).in_file(file)?;
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
            Err(Error::invalid(what).in_array(called::name_of(container, index)))
        }
    }
}
