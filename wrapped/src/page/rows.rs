//! Rows out of a page: checkpoints, and decoding from the last one before the rows.

use std::ops::Range;

use super::{Page, PageDecoder, PageState, Scratch, VarState};
use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::index::{MIN_SPACING_LOG, RowIndex, VarShape};
use crate::kernels::tans::DecodeTable;
use crate::mode::Join;

impl<J: Join> PageDecoder<J> {
    /// What a checkpoint keeps of each variable; nothing in lookback pages, which have none.
    fn shapes(&self) -> Vec<VarShape> {
        if !self.delta.has_checkpoints() {
            return Vec::new();
        }
        fn shape<L: Latent>(table: &DecodeTable<L>, state_n: usize) -> VarShape {
            VarShape {
                latent_bits: L::BITS,
                ans_size_log: table.size_log(),
                state_n,
            }
        }
        let primary = shape(&self.primary, self.delta.state_n());
        let secondary = self.secondary.as_ref();
        let secondary = secondary.map(|table| shape(table, self.delta.secondary_state_n()));
        std::iter::once(primary).chain(secondary).collect()
    }

    /// Builds the row index of a page, decoding it once.
    pub(crate) fn index_page(&self, page: Page<'_>, scratch: &mut Scratch<J>) -> Result<RowIndex> {
        const SPACING: usize = 1 << MIN_SPACING_LOG;
        let mut index = RowIndex::new(self.shapes());
        let mut state = self.read_state(page)?;
        let mut numbers = [J::Latent::default(); SPACING];
        while state.n_left > 0 {
            let n = state.n_left.min(SPACING);
            self.decode_some(page.bytes, &mut state, scratch, &mut numbers[..n])?;
            if state.n_left > 0 && self.delta.has_checkpoints() {
                self.push_checkpoint(&state, &mut index);
            }
        }
        Ok(index.thin_for(self.end(page.bytes, &state)?))
    }

    fn push_checkpoint(&self, state: &PageState<J>, index: &mut RowIndex) {
        index.push(state.bit);
        let latents = state.primary.delta.checkpoint().iter();
        index.push_var(state.primary.ans, latents.map(|&latent| latent.to_u64()));
        if self.secondary.is_some() {
            let latents = state.secondary.delta.checkpoint().iter();
            index.push_var(state.secondary.ans, latents.map(|&latent| latent.to_u64()));
        }
    }

    /// The state at the last checkpoint at or before `row`, or at the page's start, and the row that it stands at.
    fn state_before(
        &self,
        page: Page<'_>,
        index: &RowIndex,
        row: usize,
    ) -> Result<(PageState<J>, usize)> {
        let shapes = self.shapes();
        if !index.fits(&shapes) {
            return Err(Error::corrupt("the row index of another chunk"));
        }
        let has_checkpoints = self.has_bins && self.delta.has_checkpoints();
        let Some(mut checkpoint) = index
            .before(row)
            .filter(|c| has_checkpoints && c.row < page.n)
        else {
            return Ok((self.read_state(page)?, 0));
        };
        let mut take = |shape| checkpoint.take_var(shape);
        let (ans, latents) = take(shapes[0]);
        let latents: Vec<J::Primary> = latents.iter().map(|&x| J::Primary::from_u64(x)).collect();
        let primary = VarState::new(ans, &self.delta, &latents);
        let secondary = match shapes.get(1) {
            Some(&shape) => {
                let (ans, latents) = take(shape);
                let latents: Vec<J::Latent> =
                    latents.iter().map(|&x| J::Latent::from_u64(x)).collect();
                VarState::new(ans, &self.delta, &latents)
            }
            None => VarState::absent(),
        };
        let (bit, first) = (checkpoint.bit, checkpoint.row);
        if bit > page.bytes.len() as u64 * 8 {
            return Err(Error::truncated("page").at(page.bytes.len() as u64));
        }
        let distances = VarState::absent();
        Ok((
            PageState {
                bit,
                n_left: page.n - first,
                distances,
                primary,
                secondary,
            },
            first,
        ))
    }

    /// Decodes rows `rows` of a page into `dst`, which is as long; they lie in the page.
    pub(crate) fn read_rows(
        &self,
        page: Page<'_>,
        index: &RowIndex,
        rows: Range<usize>,
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<()> {
        debug_assert_eq!(rows.len(), dst.len());
        let (mut state, mut row) = self.state_before(page, index, rows.start)?;
        while row + BATCH_N <= rows.start {
            self.decode_one_batch(page.bytes, &mut state, scratch)?;
            row += BATCH_N;
        }
        let skipped = rows.start - row;
        if skipped == 0 {
            return self.decode_some(page.bytes, &mut state, scratch, dst);
        }
        let numbers = self.decode_one_batch(page.bytes, &mut state, scratch)?;
        let (first, rest) = dst.split_at_mut(dst.len().min(numbers.len() - skipped));
        first.copy_from_slice(&numbers[skipped..skipped + first.len()]);
        self.decode_some(page.bytes, &mut state, scratch, rest)
    }
}
