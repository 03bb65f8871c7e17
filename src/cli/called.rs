//! What arrays are called on the command line: one rule for all verbs, which `paginum help` tells.
//!
//! An array has its path in its file. Where the file has no name for it (`.npy`, `.pco`, raw bytes), it is called like the
//! file without its extension; of several arrays of one such file, behind that is the number. Arrays in a folder of the
//! format's for what belongs to nothing else (`field_data/`) are
//! shown by their bare names where no other array has them ([`shown`]), and every bare name that only one array has finds
//! it.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::renewed::{Newest, Renewed};
use super::{address, raw_options};
use crate::container::{
    self, Container, Document, Entry, File, FormatInfo, Formats, LeftOut, OpenOptions, Trait,
};
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::validity::Validity;

/// A container that knows what its arrays are called, and what may have been meant by a name that none has.
#[derive(Debug)]
struct Called {
    inner: File,
    /// Where it comes from.
    path: PathBuf,
    /// Instead of the paths, where these are names that the format makes up.
    names: Vec<String>,
    /// How often a name was asked for that no array has.
    n_unknown: AtomicUsize,
}

/// A container whose arrays have the names of the command line. `file` is where it comes from.
pub(super) fn called(inner: File, file: &Path) -> File {
    File::of(Box::new(Called::new(inner, file)))
}

fn names_of(inner: &File, file: &Path) -> Vec<String> {
    match has_names(&**inner) {
        true => Vec::new(),
        false => {
            let stem = raw_options::stem(file).display().to_string();
            let name = |index| like_file(&stem, inner.path(index));
            (0..inner.n_arrays()).map(name).collect()
        }
    }
}

fn like_file(stem: &str, path: &str) -> String {
    // The only array of a file, and its fields; or one of several.
    match path.strip_prefix(container::ONLY) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{stem}{rest}"),
        _ => format!("{stem}/{path}"),
    }
}

/// Whether files of a format have a name for each array.
pub(super) fn has_names(container: &dyn Container) -> bool {
    container.format().has(Trait::Names)
}

/// Whether the arrays of a file are told apart by names: one without a name is called like its file, and needs none.
pub(super) fn is_named(container: &dyn Container) -> bool {
    has_names(container) || container.n_arrays() > 1
}

/// What opens an array of the version that a file has when it is asked.
fn newest(path: &Path, name: &str, limits: &Limits) -> Newest {
    let (path, name) = (path.to_owned(), name.to_owned());
    let options = OpenOptions::default()
        .with_limits(*limits)
        .with_name(path.display().to_string());
    Box::new(move || {
        let bytes = address::store(&path, true)?.open()?;
        let called = Called::new(Formats::default().open(bytes, &options)?, &path);
        called.inner.open_array(called.find(&name)?)
    })
}

/// What each array of a file is shown as: field data by their bare names where no other array has them, all else by path.
pub(super) fn shown(container: &dyn Container) -> Vec<String> {
    shown_of(container, 0..container.n_arrays())
}

/// The same where `all` asks for placeholders, too: then an array that is called as one of them is not shown by that name.
pub(super) fn shown_with(container: &dyn Container, all: bool) -> Vec<String> {
    match all {
        true => shown_of(container, 0..container.placeholders().end),
        false => shown(container),
    }
}

fn shown_of(container: &dyn Container, indices: Range<usize>) -> Vec<String> {
    let paths: Vec<&str> = indices.map(|i| container.path(i)).collect();
    let format = container.format();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for path in &paths {
        *counts.entry(format.bare(path)).or_default() += 1;
    }
    let name = |path: &&str| match format.bare(path) {
        bare if counts[bare] == 1 => bare.to_owned(),
        _ => (*path).to_owned(),
    };
    paths.iter().map(name).collect()
}

