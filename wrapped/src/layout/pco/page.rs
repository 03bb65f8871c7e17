//! Page heads: what a page states of each latent variable before its batches (wire format section 1.5).
//!
//! For each variable, in the order of the metadata: the latents that its delta encoding states, then its tANS states. The
//! head ends at a whole byte.

use crate::bits::{BitReader, BitWriter};
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::error::{Error, Result};

/// Most heads state no more latents: these cost no allocation. Lookbacks may state 2^15.
const MAX_INLINE_N: usize = 32;

/// Reads a variable that states `state_n` latents, and makes of it what `make` does.
///
/// # Errors
/// `Truncated`, before memory is taken for latents that are not there.
pub(crate) fn read_var<L: Latent, V>(
    reader: &mut BitReader<'_>,
    ans_size_log: u32,
    state_n: usize,
    make: impl FnOnce([u32; N_STATES], &[L]) -> V,
) -> Result<V> {
    if state_n as u64 * u64::from(L::BITS) > reader.remaining_bits() {
        return Err(Error::truncated("page state").at(reader.byte() as u64));
    }
    let (mut few, mut many) = ([L::zero(); MAX_INLINE_N], Vec::new());
    let latents = if state_n <= MAX_INLINE_N {
        &mut few[..state_n]
    } else {
        many.resize(state_n, L::zero());
        &mut many[..]
    };
    for latent in &mut *latents {
        *latent = reader.read_latent()?;
    }
    let mut ans = [0; N_STATES];
    for state in &mut ans {
        *state = reader.read_u32(ans_size_log)?;
    }
    Ok(make(ans, latents))
}

/// Appends a variable.
pub(crate) fn write_var<L: Latent>(
    writer: &mut BitWriter<'_>,
    ans_size_log: u32,
    latents: &[L],
    ans: [u32; N_STATES],
) {
    latents
        .iter()
        .for_each(|&latent| writer.write_latent(latent));
    for state in ans {
        writer.write(u64::from(state), ans_size_log);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back_and_their_prefixes_do_not() {
        for state_n in [0, 1, MAX_INLINE_N, MAX_INLINE_N + 1, 1000] {
            let latents: Vec<u16> = (0..state_n as u16).map(|i| i.wrapping_mul(77)).collect();
            let ans = [0, 1, 510, 511];
            let mut bytes = Vec::new();
            let writer = &mut BitWriter::new(&mut bytes);
            write_var(writer, 9, &latents, ans);
            writer.align();
            assert_eq!(bytes.len(), (16 * state_n + 36).div_ceil(8));
            let read = |src: &[u8]| {
                let reader = &mut BitReader::new(src, "head");
                read_var(reader, 9, state_n, |ans, latents: &[u16]| {
                    (ans, latents.to_vec())
                })
            };
            assert_eq!(read(&bytes).unwrap(), (ans, latents));
            for end in 0..bytes.len() {
                let error = read(&bytes[..end]).unwrap_err();
                assert!(matches!(error, Error::Truncated { .. }), "{end}: {error}");
            }
        }
    }

    #[test]
    fn latents_that_are_not_there_take_no_memory() {
        let reader = &mut BitReader::new(&[0; 16], "head");
        let read = read_var(reader, 0, usize::MAX >> 8, |_, _: &[u64]| ());
        assert!(matches!(read, Err(Error::Truncated { .. })));
    }
}
