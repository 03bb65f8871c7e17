//! A frame of a file into its pixels, or what they differ by from the frame before.

use paginum_wrapped::{Isa, pixels};
use zstd::stream::raw::{Decoder, Operation};

use super::frame::{Codec, FrameHeader, Group, PREFIX_BYTES, Predictor, flag, prefix};
use super::groups;
use super::hash::{Lanes, hash, piece_bytes};
use crate::container::pictures::Decoded;
use crate::error::{Error, Result};
use crate::filter::pixels::palettes::Palettes;
use crate::text::counted;

/// Bytes of pixels, 16-bit samples in big-endian order, behind what else the payload had.
#[derive(Debug)]
pub(super) struct Pixels {
    bytes: Vec<u8>,
    start: usize,
}

impl Pixels {
    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..).unwrap_or_default()
    }

    /// As frame `index`.
    pub(super) fn into_decoded(self, index: usize) -> Decoded {
        Decoded::new(index, self.bytes, self.start)
    }
}

/// The order of the bytes of 16-bit samples. Frames have them in big-endian order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// Where pixels go, piece by piece.
pub(super) trait Place {
    /// The place of so many bytes behind those of the pieces before.
    fn piece(&mut self, start: usize, n: usize) -> &mut [u8];
}

/// A buffer for all of them.
impl Place for [u8] {
    fn piece(&mut self, start: usize, n: usize) -> &mut [u8] {
        &mut self[start..start + n]
    }
}

/// Nowhere: they are only checked.
#[derive(Debug, Default)]
pub(super) struct Nowhere(Vec<u8>);

impl Place for Nowhere {
    fn piece(&mut self, _: usize, n: usize) -> &mut [u8] {
        self.0.resize(n, 0);
        &mut self.0
    }
}

/// Makes the pixels of a payload, whose header was read before. Their checksum is verified.
pub(super) fn pixels_of(mut payload: Vec<u8>, header: &FrameHeader) -> Result<Pixels> {
    check_header(header, &payload)?;
    let start = header.pixels_at();
    if !header.groups.is_empty() {
        let mut bytes = zeroed(header.n_pixel_bytes() as usize)?;
        grouped(&mut payload, header, &mut bytes, Order::Big)?;
        return Ok(Pixels { bytes, start: 0 });
    }
    let (before, stored) = payload.split_at_mut(start);
    let mut steps = Steps::new(header, before, Order::Big)?;
    for piece in stored.chunks_mut(piece_bytes(header.pixel_bytes())) {
        steps.undo(piece)?;
    }
    steps.finish(header)?;
    Ok(Pixels {
        bytes: payload,
        start,
    })
}

/// Puts the pixels of a frame where the caller wants them. Beside that place, little memory is taken where a frame says that
/// little of it is enough.
pub(super) fn frame_into<P: Place + ?Sized>(
    bytes: &[u8],
    header: &FrameHeader,
    place: &mut P,
    order: Order,
) -> Result<()> {
    if header.groups.is_empty()
        && is_windowed(bytes, header)
        && streamed(bytes, header, place, order)?
    {
        return Ok(());
    }
    payload_into(decompressed(bytes)?, header, place, order)
}

/// [`frame_into`] of a payload.
pub(super) fn payload_into<P: Place + ?Sized>(
    mut payload: Vec<u8>,
    header: &FrameHeader,
    place: &mut P,
    order: Order,
) -> Result<()> {
    check_header(header, &payload)?;
    if !header.groups.is_empty() {
        let out = place.piece(0, header.n_pixel_bytes() as usize);
        return grouped(&mut payload, header, out, order);
    }
    let (before, stored) = payload.split_at(header.pixels_at());
    let mut steps = Steps::new(header, before, order)?;
    let mut start = 0;
    for piece in stored.chunks(piece_bytes(header.pixel_bytes())) {
        let out = place.piece(start, piece.len());
        out.copy_from_slice(piece);
        steps.undo(out)?;
        start += piece.len();
    }
    steps.finish(header)
}

fn check_header(header: &FrameHeader, payload: &[u8]) -> Result<()> {
    match FrameHeader::parse(header.codec, header.payload_bytes, payload)? == *header {
        true => Ok(()),
        false => Err(Error::changed(
            "the header of a frame changed while it was read",
        )),
    }
}

fn check_checksum(checksum: u32, header: &FrameHeader) -> Result<()> {
    match checksum == header.checksum {
        true => Ok(()),
        false => Err(Error::checksum("the checksum of a frame")),
    }
}

/// The steps of a frame without groups, undone a piece at a time while it is near the processor.
struct Steps {
    isa: Isa,
    lanes: Lanes,
    pixel_bytes: usize,
    /// The last pixel, where they are differences.
    last: Option<Vec<u8>>,
    palettes: Option<Palettes>,
    is_turned: bool,
}

