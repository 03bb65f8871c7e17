//! Chunks: metadata that is trained once and shared by pages.

mod decompressor;
mod pages;

pub use decompressor::{ChunkDecompressor, PageDecompressor, PageScratch, Progress};
