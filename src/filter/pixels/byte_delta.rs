//! Filter 0xE2: each byte as the difference from the one a pixel before, in zstd frames: for photographs.

use std::sync::Arc;

use super::left;
use super::parameters::{Parameters, are_samples};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::blocks::{BlockEncoder, BlockReader, Step};
use crate::filter::frames::ZstdLevel;
use crate::filter::goal::price;
use crate::filter::{ArrayEncoder, ArrayReader, EncodeContext, Filter, FilterId, Payload};
use crate::limits::Limits;

/// Differences of pixels from those to their left, byte by byte, for whole numbers of one or two bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteDelta {
    level: ZstdLevel,
}

impl ByteDelta {
    /// Sets the level of zstd: 3 by default.
    #[must_use]
    pub const fn with_level(mut self, level: i32) -> Self {
        self.level = ZstdLevel(level);
        self
    }
}

impl Filter for ByteDelta {
    fn id(&self) -> FilterId {
        FilterId::BYTE_DELTA
    }

    fn name(&self) -> &'static str {
        "byte-delta"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        are_samples(spec)
    }

    fn decode_picoseconds(&self, spec: &ArraySpec) -> u64 {
        price::BYTE_DELTA.of(spec)
    }

    fn level(&self) -> Option<i32> {
        Some(self.level.0)
    }

    fn at_level(&self, level: i32) -> Result<Arc<dyn Filter>> {
        Ok(Arc::new(self.with_level(level)))
    }

    fn encoder(&self, spec: &ArraySpec, context: &EncodeContext) -> Result<Box<dyn ArrayEncoder>> {
        if !self.accepts(spec) {
            let dtype = spec.dtype();
            return Err(Error::invalid(format!("byte-delta of elements of {dtype}")));
        }
        let step = Differences(Parameters::of_pixels(spec));
        Ok(Box::new(BlockEncoder::new(
            spec,
            self.level,
            context,
            vec![step],
        )?))
    }

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        let parameters = Parameters::read(&payload, spec)?;
        if parameters.width != 0 {
            return Err(Error::corrupt("byte-delta of rows").at(payload.offset_of(0)));
        }
        let step = Differences(parameters);
        Ok(Box::new(BlockReader::open(spec, step, payload, limits)?))
    }
}

#[derive(Clone, Copy, Debug)]
struct Differences(Parameters);

impl Step for Differences {
    fn block_bytes(&self) -> usize {
        self.0.block_bytes
    }

    fn unit_bytes(&self) -> usize {
        self.0.pixel_bytes
    }

    fn apply(&self, block: &[u8]) -> Vec<u8> {
        let mut bytes = block.to_vec();
        left::subtract_left(&mut bytes, self.0.pixel_bytes);
        bytes
    }

    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(&stored);
        left::add_left(out, self.0.pixel_bytes);
        Ok(())
    }

    fn head(&self, identity: &[u8]) -> Result<Vec<u8>> {
        self.0.write(identity)
    }
}
