//! Chunks: metadata that is trained once and shared by pages.

mod compiled;
mod compressor;
mod decompressor;
mod deltas;
mod latents;
mod memory;
mod pages;
mod reader;
mod writer;

pub use compiled::{Compiled, Engine};
pub use compressor::ChunkCompressor;
pub use decompressor::{ChunkDecompressor, PageDecompressor, Progress};
pub use memory::{CompressScratch, PageScratch};
pub use reader::PageReader;
pub use writer::PageWriter;
