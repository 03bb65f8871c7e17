//! Pages of the filters `fast` and `dense`: metadata and a page as the fuzzer gives them, in frames whose checksums are right.

use std::sync::Arc;

use paginum::filter::{Dense, EncodeContext, Fast, Filter, Payload};
use paginum::{ArraySpec, Limits, Result};

/// The types that the first byte of an input chooses from, and the bytes that name them in the parameters.
const DTYPES: [(&str, u8); 11] = [
    ("|u1", 10),
    ("|i1", 11),
    ("<u2", 7),
    ("<i2", 8),
    ("<f2", 9),
    ("<u4", 1),
    ("<i4", 3),
    ("<f4", 5),
    ("<u8", 2),
    ("<i8", 4),
    ("<f8", 6),
];
/// A filter, and what its writer puts into the parameters.
struct Codec<'a> {
    filter: &'a dyn Filter,
    header: &'static [u8],
}

/// What an array may have: all of its rows are decoded one by one.
const MAX_ROWS: u16 = 5000;

/// `u8 type ; u16 rows ; u16 length of the metadata ; metadata ; page`
struct Input<'a> {
    dtype: (&'static str, u8),
    rows: u16,
    meta: &'a [u8],
    page: &'a [u8],
}

fn input(data: &[u8]) -> Option<Input<'_>> {
    let (&[dtype, low, high, meta_low, meta_high], rest) = data.split_first_chunk()?;
    let meta_bytes = usize::from(u16::from_le_bytes([meta_low, meta_high]));
    let (meta, page) = rest.split_at_checked(meta_bytes)?;
    Some(Input {
        dtype: DTYPES[usize::from(dtype) % DTYPES.len()],
        rows: u16::from_le_bytes([low, high]).clamp(1, MAX_ROWS),
        meta,
        page,
    })
}

/// The input of an array's payload of one page: what seeds are made of.
pub fn input_of(dtype: usize, rows: u16, payload: &[u8]) -> Option<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut rest = payload;
    while let Some((header, behind)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let (body, behind) = behind.split_at_checked(length)?;
        bodies.push(body);
        rest = behind;
    }
    let [_, meta, page, _] = bodies[..] else {
        return None;
    };
    let meta = meta.get(5..meta.len().checked_sub(4)?)?;
    let mut input = vec![dtype as u8];
    input.extend(rows.to_le_bytes());
    input.extend((meta.len() as u16).to_le_bytes());
    input.extend(meta);
    input.extend(&page[1..]);
    Some(input)
}

/// crc32c, bit by bit.
fn crc(number: u64, bytes: &[u8]) -> [u8; 4] {
    let mut crc = !0_u32;
    for byte in number.to_le_bytes().iter().chain(bytes) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).to_le_bytes()
}

/// A payload of one chunk of one page, as FORMAT.md says it.
fn payload(codec: &Codec<'_>, input: &Input<'_>) -> Vec<u8> {
    let frame = |body: &[u8]| {
        let length = (body.len() as u32).to_le_bytes();
        [&0x184D_2A5B_u32.to_le_bytes()[..], &length, body].concat()
    };
    let mut parameters = vec![0, 1, input.dtype.1, 0];
    for x in [1_u32, 1 << 16, 4] {
        parameters.extend(x.to_le_bytes());
    }
    for x in [u64::from(input.rows), 1] {
        parameters.extend(x.to_le_bytes());
    }
    parameters.push(codec.header.len() as u8);
    parameters.extend(codec.header);
    parameters.extend(crc(0, &parameters));
    let mut meta = [&[1, 0, 0, 0, 0][..], input.meta].concat();
    meta.extend(crc(0, &meta));
    let page = [&[2][..], input.page].concat();
    let mut all = frame(&parameters);
    let meta_at = all.len() as u64 + 8;
    all.extend(frame(&meta));
    let page_at = all.len() as u64 + 8;
    all.extend(frame(&page));
    let mut directory = vec![3, 0, 0, 0];
    for x in [1_u32, 1, 0] {
        directory.extend(x.to_le_bytes());
    }
    directory.extend(meta_at.to_le_bytes());
    directory.extend((meta.len() as u32).to_le_bytes());
    directory.extend(0_u32.to_le_bytes());
    directory.extend(0_u64.to_le_bytes());
    directory.extend(u32::from(input.rows).to_le_bytes());
    directory.extend(page_at.to_le_bytes());
    directory.extend((page.len() as u32).to_le_bytes());
    directory.extend(crc(0, &page));
    let length = (directory.len() as u32).to_le_bytes();
    let sum = crc(1, &directory);
    directory.extend(length);
    directory.extend(sum);
    directory.extend(b"PGNMDIR1");
    all.extend(frame(&directory));
    all
}

/// Reads hostile pages of `fast`: an error, or numbers that are the same one by one, and that can be written again.
pub fn read_fast(data: &[u8]) {
    if let Some(input) = input(data) {
        let codec = Codec {
            filter: &Fast::default(),
            header: &[1],
        };
        drop(read(&codec, &input));
    }
}

/// As [`read_fast`], of `dense`.
pub fn read_dense(data: &[u8]) {
    if let Some(input) = input(data) {
        let codec = Codec {
            filter: &Dense::default(),
            header: &[1, 4, 1],
        };
        drop(read(&codec, &input));
    }
}

fn read(codec: &Codec<'_>, input: &Input<'_>) -> Result<()> {
    let rows = u64::from(input.rows);
    let spec = ArraySpec::new(input.dtype.0.parse()?, [rows])?;
    let payload = payload(codec, input);
    let n = payload.len() as u64;
    let limits = Limits::default();
    let reader = codec
        .filter
        .open(&spec, Payload::new(Arc::new(payload), 0..n)?, &limits)?;
    let mut all = vec![0; spec.bytes() as usize];
    reader.read_rows_into(0..rows, &mut all)?;
    let row_bytes = spec.row_bytes() as usize;
    for row in (0..input.rows).step_by(1 + usize::from(input.rows) / 64) {
        let mut one = vec![0; row_bytes];
        reader.read_rows_into(row.into()..u64::from(row) + 1, &mut one)?;
        let among = &all[usize::from(row) * row_bytes..][..row_bytes];
        assert!(one == among, "row {row} alone");
    }
    let mut encoder = codec.filter.encoder(&spec, &EncodeContext::default())?;
    let mut again = Vec::new();
    encoder.push_rows(&all, &mut again)?;
    encoder.finish(&mut again)?;
    let n = again.len() as u64;
    let reader = codec
        .filter
        .open(&spec, Payload::new(Arc::new(again), 0..n)?, &limits)?;
    let mut back = vec![0; all.len()];
    reader.read_rows_into(0..rows, &mut back)?;
    assert!(back == all, "written again, other numbers came back");
    Ok(())
}
