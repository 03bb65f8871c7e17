//! Filter 1: bytes of the same significance together, over the whole array, in zstd frames.
//!
//! Plane `p` holds byte `p` of every element, and the planes follow one another. Where a layout lets each plane have
//! frames of its own, rows are shuffled and compressed as they come: the first plane is written at once, the others
//! wait, compressed, for the end. A range of rows is a range of each plane.

use std::io::Write;
use std::ops::Range;

use paginum_wrapped::{Isa, shuffle};

use super::frames::{FrameEntry, FrameReader, FrameWriter, compress};
use super::payload::{RowCount, check_request, zeroed};
use super::spool::Spool;
use super::{
    ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, FrameLayout, Payload, parallel,
};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// The elements that are shuffled at once take at most so many bytes, however large each is.
const MAX_BLOCK_BYTES: usize = 16 << 20;

/// The byte shuffle of pyvista-zstd.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shuffle;

impl Filter for Shuffle {
    fn id(&self) -> FilterId {
        FilterId::SHUFFLE
    }

    fn name(&self) -> &'static str {
        "shuffle"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().item_bytes() > 1
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        if !self.accepts(spec) {
            return Err(Error::invalid(format!(
                "shuffle of elements of {} bytes; none is the filter for them",
                spec.dtype().item_bytes()
            )));
        }
        let rows = RowCount::new(spec);
        let frames = FrameWriter::new(options.zstd_level, options.frames, spec.bytes())?;
        let item_bytes = spec.dtype().item_bytes() as usize;
        let isa = Isa::best()?;
        match options.frames.frame_bytes {
            Some(frame_bytes)
                if !options.frames.spans_planes && spec.bytes() > frame_bytes as u64 =>
            {
                let block_items = frame_bytes.min((MAX_BLOCK_BYTES / item_bytes).max(1));
                Ok(Box::new(PlaneEncoder {
                    isa,
                    item_bytes,
                    block_bytes: block_items * item_bytes,
                    level: options.zstd_level,
                    layout: options.frames,
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

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        limits.check_array_bytes(spec.bytes())?;
        Ok(Box::new(Reader {
            isa: Isa::best()?,
            frames: FrameReader::new(payload, spec.bytes(), limits),
            spec: spec.clone(),
        }))
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

#[derive(Debug)]
struct Reader {
    isa: Isa,
    spec: ArraySpec,
    frames: FrameReader,
}

impl Reader {
    /// Where the elements of `rows` lie in each plane.
    fn elements(&self, rows: &Range<u64>) -> Range<u64> {
        let row_elements = self.spec.row_elements();
        rows.start * row_elements..rows.end * row_elements
    }

    /// Elements at which every plane starts a frame: between them, blocks can be decoded one after another without
    /// decoding anything twice. Only the start, if the planes' frames differ.
    fn cuts(&self) -> Result<Vec<u64>> {
        let n = self.spec.elements();
        let frames = self.frames.frames()?;
        let starts: Vec<u64> = frames
            .iter()
            .filter(|frame| frame.decoded_len > 0)
            .map(|frame: &FrameEntry| frame.decoded_start)
            .collect();
        let per_plane = starts.partition_point(|&start| start < n);
        let first = &starts[..per_plane];
        let is_aligned = per_plane > 0
            && starts.len() as u64 == per_plane as u64 * self.spec.dtype().item_bytes()
            && starts.chunks(per_plane).enumerate().all(|(p, plane)| {
                plane
                    .iter()
                    .zip(first)
                    .all(|(start, offset)| *start == p as u64 * n + offset)
            });
        Ok(if is_aligned { first.to_vec() } else { vec![0] })
    }

    fn read_elements(
        &self,
        elements: Range<u64>,
        out: &mut [u8],
        planes: &mut Vec<u8>,
    ) -> Result<()> {
        let item_bytes = self.spec.dtype().item_bytes() as usize;
        let n = (elements.end - elements.start) as usize;
        if planes.len() < out.len() {
            *planes = zeroed(out.len() as u64)?;
        }
        let planes = &mut planes[..out.len()];
        let parts = planes.chunks_mut(n).enumerate();
        let part_of_plane = |(p, part)| (p as u64 * self.spec.elements() + elements.start, part);
        self.frames.read_parts(parts.map(part_of_plane).collect())?;
        shuffle::unshuffle(self.isa, item_bytes, planes, out);
        Ok(())
    }
}

impl ArrayReader for Reader {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        if self.spec.check_rows(&rows).is_err() || self.spec.bytes() == 0 {
            return Vec::new();
        }
        let elements = self.elements(&rows);
        let n = self.spec.elements();
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for p in 0..self.spec.dtype().item_bytes() {
            let plane = p * n + elements.start..p * n + elements.end;
            for range in self.frames.ranges(plane) {
                match ranges.last_mut() {
                    Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                    _ => ranges.push(range),
                }
            }
        }
        ranges
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        if out.is_empty() {
            return Ok(());
        }
        let elements = self.elements(&rows);
        let item_bytes = self.spec.dtype().item_bytes();
        let mut cuts = self.cuts()?;
        cuts.retain(|cut| elements.contains(cut) && *cut > elements.start);
        cuts.push(elements.end);
        let (mut start, mut rest) = (elements.start, out);
        let mut planes = Vec::new();
        for end in cuts {
            let (block, after) = rest.split_at_mut(((end - start) * item_bytes) as usize);
            self.read_elements(start..end, block, &mut planes)?;
            (start, rest) = (end, after);
        }
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        self.frames.verify()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::{self, spec, walk_bytes};

    fn small_frames() -> FrameLayout {
        FrameLayout {
            frame_bytes: Some(500),
            ..FrameLayout::SEEKABLE
        }
    }

    #[test]
    fn every_layout_round_trips() {
        for layout in [
            FrameLayout::SINGLE,
            FrameLayout::SEEKABLE,
            FrameLayout::PYVISTA_0_7,
            small_frames(),
            FrameLayout {
                spans_planes: true,
                ..small_frames()
            },
        ] {
            let options = FilterOptions::default().with_frames(layout);
            for (dtype, shape) in [
                ("<f8", &[5000][..]),
                ("<f4", &[333, 3]),
                ("<f8", &[0]),
                ("<f8", &[3, 0]),
                ("<U7", &[60]),
                (">i2", &[]),
                ("|V3", &[1001]),
                ("<c16", &[70_000, 2]),
            ] {
                let spec = spec(dtype, shape);
                laws::check_round_trip(&Shuffle, &spec, &options, &walk_bytes(&spec));
            }
        }
    }

    #[test]
    fn a_row_needs_one_frame_of_each_plane() {
        let spec = spec("<f4", &[10_000]);
        let options = FilterOptions::default().with_frames(small_frames());
        let payload = laws::encode(&Shuffle, &spec, &options, &walk_bytes(&spec), 10_000);
        let reader = laws::open(&Shuffle, &spec, b"", &payload).unwrap();
        let ranges = reader.ranges(7000..7001);
        assert_eq!(ranges.len(), 4);
        let n: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        assert!(n < 4 * 520, "{ranges:?}");
    }

    #[test]
    fn damage_is_noticed() {
        let spec = spec("<f4", &[900]);
        for layout in [small_frames(), FrameLayout::SINGLE] {
            let options = FilterOptions::default().with_frames(layout);
            laws::check_hostile(&Shuffle, &spec, &options, &walk_bytes(&spec));
        }
    }

    #[test]
    fn single_bytes_are_not_shuffled() {
        assert!(!Shuffle.accepts(&spec("|u1", &[10])));
        let result = Shuffle.encoder(&spec("|u1", &[10]), &FilterOptions::default());
        assert_eq!(
            result.err().unwrap().kind(),
            crate::ErrorKind::InvalidArgument
        );
    }
}
