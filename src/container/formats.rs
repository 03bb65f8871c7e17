//! Which formats there are: a value, so that callers add theirs without a global.

use std::path::Path;
use std::sync::Arc;

use super::format::{Format, Match, Trait};
use super::writer::ContainerWriter;
use super::{Container, File, OpenOptions, csv, gnz, npy, pco, raw};
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Cached, Part, ReadAt, Store, Url};
use crate::text::counted;

/// The formats that files are opened and written by.
///
/// ```
/// use std::sync::Arc;
/// use paginum::container::{Formats, OpenOptions, npy};
/// let file = npy::to_bytes(&paginum::Array::from_numbers(&[1.5_f64])?);
/// let file = Formats::default().open(Arc::new(file), &OpenOptions::default())?;
/// assert_eq!(file.format().name, "npy");
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Formats {
    formats: Vec<Arc<dyn Format>>,
}

impl Default for Formats {
    /// The formats of this build.
    fn default() -> Self {
        Self {
            formats: vec![
                Arc::new(npy::NpyFormat),
                Arc::new(pco::PcoFormat::default()),
                #[cfg(feature = "npz")]
                Arc::new(super::npz::NpzFormat),
                #[cfg(feature = "zstd")]
                Arc::new(super::pv::PvFormat::default()),
                Arc::new(gnz::GnzFormat),
                #[cfg(feature = "fits")]
                Arc::new(super::fits::FitsFormat::default()),
                #[cfg(feature = "png")]
                Arc::new(super::png::PngFormat),
                #[cfg(feature = "pzp")]
                Arc::new(super::pzp::PzpFormat::default()),
                Arc::new(csv::CsvFormat::default()),
                Arc::new(csv::CsvFormat::tabs()),
                Arc::new(raw::RawFormat::default()),
            ],
        }
    }
}

impl Formats {
    /// So many bytes of each end of a file tell its format.
    pub const END_BYTES: usize = 16;

