//! Filter 0xE2: each byte as the difference from the one a pixel before, in zstd frames: for photographs.

use paginum_wrapped::Isa;

use super::left;
use super::parameters::{Parameters, are_samples};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::blocks::{self, Step};
use crate::filter::frames::{ZstdLevel, filter_of_zstd};
use crate::filter::goal::price;
use crate::filter::{ArrayEncoder, ArrayReader, EncodeContext, FilterId, Payload};
use crate::limits::Limits;

filter_of_zstd! {
    /// Differences of pixels from those to their left, byte by byte, for whole numbers of one or two bytes.
    ByteDelta: FilterId::BYTE_DELTA, "byte-delta", price::BYTE_DELTA,
    accepts: are_samples, encoder: encoder, open: open
}

fn encoder(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    let step = Differences::new(Parameters::of_pixels(spec))?;
    blocks::encoder(level, spec, context, vec![step])
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    let parameters = Parameters::read(&payload, spec)?;
    if parameters.width != 0 {
        return Err(Error::corrupt("byte-delta of rows").at(payload.offset_of(0)));
    }
    let step = Differences::new(parameters)?;
    blocks::reader(spec, step, payload, limits)
}

#[derive(Clone, Copy, Debug)]
struct Differences {
    parameters: Parameters,
    isa: Isa,
}

impl Differences {
    fn new(parameters: Parameters) -> Result<Self> {
        let isa = Isa::best()?;
        Ok(Self { parameters, isa })
    }
}

impl Step for Differences {
    fn block_bytes(&self) -> usize {
        self.parameters.block_bytes
    }

    fn unit_bytes(&self) -> usize {
        self.parameters.pixel_bytes
    }

    fn apply(&self, block: &[u8]) -> Vec<u8> {
        let mut bytes = block.to_vec();
        left::subtract_left(&mut bytes, self.parameters.pixel_bytes);
        bytes
    }

    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(&stored);
        left::add_left(self.isa, out, self.parameters.pixel_bytes);
        Ok(())
    }

    fn head(&self, identity: &[u8]) -> Result<Vec<u8>> {
        self.parameters.write(identity)
    }
}
