//! The header of a `.npy` file: a line of Python that names dtype, order and shape.
//!
//! ```text
//! 93 "NUMPY"  u8 major  u8 minor  header length (u16 in version 1, u32 in 2 and 3)
//! {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   spaces   newline
//! ```
//! Text is Latin-1 in versions 1 and 2 and UTF-8 in 3. Only the three keys are taken, each once, in any order, as literals:
//! nothing is evaluated. What is written is what numpy writes, byte by byte.

use std::io::Read;

use crate::error::{Error, Result};

/// What every file starts with.
pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// numpy itself refuses headers above 10,000 bytes unless told otherwise.
const MAX_HEADER_BYTES: u32 = 1 << 16;
/// What numpy's arrays may have.
const MAX_AXES: usize = 64;
/// numpy aligns the data to this.
const ALIGNMENT: usize = 64;
/// numpy leaves room for a first axis of as many digits as a 64-bit number may have, so that it can grow in place.
const AXIS_DIGITS: usize = 21;

/// The three values of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// numpy's `dtype.str`.
    pub(super) dtype: String,
    /// The first axis varies fastest.
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<u64>,
}

/// Where the text of a header starts, and how it is encoded.
#[derive(Clone, Copy)]
struct Text {
    offset: u64,
    is_utf8: bool,
}

impl Header {
    /// Reads the header at the start of a file, and says how long it is.
    pub(super) fn read(file: &mut dyn Read) -> Result<(Self, u64)> {
        let start: [u8; 8] = read_array(file)?;
        if !start.starts_with(MAGIC) {
            return Err(Error::corrupt("not a .npy file: it starts with other bytes").at(0));
        }
        let major = start[6];
        let (offset, length) = match major {
            1 => (10, u16::from_le_bytes(read_array(file)?).into()),
            2 | 3 => (12, u32::from_le_bytes(read_array(file)?)),
            _ => return Err(Error::unsupported(format!(".npy of version {major}")).at(6)),
        };
        if length > MAX_HEADER_BYTES {
            return Err(Error::corrupt(format!("a .npy header of {length} bytes")).at(8));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes)?;
        let text = Text {
            offset,
            is_utf8: major == 3,
        };
        Ok((text.header(&bytes)?, offset + u64::from(length)))
    }
}

fn read_array<const N: usize>(file: &mut dyn Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Text {
    /// Parses the text of the header.
    fn header(self, text: &[u8]) -> Result<Header> {
        let base = self.offset;
        let text = match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) if self.is_utf8 => {
                return Err(Error::corrupt("the .npy header is not UTF-8").at(base));
            }
            // Latin-1: a byte is a code point.
            Err(_) => text.iter().map(|&byte| char::from(byte)).collect(),
        };
        let mut literal = Literal {
            text: &text,
            position: 0,
        };
        literal.header().map_err(|what| {
            let offset = base + literal.position as u64;
            match what {
                Refusal::Broken(what) => Error::corrupt(format!(".npy header: {what}")).at(offset),
                Refusal::Unknown(what) => Error::unsupported(format!(".npy header: {what}")),
            }
        })
    }
}

impl Header {
    /// The bytes before the data, as numpy writes them.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let order = if self.is_fortran { "True" } else { "False" };
        let axes: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        let shape = match axes.as_slice() {
            [axis] => format!("({axis},)"),
            axes => format!("({})", axes.join(", ")),
        };
        let mut text = format!(
            "{{'descr': '{}', 'fortran_order': {order}, 'shape': {shape}, }}",
            self.dtype
        );
        let growing = if self.is_fortran {
            axes.last()
        } else {
            axes.first()
        };
        let spaces = growing.map_or(0, |axis| AXIS_DIGITS.saturating_sub(axis.len()));
        text.extend(std::iter::repeat_n(' ', spaces));
        // Ten bytes stand before the text, and a newline behind the padding, of which there is always some.
        let padding = ALIGNMENT - (10 + text.len() + 1) % ALIGNMENT;
        text.extend(std::iter::repeat_n(' ', padding));
        text.push('\n');

        let length = u16::try_from(text.len()).expect("64 axes and a dtype take less than 64 KiB");
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&[1, 0]);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }
}

/// Why a header was not taken.
enum Refusal {
    Broken(&'static str),
    Unknown(&'static str),
}

type Parsed<T> = std::result::Result<T, Refusal>;

/// A reader of the few Python literals that a header may hold.
struct Literal<'a> {
    text: &'a str,
    position: usize,
}

impl Literal<'_> {
    fn header(&mut self) -> Parsed<Header> {
        let (mut dtype, mut is_fortran, mut shape) = (None, None, None);
        self.expect('{', "no dictionary")?;
        while !self.accept('}') {
            let key = self.string()?;
            self.expect(':', "a key without a value")?;
            let is_new = match key.as_str() {
                "descr" => dtype.replace(self.dtype()?).is_none(),
                "fortran_order" => is_fortran.replace(self.boolean()?).is_none(),
                "shape" => shape.replace(self.shape()?).is_none(),
                _ => return Err(Refusal::Broken("a key that numpy does not write")),
            };
            if !is_new {
                return Err(Refusal::Broken("a key twice"));
            }
            if !self.accept(',') {
                self.expect('}', "values without a comma between them")?;
                break;
            }
        }
        if !self.rest().is_empty() {
            return Err(Refusal::Broken("text behind the dictionary"));
        }
        match (dtype, is_fortran, shape) {
            (Some(dtype), Some(is_fortran), Some(shape)) => Ok(Header {
                dtype,
                is_fortran,
                shape,
            }),
            _ => Err(Refusal::Broken("a key is missing")),
        }
    }

