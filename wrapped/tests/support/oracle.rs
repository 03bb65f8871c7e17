//! pco 1.1.0, the owner of the wire format, as the oracle of these tests.
//!
//! It is called with a small preallocation and 8-bit types on, and never in the configurations in which it panics
//! ([`panics`]). What it decodes may be damaged on purpose; a panic then counts as an error. Its bytes are never compared:
//! its dictionaries are in random order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use paginum_wrapped::{ChunkConfig, DeltaSpec};
use pco::data_types::Number as PcoNumber;
use pco::errors::PcoResult;
use pco::standalone;
use pco::wrapped;

use super::Tested;

#[path = "../fuzzed/pco_config.rs"]
mod pco_config;

/// The error that stands for a panic.
pub const PANICKED: &str = "pco panicked";

/// A chunk as written: the parts that a container would keep apart.
pub struct WrappedChunk {
    pub header: Vec<u8>,
    pub meta: Vec<u8>,
    pub pages: Vec<Vec<u8>>,
    pub n_per_page: Vec<usize>,
}

/// The same choices in pco's words; its highest level is 12.
pub fn config(ours: &ChunkConfig) -> pco::ChunkConfig {
    pco_config::config(ours).unwrap_or_else(|| unreachable!("{ours:?} is not pco's"))
}

/// Whether pco 1.1.0's encoder is known to panic: Conv1 where a page is shorter than the order, or where a page of more
/// than 512 numbers leaves fewer than the order past a multiple of 512; and pages of up to 0 numbers.
pub fn panics(ours: &ChunkConfig, n: usize) -> bool {
    let Ok(pages) = ours.paging_spec.n_per_page(n) else {
        return true;
    };
    let DeltaSpec::TryConv1(order) = ours.delta_spec else {
        return false;
    };
    let breaks = |page: usize| page < order || (page > 512 && (1..order).contains(&(page % 512)));
    pages.into_iter().any(breaks) || breaks(n)
}

/// Compresses a chunk of many pages.
pub fn compress_wrapped<T: Tested>(
    nums: &[T],
    config: &pco::ChunkConfig,
) -> PcoResult<WrappedChunk> {
    let file = wrapped::FileCompressor::default();
    let header = file.write_header(Vec::new())?;
    let mut chunk = file.chunk_compressor(nums, config)?;
    let meta = chunk.write_meta(Vec::new())?;
    let n_per_page = chunk.n_per_page();
    let pages = (0..n_per_page.len())
        .map(|page| chunk.write_page(page, Vec::new()))
        .collect::<PcoResult<_>>()?;
    Ok(WrappedChunk {
        header,
        meta,
        pages,
        n_per_page,
    })
}

/// Decodes one page of one chunk, and returns how many bytes the page took.
pub fn decompress_page<T: PcoNumber + Default>(
    header: &[u8],
    meta: &[u8],
    page: &[u8],
    n: usize,
) -> Result<(Vec<T>, usize), String> {
    guarded(|| {
        let (file, _) = wrapped::FileDecompressor::new(header)?;
        let (mut chunk, _) = file.chunk_decompressor::<T, _>(meta)?;
        let mut nums = vec![T::default(); n];
        let mut reader = chunk.page_decompressor(page, n)?;
        let progress = reader.read(&mut nums)?;
        assert!(
            progress.finished,
            "pco: a page read with {n} numbers is not finished"
        );
        Ok((nums, page.len() - reader.into_src().len()))
    })
}

/// Compresses a standalone file.
pub fn compress_standalone<T: Tested>(nums: &[T], config: &pco::ChunkConfig) -> PcoResult<Vec<u8>> {
    standalone::simple_compress(nums, config)
}

/// Decodes a standalone file.
pub fn decompress_standalone<T: PcoNumber>(src: &[u8]) -> Result<Vec<T>, String> {
    guarded(|| {
        let (file, rest) = standalone::FileDecompressor::new(src)?;
        file.with_max_prealloc(1 << 13).simple_decompress(rest)
    })
}

/// Runs the oracle; its panics are errors.
fn guarded<R>(run: impl FnOnce() -> PcoResult<R>) -> Result<R, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(_) => Err(PANICKED.into()),
    }
}
