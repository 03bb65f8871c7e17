//! The engine under test, called as a container would call it: header, chunk metadata and pages kept apart.

use paginum_wrapped::{ChunkConfig, FileCompressor, FileDecompressor, Isa, Number, Page, Result};

use super::oracle::WrappedChunk;

/// Compresses a chunk of many pages.
pub fn compress_wrapped<T: Number>(
    isa: Isa,
    nums: &[T],
    config: &ChunkConfig,
) -> Result<WrappedChunk> {
    let file = FileCompressor::new()?.with_isa(isa);
    let mut header = Vec::new();
    file.write_header(&mut header);
    let chunk = file.chunk_compressor(nums, config)?;
    let mut meta = Vec::new();
    chunk.write_meta(&mut meta);
    let n_per_page = chunk.n_per_page().to_vec();
    let write_page = |page_no| {
        let mut page = Vec::new();
        chunk.write_page(page_no, &mut page)?;
        Ok(page)
    };
    let pages = (0..n_per_page.len())
        .map(write_page)
        .collect::<Result<_>>()?;
    Ok(WrappedChunk {
        header,
        meta,
        pages,
        n_per_page,
    })
}

/// Decodes one page of one chunk, and returns how many bytes the page took.
pub fn decompress_page<T: Number>(
    isa: Isa,
    header: &[u8],
    meta: &[u8],
    page: &[u8],
    n: usize,
) -> Result<(Vec<T>, usize)> {
    let (file, _) = FileDecompressor::new(header)?;
    let (chunk, _) = file.with_isa(isa).chunk_decompressor::<T>(meta)?;
    let mut nums = vec![T::default(); n];
    let progress = chunk.read_page_into(Page::new(page, n), &mut nums)?;
    assert!(
        progress.finished,
        "a page read with its {n} numbers is not finished"
    );
    assert_eq!(progress.n_processed, n);
    Ok((nums, progress.n_bytes.expect("all of the page was read")))
}
