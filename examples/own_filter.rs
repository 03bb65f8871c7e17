//! A filter of one's own in a `.pv` file: booleans as one bit each, with an option.
//!
//! A caller's filter has an id of 0xF0 to 0xFE, is added to the registry of whoever writes and reads, and is then like
//! any other. Readers without it refuse that array, and read the rest of the file.
//!
//! A filter holds its options. They are for writing: what a reader must know of them stands at the head of the payload.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use paginum::container::pv::{FilterChoice, Target, WriteOptions, Writer};
use paginum::container::{Formats, OpenOptions};
use paginum::filter::{
    ArrayEncoder, ArrayReader, EncodeContext, Filter, FilterId, Payload, Registry,
};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ArraySpec, Error, Kind, Limits, Result};

/// Which bit of a byte holds the first of eight booleans: `bitorder` of numpy's `packbits`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum First {
    #[default]
    Lowest,
    Highest,
}

impl First {
    fn shift(self, i: u64) -> u64 {
        match self {
            Self::Lowest => i % 8,
            Self::Highest => 7 - i % 8,
        }
    }
}

/// Booleans, eight to a byte, behind a byte that says which of them comes first.
#[derive(Debug, Default)]
pub(crate) struct Bits {
    first: First,
}

impl Bits {
    /// Sets which bit holds the first of eight booleans: the lowest by default.
    #[must_use]
    pub(crate) fn with_first(mut self, first: First) -> Self {
        self.first = first;
        self
    }
}

impl Filter for Bits {
    fn id(&self) -> FilterId {
        FilterId(0xF0)
    }

    fn name(&self) -> &'static str {
        "bits"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().kind() == Kind::Bool
    }

    fn encoder(&self, spec: &ArraySpec, _context: &EncodeContext) -> Result<Box<dyn ArrayEncoder>> {
        Ok(Box::new(BitEncoder {
            first: self.first,
            bits: Vec::new(),
            n: 0,
            expected: spec.elements(),
        }))
    }

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        limits.check_array_bytes(spec.bytes())?;
        let first = match payload.bytes(0..HEAD_BYTES)?[0] {
            0 => First::Lowest,
            1 => First::Highest,
            other => return Err(Error::corrupt(format!("bits in the order {other}"))),
        };
        Ok(Box::new(BitReader {
            spec: spec.clone(),
            first,
            payload,
        }))
    }
}

/// Bytes before the bits.
const HEAD_BYTES: u64 = 1;

struct BitEncoder {
    first: First,
    bits: Vec<u8>,
    n: u64,
    expected: u64,
}

impl ArrayEncoder for BitEncoder {
    fn push_rows(&mut self, rows: &[u8], _sink: &mut dyn Write) -> Result<()> {
        for &value in rows {
            // Lossless is the law: a byte that is no boolean would come back as another one.
            if value > 1 {
                return Err(Error::invalid("a boolean that is neither 0 nor 1"));
            }
            if self.n.is_multiple_of(8) {
                self.bits.push(0);
            }
            let last = self
                .bits
                .last_mut()
                .expect("a byte was pushed for this bit");
            *last |= value << self.first.shift(self.n);
            self.n += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        if self.n != self.expected {
            return Err(Error::invalid("not all rows were pushed"));
        }
        sink.write_all(&[self.first as u8])?;
        sink.write_all(&self.bits)?;
        Ok(())
    }
}

#[derive(Debug)]
struct BitReader {
    spec: ArraySpec,
    first: First,
    payload: Payload,
}

impl BitReader {
    /// The bytes of the payload that hold some elements.
    fn bytes_of(&self, rows: &Range<u64>) -> Range<u64> {
        let per_row = self.spec.row_elements();
        HEAD_BYTES + rows.start * per_row / 8..HEAD_BYTES + (rows.end * per_row).div_ceil(8)
    }
}

impl ArrayReader for BitReader {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let bytes = self.bytes_of(&rows);
        let range = self.payload.offset_of(bytes.start)..self.payload.offset_of(bytes.end);
        Vec::from([range])
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        let range = self.bytes_of(&rows);
        let bits = self.payload.bytes(range.clone())?;
        let first = rows.start * self.spec.row_elements();
        for (i, value) in (first..).zip(out) {
            let byte = bits[(HEAD_BYTES + i / 8 - range.start) as usize];
            *value = byte >> self.first.shift(i) & 1;
        }
        Ok(())
    }
}

/// Writes masks with the filter, and reads some of them back.
///
/// # Errors
/// What the container says; none here.
///
/// # Panics
/// If other rows come back than went in.
pub(crate) fn run() -> Result<()> {
    let filters = Registry::default().with(Arc::new(Bits::default()))?;
    let spec = ArraySpec::new("|b1".parse()?, [80_000])?;
    let values: Vec<u8> = (0..80_000).map(|i| u8::from(i % 3 == 0)).collect();

    let store = MemoryStore::new();
    let options = WriteOptions::default()
        .with_target(Target::Native)
        .with_filters(filters.clone())
        // As it is registered, and with another option.
        .with_array_filter("mask", FilterChoice::named("bits"))
        .with_array_filter("packed", Bits::default().with_first(First::Highest));
    let mut writer = Writer::create(&store, options)?;
    let mask = Array::from_bytes(spec, &values)?;
    writer.write("field_data/mask", &mask)?;
    writer.write("field_data/packed", &mask)?;
    writer.commit()?;

    let options = OpenOptions::default().with_filters(filters);
    let file = Formats::default().open(store.open()?, &options)?;
    for name in ["mask", "packed"] {
        let rows = file.read_rows(name, 60_001..60_005)?;
        assert_eq!(rows.bytes(), &values[60_001..60_005]);
        println!("{name}, rows 60001 to 60004: {:?}", rows.bytes());
    }

    // Without the filter, that array is refused.
    let file = Formats::default().open(store.open()?, &OpenOptions::default())?;
    let error = file.read("mask").expect_err("nobody told this reader");
    println!("{error}");
    Ok(())
}

#[allow(dead_code, reason = "the test that includes this file calls `run`")]
fn main() -> Result<()> {
    run()
}
