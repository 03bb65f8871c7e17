//! Chunks: metadata that is trained once and shared by pages.

mod compressor;
mod decompressor;
mod latents;
mod pages;

pub use compressor::{ChunkCompressor, CompressScratch};
pub use decompressor::{ChunkDecompressor, PageDecompressor, PageScratch, Progress};
