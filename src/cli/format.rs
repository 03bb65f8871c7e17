//! What the extension of a name says: an output is written in the format that its name promises, or not at all.

use std::path::Path;

use super::address;
use super::failure::Failure;

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One array of numpy.
    Npy,
    /// Several of them in a zip file.
    Npz,
    /// One array, compressed by the engine.
    Pco,
    /// Named arrays and meshes.
    Pv,
    /// The bytes of the elements alone.
    Raw,
    /// A line a row.
    Text,
    /// A line a row, commas between cells.
    Csv,
    /// A list of rows.
    Json,
    /// A drawing of lines and letters.
    Svg,
    /// A drawing of pixels.
    Png,
}

/// Of the extensions of one format, the first is the one that this program writes.
const EXTENSIONS: [(&str, Format); 12] = [
    ("npy", Format::Npy),
    ("npz", Format::Npz),
    ("pco", Format::Pco),
    ("pv", Format::Pv),
    ("zvtk", Format::Pv),
    ("bin", Format::Raw),
    ("raw", Format::Raw),
    ("txt", Format::Text),
    ("csv", Format::Csv),
    ("json", Format::Json),
    ("svg", Format::Svg),
    ("png", Format::Png),
];

impl Format {
    /// What a name says that the file is, in letters of any case.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let path = address::without_gz(path);
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let found = EXTENSIONS.iter().find(|(name, _)| *name == extension);
        found.map(|(_, format)| *format)
    }

    /// What the name of an output promises, of the formats that a verb writes.
    pub(super) fn promised(path: &Path, formats: &[Self]) -> Result<Self, Failure> {
        let format = Self::of(path).filter(|format| formats.contains(format));
        format.ok_or_else(|| {
            let is_written = |(_, format): &&(&str, Self)| formats.contains(format);
            let names = EXTENSIONS.iter().filter(is_written);
            let names: Vec<String> = names.map(|(name, _)| format!(".{name}")).collect();
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

    /// The extension that this program gives to its files.
    pub(super) fn extension(self) -> &'static str {
        let found = EXTENSIONS.iter().find(|(_, format)| *format == self);
        found.map_or("", |(name, _)| name)
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
            ("a.npy", Some(Format::Npy)),
            ("x/a.b.NPZ", Some(Format::Npz)),
            ("a.zvtk", Some(Format::Pv)),
            ("a.raw", Some(Format::Raw)),
            ("npy", None),
            (".npy", None),
            ("a.npy/", Some(Format::Npy)),
            ("a.f64", None),
            ("a.npy.gz", Some(Format::Npy)),
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
        let words_of_one = words("a.npz", &[Format::Pco]);
        assert_eq!(words_of_one, "a.npz: the extension is not .pco");
        let words_of_several = words("a", &[Format::Npy, Format::Raw]);
        assert_eq!(
            words_of_several,
            "a: the extension is none of .npy, .bin, .raw"
        );
        let written = [Format::Npy, Format::Raw];
        for (name, format) in [("-", Format::Npy), ("a.bin", Format::Raw)] {
            assert_eq!(
                Format::of_output(Path::new(name), &written).unwrap(),
                format
            );
        }
    }

    #[test]
    fn extensions_lead_back_to_their_format() {
        for (_, format) in EXTENSIONS {
            let name = format!("a.{}", format.extension());
            assert_eq!(Format::of(Path::new(&name)), Some(format));
        }
    }
}
