// Layers, each importing only from those before it: `parallel`, `spare`, `error`, `dtype`, `limits`, `config`, `kernels`,
// `bits`, `entropy`, `bins`, `delta`, `mode`, `format`, `index`, `page`, `chunk`, `file`, `standalone`.
#![doc = include_str!("../README.md")]

mod bins;
mod bits;
mod chunk;
pub mod config;
mod delta;
mod dtype;
mod entropy;
mod error;
mod file;
mod format;
pub mod guarantee;
mod index;
mod kernels;
mod limits;
mod mode;
mod page;
pub mod parallel;
mod spare;
pub mod standalone;

#[doc(hidden)]
pub use chunk::Compiled;
pub use chunk::{
    ChunkCompressor, ChunkDecompressor, CompressScratch, PageDecompressor, PageScratch, Progress,
};
pub use config::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};
pub use dtype::{Latent, Number, NumberType};
pub use entropy::BATCH_N;
pub use error::{Error, Result};
pub use file::{FileCompressor, FileDecompressor};
pub use format::{Bin, ChunkMeta, Conv1, DeltaEncoding, FormatVersion, LatentVarMeta, Mode};
pub use half::f16;
pub use index::RowIndex;
pub use kernels::isa::Isa;
pub use kernels::shuffle;
pub use limits::Limits;
