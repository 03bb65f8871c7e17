//! The inner loops that are written for CPU tiers, and all unsafe code of the engine.
//!
//! A kernel is one idea in one folder: `mod.rs` states the contract and checks it once, `scalar.rs` is the portable
//! twin, the other files are named for their tiers. Each has a test that runs every tier that the machine has against
//! the scalar twin, and a row in `docs/PERFORMANCE.md`.

pub(crate) mod isa;
pub mod lanes;
mod load;
pub(crate) mod overlap;
pub mod pixels;
pub(crate) mod range;
pub(crate) mod rank;
pub(crate) mod scan;
pub mod shuffle;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sort;
pub(crate) mod tans;
pub(crate) mod unpack;
pub mod vertical;
pub(crate) mod weigh;

pub(crate) use load::LOAD_BYTES;
