//! What every filter must obey: each filter's tests call these.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::{ArrayReader, EncodeContext, Filter, FilterId, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::limits::Limits;
use crate::storage::{Part, ReadAt};

/// A store that never gives its bytes away whole, as files do not.
#[derive(Debug)]
struct Distant(Vec<u8>);

impl ReadAt for Distant {
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.0.read_many(parts)
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Where payloads lie in the stores of these tests.
const START: usize = 1000;

pub(super) fn spec(dtype: &str, shape: &[u64]) -> ArraySpec {
    ArraySpec::new(dtype.parse().unwrap(), shape).unwrap()
}

/// Bytes of an array that look like measurements: a slow walk with some noise in the low bits.
pub(super) fn walk_bytes(spec: &ArraySpec) -> Vec<u8> {
    let word = spec.dtype().word_bytes().max(1) as usize;
    let mut state = 1u64;
    let mut value = 1u64 << (8 * word.min(8) - 2);
    let mut bytes = Vec::new();
    while bytes.len() < spec.bytes() as usize {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        value = value.wrapping_add(state >> 60).wrapping_sub(6);
        let mut item = value.to_le_bytes().to_vec();
        item.resize(word, 0);
        bytes.extend(item);
    }
    bytes.truncate(spec.bytes() as usize);
    bytes
}

/// Encodes rows that come `piece_rows` at a time.
pub(super) fn encode(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    bytes: &[u8],
    piece_rows: usize,
) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut encoder = filter.encoder(spec, context).unwrap();
    for rows in bytes.chunks((piece_rows * spec.row_bytes() as usize).max(1)) {
        encoder.push_rows(rows, &mut payload).unwrap();
    }
    encoder.finish(&mut payload).unwrap();
    payload
}

/// Opens a payload that lies somewhere in a store.
pub(super) fn open(
    filter: &dyn Filter,
    spec: &ArraySpec,
    identity: &[u8],
    payload: &[u8],
) -> Result<Box<dyn ArrayReader>> {
    let mut file = vec![0xAA; START];
    file.extend(payload);
    let end = file.len() as u64;
    file.extend([0xBB; 50]);
    let payload = Payload::new(Arc::new(Distant(file)), START as u64..end)?.with_identity(identity);
    filter.open(spec, payload, &Limits::default())
}

/// All rows of a payload.
pub(super) fn decode(
    filter: &dyn Filter,
    spec: &ArraySpec,
    identity: &[u8],
    payload: &[u8],
) -> Result<Vec<u8>> {
    let mut out = vec![0; spec.bytes() as usize];
    open(filter, spec, identity, payload)?.read_rows_into(0..spec.rows(), &mut out)?;
    Ok(out)
}

/// What goes in comes back, whole and by rows, however it was pushed.
pub(super) fn check_round_trip(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    bytes: &[u8],
) {
    let n = spec.rows();
    let case = format!("{filter:?} of {spec}, {context:?}");
    let payload = encode(filter, spec, context, bytes, n as usize);
    for piece_rows in [1 + n as usize / 3, 1 + n as usize / 50] {
        let again = encode(filter, spec, context, bytes, piece_rows);
        assert!(
            again == payload,
            "{case}: {piece_rows} rows at a time make other bytes"
        );
    }
    assert!(
        decode(filter, spec, &context.identity, &payload).unwrap() == bytes,
        "{case}: other bytes came back"
    );
    let reader = open(filter, spec, &context.identity, &payload).unwrap();
    reader.verify().unwrap();
    check_rows(&*reader, &case, bytes, payload.len());
    check_misuse(filter, spec, context, bytes, &case);
}

/// The same for every type that stands for numbers, in shapes of each kind.
pub(super) fn check_every_number(filter: &dyn Filter, context: &EncodeContext) {
    for dtype in [
        "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "|b1", ">f8",
        ">i2", "<M8[ns]", ">m8[s]", "<c8", ">c16",
    ] {
        for shape in [&[20_000][..], &[3000, 3], &[40, 7, 9], &[], &[0], &[5, 0]] {
            let spec = spec(dtype, shape);
            check_round_trip(filter, &spec, context, &walk_bytes(&spec));
        }
    }
}

/// The same in pages of one number to more than all.
pub(super) fn check_pages<F: Filter>(filter_of: impl Fn(usize) -> F, context: &EncodeContext) {
    for page_numbers in [1, 7, 1000, 1 << 20] {
        let filter = filter_of(page_numbers);
        for shape in [&[3000][..], &[100, 11, 3]] {
            let spec = spec("<i4", shape);
            check_round_trip(&filter, &spec, context, &walk_bytes(&spec));
        }
    }
}

