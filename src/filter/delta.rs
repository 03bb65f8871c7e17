//! Filter 0xE1: differences of neighbours, shuffled, in zstd frames: for counters, connectivity and other integers
//! whose steps repeat.
//!
//! Numbers are taken as unsigned words of their width, whatever they mean, in blocks. In a block each word but the
//! first `stride` is replaced by its difference to the one `stride` before, wrapping; then the block is shuffled and
//! becomes one zstd frame. So rows need only the blocks that hold them. Layout: FORMAT.md, filter delta.

use std::io::Write;
use std::ops::Range;

use paginum_wrapped::{Isa, Latent, shuffle};

use super::checksum::crc_of;
use super::frames::{FrameReader, FrameWriter, compress};
use super::payload::{RowCount, check_request, zeroed};
use super::skippable::{self, PAGINUM_MAGIC, read_u32};
use super::{
    ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, FrameLayout, Payload, parallel,
};
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::limits::Limits;

/// Decoded bytes of a block: rows are found in such steps.
const BLOCK_BYTES: usize = 1 << 20;
/// What the stride is chosen on.
const SAMPLE_BYTES: usize = 64 << 10;
/// Strides that are tried beside the length of the last axis: cells of meshes have so many corners.
const STRIDES: [u64; 6] = [1, 2, 3, 4, 6, 8];
/// The longest last axis that is tried.
const MAX_STRIDE: u64 = 16;
/// The only version of the parameters so far.
const VERSION: u8 = 1;
const KIND_PARAMETERS: u8 = 0;
/// Kind, version, word size, flags, stride, words of a block, checksum.
const PARAMETERS_BYTES: usize = 16;
const HEAD_BYTES: usize = skippable::HEADER_BYTES + PARAMETERS_BYTES;
const IS_BIG_ENDIAN: u8 = 1;

/// Differences, shuffled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delta;

impl Filter for Delta {
    fn id(&self) -> FilterId {
        FilterId::DELTA
    }

    fn name(&self) -> &'static str {
        "delta"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().number_type().is_some()
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        if !self.accepts(spec) {
            return Err(Error::invalid(format!(
                "delta of elements of {}",
                spec.dtype()
            )));
        }
        let layout = FrameLayout {
            frame_bytes: Some(BLOCK_BYTES),
            ..options.frames
        };
        Ok(Box::new(Encoder {
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
        }))
    }

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        limits.check_array_bytes(spec.bytes())?;
        let words = Words::of(spec);
        let parameters = Parameters::read(&payload, words).at(payload.offset_of(0))?;
        Ok(Box::new(Reader {
            isa: Isa::best()?,
            words,
            parameters,
            frames: FrameReader::new(payload, spec.bytes(), limits),
            spec: spec.clone(),
        }))
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

/// How the bytes of an array are words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Words {
    bytes: usize,
    is_swapped: bool,
}

impl Words {
    fn of(spec: &ArraySpec) -> Self {
        Self {
            bytes: spec.dtype().word_bytes() as usize,
            is_swapped: spec.dtype().is_swapped(),
        }
    }

    /// Replaces words by their differences. Files hold little-endian words: this is the place to swap them.
    fn take_differences(self, block: &mut [u8], stride: usize) {
        match self.bytes {
            1 => take_differences::<u8>(block, stride, self.is_swapped),
            2 => take_differences::<u16>(block, stride, self.is_swapped),
            4 => take_differences::<u32>(block, stride, self.is_swapped),
            _ => take_differences::<u64>(block, stride, self.is_swapped),
        }
    }

    /// Replaces differences by the words.
    fn add_up(self, block: &mut [u8], stride: usize) {
        match self.bytes {
            1 => add_up::<u8>(block, stride, self.is_swapped),
            2 => add_up::<u16>(block, stride, self.is_swapped),
            4 => add_up::<u32>(block, stride, self.is_swapped),
            _ => add_up::<u64>(block, stride, self.is_swapped),
        }
    }
}

fn load<W: Latent>(block: &[u8], i: usize) -> W {
    bytemuck::pod_read_unaligned(&block[i * size_of::<W>()..(i + 1) * size_of::<W>()])
}

fn store<W: Latent>(block: &mut [u8], i: usize, word: W) {
    block[i * size_of::<W>()..(i + 1) * size_of::<W>()].copy_from_slice(bytemuck::bytes_of(&word));
}

fn swap<W: Latent>(block: &mut [u8], is_swapped: bool) {
    if is_swapped {
        for word in block.chunks_exact_mut(size_of::<W>()) {
            word.reverse();
        }
    }
}

fn take_differences<W: Latent>(block: &mut [u8], stride: usize, is_swapped: bool) {
    swap::<W>(block, is_swapped);
    for i in (stride..block.len() / size_of::<W>()).rev() {
        let difference = load::<W>(block, i).wrapping_sub(&load(block, i - stride));
        store(block, i, difference);
    }
    swap::<W>(block, cfg!(target_endian = "big"));
}

