//! Filter 0xE4: 16-bit numbers as what their left and upper neighbours do not tell, high bytes and low bytes apart, in zstd
//! frames: for depth and elevation.

use paginum_wrapped::Isa;

use super::gradients::Raster;
use super::parameters::{Parameters, are_samples};
use crate::array::ArraySpec;
use crate::dtype::ByteOrder;
use crate::error::{Error, Result};
use crate::filter::blocks::{self, Step};
use crate::filter::frames::{ZstdLevel, filter_of_zstd};
use crate::filter::goal::price;
use crate::filter::{ArrayEncoder, ArrayReader, EncodeContext, FilterId, Payload};
use crate::limits::Limits;

filter_of_zstd! {
    /// 16-bit whole numbers of pictures as differences from `left + above - above left`.
    Gradient: FilterId::GRADIENT, "gradient", price::GRADIENT,
    accepts: accepts, encoder: encoder, open: open
}

fn accepts(spec: &ArraySpec) -> bool {
    are_samples(spec) && spec.dtype().item_bytes() == 2
}

fn encoder(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    let step = Differences::new(Parameters::of_rows(spec), spec)?;
    blocks::encoder(level, spec, context, vec![step])
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    let parameters = Parameters::read(&payload, spec)?;
    let row_bytes = parameters.width.checked_mul(parameters.pixel_bytes);
    let are_rows = row_bytes.is_some_and(|n| n > 0 && parameters.block_bytes.is_multiple_of(n));
    if !are_rows || !accepts(spec) {
        let what = "gradients of blocks that are no rows";
        return Err(Error::corrupt(what).at(payload.offset_of(0)));
    }
    let step = Differences::new(parameters, spec)?;
    blocks::reader(spec, step, payload, limits)
}

#[derive(Clone, Copy, Debug)]
struct Differences {
    parameters: Parameters,
    raster: Raster,
    isa: Isa,
}

impl Differences {
    fn new(parameters: Parameters, spec: &ArraySpec) -> Result<Self> {
        let raster = Raster {
            width: parameters.width,
            pixel_bytes: parameters.pixel_bytes,
            is_big: spec.dtype().byte_order() == ByteOrder::Big,
        };
        let isa = Isa::best()?;
        Ok(Self {
            parameters,
            raster,
            isa,
        })
    }

    fn channels(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.parameters.pixel_bytes).step_by(2)
    }
}

impl Step for Differences {
    fn block_bytes(&self) -> usize {
        self.parameters.block_bytes
    }

    fn unit_bytes(&self) -> usize {
        self.parameters.width * self.parameters.pixel_bytes
    }

    fn apply(&self, block: &[u8]) -> Vec<u8> {
        let mut planes = Vec::with_capacity(block.len());
        self.channels()
            .for_each(|channel| self.raster.take(block, channel, &mut planes));
        // An array may end within a pixel.
        planes.extend_from_slice(&block[planes.len()..]);
        planes
    }

    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()> {
        let n_pixels = out.len() / self.parameters.pixel_bytes;
        let whole = n_pixels * self.parameters.pixel_bytes;
        let (planes, rest) = stored.split_at(whole);
        for (channel, planes) in self.channels().zip(planes.chunks((2 * n_pixels).max(1))) {
            self.raster
                .put(self.isa, planes, channel, &mut out[..whole]);
        }
        out[whole..].copy_from_slice(rest);
        Ok(())
    }

    fn head(&self, identity: &[u8]) -> Result<Vec<u8>> {
        self.parameters.write(identity)
    }
}
