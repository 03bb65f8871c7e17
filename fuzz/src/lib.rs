//! What the fuzz targets of the engine do with the fuzzer's bytes. It stands with the engine's tests, which replay what was
//! found without a fuzzer, so that a package of the engine has all that its tests need.

#[path = "../../wrapped/tests/fuzzed/mod.rs"]
mod fuzzed;

pub use fuzzed::*;
