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
    for _ in 0..order {
        let page = &mut residuals[start..];
        states.push(page.first().copied().unwrap_or_default());
        for i in 1..page.len() {
            page[i - 1] = page[i].wrapping_sub(&page[i - 1]);
        }
        residuals.truncate(residuals.len().saturating_sub(1).max(start));
    }
    for residual in &mut residuals[start..] {
        *residual = residual.toggled();
    }
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
