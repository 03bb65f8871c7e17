//! What stands behind pco's terminator in our `.pco` files: type and shape, and a table of the chunks.
//!
//! ```text
//! u16 version   u8 length, dtype   u8 axes, u64 each   version 2: u8 order   u64 terminator   u32 header crc
//! u32 chunks, each: u64 offset, u32 n, u32 crc, u32 row index length, u32 row index crc
//! u32 crc of the above   u32 length of the above   "paginum" 1
//! ```
//! The row indexes lie between terminator and trailer. `docs/FORMAT.md` has the fields in words. A trailer that has been
//! parsed is consistent: offsets ascend, lengths add up to the file's, counts to the shape's.

use std::ops::Range;

use crate::array::{ArraySpec, Order};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The last bytes of a file that has a trailer.
const MAGIC: [u8; 8] = *b"paginum\x01";
/// Of an array in C order.
const VERSION: u16 = 1;
/// Of an array in another one, which version 1 has no place for: its readers find nothing that they know, and say so.
const ORDERED_VERSION: u16 = 2;
/// The order byte of Fortran order, the only one that there is beside C order.
const FORTRAN: u8 = 1;
/// The trailer's length and the magic.
pub(super) const FOOTER_BYTES: usize = 12;
const CRC_BYTES: usize = 4;
const CHUNK_BYTES: usize = 24;
/// The most numbers of a chunk that the wire format can say.
const MAX_CHUNK_N: u32 = 1 << 24;

/// Type, shape and chunks of a `.pco` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) spec: ArraySpec,
    /// Where pco's terminator stands.
    pub(super) terminator: u64,
    /// crc32c of what stands before the first chunk.
    pub(super) header_crc: u32,
    pub(super) chunks: Vec<ChunkEntry>,
}

/// Where a chunk lies, and what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkEntry {
    pub(super) offset: u64,
    pub(super) n: u32,
    pub(super) crc: u32,
    /// 0 for none.
    pub(super) row_index_bytes: u32,
    pub(super) row_index_crc: u32,
}

impl Trailer {
    /// How long the trailer is, by the footer of a file; `None` for a foreign file.
    pub(super) fn length(footer: [u8; FOOTER_BYTES]) -> Option<u32> {
        let (length, magic) = footer.split_at(4);
        (magic == MAGIC).then(|| u32::from_le_bytes(length.try_into().expect("split at four")))
    }

    /// The trailer and the footer.
    ///
    /// # Errors
    /// `InvalidArgument` for more chunks than the fields can hold.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let dtype = self.spec.dtype().to_string();
        let n_chunks = u32::try_from(self.chunks.len());
        let too_many = |_| Error::invalid("too many chunks for a .pco file: raise --chunk-n");