impl Steps {
    /// `before` is what the payload has before its pixels.
    fn new(header: &FrameHeader, before: &[u8], order: Order) -> Result<Self> {
        let isa = Isa::best()?;
        let pixel_bytes = header.pixel_bytes();
        let mut palettes = None;
        if header.has(flag::PALETTE) {
            palettes = Some(palettes_of(header, before)?);
        }
        Ok(Self {
            isa,
            lanes: Lanes::new(isa),
            pixel_bytes,
            last: header.has(flag::LEFT_DELTA).then(|| vec![0; pixel_bytes]),
            palettes,
            is_turned: order == Order::Little && header.geometry.sample_bytes == 2,
        })
    }

    fn undo(&mut self, piece: &mut [u8]) -> Result<()> {
        self.lanes.take(piece);
        if let Some(last) = &mut self.last {
            pixels::add_left(self.isa, self.pixel_bytes, piece, last);
        }
        if let Some(palettes) = &self.palettes {
            palettes.look_up(piece)?;
        }
        if self.is_turned {
            turn(piece);
        }
        Ok(())
    }

    fn finish(self, header: &FrameHeader) -> Result<()> {
        check_checksum(self.lanes.value(), header)
    }
}

fn turn(samples: &mut [u8]) {
    let samples = samples.as_chunks_mut::<2>().0.iter_mut();
    samples.for_each(|sample| sample.reverse());
}

fn palettes_of(header: &FrameHeader, before: &[u8]) -> Result<Palettes> {
    let lists = before.get(header.header_bytes..).unwrap_or_default();
    let (palettes, rest) = Palettes::read(lists, header.pixel_bytes())?;
    match rest.is_empty() {
        true => Ok(palettes),
        false => Err(Error::corrupt("a palette of more than its channels")),
    }
}

/// The pixels of a payload of groups.
fn grouped(payload: &mut [u8], header: &FrameHeader, out: &mut [u8], order: Order) -> Result<()> {
    let (before, blocks) = payload.split_at_mut(header.pixels_at());
    let isa = Isa::best()?;
    check_checksum(hash(isa, blocks), header)?;
    let is_turned = order == Order::Little && header.geometry.sample_bytes == 2;
    // Samples that are predicted whole come in any order; palettes are of bytes in the order of the file.
    let is_gradient = |group: &Group| group.predictor == Predictor::Gradient;
    let has_palette = header.has(flag::PALETTE);
    let is_done = is_turned && !has_palette && header.groups.iter().all(is_gradient);
    groups::interleave(isa, blocks, header, out, !is_done);
    if has_palette {
        palettes_of(header, before)?.look_up(out)?;
    }
    if is_turned && !is_done {
        turn(out);
    }
    Ok(())
}

/// Whether the window of a frame of zstd is much shorter than what it decompresses to.
fn is_windowed(bytes: &[u8], header: &FrameHeader) -> bool {
    const SINGLE_SEGMENT: u8 = 1 << 5;
    let Some(&[descriptor, window]) = bytes.get(PREFIX_BYTES + 4..PREFIX_BYTES + 6) else {
        return false;
    };
    // What follows says so only where it is one segment not.
    let window = (8 + u64::from(window & 7)) << (7 + (window >> 3));
    let is_short = 2 * window <= u64::from(header.payload_bytes);
    header.codec == Codec::Zstd && descriptor & SINGLE_SEGMENT == 0 && is_short
}

/// [`frame_into`] while the frame is decompressed. Returns false for what is not one whole frame of zstd, which is left to
/// decompressing at once.
fn streamed<P: Place + ?Sized>(
    bytes: &[u8],
    header: &FrameHeader,
    place: &mut P,
    order: Order,
) -> Result<bool> {
    let mut stream = Stream {
        decoder: Decoder::new()?,
        compressed: &bytes[PREFIX_BYTES..],
        is_over: false,
    };
    let mut before = vec![0; header.pixels_at()];
    if !stream.fill(&mut before) {
        return Ok(false);
    }
    // The header alone; what follows it must be as long as was checked.
    check_header(header, &before)?;
    let mut steps = Steps::new(header, &before, order)?;
    let (mut start, n_bytes) = (0, header.n_pixel_bytes() as usize);
    while start < n_bytes {
        let n = piece_bytes(header.pixel_bytes()).min(n_bytes - start);
        let piece = place.piece(start, n);
        if !stream.fill(piece) {
            return Ok(false);
        }
        steps.undo(piece)?;
        start += n;
    }
    if !stream.ends() {
        return Ok(false);
    }
    steps.finish(header)?;
    Ok(true)
}

struct Stream<'a> {
    decoder: Decoder<'static>,
    compressed: &'a [u8],
    is_over: bool,
}

