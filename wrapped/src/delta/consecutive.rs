//! Consecutive deltas: differences of differences, up to order 7.
//!
//! A page stores the first element of each order of difference; decoding is one prefix sum an order.

use crate::dtype::Latent;
use crate::kernels::isa::Tier;
use crate::kernels::scan::exclusive_sum;

/// Appends the residuals of a page to `residuals` and its `order` moments to `states`.
///
/// A page of fewer latents than `order` has no residuals, and zeros for the moments that it lacks.
pub(crate) fn encode<L: Latent>(
    latents: &[L],
    order: usize,
    residuals: &mut Vec<L>,
    states: &mut Vec<L>,
) {
    let start = residuals.len();
    residuals.extend_from_slice(latents);
    let n_residuals = encode_in_place(&mut residuals[start..], order, states);
    residuals.truncate(start + n_residuals);
}

/// Turns the latents of a page into residuals where they stand, and returns how many these are.
pub(crate) fn encode_in_place<L: Latent>(
    page: &mut [L],
    order: usize,
    states: &mut Vec<L>,
) -> usize {
    let mut n = page.len();
    for lower_order in 0..order {
        states.push(page[..n].first().copied().unwrap_or_default());
        // In the last pass, residuals are toggled too: a pass of its own would be one over memory.
        let is_last = lower_order + 1 == order;
        let toggle = if is_last { L::MID } else { L::zero() };
        for i in 1..n {
            page[i - 1] = page[i].wrapping_sub(&page[i - 1]) ^ toggle;
        }
        n = n.saturating_sub(1);
    }
    n
}

/// The highest order: its field has three bits.
pub(crate) const MAX_ORDER: usize = 7;

/// Where a page stands: the next element of the latents and of each of their differences but the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments<L> {
    moments: [L; MAX_ORDER],
    order: usize,
}

impl<L: Latent> Moments<L> {
    /// At most seven moments, the latents' own first.
    pub(crate) fn new(state: &[L]) -> Self {
        let mut moments = [L::zero(); MAX_ORDER];
        moments[..state.len()].copy_from_slice(state);
        Self {
            moments,
            order: state.len(),
        }
    }

    /// The moments, the latents' own first.
    pub(crate) fn state(&self) -> &[L] {
        &self.moments[..self.order]
    }

    /// Turns residuals into latents in place, and moves on.
    ///
    /// Each order is an exclusive prefix sum that starts at its moment. Where a page ends, what stands behind its last
    /// residual influences only latents that are never given out.
    #[inline(always)]
    pub(crate) fn decode<S: Tier>(&mut self, tier: S, latents: &mut [L]) {
        // Residuals are stored around the middle; sums of them are not.
        let mut flip = L::MID;
        for moment in self.moments[..self.order].iter_mut().rev() {
            *moment = exclusive_sum(tier, latents, flip, *moment);
            flip = L::zero();
        }
    }

    /// By how much each latent is above the one before it, where that is the same for all since all residuals are equal.
    pub(crate) fn equal_step(&self, residual: L) -> Option<L> {
        match *self.state() {
            [_] => Some(residual.toggled()),
            [_, step] if residual == L::MID => Some(step),
            _ => None,
        }
    }

    /// Writes the next latents, each by `step` above the one before it, and moves on.
    #[inline(always)]
    pub(crate) fn step_on(&mut self, step: L, latents: &mut [L]) {
        let mut next = self.moments[0];
        for latent in latents {
            *latent = next;
            next = next.wrapping_add(&step);
        }
        self.moments[0] = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::{Isa, Kernel};

    struct Decode<'a>(&'a mut Moments<u32>, &'a mut [u32]);

    impl Kernel for Decode<'_> {
        type Output = ();
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) {
            self.0.decode(tier, self.1);
        }
    }

    #[test]
    fn squares_are_second_order() {
        // 0, 1, 4, 9, ...: first difference 1, second differences 2.
        let mut moments = Moments::new(&[0u32, 1]);
        for batch in 0..3u32 {
            let mut latents = [2u32.toggled(); 4];
            Isa::SCALAR.run(Decode(&mut moments, &mut latents));
            let expected: Vec<u32> = (0..4).map(|i| (batch * 4 + i) * (batch * 4 + i)).collect();
            assert_eq!(latents[..], expected);
        }
    }

    #[test]
    fn equal_residuals_make_equal_steps() {
        for (state, residual) in [
            (&[2u32][..], u32::MAX.toggled()),
            (&[2, u32::MAX], u32::MID),
        ] {
            let (mut a, mut b) = (Moments::new(state), Moments::new(state));
            for _ in 0..2 {
                let (mut expected, mut stepped) = ([residual; 5], [0; 5]);
                Isa::SCALAR.run(Decode(&mut a, &mut expected));
                let step = b.equal_step(residual).unwrap();
                b.step_on(step, &mut stepped);
                assert_eq!(stepped, expected);
            }
            assert_eq!(b.state(), a.state());
        }
        assert!(Moments::new(&[2u32, 3]).equal_step(77).is_none());
    }

    #[test]
    fn squares_have_constant_second_differences() {
        let latents: Vec<u32> = (0..10).map(|i| i * i).collect();
        let (mut residuals, mut states) = (vec![77], Vec::new());
        encode(&latents, 2, &mut residuals, &mut states);
        assert_eq!(states, [0, 1]);
        assert_eq!(residuals[0], 77);
        assert_eq!(residuals[1..], [2 ^ u32::MID; 8]);
    }

    #[test]
    fn short_pages_have_zeros_for_moments_that_they_lack() {
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        encode(&[5u16], 3, &mut residuals, &mut states);
        assert_eq!(states, [5, 0, 0]);
        assert!(residuals.is_empty());
    }
}
