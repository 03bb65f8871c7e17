//! The header of a `.npy` file: a line of Python that names dtype, order and shape.
//!
//! ```text
//! 93 "NUMPY"  u8 major  u8 minor  header length (u16 in version 1, u32 in 2 and 3)
//! {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   spaces   newline
//! ```
//! Text is Latin-1 in versions 1 and 2 and UTF-8 in 3. What numpy reads is read; what it refuses as such is
//! `Unsupported`, text that is no Python `Corrupt`. What is written is what numpy writes, byte by byte.

use std::io::Read;

use super::element;
use super::literal::Literal;
use crate::array::{ArraySpec, Order};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::record::Element;

/// What every file starts with.
pub(in crate::container) const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A character of UTF-8 is at most so long.
const MAX_CHARACTER_BYTES: u64 = 4;
/// numpy aligns the data to this.
const ALIGNMENT: usize = 64;
/// numpy leaves room for a first axis of as many digits as a 64-bit number may have, so that it can grow in place.
const AXIS_DIGITS: usize = 21;

/// The three values of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The dtype as it is spelled: text, or the fields of a record.
    pub(super) descr: Literal,
    pub(super) order: Order,
    pub(super) shape: Vec<u64>,
}

impl Header {
    /// The header of an array of such elements.
    pub(super) fn new(element: &Element, spec: &ArraySpec) -> Self {
        Self {
            descr: element::descr(element),
            order: spec.order(),
            shape: spec.shape().to_vec(),
        }
    }

    /// Reads the header at the start of a file, and says how long it is.
    pub(super) fn read(file: &mut dyn Read, limits: &Limits) -> Result<(Self, u64)> {
        let start: [u8; 8] = read_array(file)?;
        if !start.starts_with(MAGIC) {
            return Err(Error::corrupt("not a .npy file: it starts with other bytes").at(0));
        }
        let [.., major, minor] = start;
        let (offset, length): (u64, u64) = match (major, minor) {
            (1, 0) => (10, u16::from_le_bytes(read_array(file)?).into()),
            (2 | 3, 0) => (12, u32::from_le_bytes(read_array(file)?).into()),
            _ => {
                return Err(Error::unsupported(format!(".npy of version {major}.{minor}")).at(6));
            }
        };
        let is_utf8 = major == 3;
        let allowed = limits.max_npy_header;
        let too_large = |length: u64| {
            Error::unsupported(format!(
                "a .npy header of {length} characters, where numpy reads up to {allowed}: a larger --max-bytes reads more"
            ))
            .at(8)
        };
        let most_bytes = match is_utf8 {
            true => allowed.saturating_mul(MAX_CHARACTER_BYTES),
            false => allowed,
        };
        if length > most_bytes {
            return Err(too_large(length));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes)?;
        let text = match is_utf8 {
            true => String::from_utf8(bytes)
                .map_err(|_| Error::corrupt("the .npy header is not UTF-8").at(offset))?,
            // Latin-1: a byte is a code point.
            false => bytes.iter().map(|&byte| char::from(byte)).collect(),
        };
        let n_characters = text.chars().count() as u64;
        if n_characters > allowed {
            return Err(too_large(n_characters));
        }
        let broken = |position: usize, what| {
            // A character of Latin-1 is one byte of the file.
            let position = match is_utf8 {
                true => position,
                false => text[..position].chars().count(),
            };
            Error::corrupt(format!(".npy header: {what}")).at(offset + position as u64)
        };
        // numpy takes the long integers of Python 2 up to version 2.
        let literal =
            Literal::parse(&text, !is_utf8).map_err(|error| broken(error.position, error.what))?;
        let Literal::Dict(pairs) = literal else {
            return Err(broken(0, "no dictionary"));
        };
        Ok((Self::of(pairs)?, offset + length))
    }

