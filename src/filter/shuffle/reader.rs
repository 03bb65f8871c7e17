//! Rows out of planes.

use std::ops::Range;

use paginum_wrapped::{Isa, shuffle};

use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::frames::{FrameEntry, FrameReader};
use crate::filter::payload::{check_request, zeroed};
use crate::filter::{ArrayReader, Payload};
use crate::limits::Limits;

#[derive(Debug)]
pub(super) struct Reader {
    isa: Isa,
    spec: ArraySpec,
    frames: FrameReader,
}

impl Reader {
    pub(super) fn new(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        Ok(Self {
            isa: Isa::best()?,
            frames: FrameReader::new(payload, spec.bytes(), limits),
            spec: spec.clone(),
        })
    }

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
        // A piece of every plane.
        self.frames.prefetch(|| self.ranges(rows.clone()))?;
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

    fn has_checksums(&self) -> Result<bool> {
        self.frames.have_checksums()
    }

    fn verify(&self) -> Result<()> {
        self.frames.verify()
    }
}
