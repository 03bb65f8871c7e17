//! Sorts latents by their bytes, the lowest first: no branches to mispredict, and bytes that all share are skipped.

use crate::dtype::Latent;

/// Below that, comparing is faster.
const MIN_RADIX_N: usize = 256;

/// Sorts `latents`; `scratch` is overwritten.
pub(crate) fn radix_sort<L: Latent>(latents: &mut [L], scratch: &mut Vec<L>) {
    if latents.len() < MIN_RADIX_N {
        latents.sort_unstable();
        return;
    }
    let first = latents[0];
    let differing = latents
        .iter()
        .fold(L::zero(), |bits, &latent| bits | (latent ^ first))
        .to_u64();
    scratch.clear();
    scratch.resize(latents.len(), L::zero());
    let mut is_in_scratch = false;
    for shift in (0..L::BITS)
        .step_by(8)
        .filter(|shift| (differing >> shift) & 0xff != 0)
    {
        if is_in_scratch {
            sort_by_byte(scratch, latents, shift);
        } else {
            sort_by_byte(latents, scratch, shift);
        }
        is_in_scratch = !is_in_scratch;
    }
    if is_in_scratch {
        latents.copy_from_slice(scratch);
    }
}

/// Moves latents to the order of one byte, equal ones as they were.
fn sort_by_byte<L: Latent>(from: &[L], to: &mut [L], shift: u32) {
    let byte = |latent: L| usize::from((latent.to_u64() >> shift) as u8);
    let mut places = [0u32; 256];
    for &latent in from {
        places[byte(latent)] += 1;
    }
    let mut next = 0;
    for place in &mut places {
        next += std::mem::replace(place, next);
    }
    for &latent in from {
        let place = &mut places[byte(latent)];
        to[*place as usize] = latent;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_and_shared_bytes_are_sorted() {
        for n in [0, 1, 255, 256, 1000, 5000] {
            for mask in [u64::MAX, 0xff00, 0xffff_0000_0000_00ff, 0] {
                let mut latents: Vec<u64> = (0..n)
                    .map(|i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask)
                    .collect();
                let mut expected = latents.clone();
                expected.sort_unstable();
                radix_sort(&mut latents, &mut Vec::new());
                assert_eq!(latents, expected, "{n} & {mask:x}");
            }
        }
    }
}