/// What a single array of a file is shown as.
pub(super) fn name_of(container: &dyn Container, index: usize) -> &str {
    let (format, path) = (container.format(), container.path(index));
    let bare = format.bare(path);
    // The only other path that has this bare name is that name. It is looked up and not looked for: all arrays in turn would
    // take the square of their number.
    let has_path = |found: usize| found != index && container.path(found) == bare;
    let is_other = bare != path && container.find(bare).is_ok_and(has_path);
    let is_placeholder = container.placeholders().contains(&index);
    if is_other || is_placeholder {
        path
    } else {
        bare
    }
}

/// Lets an error of array `index` name it as it is shown.
pub(super) fn in_array(container: &dyn Container, index: usize, error: Error) -> Error {
    error.in_array_shown_as(container.path(index), name_of(container, index))
}

/// What an array is shown as; a placeholder by its path.
pub(super) fn shown_one(container: &dyn Container, names: &[String], index: usize) -> String {
    let path = || container.path(index).to_owned();
    names.get(index).cloned().unwrap_or_else(path)
}

impl Called {
    /// An error of the file's, which names its array as it is shown.
    fn renamed(&self, error: Error) -> Error {
        let array = error.place().and_then(|place| place.array.as_deref());
        let index = array.and_then(|array| {
            let mut all = 0..self.n_arrays();
            all.find(|&index| self.inner.path(index) == array)
        });
        match index {
            Some(index) => in_array(self, index, error),
            None => error,
        }
    }

    /// The arrays of a file from `path`.
    fn new(inner: File, path: &Path) -> Self {
        Self {
            names: names_of(&inner, path),
            path: path.to_owned(),
            inner,
            n_unknown: AtomicUsize::new(0),
        }
    }

    /// Says which arrays there are, or which one may have been meant.
    fn unknown(&self, name: &str) -> Error {
        /// So many names help; more of them hide the message.
        const MAX_NAMES: usize = 5;
        /// Who asks more often looks for names that may not be there, and tells nobody.
        const MAX_HINTS: usize = 8;
        let there_is = format!("there is no array {name:?}");
        if self.n_unknown.fetch_add(1, Ordering::Relaxed) >= MAX_HINTS {
            return Error::invalid(there_is);
        }
        let names = shown(self);
        if let Some(near) = nearest(name, &names) {
            return Error::invalid(format!("{there_is}; did you mean {near:?}?"));
        }
        let listed: Vec<String> = names
            .iter()
            .take(MAX_NAMES)
            .map(|name| format!("{name:?}"))
            .collect();
        let listed = listed.join(", ");
        Error::invalid(match names.len().saturating_sub(MAX_NAMES) {
            _ if names.is_empty() => format!("{there_is}: the file holds none"),
            0 => format!("{there_is}: the file holds {listed}"),
            more => format!("{there_is}: the file holds {listed} and {more} more"),
        })
    }
}

/// The name that is nearest to what was typed, if it is near at all.
fn nearest<'a>(typed: &str, names: &'a [String]) -> Option<&'a str> {
    /// Longer names and more of them would take a while, for a hint.
    const MAX_CHARACTERS: usize = 64;
    const MAX_NAMES: usize = 4096;
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    if typed.len() > MAX_CHARACTERS {
        return None;
    }
    let distance_of = |name: &&'a String| {
        let last = name.rsplit('/').next().unwrap_or(name);
        let distances = [name.as_str(), last].map(|name| {
            let name: Vec<char> = name
                .to_lowercase()
                .chars()
                .take(MAX_CHARACTERS + 1)
                .collect();
            distance(&typed, &name)
        });
        distances[0].min(distances[1])
    };
    let found = names
        .iter()
        .take(MAX_NAMES)
        .map(|name| (distance_of(&name), name))
        .min_by_key(|(distance, _)| *distance)?;
    // Of short names, one letter is much.
    let is_near = found.0 <= typed.len().div_ceil(3).min(3) && found.0 < typed.len();
    is_near.then_some(found.1.as_str())
}

