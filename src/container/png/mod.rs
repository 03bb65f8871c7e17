//! `.png`: a picture, or an animation where the file has several frames (APNG), shown as `pictures` says.
//!
//! Palettes, fewer than 8 bits a sample and a transparent colour are expanded, so that samples have 8 or 16 bits. Frames of an
//! animation are whole pictures: what the file says of parts, of blending and of what stays behind is applied.

mod animation;
mod format;
mod playing;
mod reader;
mod writer;

pub use format::PngFormat;

/// The first bytes of a file.
const MAGIC: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
