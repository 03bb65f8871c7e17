//! The codec engine of paginum: numbers compressed page by page in the pco wire format.
//!
//! Layers, each importing only from those before it: `error`, `dtype`, `limits`, `config`, `kernels`, `bits`,
//! `entropy`, `bins`, `delta`, `mode`, `format`, `index`, `page`, `chunk`, `file`, `standalone`.

mod bits;
pub mod config;
mod dtype;
mod entropy;
mod error;
mod format;
mod kernels;
mod limits;

pub use config::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};
pub use dtype::{Latent, Number, NumberType};
pub use error::{Error, Result};
pub use format::{
    BATCH_N, Bin, ChunkMeta, Conv1, DeltaEncoding, FormatVersion, LatentVarMeta, Mode,
};
pub use half::f16;
pub use kernels::isa::Isa;
pub use limits::Limits;