/// How many letters are to be put in, taken out, changed, or swapped with their neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

impl Container for Called {
    fn format(&self) -> &'static FormatInfo {
        self.inner.format()
    }

    fn n_arrays(&self) -> usize {
        self.inner.n_arrays()
    }

    fn placeholders(&self) -> Range<usize> {
        self.inner.placeholders()
    }

    fn path(&self, index: usize) -> &str {
        match self.names.get(index) {
            Some(name) => name,
            None => self.inner.path(index),
        }
    }

    fn given_name(&self, index: usize) -> Option<&str> {
        match self.names.get(index) {
            Some(name) => Some(name),
            None => self.inner.given_name(index),
        }
    }

    fn find(&self, name: &str) -> Result<usize> {
        if let Some(index) = self.names.iter().position(|known| known == name) {
            return Ok(index);
        }
        self.inner.find(name).map_err(|error| {
            // A name that several arrays have is another matter.
            match error.message().starts_with("there is no array") {
                true => self.unknown(name),
                false => error,
            }
        })
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let entry = self.inner.entry(index)?;
        Ok(Entry {
            path: self.path(index).to_owned(),
            ..entry
        })
    }

    fn prefetch_entries(&self) -> Result<()> {
        self.inner.prefetch_entries()
    }

    fn prefetch_arrays(&self, arrays: Range<usize>) -> Result<usize> {
        self.inner.prefetch_arrays(arrays)
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let open = || self.inner.open_array(index);
        let name = is_named(&*self.inner).then(|| (self.path(index), name_of(self, index)));
        let newest = name.map(|(path, _)| newest(&self.path, path, self.limits()));
        let renewed = Renewed::open(open, &self.path, name, newest);
        let renewed = renewed.map_err(|error| in_array(self, index, error));
        Ok(Box::new(renewed.in_file(&self.path)?))
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        let validity = self.inner.validity(index);
        validity.map_err(|error| in_array(self, index, error))
    }

    fn limits(&self) -> &Limits {
        self.inner.limits()
    }

    fn documents(&self) -> Vec<Document> {
        self.inner.documents()
    }

    fn beside_arrays(&self) -> Option<String> {
        self.inner.beside_arrays()
    }

    fn notes(&self) -> &[String] {
        self.inner.notes()
    }

    fn dead_bytes(&self) -> Result<u64> {
        self.inner.dead_bytes()
    }

    fn left_out(&self) -> &[LeftOut] {
        self.inner.left_out()
    }

    fn checked(&self) -> Option<String> {
        self.inner.checked()
    }

    fn verify_structure(&self) -> Result<()> {
        self.inner
            .verify_structure()
            .map_err(|error| self.renamed(error))
    }

    fn structure_faults(&self) -> Vec<Error> {
        let faults = self.inner.structure_faults().into_iter();
        faults.map(|error| self.renamed(error)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lends_its_name() {
        assert_eq!(like_file("a", "array"), "a");
        assert_eq!(like_file("a", "array/x"), "a/x");
        assert_eq!(like_file("a", "2"), "a/2");
        assert_eq!(like_file("a", "arrays"), "a/arrays");
    }

    #[test]
    fn near_names_are_hints_and_far_ones_are_none() {
        let names = ["points", "point_data/stress", "t", "温度"].map(str::to_owned);
        for (typed, meant) in [
            ("pionts", Some("points")),
            ("Points", Some("points")),
            ("point", Some("points")),
            ("stres", Some("point_data/stress")),
            ("temperature", None),
            ("x", None),
            ("", None),
            ("温", None),
            ("温度計", Some("温度")),
        ] {
            assert_eq!(nearest(typed, &names), meant, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), &names), None);
    }

    #[test]
    fn swapped_letters_are_one_slip() {
        let distance = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|text| text.chars().collect::<Vec<_>>());
            distance(&a, &b)
        };
        assert_eq!(distance("pionts", "points"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