impl Stream<'_> {
    /// Fills a buffer with what comes next. Returns whether there was enough.
    fn fill(&mut self, mut out: &mut [u8]) -> bool {
        while !out.is_empty() {
            let n = self.step(out);
            let Some(n) = n else { return false };
            out = out.get_mut(n..).unwrap_or_default();
        }
        true
    }

    /// Bytes that were written; `None` where it does not go on.
    fn step(&mut self, out: &mut [u8]) -> Option<usize> {
        if self.is_over {
            return None;
        }
        let status = self.decoder.run_on_buffers(self.compressed, out).ok()?;
        self.compressed = self.compressed.get(status.bytes_read..)?;
        self.is_over = status.remaining == 0;
        match (status.bytes_read, status.bytes_written) {
            (0, 0) => None,
            (_, n) => Some(n),
        }
    }

    /// Whether the frame is over, and nothing stands behind it.
    fn ends(&mut self) -> bool {
        let mut one = [0];
        while !self.is_over {
            if self.step(&mut one) != Some(0) {
                return false;
            }
        }
        self.compressed.is_empty()
    }
}

fn zeroed(n_bytes: usize) -> Result<Vec<u8>> {
    bytemuck::allocation::try_zeroed_vec(n_bytes).map_err(|()| out_of_memory(n_bytes))
}

fn out_of_memory(n_bytes: usize) -> Error {
    Error::limit("bytes of memory", isize::MAX as u64, n_bytes as u64)
}

/// The payload of a frame, which is exactly as long as the frame says.
pub(super) fn decompressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let (codec, payload_bytes) = prefix(bytes)?;
    let (compressed, n_bytes) = (&bytes[PREFIX_BYTES..], payload_bytes as usize);
    // A byte of an LZ4 block stands for at most 255.
    if codec == Codec::Lz4 && n_bytes as u64 > compressed.len() as u64 * 255 + 64 {
        let what = format!(
            "lz4: {} for a frame of {n_bytes}",
            counted(compressed.len(), "byte")
        );
        return Err(Error::truncated(what));
    }
    let mut payload = Vec::new();
    let reserved = payload.try_reserve_exact(n_bytes);
    reserved.map_err(|_| out_of_memory(n_bytes))?;
    match codec {
        Codec::Zstd => {
            let mut decompressor = zstd::bulk::Decompressor::new()?;
            let result = decompressor.decompress_to_buffer(compressed, &mut payload);
            result.map_err(|error| Error::corrupt(format!("zstd: {error}")))?;
        }
        Codec::Lz4 => {
            payload.resize(n_bytes, 0);
            let result = lz4_flex::block::decompress_into(compressed, &mut payload);
            let n = result.map_err(|error| Error::corrupt(format!("lz4: {error}")))?;
            payload.truncate(n);
        }
    }
    if payload.len() != n_bytes {
        let what = format!(
            "a frame of {} that says {n_bytes}",
            counted(payload.len(), "byte")
        );
        return Err(Error::corrupt(what));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::pzp::MAGIC;

    /// A payload of one row of bytes, and its header.
    fn payload(n: usize) -> (Vec<u8>, FrameHeader) {
        let pixels: Vec<u8> = (0..n).map(|i| ((i * i) >> 9) as u8).collect();
        let mut payload = MAGIC.to_vec();
        let checksum = hash(Isa::SCALAR, &pixels);
        let words = [8, 1, n as u32, 1, 8, 1, checksum, 3, 0];
        words
            .iter()
            .for_each(|word: &u32| payload.extend(word.to_le_bytes()));
        payload.extend(pixels);
        let header = FrameHeader::parse(Codec::Zstd, payload.len() as u32, &payload).unwrap();
        (payload, header)
    }

    #[test]
    fn a_frame_that_is_streamed_is_as_one_that_is_not() {
        let (payload, header) = payload(3_000_000);
        let frame = |payload: &[u8]| {
            let mut bytes = header.payload_bytes.to_le_bytes().to_vec();
            bytes.extend(zstd::bulk::compress(payload, 1).unwrap());
            bytes
        };
        let good = frame(&payload);
        assert!(is_windowed(&good, &header));
        let mut streamed_pixels = vec![0; 3_000_000];
        assert!(streamed(&good, &header, &mut streamed_pixels[..], Order::Little).unwrap());
        let mut pixels = pixels_of(payload.clone(), &header).unwrap();
        assert!(streamed_pixels == pixels.as_mut_slice());
        frame_into(&good, &header, &mut Nowhere::default(), Order::Big).unwrap();
        // Two frames of zstd that are the payload together, one too short, one too long, damage, bytes behind the end.
        let (first, second) = payload.split_at(2_000_000);
        let two = [frame(first), frame(second)[PREFIX_BYTES..].to_vec()].concat();
        let mut out = vec![0; 3_000_000];
        frame_into(&two, &header, &mut out[..], Order::Little).unwrap();
        assert!(out == streamed_pixels);
        let mut damaged = good.clone();
        damaged[good.len() / 2] ^= 4;
        let longer = [&payload[..], &[0]].concat();
        for bad in [
            frame(first),
            frame(&longer),
            damaged,
            [&good[..], &[0]].concat(),
            good[..good.len() - 1].to_vec(),
        ] {
            assert!(frame_into(&bad, &header, &mut out[..], Order::Little).is_err());
            assert!(frame_into(&bad, &header, &mut Nowhere::default(), Order::Big).is_err());
        }
    }
}
