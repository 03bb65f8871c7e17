//! Values by their places in a table.
#![expect(
    unsafe_code,
    reason = "loads without a check of each place: all were checked at once"
)]

use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Writes `table[places[i]]` to `out[i]`, and returns whether every place is in the table; `out` is unchanged if not.
///
/// # Panics
/// If there are not as many places as `out` has room for.
#[must_use]
pub fn gather<L: Latent, P: Latent>(isa: Isa, table: &[L], places: &[P], out: &mut [L]) -> bool {
    assert_eq!(places.len(), out.len(), "places and their values");
    isa.call(Gather(table, places, out))
}

struct Gather<'a, L, P>(&'a [L], &'a [P], &'a mut [L]);

impl<L: Latent, P: Latent> Kernel for Gather<'_, L, P> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> bool {
        let Self(table, places, out) = self;
        let last = places
            .iter()
            .fold(P::zero(), |last, place| last.max(*place));
        if Latent::to_u64(last) >= table.len() as u64 && !places.is_empty() {
            return false;
        }
        for (out, place) in out.iter_mut().zip(places) {
            // SAFETY: no place is greater than the last, which was checked to lie in the table.
            *out = unsafe { *table.get_unchecked(Latent::to_u64(*place) as usize) };
        }
        true
    }
}