/// Rows are those of the whole, and are read from where it is said.
fn check_rows(reader: &dyn ArrayReader, case: &str, bytes: &[u8], payload_bytes: usize) {
    let (n, row_bytes) = (reader.spec().rows(), reader.spec().row_bytes() as usize);
    for (start, end) in [
        (0, n),
        (0, 1),
        (n / 2, n),
        (n / 3, n / 3 + 7),
        (n - n.min(1), n),
        (n, n),
    ] {
        let (start, end) = (start.min(n), end.min(n));
        let expected = &bytes[start as usize * row_bytes..end as usize * row_bytes];
        let mut out = vec![0xEE; expected.len()];
        reader
            .read_rows_into(start..end, &mut out)
            .unwrap_or_else(|error| panic!("{case}: rows {start}..{end}: {error}"));
        assert!(out == expected, "{case}: rows {start}..{end} are others");
        let within = START as u64..(START + payload_bytes) as u64;
        for range in reader.ranges(start..end) {
            assert!(
                within.start <= range.start && range.end <= within.end && !range.is_empty(),
                "{case}: rows {start}..{end} in {range:?}"
            );
        }
    }
    assert!(
        reader
            .read_rows_into(0..n + 1, &mut vec![0; bytes.len() + row_bytes])
            .is_err()
    );
    assert!(
        reader
            .read_rows_into(0..n, &mut vec![0; bytes.len() + 1])
            .is_err()
    );
}

/// Too many rows are refused, and too few.
fn check_misuse(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    bytes: &[u8],
    case: &str,
) {
    let row_bytes = spec.row_bytes() as usize;
    if !bytes.is_empty() {
        let mut encoder = filter.encoder(spec, context).unwrap();
        let too_many = [bytes, &bytes[..row_bytes]].concat();
        assert!(
            encoder.push_rows(&too_many, &mut Vec::new()).is_err(),
            "{case}: too many rows"
        );
        let encoder = filter.encoder(spec, context).unwrap();
        assert!(
            encoder.finish(&mut Vec::new()).is_err(),
            "{case}: rows are missing"
        );
    }
}

/// A payload that was cut short, or has a flipped bit, is an error or gives the same values; `verify` sees each flip.
pub(super) fn check_hostile(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    bytes: &[u8],
) {
    let payload = encode(filter, spec, context, bytes, spec.rows() as usize);
    let identity = &context.identity;
    for n in 0..payload.len() {
        // Only what helps to find rows, a seek table, may be missed by nobody.
        if let Ok(read) = decode(filter, spec, identity, &payload[..n]) {
            assert!(
                read == bytes,
                "{n} of {} bytes: other values",
                payload.len()
            );
        }
    }
    let mut unnoticed = Vec::new();
    for bit in 0..payload.len() * 8 {
        let mut flipped = payload.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = decode(filter, spec, identity, &flipped) {
            assert!(read == bytes, "bit {bit} flipped: other values came back");
        }
        let verified = open(filter, spec, identity, &flipped).and_then(|reader| reader.verify());
        if verified.is_ok() {
            unnoticed.push(bit);
        }
    }
    let spares = match filter.id() {
        // Their pages have checksums of their own, headers and all.
        FilterId::NUMERIC | FilterId::FAST | FilterId::DENSE => Vec::new(),
        _ => spare_bits(&payload),
    };
    let mut n_codings = 0;
    for bit in unnoticed {
        match spares.iter().find(|spare| spare.bits.contains(&bit)) {
            Some(spare) if spare.is_coding => n_codings += 1,
            Some(_) => {}
            None => panic!("nobody noticed bit {bit} of {}", payload.len() * 8),
        }
    }
    let n_blocks = spares.iter().filter(|spare| spare.is_coding).count();
    assert!(
        n_codings <= MAX_CODINGS * n_blocks,
        "{n_codings} other codings of the same values in {n_blocks} blocks"
    );
}

/// Flips in a compressed block that may leave its values as they are: the tables and sequences of zstd have several spellings
/// of the same values. Blocks of these tests have up to 25 such bits, of some 4,000.
const MAX_CODINGS: usize = 32;

/// Bits that may flip without another value.
struct Spare {
    bits: Range<usize>,
    /// They are of a compressed block, whose content has a checksum.
    is_coding: bool,
}

/// The bits of zstd frames (RFC 8878) whose flips change no value: of each header the one that is to be ignored and the
/// size of the window, and those of compressed blocks.
fn spare_bits(payload: &[u8]) -> Vec<Spare> {
    let word = |at: usize| u32::from_le_bytes(payload[at..at + 4].try_into().unwrap()) as usize;
    let mut spares = Vec::new();
    let mut spare = |bits, is_coding| spares.push(Spare { bits, is_coding });
    let mut at = 0;
    while at < payload.len() {
        if word(at) & !0xF == 0x184D_2A50 {
            at += 8 + word(at + 4);
            continue;
        }
        assert_eq!(word(at), 0xFD2F_B528, "a frame at {at}");
        at += 4;
        let descriptor = payload[at];
        spare(8 * at + 4..8 * at + 5, false);
        at += 1;
        let is_single = descriptor >> 5 & 1 == 1;
        if !is_single {
            spare(8 * at..8 * at + 8, false);
            at += 1;
        }
        at += [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        loop {
            let header = word(at - 1) >> 8;
            let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, header >> 3);
            at += 3;
            let stored = if kind == 1 { 1 } else { size };
            if kind == 2 {
                spare(8 * at..8 * (at + stored), true);
            }
            at += stored;
            if is_last {
                break;
            }
        }
        assert_eq!(descriptor & 4, 4, "a frame without a checksum");
        at += 4;
    }
    spares
}

/// A generator of numbers without a crate: splitmix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ x >> 31
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}
