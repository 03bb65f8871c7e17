//! What a reader must know first: the head of the payload (FORMAT.md, filter numeric, kind 0).

use paginum_wrapped::NumberType;

use super::geometry::Geometry;
use super::values::Words;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC, read_u32, read_u64};

pub(super) const KIND: u8 = 0;
const VERSION: u8 = 1;
const IS_BIG_ENDIAN: u8 = 1;
/// What stands before the codec's header.
const FIXED_BYTES: usize = 33;
/// The codec's header is a byte or two today.
const MAX_HEADER_BYTES: usize = 16;

/// The cut of an array, its numbers and the codec's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::filter) struct Parameters {
    pub(in crate::filter) geometry: Geometry,
    pub(super) words: Words,
    pub(super) codec_header: Vec<u8>,
}

impl Parameters {
    /// The frame that holds them.
    pub(super) fn write(&self, identity: &[u8]) -> Result<Vec<u8>> {
        let Geometry {
            rows,
            row_numbers,
            components,
            page_numbers,
            pages_per_chunk,
        } = self.geometry;
        let mut frame = Vec::new();
        let body_start = skippable::begin(PAGINUM_MAGIC, &mut frame);
        let flags = if self.words.is_big_endian() {
            IS_BIG_ENDIAN
        } else {
            0
        };
        frame.extend_from_slice(&[KIND, VERSION, self.words.number_type as u8, flags]);
        // These three fit: components are the length of a short axis, the others are bounded by the geometry.
        for x in [components, page_numbers, pages_per_chunk] {
            frame.extend_from_slice(&(x as u32).to_le_bytes());
        }
        for x in [rows, row_numbers] {
            frame.extend_from_slice(&x.to_le_bytes());
        }
        frame.push(self.codec_header.len() as u8);
        frame.extend_from_slice(&self.codec_header);
        let crc = crc_of(identity, 0, &frame[body_start..]);
        frame.extend_from_slice(&crc.to_le_bytes());
        skippable::end(body_start, &mut frame)?;
        Ok(frame)
    }

    /// Reads them from the start of a payload, and the length of their frame.
    pub(in crate::filter) fn read(payload: &Payload, filter: &str) -> Result<(Self, u64)> {
        let header_bytes = skippable::HEADER_BYTES as u64;
        let header = payload.bytes(0..header_bytes)?;
        let header = header.first_chunk().expect("as many as were asked for");
        let (magic, body_bytes) = skippable::read_header(header);
        let body_bytes = body_bytes as usize;
        if magic != PAGINUM_MAGIC
            || !(FIXED_BYTES + 4..=FIXED_BYTES + MAX_HEADER_BYTES + 4).contains(&body_bytes)
        {
            let what = format!("a {filter} payload without its parameters");
            return Err(Error::corrupt(what)).at(payload.offset_of(0));
        }
        let end = header_bytes + body_bytes as u64;
        let body = payload.bytes(header_bytes..end)?;
        let parameters = Self::parse(&body, payload.identity(), filter).at(payload.offset_of(0))?;
        Ok((parameters, end))
    }

    fn parse(body: &[u8], identity: &[u8], filter: &str) -> Result<Self> {
        let (covered, crc) = body.split_at(body.len() - 4);
        if read_u32(crc) != crc_of(identity, 0, covered) {
            return Err(Error::checksum("the checksum of the parameters differs"));
        }
        let corrupt = || Error::corrupt("parameters that make no sense");
        if body[0] != KIND {
            return Err(corrupt());
        }
        if body[1] != VERSION || body[3] & !IS_BIG_ENDIAN != 0 {
            return Err(Error::unsupported(format!(
                "{filter} parameters of version {}, flags {}",
                body[1], body[3]
            )));
        }
        let number_type = NumberType::from_byte(body[2]).ok_or_else(corrupt)?;
        let geometry = Geometry {
            components: read_u32(&body[4..]).into(),
            page_numbers: read_u32(&body[8..]).into(),
            pages_per_chunk: read_u32(&body[12..]).into(),
            rows: read_u64(&body[16..]),
            row_numbers: read_u64(&body[24..]),
        };
        geometry.check().map_err(|_| corrupt())?;
        let codec_header = &covered[FIXED_BYTES..];
        if usize::from(body[32]) != codec_header.len() {
            return Err(corrupt());
        }
        Ok(Self {
            geometry,
            words: Words::new(number_type, body[3] & IS_BIG_ENDIAN != 0),
            codec_header: codec_header.to_vec(),
        })
    }
}
