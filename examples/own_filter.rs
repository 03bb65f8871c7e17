//! A filter of one's own in a `.pv` file: booleans as one bit each.
//!
//! A caller's filter has an id of 0xF0 to 0xFE, is added to the registry of whoever writes and reads, and is then like
//! any other. Readers without it refuse that array, and read the rest of the file.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use paginum::container::pv::{FilterChoice, Target, WriteOptions, Writer};
use paginum::container::{Formats, OpenOptions};
use paginum::filter::{
    ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, Payload, Registry,
};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ArraySpec, Error, Kind, Limits, Result};

/// Booleans, eight to a byte, the first in the lowest bit.
#[derive(Debug)]
pub(crate) struct Bits;

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

    fn encoder(&self, spec: &ArraySpec, _options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        Ok(Box::new(BitEncoder {
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
        Ok(Box::new(BitReader {
            spec: spec.clone(),
            payload,
        }))
    }
}

struct BitEncoder {
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
            *last |= value << (self.n % 8);
            self.n += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        if self.n != self.expected {
            return Err(Error::invalid("not all rows were pushed"));
        }
        sink.write_all(&self.bits)?;
        Ok(())
    }
}

#[derive(Debug)]
struct BitReader {
    spec: ArraySpec,
    payload: Payload,
}

impl BitReader {
    /// The bytes of the payload that hold some elements.
    fn bytes_of(&self, rows: &Range<u64>) -> Range<u64> {
        let per_row = self.spec.row_elements();
        rows.start * per_row / 8..(rows.end * per_row).div_ceil(8)
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
            *value = bits[(i / 8 - range.start) as usize] >> (i % 8) & 1;
        }
        Ok(())
    }
}

/// Writes a mask with the filter, and reads some of it back.
///
/// # Errors
/// What the container says; none here.
///
/// # Panics
/// If other rows come back than went in.
pub(crate) fn run() -> Result<()> {
    let filters = Registry::default().with(Arc::new(Bits))?;
    let spec = ArraySpec::new("|b1".parse()?, [80_000])?;
    let values: Vec<u8> = (0..80_000).map(|i| u8::from(i % 3 == 0)).collect();

    let store = MemoryStore::new();
    let options = WriteOptions::default()
        .with_target(Target::Native)
        .with_filters(filters.clone())
        .with_array_filter("mask", FilterChoice::named("bits"));
    let mut writer = Writer::create(&store, options)?;
    writer.write("field_data/mask", &Array::from_bytes(spec, &values)?)?;
    writer.commit()?;

    let options = OpenOptions::default().with_filters(filters);
    let file = Formats::default().open(store.open()?, &options)?;
    let rows = file.read_rows("mask", 60_001..60_005)?;
    assert_eq!(rows.bytes(), &values[60_001..60_005]);
    println!("rows 60001 to 60004: {:?}", rows.bytes());

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
