//! Memory that decoding reuses from batch to batch and page to page.

use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::kernels::tans::Entry;
use crate::mode::Join;

/// What a batch is decoded in: up to 10 to 34 KiB, as much as pages so far needed.
pub(crate) struct Scratch<J: Join> {
    pub(crate) batch: Batch<J>,
    /// Numbers of a batch of which the caller wants only a part.
    pub(crate) numbers: Vec<J::Latent>,
    /// The end of a page, padded.
    pub(crate) tail: Vec<u8>,
}

/// The latents of a batch, and the table entries that they come from.
pub(crate) struct Batch<J: Join> {
    pub(crate) distances: VarBatch<u32>,
    pub(crate) primary: Entries<J::Primary>,
    /// Primary latents that do not stand where their numbers will.
    pub(crate) waiting: J::Waiting,
    pub(crate) secondary: VarBatch<J::Latent>,
}

/// The table entries of a variable in this batch and in the next one, which is under way at the same time; they take
/// turns.
pub(crate) struct Entries<L: Latent>([Vec<Entry<L>>; 2]);

/// A latent variable of a batch.
pub(crate) struct VarBatch<L: Latent> {
    pub(crate) entries: Entries<L>,
    pub(crate) latents: Vec<L>,
}

impl<L: Latent> Entries<L> {
    /// Those of an odd or even batch, and those of the batch after it.
    #[inline(always)]
    pub(crate) fn of_batch(&mut self, odd: bool) -> (&mut [Entry<L>], &mut [Entry<L>]) {
        let [even, other] = &mut self.0;
        if odd { (other, even) } else { (even, other) }
    }

    /// Makes room for the batches of `n` numbers.
    pub(crate) fn make_room(&mut self, n: usize) {
        let [even, odd] = &mut self.0;
        make_room(even, n);
        make_room(odd, n.saturating_sub(BATCH_N));
    }
}

impl<L: Latent> VarBatch<L> {
    /// Makes room for the batches of `n` numbers.
    pub(crate) fn make_room(&mut self, n: usize) {
        self.entries.make_room(n);
        make_room(&mut self.latents, n);
    }
}

/// Makes room for a batch out of `n` numbers.
fn make_room<T: Clone + Default>(places: &mut Vec<T>, n: usize) {
    let n = n.min(BATCH_N);
    if places.len() < n {
        places.resize(n, T::default());
    }
}

impl<L: Latent> Default for Entries<L> {
    fn default() -> Self {
        Self([Vec::new(), Vec::new()])
    }
}

impl<L: Latent> Default for VarBatch<L> {
    fn default() -> Self {
        Self {
            entries: Entries::default(),
            latents: Vec::new(),
        }
    }
}

impl<J: Join> Default for Scratch<J> {
    fn default() -> Self {
        Self {
            batch: Batch {
                distances: VarBatch::default(),
                primary: Entries::default(),
                waiting: J::Waiting::default(),
                secondary: VarBatch::default(),
            },
            numbers: Vec::new(),
            tail: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_take_turns_with_the_places_of_entries() {
        let mut entries = Entries::<u32>::default();
        for (n, lens) in [(0, [0, 0]), (5, [5, 0]), (256, [256, 0]), (300, [256, 44])] {
            entries.make_room(n);
            let (even, odd) = entries.of_batch(false);
            assert_eq!([even.len(), odd.len()], lens, "{n}");
            let (odd, even) = entries.of_batch(true);
            assert_eq!([even.len(), odd.len()], lens, "{n}");
        }
        // Room stays, and no batch needs more.
        entries.make_room(1);
        assert_eq!(entries.of_batch(false).0.len(), 256);
        entries.make_room(10_000);
        assert_eq!(entries.of_batch(true).0.len(), 256);
    }
}
