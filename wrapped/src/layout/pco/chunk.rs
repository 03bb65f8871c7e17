//! Chunk metadata: mode, delta encoding, and the bins of each latent variable (wire format section 1.3).

use super::{FormatVersion, bins, delta, mode};
use crate::bits::{BitReader, BitWriter};
use crate::dtype::{Latent, Number};
use crate::error::Result;
use crate::model::ChunkModel;

/// Reads the metadata of a chunk of numbers of type `T`, and the number of bytes they took. They are checked.
pub(crate) fn read<T: Number>(
    src: &[u8],
    version: FormatVersion,
) -> Result<(ChunkModel<T::Latent>, usize)> {
    let reader = &mut BitReader::new(src, "chunk metadata");
    let mode = mode::read(reader, version)?;
    let delta = delta::read(reader, version)?;
    let mut var = |latent_bits| bins::read(reader, latent_bits);
    let delta_var = delta.var_bits().map(&mut var).transpose()?;
    let primary = var(mode.primary_bits())?;
    let secondary = mode.secondary_bits().map(&mut var).transpose()?;
    let n_bytes = reader.align()?;
    let model = ChunkModel {
        mode,
        delta,
        delta_var,
        primary,
        secondary,
    };
    let checked = model.mode.check::<T>().and_then(|()| {
        let distances = model.delta_var.as_ref();
        model.delta.check(model.primary.latent_bits, distances)
    });
    checked.map_err(|e| e.at(0))?;
    Ok((model, n_bytes))
}

/// Appends metadata in the current version.
pub(crate) fn write<L: Latent>(model: &ChunkModel<L>, dst: &mut Vec<u8>) {
    let writer = &mut BitWriter::new(dst);
    mode::write(&model.mode, writer);
    delta::write(&model.delta, writer);
    for var in model.vars() {
        bins::write(var, writer);
    }
    writer.align();
}
