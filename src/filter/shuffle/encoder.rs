//! Rows into planes: held until the last one comes, or plane by plane as they come.

use std::io::Write;

use paginum_wrapped::{Isa, shuffle};

use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::frames::{FrameWriter, ZstdLevel, compress};
use crate::filter::payload::{RowCount, zeroed};
use crate::filter::spool::Spool;
use crate::filter::{ArrayEncoder, EncodeContext, FrameLayout, parallel};

/// The elements that are shuffled at once take at most so many bytes, however large each is.
const MAX_BLOCK_BYTES: usize = 16 << 20;
/// Elements larger than this have too many planes for each to have frames of its own.
const MAX_PLANES: usize = 64;

/// Starts the payload of an array whose elements have more than one byte.
pub(super) fn new(
    ZstdLevel(level): ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    let rows = RowCount::new(spec);
    let frames = FrameWriter::new(level, context.frames, spec.bytes())?;
    let item_bytes = spec.dtype().item_bytes() as usize;
    let isa = Isa::best()?;
    let has_planes_apart = !context.frames.spans_planes && item_bytes <= MAX_PLANES;
    match context.frames.frame_bytes {
        Some(frame_bytes) if has_planes_apart && spec.bytes() > frame_bytes as u64 => {
            let block_items = frame_bytes.min((MAX_BLOCK_BYTES / item_bytes).max(1));
            Ok(Box::new(PlaneEncoder {
                isa,
                item_bytes,
                block_bytes: block_items * item_bytes,
                level,
                layout: context.frames,
                rows,
                frames,
                gathered: Vec::new(),
                shuffled: Vec::new(),
                waiting: Spool::new(item_bytes),
                waiting_sizes: vec![Vec::new(); item_bytes],
            }))
        }
        _ => Ok(Box::new(WholeEncoder {
            isa,
            item_bytes,
            expected: spec.bytes(),
            rows,
            frames,
            gathered: Vec::new(),
        })),
    }
}

/// Holds the array until its last row: for frames that hold bytes of several planes.
struct WholeEncoder {
    isa: Isa,
    item_bytes: usize,
    expected: u64,
    rows: RowCount,
    frames: FrameWriter,
    gathered: Vec<u8>,
}

impl WholeEncoder {
    fn write(&mut self, rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        let mut planes = zeroed(rows.len() as u64)?;
        shuffle::shuffle(self.isa, self.item_bytes, rows, &mut planes);
        self.frames.push(&planes, sink)
    }
}

impl ArrayEncoder for WholeEncoder {
    fn push_rows(&mut self, rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.rows.add(rows)?;
        // All rows at once, the common case, need no copy.
        if rows.len() as u64 == self.expected {
            return self.write(rows, sink);
        }
        self.gathered.extend_from_slice(rows);
        if self.gathered.len() as u64 == self.expected {
            let gathered = std::mem::take(&mut self.gathered);
            self.write(&gathered, sink)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.rows.finish()?;
        self.frames.finish(sink)
    }
}

/// Compresses each plane on its own, block by block.
struct PlaneEncoder {
    isa: Isa,
    item_bytes: usize,
    block_bytes: usize,
    level: i32,
    layout: FrameLayout,
    rows: RowCount,
    frames: FrameWriter,
    /// Rows that do not fill a block yet.
    gathered: Vec<u8>,
    shuffled: Vec<u8>,
    /// Frames of all planes but the first, and the decoded size of each.
    waiting: Spool,
    waiting_sizes: Vec<Vec<usize>>,
}

impl PlaneEncoder {
    fn write_block(&mut self, block: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.shuffled.resize(block.len(), 0);
        shuffle::shuffle(self.isa, self.item_bytes, block, &mut self.shuffled);
        let plane_bytes = block.len() / self.item_bytes;
        let (level, layout) = (self.level, self.layout);
        let planes = self.shuffled.chunks(plane_bytes).collect();
        let planes = parallel::map(planes, |plane| compress(level, &layout, plane))?;
        for (p, frame) in planes.into_iter().enumerate() {
            if p == 0 {
                self.frames.push_frame(&frame, plane_bytes, sink)?;
            } else {
                self.waiting.push(p, frame)?;
                self.waiting_sizes[p].push(plane_bytes);
            }
        }
        Ok(())
    }
}

impl ArrayEncoder for PlaneEncoder {
    fn push_rows(&mut self, mut rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.rows.add(rows)?;
        if !self.gathered.is_empty() {
            let missing = self.block_bytes - self.gathered.len();
            let (now, rest) = rows.split_at(missing.min(rows.len()));
            self.gathered.extend_from_slice(now);
            rows = rest;
            if self.gathered.len() < self.block_bytes {
                return Ok(());
            }
            let mut block = std::mem::take(&mut self.gathered);
            self.write_block(&block, sink)?;
            block.clear();
            self.gathered = block;
        }
        let blocks = rows.chunks_exact(self.block_bytes);
        self.gathered.extend_from_slice(blocks.remainder());
        for block in blocks {
            self.write_block(block, sink)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.rows.finish()?;
        if !self.gathered.is_empty() {
            let block = std::mem::take(&mut self.gathered);
            self.write_block(&block, sink)?;
        }
        for p in 1..self.item_bytes {
            let mut sizes = std::mem::take(&mut self.waiting_sizes[p]).into_iter();
            let frames = &mut self.frames;
            self.waiting.drain(p, |frame| {
                let decoded = sizes.next().expect("a size for each frame");
                frames.push_frame(frame, decoded, sink)
            })?;
        }
        self.frames.finish(sink)
    }
}