    /// What follows, white space left out.
    fn rest(&mut self) -> &str {
        let rest = &self.text[self.position..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\0']);
        self.position += rest.len() - trimmed.len();
        trimmed
    }

    fn accept(&mut self, expected: char) -> bool {
        let found = self.rest().starts_with(expected);
        self.position += if found { expected.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, expected: char, what: &'static str) -> Parsed<()> {
        self.accept(expected)
            .then_some(())
            .ok_or(Refusal::Broken(what))
    }

    fn string(&mut self) -> Parsed<String> {
        let rest = self.rest();
        let broken = || Refusal::Broken("text was expected");
        let quote = rest
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'))
            .ok_or_else(broken)?;
        let (text, _) = rest[1..].split_once(quote).ok_or_else(broken)?;
        if text.contains('\\') {
            return Err(Refusal::Broken("an escape in text"));
        }
        let text = text.to_owned();
        self.position += text.len() + 2;
        Ok(text)
    }

    fn dtype(&mut self) -> Parsed<String> {
        if self.rest().starts_with(['[', '(']) {
            return Err(Refusal::Unknown("a structured dtype"));
        }
        self.string()
    }

    fn boolean(&mut self) -> Parsed<bool> {
        for (word, value) in [("True", true), ("False", false)] {
            if self.rest().starts_with(word) {
                self.position += word.len();
                return Ok(value);
            }
        }
        Err(Refusal::Broken("True or False was expected"))
    }

    fn shape(&mut self) -> Parsed<Vec<u64>> {
        self.expect('(', "a shape that is no tuple")?;
        let mut shape = Vec::new();
        while !self.accept(')') {
            let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
            let axis = self.rest()[..digits].parse();
            shape.push(axis.map_err(|_| Refusal::Broken("an axis that is no length"))?);
            self.position += digits;
            // Python 2 wrote long integers with a suffix.
            self.accept('L');
            if shape.len() > MAX_AXES {
                return Err(Refusal::Broken("more axes than an array can have"));
            }
            if !self.accept(',') {
                self.expect(')', "axes without a comma between them")?;
                if shape.len() == 1 {
                    return Err(Refusal::Broken("a shape that is no tuple"));
                }
                break;
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Header> {
        let start = Text {
            offset: 10,
            is_utf8: false,
        };
        start.header(text.as_bytes())
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
            let header = Header {
                dtype: "<M8[ns]".to_owned(),
                is_fortran,
                shape,
            };
            let bytes = header.to_bytes();
            assert_eq!(bytes.len() % ALIGNMENT, 0);
            let (back, n_bytes) = Header::read(&mut bytes.as_slice()).unwrap();
            assert_eq!((back, n_bytes), (header, bytes.len() as u64));
        }
    }

    #[test]
    fn bytes_are_numpys() {
        let header = Header {
            dtype: "<f8".to_owned(),
            is_fortran: false,
            shape: vec![3, 4],
        };
        let mut expected = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        expected.extend(b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }");
        expected.resize(127, b' ');
        expected.push(b'\n');
        assert_eq!(header.to_bytes(), expected);
    }

    #[test]
    fn spellings_of_other_writers_are_read() {
        for text in [
            "{\"shape\":(2L,3L),\"descr\":\"<i8\",\"fortran_order\":True}",
            "  { 'fortran_order' : True , 'descr':'<i8','shape': ( 2 , 3 , ) , } \n",
        ] {
            let header = parse(text).unwrap();
            assert_eq!(
                (header.dtype.as_str(), header.is_fortran, header.shape),
                ("<i8", true, vec![2, 3])
            );
        }
    }

    #[test]
    fn other_python_is_refused() {
        for text in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551616,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } x",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'extra': 1}",
            "{'descr': '<f8",
            "__import__('os')",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("corrupt"), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_structured_dtype_is_unsupported() {
        let text = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}";
        assert!(parse(text).unwrap_err().to_string().contains("unsupported"));
    }

    #[test]
    fn a_header_of_gigabytes_is_refused_before_it_is_read() {
        let start = b"\x93NUMPY\x02\x00\xff\xff\xff\xff";
        let error = Header::read(&mut start.as_slice()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("a .npy header of 4294967295 bytes")
        );
    }
}