    /// What a dictionary means.
    fn of(pairs: Vec<(Literal, Literal)>) -> Result<Self> {
        let (mut descr, mut is_fortran, mut shape) = (None, None, None);
        for (key, value) in pairs {
            let Literal::Str(key) = key else {
                return Err(unknown(format!("the key {key}")));
            };
            // Of a key that is there twice, the last counts, as it does in Python.
            match key.as_str() {
                "descr" => descr = Some(value),
                "fortran_order" => is_fortran = Some(value),
                "shape" => shape = Some(value),
                _ => return Err(unknown(format!("the key {key:?}"))),
            }
        }
        let (Some(descr), Some(is_fortran), Some(shape)) = (descr, is_fortran, shape) else {
            return Err(unknown("no descr, fortran_order or shape".to_owned()));
        };
        let Literal::Bool(is_fortran) = is_fortran else {
            return Err(unknown(format!("fortran_order {is_fortran}")));
        };
        let shape = element::shape(&shape)
            .ok_or_else(|| unknown(format!("a shape that is no tuple of lengths: {shape}")))?;
        let order = if is_fortran { Order::F } else { Order::C };
        Ok(Self {
            descr,
            order,
            shape,
        })
    }

    /// The bytes before the data, as numpy writes them.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let is_fortran = self.order == Order::F;
        let order = if is_fortran { "True" } else { "False" };
        let axes: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        let shape = match axes.as_slice() {
            [axis] => format!("({axis},)"),
            axes => format!("({})", axes.join(", ")),
        };
        let mut text = format!(
            "{{'descr': {}, 'fortran_order': {order}, 'shape': {shape}, }}",
            self.descr
        );
        let growing = if is_fortran {
            axes.last()
        } else {
            axes.first()
        };
        let spaces = growing.map_or(0, |axis| AXIS_DIGITS.saturating_sub(axis.len()));
        text.extend(std::iter::repeat_n(' ', spaces));

        // The oldest version that can hold it: Latin-1 in 64 KiB, Latin-1, UTF-8.
        let latin_1: Option<Vec<u8>> = text
            .chars()
            .map(|character| u8::try_from(u32::from(character)).ok())
            .collect();
        let is_latin_1 = latin_1.is_some();
        let mut text = latin_1.unwrap_or_else(|| text.into_bytes());
        let pad = |text: &mut Vec<u8>, before: usize| {
            // A newline stands behind the padding, of which there is always some.
            let padding = ALIGNMENT - (before + text.len() + 1) % ALIGNMENT;
            text.resize(text.len() + padding, b' ');
            text.push(b'\n');
        };
        let mut short = text.clone();
        pad(&mut short, 10);
        let mut bytes = MAGIC.to_vec();
        match u16::try_from(short.len()) {
            Ok(length) if is_latin_1 => {
                bytes.extend_from_slice(&[1, 0]);
                bytes.extend_from_slice(&length.to_le_bytes());
                bytes.extend_from_slice(&short);
            }
            _ => {
                pad(&mut text, 12);
                bytes.extend_from_slice(&[if is_latin_1 { 2 } else { 3 }, 0]);
                bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
                bytes.extend_from_slice(&text);
            }
        }
        bytes
    }
}

/// A header that is Python, and means nothing to numpy.
fn unknown(what: String) -> Error {
    Error::unsupported(format!(".npy header: {what}"))
}

