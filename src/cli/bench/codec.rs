//! The codecs that `bench` compares.

use std::sync::Arc;

use crate::array::{Array, ArraySpec};
use crate::error::{Error, Result};
use crate::filter::{EncodeContext, Filter, FrameLayout, Payload, Registry, Shuffle};
use crate::limits::Limits;
use crate::wrapped::{ChunkConfig, Number, standalone, with_number_type};

/// A way to make an array smaller.
pub(super) trait Codec {
    /// What the table calls it.
    fn name(&self) -> String;
    /// Whether it takes such arrays.
    fn accepts(&self, array: &Array) -> bool;
    /// Compresses a whole array.
    fn compress(&self, array: &Array) -> Result<Vec<u8>>;
    /// The filter, if it is one.
    fn filter(&self) -> Option<&Arc<dyn Filter>> {
        None
    }
    /// Decompresses it into a buffer that is there already.
    fn decompress(&self, spec: &ArraySpec, compressed: Vec<u8>, out: &mut [u8]) -> Result<()>;
}

/// The filters there are, as files hold arrays: with frames, checksums and directories.
pub(super) fn filters() -> Vec<Box<dyn Codec>> {
    let stored = |filter: &Arc<dyn Filter>| -> Box<dyn Codec> {
        Box::new(Stored {
            name: filter.name().to_owned(),
            filter: filter.clone(),
            context: EncodeContext::default(),
        })
    };
    Registry::default().iter().map(stored).collect()
}

/// Those of this build.
pub(super) fn codecs(levels: &[u32]) -> Vec<Box<dyn Codec>> {
    let mut codecs: Vec<Box<dyn Codec>> = Vec::new();
    for &level in levels {
        codecs.push(Box::new(Numeric { level }));
    }
    #[cfg(feature = "peers")]
    for &level in levels.iter().filter(|&&level| level <= 12) {
        codecs.push(Box::new(super::rival::Pco { level }));
    }
    for zstd_level in [3, 9] {
        codecs.push(Box::new(Stored {
            name: format!("shuffle + zstd {zstd_level}"),
            filter: Arc::new(Shuffle::default().with_level(zstd_level)),
            context: EncodeContext::default().with_frames(FrameLayout::SINGLE),
        }));
    }
    codecs.push(Box::new(Zstd { level: 3 }));
    codecs
}

/// An array as this machine's numbers.
pub(super) fn in_native_order(mut array: Array) -> Result<Array> {
    let dtype = array.spec().dtype();
    if !dtype.is_swapped() {
        return Ok(array);
    }
    let word_bytes = dtype.word_bytes().max(1) as usize;
    array
        .bytes_mut()
        .chunks_exact_mut(word_bytes)
        .for_each(<[u8]>::reverse);
    let native = dtype.to_string().replace(['<', '>'], "=").parse()?;
    let spec = ArraySpec::new(native, array.spec().shape())?;
    Array::from_bytes(spec, array.bytes())
}

/// This project's engine.
struct Numeric {
    level: u32,
}

impl Codec for Numeric {
    fn name(&self) -> String {
        format!("paginum {}", self.level)
    }

    fn accepts(&self, array: &Array) -> bool {
        array.spec().dtype().number_type().is_some()
    }

    fn compress(&self, array: &Array) -> Result<Vec<u8>> {
        let config = ChunkConfig::default().with_level(self.level);
        with_number_type!(number_type(array.spec())?, |T| {
            Ok(standalone::compress(array.numbers::<T>()?, &config)?)
        })
    }

    fn decompress(&self, spec: &ArraySpec, compressed: Vec<u8>, out: &mut [u8]) -> Result<()> {
        with_number_type!(number_type(spec)?, |T| decompress::<T>(&compressed, out))
    }
}

fn decompress<T: Number>(compressed: &[u8], out: &mut [u8]) -> Result<()> {
    let numbers = bytemuck::try_cast_slice_mut::<u8, T>(out);
    let numbers = numbers.map_err(|_| Error::invalid("a buffer that is not aligned"))?;
    standalone::decompress_into(compressed, numbers)?;
    Ok(())
}

pub(super) fn number_type(spec: &ArraySpec) -> Result<crate::wrapped::NumberType> {
    spec.dtype()
        .number_type()
        .ok_or_else(|| Error::invalid("an array that is no numbers"))
}

/// The bytes as they are, in one frame of zstd.
struct Zstd {
    level: i32,
}

impl Codec for Zstd {
    fn name(&self) -> String {
        format!("zstd {}", self.level)
    }

    fn accepts(&self, _array: &Array) -> bool {
        true
    }

    fn compress(&self, array: &Array) -> Result<Vec<u8>> {
        Ok(zstd::bulk::compress(array.bytes(), self.level)?)
    }

    fn decompress(&self, _spec: &ArraySpec, compressed: Vec<u8>, out: &mut [u8]) -> Result<()> {
        zstd::bulk::decompress_to_buffer(&compressed, out)?;
        Ok(())
    }
}

/// A filter's payload.
struct Stored {
    name: String,
    filter: Arc<dyn Filter>,
    context: EncodeContext,
}

impl Codec for Stored {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn accepts(&self, array: &Array) -> bool {
        self.filter.accepts(array.spec())
    }

    fn filter(&self) -> Option<&Arc<dyn Filter>> {
        Some(&self.filter)
    }

    fn compress(&self, array: &Array) -> Result<Vec<u8>> {
        let mut compressed = Vec::new();
        let mut encoder = self.filter.encoder(array.spec(), &self.context)?;
        encoder.push_rows(array.bytes(), &mut compressed)?;
        encoder.finish(&mut compressed)?;
        Ok(compressed)
    }

    fn decompress(&self, spec: &ArraySpec, compressed: Vec<u8>, out: &mut [u8]) -> Result<()> {
        let n_bytes = compressed.len() as u64;
        let payload = Payload::new(Arc::new(compressed), 0..n_bytes)?;
        let reader = self.filter.open(spec, payload, &Limits::default())?;
        reader.read_rows_into(0..spec.rows(), out)
    }
}
