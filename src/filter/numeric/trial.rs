//! Whether each component of a point, a vector or a pixel gets chunks of its own: measured on a sample.

use paginum_wrapped::Number;

use super::codec::EngineWriter;
use crate::error::Result;
use crate::filter::paged::{ChunkWriter, Words, gather};
use crate::filter::parallel;

/// Numbers of the sample.
const SAMPLE_NUMBERS: u64 = 1 << 15;

/// Whether the first rows of an array, `bytes`, take less room component by component.
pub(super) fn is_smaller_split<T: Number>(
    bytes: &[u8],
    components: u64,
    words: Words,
    writer: &ChunkWriter<EngineWriter>,
) -> Result<bool> {
    let item_bytes = components as usize * size_of::<T>();
    let items = bytes.len() / item_bytes;
    let n = items.min((SAMPLE_NUMBERS / components) as usize);
    let start = (items - n) / 2 * item_bytes;
    let sample = &bytes[start..start + n * item_bytes];
    let together = writer.size::<T>(&gather(sample, 1, 0, words))?;
    let apart = parallel::map((0..components as usize).collect(), |component| {
        writer.size::<T>(&gather(sample, components as usize, component, words))
    })?;
    Ok(apart.into_iter().sum::<usize>() < together)
}
