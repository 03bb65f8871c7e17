//! The header of an array: name, shape, dtype and filter, in one zstd frame of its own.
//!
//! ```text
//! u32 name_len ; u8 name[name_len] ; u32 n_axes ; u64 shape[n_axes] ; u8 dtype[16] ; u8 filter (absent when 0)
//! ```
//! Little-endian, nothing behind it. pyvista-zstd up to 0.3.1 wrote the number of *code points* as `name_len`: with a
//! name beyond ASCII nothing can read such a header as it stands, not even its writer. [`Header::parse`] recovers it.

use super::frame::FrameDecoder;
use super::index::Pair;
use crate::error::{Error, Result, ResultExt};

/// The dtype is padded with spaces to this width.
const DTYPE_BYTES: usize = 16;
/// What numpy's arrays may have, and more than any writer emits.
const MAX_AXES: usize = 64;

/// The decoded header of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    /// numpy's descriptor, as spelled in the file.
    pub(crate) dtype: String,
    pub(crate) filter: u8,
    /// The name's length was a number of code points.
    pub(crate) is_recovered: bool,
}

impl Header {
    /// Parses the decoded bytes of a header. `listed` is the name that the file lists for it, where it lists one.
    ///
    /// # Errors
    /// `Corrupt` where fields run past the end or stop short of it, text is not UTF-8, or the name is not the listed one; where
    /// the header is in the file the caller knows.
    pub(crate) fn parse(bytes: &[u8], listed: Option<&str>) -> Result<Self> {
        let header = Self::parse_with(bytes, name_by_bytes)
            .or_else(|strict| Self::parse_with(bytes, name_by_code_points).map_err(|_| strict))?;
        match listed {
            Some(listed) if listed != header.name => Err(Error::corrupt(format!(
                "the header names the array {:?} where the file lists {listed:?}",
                header.name
            ))),
            _ => Ok(header),
        }
    }

    fn parse_with(bytes: &[u8], name_end: fn(&[u8], usize) -> Option<usize>) -> Result<Self> {
        let mut fields = Fields { bytes, position: 0 };
        let name_len = fields.u32()? as usize;
        let end = name_end(fields.rest(), name_len)
            .ok_or_else(|| Error::corrupt("the name is longer than the header"))?;
        let name = fields.text(end)?;
        if name.contains('\0') {
            return Err(Error::corrupt("a NUL in the name of an array"));
        }
        let n_axes = fields.u32()? as usize;
        if n_axes > MAX_AXES || n_axes > fields.rest().len() / 8 {
            return Err(Error::corrupt("more axes than an array can have"));
        }
        let shape = (0..n_axes)
            .map(|_| fields.u64())
            .collect::<Result<Vec<_>>>()?;
        let dtype = fields.text(DTYPE_BYTES)?.trim_end_matches(' ').to_owned();
        let filter = match fields.rest() {
            [] => 0,
            [filter] => *filter,
            _ => return Err(Error::corrupt("bytes behind the filter id of a header")),
        };
        let is_recovered = end != name_len;
        Ok(Self {
            name,
            shape,
            dtype,
            filter,
            is_recovered,
        })
    }

    /// Writes the header.
    ///
    /// # Errors
    /// `InvalidArgument` where the dtype does not fit into 16 bytes of ASCII or the name holds a NUL.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        if self.dtype.len() > DTYPE_BYTES || !self.dtype.is_ascii() {
            return Err(Error::invalid(format!(
                "dtype {:?} does not fit into 16 bytes",
                self.dtype
            )));
        }
        if self.name.contains('\0') {
            return Err(Error::invalid(format!("a NUL in the name {:?}", self.name)));
        }
        let name_len = u32::try_from(self.name.len())
            .map_err(|_| Error::invalid("a name longer than 4 GiB"))?;
        let mut bytes = Vec::with_capacity(self.name.len() + 8 * self.shape.len() + 25);
        bytes.extend_from_slice(&name_len.to_le_bytes());
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(&(self.shape.len() as u32).to_le_bytes());
        for axis in &self.shape {
            bytes.extend_from_slice(&axis.to_le_bytes());
        }
        bytes.extend_from_slice(self.dtype.as_bytes());
        bytes.resize(bytes.len() + DTYPE_BYTES - self.dtype.len(), b' ');
        if self.filter != 0 {
            bytes.push(self.filter);
        }
        Ok(bytes)
    }
}