        let is_fortran = self.spec.order() == Order::F;
        let version = if is_fortran { ORDERED_VERSION } else { VERSION };
        let mut bytes = version.to_le_bytes().to_vec();
        bytes.push(u8::try_from(dtype.len()).expect("a dtype is short"));
        bytes.extend_from_slice(dtype.as_bytes());
        bytes.push(u8::try_from(self.spec.shape().len()).expect("at most 64 axes"));
        let axes = self.spec.shape().iter();
        bytes.extend(axes.flat_map(|axis| axis.to_le_bytes()));
        if is_fortran {
            bytes.push(FORTRAN);
        }
        bytes.extend_from_slice(&self.terminator.to_le_bytes());
        bytes.extend_from_slice(&self.header_crc.to_le_bytes());
        bytes.extend_from_slice(&n_chunks.map_err(too_many)?.to_le_bytes());
        for chunk in &self.chunks {
            bytes.extend_from_slice(&chunk.offset.to_le_bytes());
            for field in [
                chunk.n,
                chunk.crc,
                chunk.row_index_bytes,
                chunk.row_index_crc,
            ] {
                bytes.extend_from_slice(&field.to_le_bytes());
            }
        }
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        let length = u32::try_from(bytes.len()).map_err(too_many)?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&MAGIC);
        Ok(bytes)
    }

    /// Parses the trailer, without its footer, of a file of `file_len` bytes.
    pub(super) fn parse(bytes: &[u8], file_len: u64) -> Result<Self> {
        let corrupt = |what: &'static str| Error::corrupt(format!(".pco trailer: {what}"));
        let (body, crc) = bytes
            .split_last_chunk::<CRC_BYTES>()
            .ok_or_else(|| corrupt("too short"))?;
        if crc32c::crc32c(body) != u32::from_le_bytes(*crc) {
            return Err(Error::checksum(".pco trailer: its checksum differs"));
        }
        let mut fields = Fields(body);
        let trailer = fields.trailer().ok_or_else(|| corrupt("too short"))??;
        if !fields.0.is_empty() {
            return Err(corrupt("too long"));
        }
        trailer
            .check(bytes.len() as u64, file_len)
            .map_err(corrupt)?;
        Ok(trailer)
    }

    fn check(&self, trailer_bytes: u64, file_len: u64) -> std::result::Result<(), &'static str> {
        let row_indexes: u64 = self
            .chunks
            .iter()
            .map(|chunk| u64::from(chunk.row_index_bytes))
            .sum();
        let behind = 1 + row_indexes + trailer_bytes + FOOTER_BYTES as u64;
        if self.terminator.checked_add(behind) != Some(file_len) {
            return Err("its lengths are not the file's");
        }
        if self.spec.dtype().number_type().is_none() {
            return Err("a dtype that pco cannot hold");
        }
        let offsets = self
            .chunks
            .iter()
            .map(|chunk| chunk.offset)
            .chain([self.terminator]);
        if !offsets.is_sorted_by(|a, b| a < b) {
            return Err("chunks that do not ascend");
        }
        if self
            .chunks
            .iter()
            .any(|chunk| !(1..=MAX_CHUNK_N).contains(&chunk.n))
        {
            return Err("a chunk of impossible length");
        }
        let n: u64 = self.chunks.iter().map(|chunk| u64::from(chunk.n)).sum();
        if self
            .spec
            .elements()
            .checked_mul(self.spec.dtype().components())
            != Some(n)
        {
            return Err("chunks that do not add up to the shape");
        }
        Ok(())
    }

    /// The bytes of a chunk.
    pub(super) fn chunk_bytes(&self, chunk: usize) -> Range<u64> {
        self.chunks[chunk].offset
            ..self
                .chunks
                .get(chunk + 1)
                .map_or(self.terminator, |next| next.offset)
    }
}

