//! Reading a `.png`.

use std::io::BufReader;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use png::{
    BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, Limits as PngLimits, Reader,
    Transformations,
};

use super::animation::Animation;
use super::format::INFO;
use super::playing::Playing;
use crate::container::cursor::Cursor;
use crate::container::pictures::{Decoded, FrameSource, Geometry, PictureFile, Pictures};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;

/// The pictures of a file.
#[derive(Debug)]
struct Source {
    store: Arc<dyn ReadAt>,
    geometry: Geometry,
    animation: Animation,
    limits: Limits,
    /// Where the last reader of frames came to: a frame is a change of those before it, so windows of frames that follow one
    /// another go through the file once.
    playing: Mutex<Option<Playing>>,
}

/// Reads what the file says of itself.
pub(super) fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<PictureFile> {
    let reader = decoder(&store, limits)?;
    let (color, depth) = reader.output_color_type();
    let channels = match color {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgba => 4,
        _ => 3,
    };
    let geometry = Geometry {
        width: reader.info().width,
        height: reader.info().height,
        channels,
        sample_bytes: if depth == BitDepth::Sixteen { 2 } else { 1 },
    };
    drop(reader);
    let animation = Animation::read(&*store, limits)?;
    animation.check(geometry.width, geometry.height)?;
    let n_frames = animation.frames.len().max(1);
    let delays = match animation.frames.as_slice() {
        [] => vec![0],
        frames => frames.iter().map(|frame| frame.delay_ms).collect(),
    };
    let mut stored_bytes = vec![0; n_frames];
    stored_bytes[0] = store.len();
    let pictures = Pictures {
        geometries: vec![geometry; n_frames],
        filters: vec!["png".to_owned(); n_frames],
        stored_bytes,
        delays,
        loop_count: if animation.frames.is_empty() {
            1
        } else {
            animation.loop_count
        },
        source: Arc::new(Source {
            store,
            geometry,
            animation,
            limits: *limits,
            playing: Mutex::default(),
        }),
    };
    PictureFile::new(&INFO, pictures, limits)
}

/// What decodes a file, from its start.
pub(super) type PngReader = Reader<BufReader<Cursor>>;

fn decoder(store: &Arc<dyn ReadAt>, limits: &Limits) -> Result<PngReader> {
    let bytes = usize::try_from(limits.max_array_bytes).unwrap_or(usize::MAX);
    let input = BufReader::new(Cursor::in_order(store.clone()));
    let mut options = DecodeOptions::default();
    // Frames of animations and transparent colours lie in chunks that the crate takes for less important: without this it
    // would go on with their pixels wrong.
    options.set_skip_ancillary_crc_failures(false);
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(input, options);
    decoder.set_limits(PngLimits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().map_err(from_png)
}

pub(super) fn from_png(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(error)
            if error.get_ref().is_none_or(|inner| !inner.is::<Error>()) =>
        {
            match error.kind() {
                std::io::ErrorKind::UnexpectedEof => {
                    Error::truncated("png: the file ends too early")
                }
                _ => Error::corrupt(format!("png: {error}")),
            }
        }
        DecodingError::IoError(error) => error.into(),
        DecodingError::LimitsExceeded => Error::limit("bytes of a picture", 0, 0),
        other => Error::corrupt(format!("png: {other}")),
    }
}

impl Source {
    fn buffer(&self) -> Result<Vec<u8>> {
        let n_bytes = self.geometry.bytes();
        let n_bytes = n_bytes.ok_or_else(|| Error::corrupt("png: a picture of that size"))?;
        self.limits.check_array_bytes(n_bytes)?;
        // Deflate makes at most 1,032 bytes of one, and a byte of eight pixels is 32 samples at most.
        if n_bytes > self.store.len().saturating_mul(1032 * 32) {
            let what = format!(
                "png: a picture of {n_bytes} bytes in a file of {}",
                self.store.len()
            );
            return Err(Error::truncated(what));
        }
        let mut buffer = Vec::new();
        let out_of_memory = |_| Error::limit("bytes of memory", isize::MAX as u64, n_bytes);
        buffer
            .try_reserve_exact(n_bytes as usize)
            .map_err(out_of_memory)?;
        buffer.resize(n_bytes as usize, 0);
        Ok(buffer)
    }
}

impl Source {
    /// A player that has not come past frame `first`: the last one, or else one from the start on.
    fn player(&self, first: usize) -> Result<Playing> {
        let last = self.lock().take();
        match last.filter(|playing| playing.next() <= first) {
            Some(playing) => Ok(playing),
            None => {
                let reader = decoder(&self.store, &self.limits)?;
                Playing::start(reader, self.buffer()?, &self.animation, self.geometry)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Playing>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FrameSource for Source {
    fn decode(
        &self,
        frames: Range<usize>,
        known: Option<Decoded>,
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<Option<Decoded>> {
        if self.animation.frames.is_empty() {
            let mut buffer = self.buffer()?;
            let mut reader = decoder(&self.store, &self.limits)?;
            reader.next_frame(&mut buffer).map_err(from_png)?;
            take(0, &buffer)?;
            return Ok(Some(Decoded::new(0, buffer, 0)));
        }
        let mut last = known.filter(|known| known.index == frames.start);
        let mut first = frames.start;
        if let Some(known) = &last {
            take(first, known.pixels())?;
            first += 1;
        }
        if first >= frames.end {
            return Ok(last);
        }
        let mut playing = self.player(first)?;
        while playing.next() < frames.end {
            playing.show(&self.animation, |index, pixels| {
                if index < first {
                    return Ok(());
                }
                if index + 1 == frames.end {
                    last = Some(Decoded::new(index, pixels.to_vec(), 0));
                }
                take(index, pixels)
            })?;
        }
        *self.lock() = Some(playing);
        Ok(last)
    }

    fn ranges(&self, _frames: Range<usize>) -> Vec<Range<u64>> {
        let all = 0..self.store.len();
        vec![all]
    }

    fn has_checksums(&self, _frames: Range<usize>) -> bool {
        true
    }
}
