//! Reading a `.png`.

use std::io::BufReader;
use std::ops::Range;
use std::sync::Arc;

use png::{BitDepth, ColorType, Decoder, DecodingError, Reader, Transformations};

use super::animation::{Animation, Canvas};
use super::format::INFO;
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
        }),
    };
    PictureFile::new(&INFO, pictures, limits)
}

fn decoder(store: &Arc<dyn ReadAt>, limits: &Limits) -> Result<Reader<BufReader<Cursor>>> {
    let bytes = usize::try_from(limits.max_array_bytes).unwrap_or(usize::MAX);
    let input = BufReader::new(Cursor::new(store.clone(), 0));
    let mut decoder = Decoder::new_with_limits(input, png::Limits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.read_info().map_err(from_png)
}

fn from_png(error: DecodingError) -> Error {
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

impl FrameSource for Source {
    /// A frame is a change of those before it, so all of these are decoded, too.
    fn decode(
        &self,
        frames: Range<usize>,
        _known: Option<Decoded>,
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<Option<Decoded>> {
        let mut buffer = self.buffer()?;
        let mut reader = decoder(&self.store, &self.limits)?;
        if self.animation.frames.is_empty() {
            reader.next_frame(&mut buffer).map_err(from_png)?;
            take(0, &buffer)?;
            let pixels = Arc::new(buffer);
            return Ok(Some(Decoded { index: 0, pixels }));
        }
        if self.animation.has_other_picture {
            reader.next_frame(&mut buffer).map_err(from_png)?;
        }
        let Geometry {
            width,
            height,
            channels,
            sample_bytes,
        } = self.geometry;
        let mut canvas = Canvas::new((width, height), channels as usize, sample_bytes as usize);
        for (index, frame) in self.animation.frames[..frames.end].iter().enumerate() {
            let info = reader.next_frame(&mut buffer).map_err(from_png)?;
            if (info.width, info.height) != (frame.width, frame.height) {
                return Err(Error::corrupt("png: a frame of another size").on_page(index as u64));
            }
            let part = &buffer[..info.buffer_size()];
            canvas.show(frame, part, |pixels| match frames.contains(&index) {
                true => take(index, pixels),
                false => Ok(()),
            })?;
        }
        Ok(None)
    }

    fn ranges(&self, _frames: Range<usize>) -> Vec<Range<u64>> {
        let all = 0..self.store.len();
        vec![all]
    }

    fn has_checksums(&self, _frames: Range<usize>) -> bool {
        true
    }
}
