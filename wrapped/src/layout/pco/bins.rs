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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    /// Fields as they lie in the format: the table's logarithm, the number of bins, and these of 8-bit latents.
    fn stored(ans_size_log: u32, n_bins: u64, bins: &[(u64, u64, u64)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let writer = &mut BitWriter::new(&mut bytes);
        writer.write(u64::from(ans_size_log), 4);
        writer.write(n_bins, 15);
        for &(weight, lower, offset_bits) in bins {
            writer.write(weight - 1, ans_size_log);
            writer.write(lower, 8);
            writer.write(offset_bits, 4);
        }
        writer.align();
        bytes
    }

    fn read_back(bytes: &[u8]) -> Result<LatentVar> {
        read(&mut BitReader::new(bytes, "bins"), 8)
    }

    #[test]
    fn bins_are_read_field_by_field() {
        let bytes = stored(2, 2, &[(1, 200, 8), (3, 7, 0)]);
        let bin = |weight, lower, offset_bits| Bin {
            weight,
            lower,
            offset_bits,
        };
        let var = read_back(&bytes).unwrap();
        assert_eq!((var.latent_bits, var.ans_size_log), (8, 2));
        assert_eq!(var.bins, [bin(1, 200, 8), bin(3, 7, 0)]);
        let mut again = Vec::new();
        let writer = &mut BitWriter::new(&mut again);
        write(&var, writer);
        writer.align();
        assert_eq!(again, bytes);
    }

    #[test]
    fn bins_that_no_table_has_are_corrupt() {
        for (bytes, expected) in [
            (stored(0, 2, &[(1, 0, 0), (1, 1, 0)]), "do not fit"),
            (stored(1, 1, &[(2, 0, 0)]), "a single bin"),
            (stored(15, 2, &[(1, 0, 0), (1, 1, 0)]), "2^15 entries"),
            (stored(1, 2, &[(1, 0, 9), (1, 1, 0)]), "offsets of 9 bits"),
            (stored(2, 2, &[(1, 0, 0), (2, 1, 0)]), "add up to 3"),
            (stored(2, 2, &[(4, 0, 0), (1, 1, 0)]), "add up to 5"),
            (stored(3, 0, &[]), "add up to 0"),
        ] {
            let error = read_back(&bytes).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(read_back(&stored(0, 0, &[])).unwrap().bins.is_empty());
    }

    #[test]
    fn bins_that_are_not_there_are_truncated_and_take_no_memory() {
        let bytes = stored(14, 1 << 14, &[(1, 0, 0)]);
        let error = read_back(&bytes).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error}");
    }
}
