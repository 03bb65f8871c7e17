//! What differences take, about, without a sort or bins: by how many of them have which width.

use crate::entropy::entropy_bits;

/// Widths of 0 to 64 bits.
pub(super) const N_WIDTHS: usize = 65;

/// What differences of these widths take, so many of each: their bits, and the entropy of the widths.
pub(super) fn bits_of_widths(counts: &[u32; N_WIDTHS]) -> f64 {
    let of_widths = (0u32..).zip(*counts);
    let offsets: f64 = of_widths
        .map(|(width, count)| f64::from(count) * f64::from(width))
        .sum();
    offsets + entropy_bits(counts)
}
