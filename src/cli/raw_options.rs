//! What bytes are that do not say it themselves: type and shape of raw files, by options or by name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::PossibleValuesParser;

use super::address;
use super::failure::Failure;
use crate::array::ArraySpec;
use crate::container::csv::CsvFormat;
use crate::container::{Format as _, Formats, RawFormat, Trait};
use crate::dtype::{DType, Kind};
use crate::text::counted;
use crate::wrapped::NumberType;

/// How bytes that do not say what they are shall be read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct RawOptions {
    /// Type of raw binary inputs: f64, float64, or as numpy spells it, '>i2'. A file called NAME.f64.bin needs none. Of a
    /// .csv, the type of all columns
    #[arg(long, value_parser = parse_dtype)]
    dtype: Option<DType>,
    /// Shape of raw binary inputs, in C order: 100x3 or 100,3. Without it, one axis
    #[arg(long, value_name = "NxN", value_parser = parse_shape)]
    shape: Option<Shape>,
    /// What text is whose name does not say it, as that of standard input
    #[arg(long, value_name = "FORMAT", value_parser = text_formats())]
    from: Option<String>,
    /// Take each field of a structured array as an array of its own, NAME/FIELD
    #[arg(long)]
    fields: bool,
}

/// The names of formats that no bytes tell.
fn text_formats() -> PossibleValuesParser {
    let formats = Formats::default();
    let texts = formats.iter().map(|format| format.info());
    let texts = texts.filter(|info| info.has(Trait::ToldByName) && !info.has(Trait::Bare));
    PossibleValuesParser::new(texts.map(|info| info.name).collect::<Vec<_>>())
}

/// Lengths of axes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape(Vec<u64>);

/// Lengths with commas between them, or as `ls` shows them: `7x17420`.
fn parse_shape(text: &str) -> Result<Shape, String> {
    let length = |axis: &str| {
        let is_number = !axis.is_empty() && axis.bytes().all(|byte| byte.is_ascii_digit());
        let length = axis.parse().ok().filter(|_| is_number);
        length.ok_or_else(|| format!("{axis:?} is no length of an axis; a shape is 100x3 or 100,3"))
    };
    text.split([',', 'x'])
        .map(length)
        .collect::<Result<_, _>>()
        .map(Shape)
}

/// A type as Rust or as numpy spells it, where they do not mean two things by it: `i8` is a byte to one and eight to the
/// other.
fn parse_dtype(text: &str) -> Result<DType, String> {
    let rust = NumberType::from_name(text).map(DType::of);
    let numpy = text.parse::<DType>();
    match (rust, numpy) {
        (Some(rust), Ok(numpy)) if rust != numpy => Err(format!(
            "to Rust it is {}, to numpy {}: say which",
            spellings(rust),
            spellings(numpy)
        )),
        (Some(rust), _) => Ok(rust),
        (None, Err(error)) if error.message() == format!("dtype {text:?}") => {
            Err("a type is f64, float64 or '<f8', as Rust or as numpy spells it".to_owned())
        }
        (None, numpy) => numpy.map_err(|error| error.message()),
    }
}

/// How a number type is spelled, each way meaning the same to everybody: `'<i8'` and `int64`.
fn spellings(dtype: DType) -> String {
    let kind = match dtype.kind() {
        Kind::UInt => "uint",
        Kind::Float => "float",
        _ => "int",
    };
    format!("'{dtype}' ({kind}{})", 8 * dtype.item_bytes())
}

/// `NAME.f64.bin` says its type itself, as Rust spells it.
pub(super) fn type_in_name(path: &Path) -> Option<DType> {
    let path = address::without_gz(path);
    if path.extension()? != RawFormat::default().info().extension() {
        return None;
    }
    // What stands before it need not be UTF-8.
    let type_name = Path::new(path.file_stem()?).extension()?.to_str()?;
    NumberType::from_name(type_name).map(DType::of)
}

/// Whether a file is called as raw numbers are, with or without their type.
pub(super) fn may_be_raw(path: &Path) -> bool {
    let path = address::without_gz(path);
    let extension = path.extension();
    extension.is_some_and(|it| it == "raw" || it == RawFormat::default().info().extension())
}

