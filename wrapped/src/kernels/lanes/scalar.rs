//! Byte by byte.

use crate::kernels::isa::{Kernel, Tier};

/// [`super::take`].
pub(super) struct Take<'a> {
    pub(super) factors: [u32; 4],
    pub(super) bytes: &'a [u8],
    pub(super) lanes: &'a mut [u32; 4],
}

impl Kernel for Take<'_> {
    type Output = ();

    /// Each lane in a register of its own: the compiler would multiply all four in one, which takes them half as long again. Their
    /// upper halves mean nothing.
    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        let factors = self.factors.map(u64::from);
        let [mut a, mut b, mut c, mut d] = self.lanes.map(u64::from);
        for group in self.bytes.as_chunks::<4>().0 {
            let [e, f, g, h] = group.map(u64::from);
            a = tier.in_register((a ^ e).wrapping_mul(factors[0]));
            b = tier.in_register((b ^ f).wrapping_mul(factors[1]));
            c = tier.in_register((c ^ g).wrapping_mul(factors[2]));
            d = tier.in_register((d ^ h).wrapping_mul(factors[3]));
        }
        *self.lanes = [a, b, c, d].map(|lane| lane as u32);
    }
}
