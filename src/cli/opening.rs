//! Opening a file of arrays, whatever its format.

use std::path::Path;
use std::sync::Arc;

use super::address;
use super::again::again;
use super::called::called;
use super::failure::Failure;
use super::format::is_stream;
use super::raw_options::{RawOptions, may_be_raw, type_in_name};
use super::session::Session;
use crate::container::{
    self, Container, File, Format, Formats, Match, OpenOptions, RawFormat, Trait,
};
use crate::error::{Error, ErrorKind, ResultExt};
use crate::limits::Limits;
use crate::storage::ReadAt;

/// An open file, and what a user should be told of it.
struct Opened {
    file: File,
    words: Vec<String>,
}

/// Opens a file of arrays, or what raw options say that it is, and passes on what there is to say about it.
pub(super) fn open_or_raw(
    session: &Session,
    path: &Path,
    raw: &RawOptions,
) -> Result<File, Failure> {
    again(|| open_store_or_raw(session, path, session.open(path)?, raw))
}

/// The same, of a store that is open already.
pub(super) fn open_store_or_raw(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
    raw: &RawOptions,
) -> Result<File, Failure> {
    let opened = open_as_stored(&session.limits(), path, store, raw)?;
    opened.words.iter().for_each(|words| session.say(words));
    Ok(called(opened.file, path))
}

/// Opens a file of arrays, and passes on what there is to say about it.
pub(super) fn open(session: &Session, path: &Path) -> Result<File, Failure> {
    open_or_raw(session, path, &RawOptions::default())
}

/// The same, of a store that is open already.
pub(super) fn open_store(
    session: &Session,
    path: &Path,
    store: Arc<dyn ReadAt>,
) -> Result<File, Failure> {
    open_store_or_raw(session, path, store, &RawOptions::default())
}

/// Opens a file again whose arrays were listed before: what there is to say about it has been said.
pub(super) fn reopen(session: &Session, path: &Path, raw: &RawOptions) -> crate::Result<File> {
    let reopened = again(|| open_as_stored(&session.limits(), path, session.open(path)?, raw));
    match reopened {
        Ok(opened) => Ok(called(opened.file, path)),
        Err(Failure::Error(error) | Failure::Hinted(error, _)) => Err(error),
        Err(failure) => Err(Error::invalid(failure.to_string())),
    }
}

/// The same, with the paths that arrays have in the file.
fn open_as_stored(
    limits: &Limits,
    path: &Path,
    store: Arc<dyn ReadAt>,
    raw: &RawOptions,
) -> Result<Opened, Failure> {
    let (formats, name) = (raw.formats(), raw.name_of(path));
    if formats
        .promised(&address::without_gz(&name))
        .is_some_and(is_told_by_name)
    {
        let file = open_known(limits, path, &name, store, &formats)?;
        return Ok(Opened {
            words: notes(path, &*file),
            file,
        });
    }
    let says_itself =
        type_in_name(path).is_none() && formats.of_magic(&*store).in_file(path)?.is_some();
    let name = path.display();
    if let Some(dtype) = raw.dtype(path).filter(|_| !says_itself) {
        let spec = raw.spec(dtype, store.len(), path)?;
        let options = OpenOptions::default().with_limits(*limits);
        let container = RawFormat::new(spec).open(store, &options);
        return Ok(Opened {
            file: File::of(container.in_file(path)?),
            words: Vec::new(),
        });
    }
    if raw.has_shape() {
        return Err(Failure::usage(match says_itself {
            true => format!("--shape is for raw files, and {name} has its own shapes"),
            false => {
                format!("--shape is for raw files, and {name} says no type: --dtype gives one")
            }
        }));
    }
    let file = open_known(limits, path, path, store, &formats)?;
    let mut words = notes(path, &*file);
    if raw.has_dtype() {
        let what = "says its type itself; --dtype is for raw files and .csv, and converts nothing";
        words.insert(0, format!("{name} {what}"));
    }
    let file = match raw.takes_fields() {
        true => container::by_fields(file).in_file(path)?,
        false => file,
    };
    Ok(Opened { file, words })
}

