//! Filter 0xE3: bytes as places in a list of those that their channel has, in zstd frames: for labels and drawings.

use super::palettes::{self, MAX_LIST_BYTES, Palettes};
use super::parameters::{Parameters, are_samples};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::blocks::{self, Step};
use crate::filter::frames::{ZstdLevel, filter_of_zstd};
use crate::filter::goal::price;
use crate::filter::{ArrayEncoder, ArrayReader, EncodeContext, FilterId, Payload};
use crate::limits::Limits;

/// A table of each costs more than it takes in a file.
const MAX_PALETTES: usize = 8;

filter_of_zstd! {
    /// Bytes as places in palettes, one for each byte of a pixel and each block, for whole numbers of one or two bytes.
    Palette: FilterId::PALETTE, "palette", price::PALETTE,
    accepts: are_samples, encoder: encoder, open: open
}

fn encoder(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    let step = Places(Parameters::of_pixels(spec));
    blocks::encoder(level, spec, context, vec![step])
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    let parameters = Parameters::read(&payload, spec)?;
    if parameters.width != 0 || parameters.pixel_bytes > MAX_PALETTES {
        let what = "palettes of rows, or more than 8 of a pixel";
        return Err(Error::corrupt(what).at(payload.offset_of(0)));
    }
    let step = Places(parameters);
    blocks::reader(spec, step, payload, limits)
}

#[derive(Clone, Copy, Debug)]
struct Places(Parameters);

impl Step for Places {
    fn block_bytes(&self) -> usize {
        self.0.block_bytes
    }

    fn unit_bytes(&self) -> usize {
        self.0.pixel_bytes
    }

    fn table_bytes(&self) -> usize {
        MAX_LIST_BYTES * self.0.pixel_bytes
    }

    fn apply(&self, block: &[u8]) -> Vec<u8> {
        let mut places = block.to_vec();
        let mut bytes = palettes::take(&mut places, self.0.pixel_bytes);
        bytes.resize(self.table_bytes(), 0);
        bytes.append(&mut places);
        bytes
    }

    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()> {
        let (table, places) = stored.split_at(self.table_bytes());
        let (palettes, rest) = Palettes::read(table, self.0.pixel_bytes)?;
        if rest.iter().any(|&byte| byte != 0) {
            return Err(Error::corrupt("a palette of more than its channels"));
        }
        out.copy_from_slice(places);
        palettes.look_up(out)
    }

    fn head(&self, identity: &[u8]) -> Result<Vec<u8>> {
        self.0.write(identity)
    }
}