    /// No format at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            formats: Vec::new(),
        }
    }

    /// Adds a format, in place of one of the same name. Those that are certain of a file come first, in any order; of
    /// others, the one that was added first is tried first.
    #[must_use]
    pub fn with(mut self, format: Arc<dyn Format>) -> Self {
        let name = format.info().name;
        let same = |known: &&mut Arc<dyn Format>| known.info().name == name;
        match self.formats.iter_mut().find(same) {
            Some(known) => *known = format,
            None => self.formats.push(format),
        }
        self
    }

    /// The formats.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Format>> {
        self.formats.iter()
    }

    /// The format of this name.
    ///
    /// # Errors
    /// `InvalidArgument` where there is none.
    pub fn by_name(&self, name: &str) -> Result<&Arc<dyn Format>> {
        let found = self.iter().find(|format| format.info().name == name);
        found.ok_or_else(|| Error::invalid(format!("there is no format {name:?}")))
    }

    /// The format that the name of a file promises, by its extension.
    #[must_use]
    pub fn promised(&self, name: &Path) -> Option<&Arc<dyn Format>> {
        self.iter().find(|format| format.info().has_name(name))
    }

    /// The format that is certain of a file with these ends.
    fn certain(&self, head: &[u8], tail: &[u8]) -> Option<&Arc<dyn Format>> {
        self.iter()
            .find(|format| format.recognises(head, tail) == Match::Certain)
    }

    /// The format whose magic number a file has.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn of_magic(&self, bytes: &dyn ReadAt) -> Result<Option<&Arc<dyn Format>>> {
        if let Some(format) = self.told_by_front(bytes)? {
            return Ok(Some(format));
        }
        if bytes.access().is_distant() {
            bytes.prefetch(&both_ends(bytes))?;
        }
        let (head, tail) = ends(bytes)?;
        Ok(self.certain(&head, &tail))
    }

    /// Opens a file, whatever its format: by its bytes, and where no bytes tell that by its name in the options.
    ///
    /// # Errors
    /// `Unsupported` where no format knows the bytes; `Corrupt` and the rest where one does and they are bad.
    pub fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<File> {
        self.open_container(bytes, options).map(File::of)
    }

    /// Opens the file in a store.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), which name the store.
    pub fn open_store(&self, store: &dyn Store, options: &OpenOptions) -> Result<File> {
        let options = options.clone().with_name(store.url().to_string());
        let bytes = store.open().in_file(store.url())?;
        self.open(bytes, &options).in_file(store.url())
    }

    /// Starts the file of a store, in the format that its name promises.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that promises none; those of [`Format::create`].
    pub fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        self.of_output(store.url())?.create(store)
    }

    /// The format of a file that is to be written at an address: what its name promises, or promises to be compressed.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that promises none.
    pub fn of_output(&self, url: &Url) -> Result<&Arc<dyn Format>> {
        let found = self.promised(without_gz(Path::new(&url.to_string())));
        found.ok_or_else(|| {
            let known = self
                .iter()
                .filter_map(|format| format.info().extensions.first());
            let known: Vec<String> = known.map(|extension| format!(".{extension}")).collect();
            let what = format!(
                "the extension is that of no format; there are {}",
                known.join(", ")
            );
            Error::invalid(what).in_file(url)
        })
    }

    fn open_container(
        &self,
        bytes: Arc<dyn ReadAt>,
        options: &OpenOptions,
    ) -> Result<Box<dyn Container>> {
        if let Some(format) = self.told_by_name(options) {
            return format.open(bytes, options);
        }
        if let Some(format) = self.told_by_front(&*bytes)? {
            return format.open(bytes, options);
        }
        let bytes = with_both_ends(bytes)?;
        let (head, tail) = ends(&*bytes)?;
        if let Some(format) = self.certain(&head, &tail) {
            return format.open(bytes, options);
        }
        let name = options
            .name
            .as_deref()
            .map(|name| without_gz(Path::new(name)));
        if let Some(refusal) =
            name.and_then(|name| self.iter().find_map(|format| format.refusal(name)))
        {
            return Err(refusal);
        }
        let n_bytes = bytes.len();
        self.check_is_whole(&head, n_bytes)?;
        let mut verdict = None;
        for format in self.iter() {
            if format.recognises(&head, &tail) != Match::Perhaps {
                continue;
            }
            match format.open(bytes.clone(), options) {
                Err(error) if error.kind().is_damage() => {
                    // What only looked like one at its end is none.
                    let may_be_one = format.recognises(&head, &[]) == Match::Perhaps;
                    verdict = verdict.or(may_be_one.then_some(error));
                }
                result => return result,
            }
        }
        Err(verdict.unwrap_or_else(|| self.unknown(&head)))
    }

    /// The format that the name of a file tells, of those whose bytes do not.
    fn told_by_name(&self, options: &OpenOptions) -> Option<&Arc<dyn Format>> {
        let name = without_gz(Path::new(options.name.as_deref()?));
        let mut formats = self.iter();
        formats.find(|format| {
            let info = format.info();
            info.has(Trait::ToldByName) && !info.has(Trait::Bare) && info.has_name(name)
        })
    }

    /// The format of a distant file whose first bytes are here, where they tell that it is not opened from its end: asking for
    /// that would be a round trip for nothing.
    fn told_by_front(&self, bytes: &dyn ReadAt) -> Result<Option<&Arc<dyn Format>>> {
        let n = bytes.len().min(Self::END_BYTES as u64);
        if !bytes.access().is_distant() || !bytes.holds(&(0..n)) {
            return Ok(None);
        }
        let mut head = vec![0; n as usize];
        bytes.read_exact_at(&mut head, 0)?;
        let found = self.certain(&head, &[]);
        Ok(found.filter(|format| format.info().has(Trait::FromFront)))
    }

    /// Refuses a file that is too short for any magic number.
    fn check_is_whole(&self, head: &[u8], n_bytes: u64) -> Result<()> {
        /// The longest magic number has so many, that of `.npy`.
        const MAGIC_BYTES: u64 = 6;
        let may_start_one = |format: &Arc<dyn Format>| format.recognises(head, &[]) != Match::No;
        if n_bytes == 0 {
            return Err(Error::truncated("an empty file").at(0));
        }
        if n_bytes < MAGIC_BYTES && self.iter().any(may_start_one) {
            let bytes = counted(n_bytes, "byte");
            let what = format!("a file of {bytes}, which is only the start of one");
            return Err(Error::truncated(what).at(n_bytes));
        }
        Ok(())
    }

    /// What to say of a file that no format knows: how it starts, and what would be known.
    fn unknown(&self, head: &[u8]) -> Error {
        const SHOWN_BYTES: usize = 6;
        let start = &head[..head.len().min(SHOWN_BYTES)];
        let hex: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
        let extensions = |told_by_name| {
            let known = self.iter().map(|format| format.info());
            let known = known.filter(move |info| {
                info.has(Trait::ToldByName) == told_by_name && !info.has(Trait::Bare)
            });
            known.map(|info| format!(".{}", info.extension()))
        };
        let known: Vec<String> = extensions(false).collect();
        let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        let texts: Vec<String> = match head.iter().all(is_text) {
            true => extensions(true).collect(),
            false => Vec::new(),
        };
        let by_name = match texts.is_empty() {
            true => String::new(),
            false => format!(
                "; columns of text are told by a name in {}",
                texts.join(" or ")
            ),
        };
        Error::unsupported(format!(
            "a file of an unknown format, which starts with {} (\"{}\"); known are {}{by_name}",
            hex.join(" "),
            start.escape_ascii(),
            known.join(", ")
        ))
    }
}

