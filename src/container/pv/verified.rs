//! An array whose values are checked as they are read.

use std::ops::Range;

use super::topology::Expectation;
use crate::array::ArraySpec;
use crate::error::{Result, ResultExt};
use crate::filter::ArrayReader;

/// Hands out only ids and offsets that hold what is expected of them.
#[derive(Debug)]
pub(crate) struct VerifiedArray {
    array: Box<dyn ArrayReader>,
    expectation: Expectation,
    /// Where the payload begins, for messages.
    offset: u64,
}

impl VerifiedArray {
    pub(crate) fn new(array: Box<dyn ArrayReader>, expectation: Expectation, offset: u64) -> Self {
        Self {
            array,
            expectation,
            offset,
        }
    }
}

impl ArrayReader for VerifiedArray {
    fn spec(&self) -> &ArraySpec {
        self.array.spec()
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.array.ranges(rows)
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.array.read_rows_into(rows.clone(), out)?;
        let checked = self.expectation.check_values(self.array.spec(), rows, out);
        if checked.is_err() {
            // A caller that goes on after an error finds nothing to index with.
            out.fill(0);
        }
        checked.at(self.offset)
    }

    fn verify(&self) -> Result<()> {
        self.array.verify()?;
        let rows = self.spec().rows();
        let mut values = crate::array::AlignedBytes::zeroed(self.spec().bytes())?;
        self.read_rows_into(0..rows, &mut values)
    }
}