/// The names that the headers of pairs say.
///
/// # Errors
/// Those of decoding and of [`Header::parse`].
pub(super) fn names(pairs: &[Pair], decoder: &mut FrameDecoder<'_>) -> Result<Vec<String>> {
    let name = |pair: &Pair| {
        let bytes = decoder.header(&pair.header)?;
        let header = Header::parse(&bytes, None).at(pair.header.range.start)?;
        Ok(header.name)
    };
    pairs.iter().map(name).collect()
}

fn name_by_bytes(rest: &[u8], name_len: usize) -> Option<usize> {
    (name_len <= rest.len()).then_some(name_len)
}

/// Where `n` code points of UTF-8 end.
fn name_by_code_points(rest: &[u8], n: usize) -> Option<usize> {
    let is_start = |byte: u8| byte & 0xC0 != 0x80;
    let starts = rest
        .iter()
        .enumerate()
        .filter(|(_, byte)| is_start(**byte))
        .map(|(i, _)| i);
    // The position of code point `n` is the end of the one before it.
    starts.chain([rest.len()]).nth(n)
}

struct Fields<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Fields<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    fn take(&mut self, len_bytes: usize) -> Result<&'a [u8]> {
        let field = self
            .rest()
            .get(..len_bytes)
            .ok_or_else(|| Error::corrupt("an array header ends too early"))?;
        self.position += len_bytes;
        Ok(field)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(
            self.take(4)?.try_into().expect("4 bytes were taken"),
        ))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(
            self.take(8)?.try_into().expect("8 bytes were taken"),
        ))
    }

    fn text(&mut self, len_bytes: usize) -> Result<String> {
        let field = self.take(len_bytes)?;
        let text = std::str::from_utf8(field)
            .map_err(|_| Error::corrupt("text of an array header is not UTF-8"))?;
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::pv::index::Index;

    fn header(name: &str) -> Header {
        Header {
            name: name.to_owned(),
            shape: vec![3, 2],
            dtype: "<f8".to_owned(),
            filter: 1,
            is_recovered: false,
        }
    }

    #[test]
    fn a_header_reads_back() {
        for name in ["0000000000000000points", "", "日本"] {
            let bytes = header(name).to_bytes().unwrap();
            assert_eq!(Header::parse(&bytes, Some(name)).unwrap(), header(name));
        }
    }

    #[test]
    fn a_length_in_code_points_is_recovered() {
        let name = "0000000000000000温度🙂__point_data";
        let mut bytes = header(name).to_bytes().unwrap();
        bytes[..4].copy_from_slice(&(name.chars().count() as u32).to_le_bytes());
        let read = Header::parse(&bytes, Some(name)).unwrap();
        assert!(read.is_recovered);
        assert_eq!((read.name, read.shape), (name.to_owned(), vec![3, 2]));
    }

    #[test]
    fn truncation_and_surplus_are_errors() {
        let bytes = header("a").to_bytes().unwrap();
        // Without its last byte a header is one without a filter.
        for end in 0..bytes.len() - 1 {
            let error = Header::parse(&bytes[..end], None).unwrap_err();
            // The decoded bytes of a header have no place in a file.
            assert!(!error.to_string().contains("at byte"), "{error}");
        }
        assert!(Header::parse(&[&bytes[..], &[0]].concat(), None).is_err());
    }

    #[test]
    fn another_name_than_the_listed_one_is_an_error() {
        let bytes = header("a").to_bytes().unwrap();
        assert!(Header::parse(&bytes, Some("b")).is_err());
    }

    #[test]
    fn a_header_that_says_no_name_is_told_by_its_place_in_the_file() {
        let decoded = header("a").to_bytes().unwrap();
        let stored = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).unwrap();
        let (good, bad) = (stored(&decoded), stored(&decoded[..9]));
        let mut index = Index::default();
        index.push((good.len() as u64, decoded.len() as u64), (5, 5));
        index.push((bad.len() as u64, 9), (5, 5));
        let file = [&good[..], b"12345", &bad, b"12345"].concat();
        let mut decoder = FrameDecoder::new(&file, 1 << 20);
        assert_eq!(names(&index.pairs[..1], &mut decoder).unwrap(), ["a"]);
        let error = names(&index.pairs, &mut decoder).unwrap_err().to_string();
        let place = format!("byte {}", good.len() + 5);
        assert!(error.contains(&place), "{error}, not {place}");
    }
}