/// A cursor over the body of a trailer; `None` where it ends too early.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(field)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn trailer(&mut self) -> Option<Result<Trailer>> {
        let version = u16::from_le_bytes(self.array()?);
        if !matches!(version, VERSION | ORDERED_VERSION) {
            let what = format!(".pco trailer of version {version}");
            return Some(Err(Error::unsupported(what)));
        }
        let dtype_len = self.u8()?;
        let dtype = String::from_utf8_lossy(self.take(dtype_len.into())?).parse();
        let axes = self.u8()?;
        let shape: Vec<u64> = (0..axes).map(|_| self.u64()).collect::<Option<_>>()?;
        let order = match (
            version,
            if version == ORDERED_VERSION {
                self.u8()?
            } else {
                0
            },
        ) {
            (VERSION, _) => Order::C,
            (_, FORTRAN) => Order::F,
            (_, order) => {
                let what = format!("an array of order {order} in a .pco trailer");
                return Some(Err(Error::unsupported(what)));
            }
        };
        let terminator = self.u64()?;
        let header_crc = self.u32()?;
        let n_chunks = self.u32()? as usize;
        // What the bytes cannot hold is not reserved for.
        if self.0.len() / CHUNK_BYTES < n_chunks {
            return None;
        }
        let chunks = (0..n_chunks).map(|_| self.chunk()).collect::<Option<_>>()?;
        let spec = dtype.and_then(|dtype: DType| ArraySpec::stored(dtype, shape));
        Some(spec.map(|spec| Trailer {
            spec: spec.with_order(order),
            terminator,
            header_crc,
            chunks,
        }))
    }

    fn chunk(&mut self) -> Option<ChunkEntry> {
        Some(ChunkEntry {
            offset: self.u64()?,
            n: self.u32()?,
            crc: self.u32()?,
            row_index_bytes: self.u32()?,
            row_index_crc: self.u32()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn trailer() -> Trailer {
        let chunk = |offset, n, row_index_bytes| ChunkEntry {
            offset,
            n,
            crc: 7,
            row_index_bytes,
            row_index_crc: 8,
        };
        Trailer {
            spec: ArraySpec::new("<c8".parse().unwrap(), [5, 2]).unwrap(),
            terminator: 300,
            header_crc: 9,
            chunks: vec![chunk(10, 12, 5), chunk(200, 8, 0)],
        }
    }

    fn fortran() -> Trailer {
        let mut trailer = trailer();
        trailer.spec = trailer.spec.with_order(Order::F);
        trailer
    }

    fn split(file: &[u8]) -> (&[u8], [u8; FOOTER_BYTES]) {
        let (body, footer) = file.split_last_chunk().unwrap();
        (body, *footer)
    }

    #[test]
    fn what_is_written_is_parsed() {
        for (trailer, version) in [(trailer(), 1), (fortran(), 2)] {
            let bytes = trailer.to_bytes().unwrap();
            assert_eq!(bytes[..2], [version, 0]);
            let (body, footer) = split(&bytes);
            assert_eq!(Trailer::length(footer), Some(body.len() as u32));
            let file_len = 300 + 1 + 5 + bytes.len() as u64;
            assert_eq!(Trailer::parse(body, file_len).unwrap(), trailer);
        }
        assert_eq!(trailer().chunk_bytes(0), 10..200);
        assert_eq!(trailer().chunk_bytes(1), 200..300);
    }

    #[test]
    fn every_flip_and_every_truncation_is_found() {
        let bytes = fortran().to_bytes().unwrap();
        let (body, _) = split(&bytes);
        let file_len = 306 + bytes.len() as u64;
        for bit in 0..8 * body.len() {
            let mut body = body.to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            assert!(Trailer::parse(&body, file_len).is_err(), "bit {bit}");
        }
        for len in 0..body.len() {
            assert!(
                Trailer::parse(&body[..len], file_len).is_err(),
                "{len} bytes"
            );
        }
    }

    #[test]
    fn inconsistent_trailers_are_refused_though_their_checksum_holds() {
        let refusal = |change: &dyn Fn(&mut Trailer)| {
            let mut trailer = trailer();
            change(&mut trailer);
            let bytes = trailer.to_bytes().unwrap();
            let (body, _) = split(&bytes);
            let row_indexes: u64 = trailer
                .chunks
                .iter()
                .map(|c| u64::from(c.row_index_bytes))
                .sum();
            let file_len = trailer
                .terminator
                .wrapping_add(1 + row_indexes + bytes.len() as u64);
            Trailer::parse(body, file_len).unwrap_err().to_string()
        };
        assert!(refusal(&|t| t.chunks[1].offset = 10).contains("ascend"));
        assert!(refusal(&|t| t.chunks[1].offset = 300).contains("ascend"));
        assert!(refusal(&|t| t.chunks[1].n = 9).contains("add up"));
        assert!(refusal(&|t| t.chunks[1].n = 0).contains("impossible"));
        assert!(refusal(&|t| t.terminator = u64::MAX).contains("lengths"));
        let strings = ArraySpec::new("<U1".parse().unwrap(), [20]).unwrap();
        assert!(refusal(&|t| t.spec = strings.clone()).contains("dtype"));
    }

    #[test]
    fn a_later_version_or_order_is_unsupported() {
        let order_at = 2 + 1 + 3 + 1 + 2 * 8;
        for (changed, value) in [(0, 3), (0, 0), (order_at, 0), (order_at, 2)] {
            let mut bytes = fortran().to_bytes().unwrap();
            bytes.truncate(bytes.len() - FOOTER_BYTES - CRC_BYTES);
            bytes[changed] = value;
            let crc = crc32c::crc32c(&bytes);
            bytes.extend_from_slice(&crc.to_le_bytes());
            let error = Trailer::parse(&bytes, 0).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{changed}: {value}");
        }
    }
}
