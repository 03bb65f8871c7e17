//! The bins of a latent variable (wire format section 1.3).

use crate::bits::{BitReader, BitWriter};
use crate::entropy;
use crate::error::Result;
use crate::model::{Bin, LatentVar, offset_bits_width};

/// Reads a variable of latents of this width.
pub(super) fn read(reader: &mut BitReader<'_>, latent_bits: u32) -> Result<LatentVar> {
    let ans_size_log = reader.read_u32(4)?;
    let n_bins = reader.read_u32(15)? as usize;
    if n_bins > 1 << ans_size_log {
        return Err(reader.corrupt(format!(
            "{n_bins} bins do not fit into a tANS table of 2^{ans_size_log}"
        )));
    }
    if n_bins == 1 && ans_size_log > 0 {
        return Err(reader.corrupt("a single bin with a tANS table of more than one entry"));
    }
    if ans_size_log > entropy::MAX_SIZE_LOG {
        return Err(reader.corrupt(format!("a tANS table of 2^{ans_size_log} entries")));
    }
    let bin_bits = ans_size_log + latent_bits + offset_bits_width(latent_bits);
    let most = reader.remaining_bits() / u64::from(bin_bits);
    let mut bins = Vec::with_capacity(n_bins.min(most as usize));
    for _ in 0..n_bins {
        let weight = reader.read_u32(ans_size_log)? + 1;
        let lower = reader.read(latent_bits)?;
        let offset_bits = reader.read_u32(offset_bits_width(latent_bits))?;
        if offset_bits > latent_bits {
            return Err(reader.corrupt(format!(
                "a bin with offsets of {offset_bits} bits in latents of {latent_bits}"
            )));
        }
        bins.push(Bin {
            weight,
            lower,
            offset_bits,
        });
    }
    let weight: u64 = bins.iter().map(|bin| u64::from(bin.weight)).sum();
    if weight.max(u64::from(n_bins == 0)) != 1 << ans_size_log {
        return Err(reader.corrupt(format!(
            "bin weights add up to {weight} in a tANS table of 2^{ans_size_log}"
        )));
    }
    Ok(LatentVar {
        latent_bits,
        ans_size_log,
        bins,
    })
}

/// Appends it.
pub(super) fn write(var: &LatentVar, writer: &mut BitWriter<'_>) {
    writer.write(u64::from(var.ans_size_log), 4);
    writer.write(var.bins.len() as u64, 15);
    for bin in &var.bins {
        writer.write(u64::from(bin.weight - 1), var.ans_size_log);
        writer.write(bin.lower, var.latent_bits);
        writer.write(
            u64::from(bin.offset_bits),
            offset_bits_width(var.latent_bits),
        );
    }
}
