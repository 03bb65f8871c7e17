//! Rows out of blocks: those that hold them, whole.

use std::ops::Range;

use paginum_wrapped::{Isa, shuffle};

use super::parameters::Parameters;
use super::words::Words;
use crate::array::ArraySpec;
use crate::error::{Result, ResultExt};
use crate::filter::frames::FrameReader;
use crate::filter::payload::{check_request, zeroed};
use crate::filter::{ArrayReader, Payload, parallel};
use crate::limits::Limits;

#[derive(Debug)]
pub(super) struct Reader {
    isa: Isa,
    spec: ArraySpec,
    words: Words,
    parameters: Parameters,
    frames: FrameReader,
}

impl Reader {
    pub(super) fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        let words = Words::of(spec);
        let parameters = Parameters::read(&payload, words).at(payload.offset_of(0))?;
        Ok(Self {
            isa: Isa::best()?,
            words,
            parameters,
            frames: FrameReader::new(payload, spec.bytes(), limits),
            spec: spec.clone(),
        })
    }

    /// The whole blocks that hold some bytes of the array.
    fn blocks(&self, bytes: &Range<u64>) -> Range<u64> {
        let block = self.parameters.block_bytes as u64;
        let end = bytes.end.div_ceil(block).saturating_mul(block);
        bytes.start / block * block..end.min(self.spec.bytes())
    }

    /// Fills `out` with the bytes from `start` on, which lie in one block.
    fn read_block(&self, start: u64, out: &mut [u8]) -> Result<()> {
        let block = self.blocks(&(start..start + out.len() as u64));
        let n = (block.end - block.start) as usize;
        let mut stored = zeroed(n as u64)?;
        self.frames.read(block.start, &mut stored)?;
        if out.len() == n {
            self.restore(&stored, out);
        } else {
            let mut words = zeroed(n as u64)?;
            self.restore(&stored, &mut words);
            let from = (start - block.start) as usize;
            out.copy_from_slice(&words[from..from + out.len()]);
        }
        Ok(())
    }

    fn restore(&self, stored: &[u8], words: &mut [u8]) {
        shuffle::unshuffle(self.isa, self.words.bytes, stored, words);
        self.words.add_up(words, self.parameters.stride);
    }
}

impl ArrayReader for Reader {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let row_bytes = self.spec.row_bytes();
        if self.spec.check_rows(&rows).is_err() || rows.is_empty() || row_bytes == 0 {
            return Vec::new();
        }
        let bytes = rows.start * row_bytes..rows.end * row_bytes;
        self.frames.ranges(self.blocks(&bytes))
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        self.frames.prefetch(|| self.ranges(rows.clone()))?;
        let block = self.parameters.block_bytes as u64;
        let mut at = rows.start * self.spec.row_bytes();
        let mut rest = out;
        let mut work = Vec::new();
        while !rest.is_empty() {
            let n = (block - at % block).min(rest.len() as u64);
            let (part, after) = rest.split_at_mut(n as usize);
            work.push((at, part));
            (at, rest) = (at + n, after);
        }
        if self.frames.are_within_blocks(block)? {
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
        self.frames.verify()
    }
}
