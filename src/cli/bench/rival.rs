//! pco as a rival, with the feature `peers`.

use super::codec::{Codec, number_type};
use crate::array::{Array, ArraySpec};
use crate::error::{Error, Result};
use crate::wrapped::with_number_type;

/// The owner of the wire format.
pub(super) struct Pco {
    pub(super) level: u32,
}

impl Codec for Pco {
    fn name(&self) -> String {
        format!("pco {}", self.level)
    }

    fn accepts(&self, array: &Array) -> bool {
        array.spec().dtype().number_type().is_some()
    }

    fn compress(&self, array: &Array) -> Result<Vec<u8>> {
        let config = pco::ChunkConfig::default()
            .with_compression_level(self.level as usize)
            .with_enable_8_bit(true);
        with_number_type!(number_type(array.spec())?, |T| {
            pco::standalone::simple_compress(array.numbers::<T>()?, &config).map_err(failed)
        })
    }

    fn decompress(&self, spec: &ArraySpec, compressed: Vec<u8>, out: &mut [u8]) -> Result<()> {
        with_number_type!(number_type(spec)?, |T| {
            let numbers = bytemuck::try_cast_slice_mut::<u8, T>(out);
            let numbers = numbers.map_err(|_| Error::invalid("a buffer that is not aligned"))?;
            pco::standalone::simple_decompress_into(&compressed, numbers).map_err(failed)?;
            Ok(())
        })
    }
}

fn failed(error: pco::errors::PcoError) -> Error {
    Error::corrupt(format!("pco: {error}"))
}