fn read_array<const N: usize>(file: &mut dyn Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// A file of this version whose header is `text`.
    fn file(version: u8, text: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((text.len() as u16).to_le_bytes()),
            _ => bytes.extend((text.len() as u32).to_le_bytes()),
        }
        bytes.extend(text);
        bytes
    }

    fn parse(text: &str) -> Result<Header> {
        let limits = Limits::default();
        Header::read(&mut file(1, text.as_bytes()).as_slice(), &limits).map(|(header, _)| header)
    }

    fn header(dtype: &str, is_fortran: bool, shape: &[u64]) -> Header {
        Header {
            descr: Literal::Str(dtype.to_owned()),
            order: if is_fortran { Order::F } else { Order::C },
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (shape, is_fortran) in [
            (vec![], false),
            (vec![0], false),
            (vec![7], true),
            (vec![3, 4, 5], true),
            (vec![u64::MAX; 64], false),
        ] {
            let header = header("<M8[ns]", is_fortran, &shape);
            let bytes = header.to_bytes();
            assert_eq!(bytes.len() % ALIGNMENT, 0);
            let (back, n_bytes) = Header::read(&mut bytes.as_slice(), &Limits::default()).unwrap();
            assert_eq!((back, n_bytes), (header, bytes.len() as u64));
        }
    }

    #[test]
    fn names_of_fields_choose_the_version() {
        let limits = Limits::default().with_max_bytes(1 << 20);
        for (name, n, version) in [("a", 1, 1), ("é", 1, 1), ("日本", 1, 3), ("é", 9000, 2)] {
            let pair = |i| {
                let name = format!("{name}{i}");
                Literal::Tuple(vec![Literal::Str(name), Literal::Str("<f4".to_owned())])
            };
            let header = Header {
                descr: Literal::List((0..n).map(pair).collect()),
                ..header("", false, &[1])
            };
            let bytes = header.to_bytes();
            assert_eq!((bytes[6], bytes.len() % ALIGNMENT), (version, 0), "{name}");
            assert_eq!(
                Header::read(&mut bytes.as_slice(), &limits).unwrap().0,
                header
            );
        }
    }

    #[test]
    fn bytes_are_numpys() {
        let mut expected = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        expected.extend(b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }");
        expected.resize(127, b' ');
        expected.push(b'\n');
        assert_eq!(header("<f8", false, &[3, 4]).to_bytes(), expected);
    }

    #[test]
    fn spellings_of_other_writers_are_read() {
        for text in [
            "{\"shape\":(2L,3L),\"descr\":\"<i8\",\"fortran_order\":True}",
            "  { 'fortran_order' : True , 'descr':'<i8','shape': ( 2 , 3 , ) , } \n",
            "{u'descr': u'<i8', u'fortran_order': True, u'shape': (+2, 0x3), }",
            "{'descr': '<' 'i8', 'fortran_order': True, # why\n 'shape': (2, 3)}",
            "{'descr': '\\x3ci8', 'descr': '<i8', 'fortran_order': True, 'shape': (2, 3)}",
        ] {
            assert_eq!(parse(text).unwrap(), header("<i8", true, &[2, 3]), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_python_is_corrupt() {
        for text in [
            "",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } x",
            "{'descr': '<f8",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (006,)}",
            "__import__('os')",
            "'<f8'",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{text:?}: {error}");
        }
    }

    #[test]
    fn python_that_means_nothing_to_numpy_is_unsupported() {
        for text in [
            "{}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': [3]}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'extra': 1}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 1: 1}",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{text:?}: {error}");
        }
    }

    #[test]
    fn versions_that_numpy_does_not_know_are_unsupported() {
        for version in [[1, 1], [3, 1], [4, 0], [0, 0]] {
            let mut bytes = header("<f8", false, &[]).to_bytes();
            bytes[6..8].copy_from_slice(&version);
            let error = Header::read(&mut bytes.as_slice(), &Limits::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{version:?}");
        }
    }

    #[test]
    fn the_encoding_is_the_version_s() {
        let text = "{'descr': [('é', '<f4')], 'fortran_order': False, 'shape': ()}";
        let read = |version, text: &[u8]| {
            Header::read(&mut file(version, text).as_slice(), &Limits::default())
        };
        let latin_1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        assert!(format!("{:?}", read(3, text.as_bytes()).unwrap()).contains("\"é\""));
        assert!(format!("{:?}", read(1, &latin_1).unwrap()).contains("\"é\""));
        // UTF-8 is Latin-1 too, of other characters.
        assert!(format!("{:?}", read(2, text.as_bytes()).unwrap()).contains("\"Ã©\""));
        assert!(read(3, &latin_1).is_err());
    }

    #[test]
    fn a_large_header_is_read_where_the_limit_allows() {
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': ()}";
        let read = |len: usize, limits: &Limits| {
            let text = format!("{text:len$}");
            Header::read(&mut file(2, text.as_bytes()).as_slice(), limits).map(|_| ())
        };
        let numpy = Limits::default();
        assert!(read(10_000, &numpy).is_ok());
        let error = read(10_001, &numpy).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("--max-bytes"), "{error}");
        assert!(read(10_001, &numpy.with_max_bytes(10_001)).is_ok());
        assert!(read(10_000, &numpy.with_max_bytes(1)).is_ok());
    }

    #[test]
    fn a_header_of_gigabytes_is_refused_before_it_is_read() {
        let start = b"\x93NUMPY\x02\x00\xff\xff\xff\xff";
        let error = Header::read(&mut start.as_slice(), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("4294967295"), "{error}");
    }
}
