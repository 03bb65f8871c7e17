//! Rows out of blocks: those that hold them, whole.

use std::ops::Range;

use super::{Step, decoded_bytes};
use crate::array::ArraySpec;
use crate::error::{Result, ResultExt};
use crate::filter::frames::FrameReader;
use crate::filter::payload::{check_request, read_in_pieces, zeroed};
use crate::filter::{ArrayReader, Payload, parallel};
use crate::limits::Limits;

/// Reads rows of an array that lies in blocks.
#[derive(Debug)]
pub(in crate::filter) struct BlockReader<S> {
    spec: ArraySpec,
    step: S,
    frames: FrameReader,
}

impl<S: Step> BlockReader<S> {
    /// For a payload of this step, which was checked.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub(super) fn open(
        spec: &ArraySpec,
        step: S,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        let decoded = decoded_bytes(&step, spec.bytes());
        Ok(Self {
            frames: FrameReader::new(payload, decoded, limits),
            spec: spec.clone(),
            step,
        })
    }

    /// Bytes that a whole block decodes to.
    fn stored_block(&self) -> u64 {
        (self.step.block_bytes() + self.step.table_bytes()) as u64
    }

    /// What the blocks that hold some bytes of the array decode to.
    fn stored(&self, bytes: &Range<u64>) -> Range<u64> {
        let block = self.step.block_bytes() as u64;
        let (first, end) = (bytes.start / block, bytes.end.div_ceil(block));
        let all = decoded_bytes(&self.step, self.spec.bytes());
        let stored = self.stored_block();
        first * stored..end.saturating_mul(stored).min(all)
    }

    /// Fills `out` with the bytes from `start` on, which lie in one block.
    fn read_block(&self, start: u64, out: &mut [u8]) -> Result<()> {
        let block = self.step.block_bytes() as u64;
        let first = start / block * block;
        let n = (self.spec.bytes() - first).min(block) as usize;
        let range = self.stored(&(start..start + out.len() as u64));
        let mut stored = zeroed(range.end - range.start)?;
        self.frames.read(range.start, &mut stored)?;
        let restored = match out.len() == n {
            true => self.step.restore(stored, out),
            false => zeroed(n as u64).and_then(|mut all| {
                self.step.restore(stored, &mut all)?;
                let from = (start - first) as usize;
                out.copy_from_slice(&all[from..from + out.len()]);
                Ok(())
            }),
        };
        restored.on_page(start / block)
    }
}

impl<S: Step> ArrayReader for BlockReader<S> {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let row_bytes = self.spec.row_bytes();
        if self.spec.check_rows(&rows).is_err() || rows.is_empty() || row_bytes == 0 {
            return Vec::new();
        }
        let bytes = rows.start * row_bytes..rows.end * row_bytes;
        self.frames.ranges(self.stored(&bytes))
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        self.frames.prefetch(|| self.ranges(rows.clone()))?;
        let block = self.step.block_bytes() as u64;
        let mut at = rows.start * self.spec.row_bytes();
        let mut rest = out;
        let mut work = Vec::new();
        while !rest.is_empty() {
            let n = (block - at % block).min(rest.len() as u64);
            let (part, after) = rest.split_at_mut(n as usize);
            work.push((at, part));
            (at, rest) = (at + n, after);
        }
        if self.frames.are_within_blocks(self.stored_block())? {
            parallel::map(work, |(at, part)| self.read_block(at, part))?;
            return Ok(());
        }
        // A frame of several blocks, which no writer makes, is decoded once only in this order.
        work.into_iter()
            .try_for_each(|(at, part)| self.read_block(at, part))
    }

    fn has_checksums(&self) -> Result<bool> {
        self.frames.have_checksums()
    }

    fn verify(&self) -> Result<()> {
        self.frames.verify()?;
        // Tables may be wrong under right checksums; without them all bytes are blocks.
        match self.step.table_bytes() {
            0 => Ok(()),
            _ => read_in_pieces(self),
        }
    }
}