/// Whether the name of a file says that it is raw, and of which type.
pub(super) fn is_typed(path: &Path) -> bool {
    type_in_name(path).is_some()
}

impl RawOptions {
    /// Whether a file was said to be raw, by an option or by its name.
    pub(super) fn is_given(&self, path: &Path) -> bool {
        self.dtype.is_some() || is_typed(path)
    }

    /// The type that a file is said to have, by an option or by its name.
    pub(super) fn dtype(&self, path: &Path) -> Option<DType> {
        self.dtype.or_else(|| type_in_name(path))
    }

    /// Whether a type was given.
    pub(super) fn has_dtype(&self) -> bool {
        self.dtype.is_some()
    }

    /// The name by which the format of a file is told: its own, or where that promises none, one of the format that was
    /// said.
    pub(super) fn name_of(&self, path: &Path) -> PathBuf {
        match &self.from {
            Some(format)
                if self
                    .formats()
                    .promised(&address::without_gz(path))
                    .is_none() =>
            {
                Path::new("text").with_extension(format)
            }
            _ => path.to_owned(),
        }
    }

    /// Whether a shape was given.
    pub(super) fn has_shape(&self) -> bool {
        self.shape.is_some()
    }

    /// Whether each field of an array of records is to be an array.
    pub(super) fn takes_fields(&self) -> bool {
        self.fields
    }

    /// The formats that files may have, those of text with the type that was given.
    pub(super) fn formats(&self) -> Formats {
        let texts = [CsvFormat::default(), CsvFormat::tabs()];
        texts.into_iter().fold(Formats::default(), |formats, text| {
            formats.with(Arc::new(text.with_dtype(self.dtype)))
        })
    }

    /// The type and shape of a raw file of `len` bytes.
    pub(super) fn spec(&self, dtype: DType, len: u64, path: &Path) -> Result<ArraySpec, Failure> {
        let item_bytes = dtype.item_bytes();
        let misfit = |what| {
            let are = if len == 1 { "is" } else { "are" };
            let (path, bytes) = (path.display(), counted(len, "byte"));
            Failure::usage(format!("{path}: {bytes} {are} {what}"))
        };
        if item_bytes == 0 || !len.is_multiple_of(item_bytes) {
            return Err(misfit(format!("no whole number of {dtype}")));
        }
        let shape = match &self.shape {
            Some(Shape(shape)) => shape.clone(),
            None => vec![len / item_bytes],
        };
        let spec = ArraySpec::new(dtype, shape)?;
        if spec.bytes() != len {
            return Err(misfit(format!("not {spec}")));
        }
        Ok(spec)
    }
}

/// The name of a file without folder and extension: what its only array is called.
pub(super) fn stem(path: &Path) -> PathBuf {
    let path = &*address::without_gz(path);
    match path.file_stem() {
        // NAME.f64.bin is called NAME.
        Some(stem) if is_typed(path) => PathBuf::from(stem).with_extension(""),
        Some(stem) if path.as_os_str() != "-" => PathBuf::from(stem),
        _ => PathBuf::from("stdin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_spelled_in_two_ways() {
        let shape = |text| parse_shape(text).ok().map(|Shape(shape)| shape);
        assert_eq!(shape("7x17420"), Some(vec![7, 17_420]));
        assert_eq!(shape("7,17420"), Some(vec![7, 17_420]));
        assert_eq!(shape("0"), Some(vec![0]));
        for text in [
            "",
            "7x",
            "x7",
            "7*2",
            "-1",
            "+1",
            "7,,2",
            "18446744073709551616",
        ] {
            assert_eq!(shape(text), None, "{text}");
        }
    }

    #[test]
    fn a_raw_file_says_its_type_whatever_else_it_is_called() {
        assert!(is_typed(Path::new("x/a.f64.bin")) && is_typed(Path::new("é.b.u8.bin")));
        for name in ["f64.bin", "a.f64", "a.bin", "a.f65.bin", "a.f64.bin.bin"] {
            assert!(!is_typed(Path::new(name)), "{name}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert!(is_typed(Path::new(std::ffi::OsStr::from_bytes(
                b"\xff.f64.bin"
            ))));
        }
    }
}