/// Whether files of a format have no magic number, so that their name says what they are.
fn is_told_by_name(format: &Arc<dyn Format>) -> bool {
    let info = format.info();
    info.has(Trait::ToldByName) && !info.has(Trait::Bare)
}

/// Opens a file that says itself what it is, or whose name does.
fn open_known(
    limits: &Limits,
    path: &Path,
    name: &Path,
    store: Arc<dyn ReadAt>,
    formats: &Formats,
) -> Result<File, Failure> {
    let options = OpenOptions::default()
        .with_limits(*limits)
        .with_name(name.display().to_string());
    let hint = salvage_hint(path, &*store, formats);
    formats.open(store, &options).map_err(|error| {
        let error = error.in_file(path);
        match hint {
            Some(hint) if error.kind().is_damage() => Failure::Hinted(error, hint),
            _ if error.kind() == ErrorKind::Unsupported && may_be_raw(path) => {
                let hint = "raw numbers say no type: in convert, pack and compress --dtype gives one, or a name such as NAME.f64.bin";
                Failure::Hinted(error, hint.to_owned())
            }
            _ => Failure::Error(error),
        }
    })
}

/// The failure of a verb that changes a `.pv`, with what helps where the file itself is damaged.
pub(super) fn hinted(path: &Path, failure: impl Into<Failure>) -> Failure {
    match failure.into() {
        Failure::Error(error) if error.kind().is_damage() && is_about(&error, path) => {
            match is_stream(path) || !path.is_file() {
                true => Failure::Error(error),
                false => Failure::Hinted(error, salvage_words(path)),
            }
        }
        other => other,
    }
}

/// Whether an error lies in this file, and not in one that is read beside it.
pub(super) fn is_about(error: &Error, path: &Path) -> bool {
    let file = error.place().and_then(|place| place.file.as_deref());
    file.is_some_and(|file| Path::new(file) == path)
}

fn salvage_words(path: &Path) -> String {
    let path = path.display();
    format!("repair --salvage {path} -o NEW.pv saves the arrays that are whole")
}

/// What helps where a file cannot be opened, if it may be one that can be salvaged: of a format that is changed in place.
fn salvage_hint(path: &Path, store: &dyn ReadAt, formats: &Formats) -> Option<String> {
    let is_file = !is_stream(path) && path.is_file();
    (is_file && may_be_salvaged(store, formats)).then(|| salvage_words(path))
}

/// Whether a file that cannot be opened may be of a format that is changed in place.
pub(super) fn may_be_salvaged(store: &dyn ReadAt, formats: &Formats) -> bool {
    let mut head = [0; 4];
    if store.read_exact_at(&mut head, 0).is_err() {
        return false;
    }
    formats.iter().any(|format| {
        format.info().has(Trait::Appendable) && format.recognises(&head, &[]) != Match::No
    })
}

/// What a user should know of a file.
fn notes(path: &Path, container: &dyn Container) -> Vec<String> {
    let notes = container.notes().iter();
    let note = |note| format!("{}: {note}", path.display());
    notes.map(note).collect()
}

/// Refuses files of other formats, for verbs that change `.pv` files: by their magic number, or else by their name. What has
/// neither is left to the verbs: it may be a damaged `.pv`. Pipes and devices are not opened at all: that may wait for ever.
/// `instead` says what to do with another file, which it calls FILE.
pub(super) fn check_is_pv(session: &Session, path: &Path, instead: &str) -> Result<(), Failure> {
    if is_stream(path) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "{path} is no plain file, and this verb changes .pv files in place"
        )));
    }
    let formats = Formats::default();
    let says_itself = |format: &&Arc<dyn Format>| !format.info().has(Trait::Bare);
    let name = address::without_gz(path);
    let by_magic = formats.of_magic(&*session.open(path)?).in_file(path)?;
    match by_magic.or_else(|| formats.promised(&name).filter(says_itself)) {
        Some(format) if !format.info().has(Trait::Appendable) => {
            let (path, format) = (path.display(), format.info().name);
            let instead = instead.replace("FILE", &path.to_string());
            Err(Failure::usage(format!(
                "{path} is a .{format} file, and this verb changes .pv files; {instead}"
            )))
        }
        _ => Ok(()),
    }
}
