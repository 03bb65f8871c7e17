//! Rows into blocks of differences.

use std::io::Write;

use paginum_wrapped::{Isa, shuffle};

use super::parameters::Parameters;
use super::words::Words;
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::frames::{FrameWriter, compress};
use crate::filter::payload::RowCount;
use crate::filter::{ArrayEncoder, FilterOptions, FrameLayout, parallel};

/// Decoded bytes of a block: rows are found in such steps.
const BLOCK_BYTES: usize = 1 << 20;
/// What the stride is chosen on.
const SAMPLE_BYTES: usize = 32 << 10;
/// Strides that are tried beside the length of the last axis: cells of meshes have so many corners.
const STRIDES: [u64; 6] = [1, 2, 3, 4, 6, 8];
/// The longest last axis that is tried.
const MAX_STRIDE: u64 = 16;

pub(super) struct Encoder {
    isa: Isa,
    level: i32,
    layout: FrameLayout,
    identity: Vec<u8>,
    strides: Vec<u64>,
    words: Words,
    rows: RowCount,
    frames: FrameWriter,
    /// Rows that do not fill a block yet.
    gathered: Vec<u8>,
    /// Chosen on the first block.
    stride: Option<usize>,
}

impl Encoder {
    pub(super) fn new(spec: &ArraySpec, options: &FilterOptions) -> Result<Self> {
        let layout = options.frames.with_frame_bytes(Some(BLOCK_BYTES));
        Ok(Self {
            isa: Isa::best()?,
            level: options.zstd_level,
            layout,
            identity: options.identity.clone(),
            strides: strides(spec),
            words: Words::of(spec),
            rows: RowCount::new(spec),
            frames: FrameWriter::new(options.zstd_level, layout, spec.bytes())?,
            gathered: Vec::new(),
            stride: None,
        })
    }

    /// Turns a block into the bytes that are compressed.
    fn transform(&self, block: &[u8], stride: usize) -> Vec<u8> {
        let mut differences = block.to_vec();
        self.words.take_differences(&mut differences, stride);
        if self.words.bytes == 1 {
            return differences;
        }
        let mut planes = vec![0; block.len()];
        shuffle::shuffle(self.isa, self.words.bytes, &differences, &mut planes);
        planes
    }

    /// The stride that makes a sample smallest.
    fn choose_stride(&self, block: &[u8]) -> Result<usize> {
        let n = block.len().min(SAMPLE_BYTES) / self.words.bytes * self.words.bytes;
        let start = (block.len() - n) / 2 / self.words.bytes * self.words.bytes;
        let sample = &block[start..start + n];
        let sizes = parallel::map(self.strides.clone(), |stride| {
            let bytes = self.transform(sample, stride as usize);
            let size = compress(self.level, &self.layout, &bytes)?.len();
            Ok((size, stride as usize))
        })?;
        let best = sizes.into_iter().min().expect("there are strides to try");
        Ok(best.1)
    }

    fn write_blocks(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        let stride = match self.stride {
            Some(stride) => stride,
            None => {
                let stride = self.choose_stride(&bytes[..bytes.len().min(BLOCK_BYTES)])?;
                let parameters = Parameters {
                    stride,
                    block_bytes: BLOCK_BYTES,
                };
                let head = parameters.write(self.words, &self.identity)?;
                sink.write_all(&head)?;
                self.frames.count_skippable(head.len() as u32);
                self.stride = Some(stride);
                stride
            }
        };
        for batch in bytes.chunks(BLOCK_BYTES * parallel::threads()) {
            let frames = parallel::map(batch.chunks(BLOCK_BYTES).collect(), |block| {
                let bytes = self.transform(block, stride);
                let frame = compress(self.level, &self.layout, &bytes)?;
                Ok((frame, block.len()))
            })?;
            for (frame, decoded) in frames {
                self.frames.push_frame(&frame, decoded, sink)?;
            }
        }
        Ok(())
    }
}

impl ArrayEncoder for Encoder {
    fn push_rows(&mut self, mut rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.rows.add(rows)?;
        if !self.gathered.is_empty() {
            let missing = BLOCK_BYTES - self.gathered.len();
            let (now, rest) = rows.split_at(missing.min(rows.len()));
            self.gathered.extend_from_slice(now);
            rows = rest;
            if self.gathered.len() < BLOCK_BYTES {
                return Ok(());
            }
            let mut block = std::mem::take(&mut self.gathered);
            self.write_blocks(&block, sink)?;
            block.clear();
            self.gathered = block;
        }
        let (whole, rest) = rows.split_at(rows.len() / BLOCK_BYTES * BLOCK_BYTES);
        self.gathered.extend_from_slice(rest);
        if whole.is_empty() {
            return Ok(());
        }
        self.write_blocks(whole, sink)
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.rows.finish()?;
        let gathered = std::mem::take(&mut self.gathered);
        if !gathered.is_empty() || self.stride.is_none() {
            self.write_blocks(&gathered, sink)?;
        }
        self.frames.finish(sink)
    }
}

/// The strides that are worth a trial.
fn strides(spec: &ArraySpec) -> Vec<u64> {
    let last_axis = spec.shape().get(1..).and_then(|axes| axes.last()).copied();
    let last_axis = last_axis
        .unwrap_or(1)
        .saturating_mul(spec.dtype().components());
    let mut strides = STRIDES.to_vec();
    if (1..=MAX_STRIDE).contains(&last_axis) && !strides.contains(&last_axis) {
        strides.push(last_axis);
    }
    strides
}