fn add_up<W: Latent>(block: &mut [u8], stride: usize, is_swapped: bool) {
    swap::<W>(block, cfg!(target_endian = "big"));
    for i in stride..block.len() / size_of::<W>() {
        let word = load::<W>(block, i).wrapping_add(&load(block, i - stride));
        store(block, i, word);
    }
    swap::<W>(block, is_swapped);
}

/// What a reader must know; the head of the payload.
#[derive(Clone, Copy, Debug)]
struct Parameters {
    stride: usize,
    block_bytes: usize,
}

impl Parameters {
    fn write(&self, words: Words, identity: &[u8]) -> Result<Vec<u8>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        let body_start = skippable::begin(PAGINUM_MAGIC, &mut head);
        let flags = if words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1 {
            IS_BIG_ENDIAN
        } else {
            0
        };
        head.extend_from_slice(&[KIND_PARAMETERS, VERSION, words.bytes as u8, flags]);
        head.extend_from_slice(&(self.stride as u32).to_le_bytes());
        head.extend_from_slice(&((self.block_bytes / words.bytes) as u32).to_le_bytes());
        let crc = crc_of(identity, 0, &head[body_start..]);
        head.extend_from_slice(&crc.to_le_bytes());
        skippable::end(body_start, &mut head)?;
        Ok(head)
    }

    fn read(payload: &Payload, words: Words) -> Result<Self> {
        let head = payload.bytes(0..HEAD_BYTES as u64)?;
        let (header, body) = head.split_first_chunk().expect("the head holds a header");
        if skippable::read_header(header) != (PAGINUM_MAGIC, PARAMETERS_BYTES as u32) {
            return Err(Error::corrupt("a delta payload without its parameters"));
        }
        let (covered, crc) = body.split_at(PARAMETERS_BYTES - 4);
        if read_u32(crc) != crc_of(payload.identity(), 0, covered) {
            return Err(Error::corrupt("the checksum of delta parameters differs"));
        }
        if body[0] != KIND_PARAMETERS || body[1] != VERSION {
            return Err(Error::unsupported(format!(
                "delta parameters of version {}",
                body[1]
            )));
        }
        let stored_big = body[3] & IS_BIG_ENDIAN != 0;
        let is_big = words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1;
        let (stride, block_words) = (read_u32(&body[4..]), read_u32(&body[8..]));
        if usize::from(body[2]) != words.bytes || body[3] > 1 || stored_big != is_big {
            return Err(Error::corrupt("delta parameters of another dtype"));
        }
        let block_bytes = u64::from(block_words) * words.bytes as u64;
        if stride == 0 || block_words == 0 || block_bytes > u32::MAX.into() {
            return Err(Error::corrupt("delta parameters that make no sense"));
        }
        Ok(Self {
            stride: stride as usize,
            block_bytes: block_bytes as usize,
        })
    }
}

struct Encoder {
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

#[derive(Debug)]
struct Reader {
    isa: Isa,
    spec: ArraySpec,
    words: Words,
    parameters: Parameters,
    frames: FrameReader,
}

impl Reader {
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
        parallel::map(work, |(at, part)| self.read_block(at, part))?;
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

    #[test]
    fn numbers_of_every_width_and_order_round_trip() {
        let options = FilterOptions::default().with_identity(*b"name");
        for (dtype, shape) in [
            ("<i8", &[300_000][..]),
            (">i4", &[500, 3]),
            ("|u1", &[1000]),
            ("<f2", &[0]),
            ("<M8[s]", &[]),
            ("<c8", &[1000, 5]),
            ("<f8", &[3, 0]),
        ] {
            let spec = spec(dtype, shape);
            laws::check_round_trip(&Delta, &spec, &options, &walk_bytes(&spec));
        }
    }

    #[test]
    fn a_mesh_is_smaller_than_shuffled() {
        // Hexahedra of a grid: eight corners each, the same steps from cell to cell.
        let corners = [0u32, 1, 32, 33, 1024, 1025, 1056, 1057];
        let ids: Vec<u8> = (0..20_000u32)
            .flat_map(|cell| corners.map(|corner| cell + corner))
            .flat_map(u32::to_le_bytes)
            .collect();
        let spec = spec("<u4", &[160_000]);
        let options = FilterOptions::default();
        let delta = laws::encode(&Delta, &spec, &options, &ids, 160_000).len();
        let shuffled = laws::encode(&super::super::Shuffle, &spec, &options, &ids, 160_000).len();
        assert!(2 * delta < shuffled, "{delta} against {shuffled} bytes");
    }

    #[test]
    fn damage_is_noticed() {
        let spec = spec("<i4", &[900]);
        let options = FilterOptions::default().with_identity(*b"name");
        laws::check_hostile(&Delta, &spec, &options, &walk_bytes(&spec));
    }

    #[test]
    fn another_array_s_payload_is_refused() {
        let spec = spec("<i4", &[900]);
        let options = FilterOptions::default().with_identity(*b"name");
        let payload = laws::encode(&Delta, &spec, &options, &walk_bytes(&spec), 900);
        assert!(laws::decode(&Delta, &spec, b"game", &payload).is_err());
    }
}
