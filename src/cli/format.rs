//! What the extension of a name says: an output is written in the format that its name promises, or not at all.

use std::path::Path;

use super::address;
use super::failure::Failure;
use crate::container::csv::CsvFormat;
use crate::container::npy::NpyFormat;
use crate::container::npz::NpzFormat;
use crate::container::pco::PcoFormat;
use crate::container::png::PngFormat;
use crate::container::pv::PvFormat;
use crate::container::{Format as _, FormatInfo, Formats, RawFormat, Trait};

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Arrays, in a format of the library.
    Arrays(&'static FormatInfo),
    /// A line a row.
    Text,
    /// A list of rows.
    Json,
    /// A drawing of lines and letters.
    Svg,
}

/// The extensions of what is no format of the library.
const EXTENSIONS: [(&str, Format); 3] = [
    ("txt", Format::Text),
    ("json", Format::Json),
    ("svg", Format::Svg),
];

/// The formats that a file says itself, as help lists them.
fn listed() -> String {
    let formats = Formats::default();
    let says_itself = formats.iter().map(|format| format.info());
    let says_itself = says_itself.filter(|info| !info.has(Trait::Bare));
    let names: Vec<String> = says_itself
        .map(|info| format!(".{}", info.extension()))
        .collect();
    names.join(" ")
}

/// Help of inputs of any format: what they are for, and the formats.
pub(super) fn inputs(what: &str) -> String {
    let listed = listed();
    format!("{what}: {listed}, or raw with --dtype; - for standard input")
}

/// Help of outputs of any format.
pub(super) fn outputs(what: &str) -> String {
    format!("{what}: {}", listed())
}

impl Format {
    /// Columns of text.
    pub(super) fn csv() -> Self {
        Self::Arrays(CsvFormat::default().info())
    }

    /// Columns of text, separated by tabs.
    pub(super) fn tsv() -> Self {
        Self::Arrays(CsvFormat::tabs().info())
    }

    /// An array as numpy saves it.
    pub(super) fn npy() -> Self {
        Self::Arrays(NpyFormat.info())
    }

    /// Arrays as numpy saves them.
    pub(super) fn npz() -> Self {
        Self::Arrays(NpzFormat.info())
    }

    /// An array, compressed by the engine.
    pub(super) fn pco() -> Self {
        Self::Arrays(PcoFormat::default().info())
    }

    /// Named arrays and meshes.
    pub(super) fn pv() -> Self {
        Self::Arrays(PvFormat::default().info())
    }

    /// A picture: what is drawn in pixels, too.
    pub(super) fn png() -> Self {
        Self::Arrays(PngFormat.info())
    }

    /// The bytes of elements alone.
    pub(super) fn raw() -> Self {
        Self::Arrays(RawFormat::default().info())
    }

    /// What a name says that the file is, in letters of any case.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let path = address::without_gz(path);
        if let Some(format) = Formats::default().promised(&path) {
            return Some(Self::Arrays(format.info()));
        }
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let found = EXTENSIONS.iter().find(|(name, _)| *name == extension);
        found.map(|(_, format)| *format)
    }

    /// Whether files of the format may hold more than one array. A `.npy` may have others behind the first.
    pub(super) fn may_hold_several(self) -> bool {
        match self {
            Self::Arrays(info) => !info.has(Trait::OneArray) || self == Self::npy(),
            _ => false,
        }
    }

    /// What the name of an output promises, of the formats that a verb writes.
    pub(super) fn promised(path: &Path, formats: &[Self]) -> Result<Self, Failure> {
        let format = Self::of(path).filter(|format| formats.contains(format));
        format.ok_or_else(|| {
            let names = formats.iter().flat_map(|format| format.extensions());
            let names: Vec<String> = names.map(|name| format!(".{name}")).collect();
            let path = path.display();
            Failure::usage(match names.as_slice() {
                [name] => format!("{path}: the extension is not {name}"),
                names => format!("{path}: the extension is none of {}", names.join(", ")),
            })
        })
    }

    /// The same where standard output and other streams will do, which have no extension: they get the first format.
    pub(super) fn of_output(path: &Path, formats: &[Self]) -> Result<Self, Failure> {
        if is_stream(path) {
            return Ok(formats[0]);
        }
        Self::promised(path, formats)
    }

    fn extensions(&self) -> Vec<&'static str> {
        if let Self::Arrays(info) = self {
            return info.extensions.to_vec();
        }
        let own = EXTENSIONS.iter().filter(|(_, format)| format == self);
        own.map(|(name, _)| *name).collect()
    }

    /// The extension that this program gives to its files.
    pub(super) fn extension(self) -> &'static str {
        self.extensions().first().copied().unwrap_or_default()
    }
}

/// Whether bytes written to a path go somewhere else than into a file of that name: `-`, devices, pipes.
pub(super) fn is_stream(path: &Path) -> bool {
    let is_special = |metadata: std::fs::Metadata| !metadata.is_file() && !metadata.is_dir();
    // Where standard output is a file, /dev/stdout looks like one.
    path.as_os_str() == "-"
        || ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"]
            .iter()
            .any(|stream| path.starts_with(stream))
        || path.metadata().is_ok_and(is_special)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_their_format() {
        for (name, format) in [
            ("a.npy", Some(Format::npy())),
            ("x/a.b.NPZ", Some(Format::npz())),
            ("a.zvtk", Some(Format::pv())),
            ("a.raw", Some(Format::raw())),
            ("npy", None),
            (".npy", None),
            ("a.npy/", Some(Format::npy())),
            ("a.f64", None),
            ("a.npy.gz", Some(Format::npy())),
        ] {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn an_output_of_another_format_is_refused_with_those_that_there_are() {
        let words = |name: &str, formats: &[Format]| {
            let refused = Format::of_output(Path::new(name), formats).unwrap_err();
            refused.to_string()
        };
        let words_of_one = words("a.npz", &[Format::pco()]);
        assert_eq!(words_of_one, "a.npz: the extension is not .pco");
        let words_of_several = words("a", &[Format::npy(), Format::raw()]);
        assert_eq!(
            words_of_several,
            "a: the extension is none of .npy, .bin, .raw"
        );
        let written = [Format::npy(), Format::raw()];
        for (name, format) in [("-", Format::npy()), ("a.bin", Format::raw())] {
            assert_eq!(
                Format::of_output(Path::new(name), &written).unwrap(),
                format
            );
        }
    }

    #[test]
    fn extensions_lead_back_to_their_format() {
        let known = Formats::default();
        let known = known.iter().map(|format| Format::Arrays(format.info()));
        for format in known.chain(EXTENSIONS.map(|(_, format)| format)) {
            let name = format!("a.{}", format.extension());
            assert_eq!(Format::of(Path::new(&name)), Some(format));
        }
    }
}
