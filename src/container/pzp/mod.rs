//! `.pzp`: pictures and animations of 8 or 16 bits a sample, each frame compressed whole by zstd or LZ4.
//!
//! A file is a bare frame, as the first version wrote them, or a container of frames with delays, metadata and audio. All
//! that a file states is checked before anything is allocated for it; a frame is at most [`MAX_PAYLOAD_BYTES`] when
//! decompressed, and the checksum of its samples is always verified. Frames that are differences cost the frames back to the
//! last whole one, whose bytes the limits bound. `docs/FORMAT.md` says what stands where.

mod decode;
mod encode;
mod format;
mod frame;
mod groups;
mod hash;
mod header;
mod movie;
mod options;
mod writer;

pub use format::PzpFormat;
pub use options::PzpOptions;

/// The most bytes of a frame when decompressed, its header among them: readers of the format refuse more.
pub const MAX_PAYLOAD_BYTES: u64 = 100_000_000;

/// The first bytes of a container, and of the header of a frame of versions 0.01 and 0.02.
const MAGIC: [u8; 4] = *b"0PZP";
/// The first bytes of the header of a frame of version 0.03.
const MAGIC_GROUPED: [u8; 4] = *b"1PZP";

/// The name of the array of what a file says of itself.
const METADATA: &str = "metadata";
/// The name of the array of sound.
const AUDIO: &str = "audio";

/// A number of a file, all of which are little-endian. `bytes` has it, which callers checked.
fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    u32::from_le_bytes(word.unwrap_or_default())
}