/// Both ends of a file.
fn ends(bytes: &dyn ReadAt) -> Result<(Vec<u8>, Vec<u8>)> {
    let len = bytes.len();
    let n = len.min(Formats::END_BYTES as u64);
    let (mut head, mut tail) = (vec![0; n as usize], vec![0; n as usize]);
    bytes.read_many(&mut [Part::new(0, &mut head), Part::new(len - n, &mut tail)])?;
    Ok((head, tail))
}

/// A name without the extension of a compressed file, behind which stands what the file holds.
pub(super) fn without_gz(name: &Path) -> &Path {
    let is_gz = |extension: &std::ffi::OsStr| extension.eq_ignore_ascii_case("gz");
    match (name.extension().is_some_and(is_gz), name.file_stem()) {
        (true, Some(stem)) => Path::new(stem),
        _ => name,
    }
}

/// What is fetched of both ends of a distant file.
fn both_ends(bytes: &dyn ReadAt) -> [std::ops::Range<u64>; 2] {
    /// The longest magic number, and the header of most `.npy` files.
    const HEAD_BYTES: u64 = 512;
    let len = bytes.len();
    [
        0..HEAD_BYTES,
        len.saturating_sub(bytes.access().first_read)..len,
    ]
}

/// Fetches both ends of a distant file at once, since one tells the format and the other where things are, and lets it keep
/// what it fetched.
fn with_both_ends(mut bytes: Arc<dyn ReadAt>) -> Result<Arc<dyn ReadAt>> {
    /// Of a store that keeps nothing itself.
    const CACHE_BYTES: u64 = 32 << 20;
    if bytes.access().is_distant() {
        let ends = both_ends(&*bytes);
        if !bytes.prefetch(&ends)? {
            bytes = Arc::new(Cached::new(bytes, CACHE_BYTES));
            bytes.prefetch(&ends)?;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn error_of(bytes: &[u8]) -> Error {
        let bytes = Arc::new(bytes.to_vec());
        let opened = Formats::default().open(bytes, &OpenOptions::default());
        opened.expect_err("no file of any format")
    }

    #[test]
    fn what_no_format_knows_is_shown() {
        let error = error_of(b"\x89HDF\r\n and more");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(
            text.contains(r#"89 48 44 46 0d 0a ("\x89HDF\r\n"); known are .npy"#),
            "{text}"
        );
        let error = error_of(b"");
        assert_eq!(error.kind(), ErrorKind::Truncated);
        assert!(error.to_string().contains("empty"), "{error}");
    }

    #[cfg(all(feature = "npz", feature = "zstd"))]
    #[test]
    fn the_start_of_a_file_is_no_whole_one() {
        for start in [&b"\x93NU"[..], b"p", b"PK", b"\x28"] {
            assert_eq!(error_of(start).kind(), ErrorKind::Truncated, "{start:?}");
        }
        let verdict = error_of(b"\x28\xb5\x2f\xfd00");
        assert!(verdict.kind().is_damage(), "{verdict}");
    }

    #[test]
    fn a_name_tells_what_bytes_do_not() {
        let open = |name: &str| {
            let bytes = Arc::new(b"a,b\n1,2\n".to_vec());
            Formats::default().open(bytes, &OpenOptions::default().with_name(name))
        };
        for name in ["x.csv", "a/x.CSV", "https://host/x.csv.gz"] {
            assert_eq!(open(name).unwrap().n_arrays(), 2, "{name}");
        }
        assert_eq!(open("x").unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_format_takes_the_place_of_one_of_its_name() {
        let n_formats = Formats::default().iter().count();
        let formats = Formats::default().with(Arc::new(npy::NpyFormat));
        assert_eq!(formats.iter().count(), n_formats);
        assert!(formats.by_name("npy").is_ok() && Formats::none().by_name("npy").is_err());
        let of = |name: &str| formats.promised(Path::new(name)).map(|f| f.info().name);
        assert_eq!((of("x/a.NPY"), of("a")), (Some("npy"), None));
    }
}
