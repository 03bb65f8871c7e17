//! Chunks: metadata that is trained once and shared by pages.

mod compiled;
mod compressor;
mod decompressor;
mod deltas;
mod latents;
mod pages;

pub use compiled::{Compiled, Engine};
pub use compressor::{ChunkCompressor, CompressScratch};
pub use decompressor::{ChunkDecompressor, PageDecompressor, PageScratch, Progress};
