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
