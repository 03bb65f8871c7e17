//! Rows into blocks.

use std::io::Write;

use super::{Step, decoded_bytes};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::frames::{FrameWriter, ZstdLevel, compress};
use crate::filter::payload::RowCount;
use crate::filter::{ArrayEncoder, EncodeContext, FrameLayout, parallel};

/// What the step is chosen on.
const SAMPLE_BYTES: usize = 32 << 10;

/// Writes blocks. Of several steps it takes the one that makes a sample of the first block smallest.
pub(in crate::filter) struct BlockEncoder<S> {
    level: i32,
    layout: FrameLayout,
    identity: Vec<u8>,
    /// Candidates, all with blocks of one size; the one that was chosen, once there was a block.
    steps: Vec<S>,
    is_chosen: bool,
    block_bytes: usize,
    rows: RowCount,
    frames: FrameWriter,
    /// Rows that do not fill a block yet.
    gathered: Vec<u8>,
}

impl<S: Step> BlockEncoder<S> {
    /// For the rows of an array; of steps that are as good, the first is taken. All have blocks and tables of one size.
    ///
    /// # Errors
    /// `InvalidArgument` for a level that zstd does not have, and where there is no step.
    pub(super) fn new(
        spec: &ArraySpec,
        ZstdLevel(level): ZstdLevel,
        context: &EncodeContext,
        steps: Vec<S>,
    ) -> Result<Self> {
        let step = steps.first();
        let step = step.ok_or_else(|| Error::invalid(format!("{spec} in blocks")))?;
        let block_bytes = step.block_bytes();
        let frame_bytes = block_bytes + step.table_bytes();
        let layout = context.frames.with_frame_bytes(Some(frame_bytes));
        let decoded = decoded_bytes(step, spec.bytes());
        Ok(Self {
            level,
            layout,
            identity: context.identity.clone(),
            is_chosen: false,
            block_bytes,
            rows: RowCount::new(spec),
            frames: FrameWriter::new(level, layout, decoded)?,
            gathered: Vec::new(),
            steps,
        })
    }

    /// The step that makes a sample smallest.
    fn smallest(&self, block: &[u8]) -> Result<S> {
        if let [step] = self.steps.as_slice() {
            return Ok(step.clone());
        }
        let unit = self.steps[0].unit_bytes();
        let n = block.len().min(SAMPLE_BYTES) / unit * unit;
        let start = (block.len() - n) / 2 / unit * unit;
        let sample = &block[start..start + n];
        let sizes = parallel::map(self.steps.iter().collect(), |step| {
            let size = compress(self.level, &self.layout, &step.apply(sample))?.len();
            Ok((size, step))
        })?;
        let best = sizes.into_iter().min_by_key(|(size, _)| *size);
        let (_, step) = best.ok_or_else(|| Error::invalid("no step to choose from"))?;
        Ok(step.clone())
    }

    fn choose(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        let step = self.smallest(&bytes[..bytes.len().min(self.block_bytes)])?;
        let head = step.head(&self.identity)?;
        sink.write_all(&head)?;
        self.frames.count_skippable(head.len() as u32);
        (self.steps, self.is_chosen) = (vec![step], true);
        Ok(())
    }

    fn write_blocks(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        if !self.is_chosen {
            self.choose(bytes, sink)?;
        }
        let step = &self.steps[0];
        for batch in bytes.chunks(self.block_bytes * parallel::threads()) {
            let blocks = batch.chunks(self.block_bytes).collect();
            let frames = parallel::map(blocks, |block| {
                let bytes = step.apply(block);
                Ok((compress(self.level, &self.layout, &bytes)?, bytes.len()))
            })?;
            for (frame, decoded) in frames {
                self.frames.push_frame(&frame, decoded, sink)?;
            }
        }
        Ok(())
    }
}

impl<S: Step> ArrayEncoder for BlockEncoder<S> {
    fn push_rows(&mut self, mut rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.rows.add(rows)?;
        let block_bytes = self.block_bytes;
        if !self.gathered.is_empty() {
            let missing = block_bytes - self.gathered.len();
            let (now, rest) = rows.split_at(missing.min(rows.len()));
            self.gathered.extend_from_slice(now);
            rows = rest;
            if self.gathered.len() < block_bytes {
                return Ok(());
            }
            let mut block = std::mem::take(&mut self.gathered);
            self.write_blocks(&block, sink)?;
            block.clear();
            self.gathered = block;
        }
        let (whole, rest) = rows.split_at(rows.len() / block_bytes * block_bytes);
        self.gathered.extend_from_slice(rest);
        if whole.is_empty() {
            return Ok(());
        }
        self.write_blocks(whole, sink)
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.rows.finish()?;
        let gathered = std::mem::take(&mut self.gathered);
        if !gathered.is_empty() || !self.is_chosen {
            self.write_blocks(&gathered, sink)?;
        }
        self.frames.finish(sink)
    }
}
