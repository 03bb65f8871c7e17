// Layers, each importing only from those before it: `parallel`, `spare`, `error`, `dtype`, `config`, `kernels`,
// `bits`, `entropy`, `model`, `bins`, `delta`, `mode`, `choose`, `layout`, `index`, `page`, `chunk`, `file`, `standalone`.
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bins;
mod bits;
mod choose;
mod chunk;
pub mod config;
mod delta;
mod dtype;
mod entropy;
mod error;
mod file;
mod index;
mod kernels;
mod layout;
mod mode;
mod model;
mod page;
pub mod parallel;
mod spare;
pub mod standalone;

pub use chunk::{
    ChunkCompressor, ChunkDecompressor, CompressScratch, PageDecompressor, PageReader, PageScratch,
    PageWriter, Progress,
};
#[doc(hidden)]
pub use chunk::{Compiled, Engine};
pub use config::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};
pub use dtype::{Latent, Number, NumberType};
pub use entropy::BATCH_N;
pub use error::{Error, Result};
pub use file::{FileCompressor, FileDecompressor};
pub use half::f16;
pub use index::RowIndex;
pub use kernels::isa::Isa;
pub use kernels::lanes;
pub use kernels::pixels;
pub use kernels::shuffle;
pub use kernels::vertical;
pub use layout::pco::{FormatVersion, guarantee};
pub use mode::dict::sorted_ranks;
pub use model::{Bin, ChunkModel, Conv1, Delta, LatentVar, Mode};
pub use page::Page;
