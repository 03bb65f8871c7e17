//! pco 1.1.0 as the oracle: small preallocation, 8-bit types on, and not in the configurations in which it panics.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use paginum_wrapped::{ChunkConfig, DeltaSpec};
use pco::data_types::Number;
use pco::errors::PcoResult;

use super::input::HostileChunk;
use super::pco_config;

/// The error that stands for a panic.
pub const PANICKED: &str = "pco panicked";

thread_local! {
    /// Whether a panic would be the oracle's.
    pub static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

fn guarded<R>(run: impl FnOnce() -> PcoResult<R>) -> Result<R, String> {
    IS_RUNNING.set(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    IS_RUNNING.set(false);
    match result {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(_) => Err(PANICKED.into()),
    }
}

/// Decodes a page.
pub fn decode_page<T: Number + Default>(chunk: &HostileChunk<'_>) -> Result<Vec<T>, String> {
    guarded(|| {
        let (file, _) = pco::wrapped::FileDecompressor::new(&chunk.header[..])?;
        let (mut decompressor, page) = file.chunk_decompressor::<T, _>(chunk.body)?;
        let mut dst = vec![T::default(); chunk.n];
        decompressor
            .page_decompressor(page, chunk.n)?
            .read(&mut dst)?;
        Ok(dst)
    })
}

/// Decodes a standalone file.
pub fn decompress<T: Number>(src: &[u8]) -> Result<Vec<T>, String> {
    guarded(|| {
        let (file, rest) = pco::standalone::FileDecompressor::new(src)?;
        file.with_max_prealloc(1 << 13).simple_decompress(rest)
    })
}

/// Compresses a standalone file; nothing where pco refuses or panics.
pub fn compress<T: Number>(nums: &[T], ours: &ChunkConfig) -> Option<Vec<u8>> {
    if matches!(ours.delta_spec, DeltaSpec::TryConv1(_)) {
        // It panics wherever a page, or what it leaves past a multiple of 512, is shorter than the order.
        return None;
    }
    let config = pco_config::config(ours)?;
    guarded(|| pco::standalone::simple_compress(nums, &config)).ok()
}
