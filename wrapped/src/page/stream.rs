//! A page in pieces of any length.

use super::{Page, PageDecoder, PageState, Scratch};
use crate::entropy::BATCH_N;
use crate::error::Result;
use crate::mode::Join;

/// A page that is being decoded: its state, and what the last piece left of a batch.
pub(crate) struct PageStream<J: Join> {
    state: PageState<J>,
    scratch: Scratch<J>,
    waiting: [J::Latent; BATCH_N],
    /// Numbers in `waiting`: its last ones.
    n_waiting: usize,
}

impl<J: Join> PageStream<J> {
    pub(crate) fn new(decoder: &PageDecoder<J>, page: Page<'_>) -> Result<Self> {
        Ok(Self {
            state: decoder.read_state(page)?,
            scratch: Scratch::default(),
            waiting: [J::Latent::default(); BATCH_N],
            n_waiting: 0,
        })
    }

    /// Numbers of the page that were not given out yet.
    pub(crate) fn n_left(&self) -> usize {
        self.state.n_left + self.n_waiting
    }

    /// Where decoding stands, in bytes.
    pub(crate) fn end(&self, decoder: &PageDecoder<J>, src: &[u8]) -> Result<usize> {
        decoder.end(src, &self.state)
    }

    /// Gives out the next `dst.len()` numbers, which are left.
    pub(crate) fn read(
        &mut self,
        decoder: &PageDecoder<J>,
        src: &[u8],
        dst: &mut [J::Latent],
    ) -> Result<()> {
        debug_assert!(dst.len() <= self.n_left());
        let (old, dst) = dst.split_at_mut(self.n_waiting.min(dst.len()));
        let waiting = &self.waiting[BATCH_N - self.n_waiting..];
        old.copy_from_slice(&waiting[..old.len()]);
        self.n_waiting -= old.len();
        if dst.is_empty() {
            return Ok(());
        }
        let last_batch = dst.len() % BATCH_N;
        let whole = if dst.len() == self.state.n_left {
            dst.len()
        } else {
            dst.len() - last_batch
        };
        let (whole, rest) = dst.split_at_mut(whole);
        decoder.decode_some(src, &mut self.state, &mut self.scratch, whole)?;
        if !rest.is_empty() {
            let numbers = decoder.decode_one_batch(src, &mut self.state, &mut self.scratch)?;
            let (now, later) = numbers.split_at(rest.len());
            rest.copy_from_slice(now);
            self.waiting[BATCH_N - later.len()..].copy_from_slice(later);
            self.n_waiting = later.len();
        }
        Ok(())
    }
}
