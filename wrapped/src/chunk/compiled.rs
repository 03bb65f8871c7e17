//! What is compiled in this crate, once for each number type.
//!
//! Generic code is compiled anew in every crate that uses it, and again in each of its tests, benches and examples. So
//! the doors of the engine lead through this trait, whose methods are not generic where they are implemented: users
//! compile what stands before it, which is thin.

use std::ops::Range;

use half::f16;

use super::decompressor::PageScratch;
use super::pages::Stream;
use super::{ChunkCompressor, ChunkDecompressor, CompressScratch};
use crate::config::ChunkConfig;
use crate::dtype::Number;
use crate::error::Result;
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::layout::pco::FormatVersion;

/// The engine for one number type.
#[doc(hidden)]
pub trait Compiled: Sized {
    fn new_compressor(
        isa: Isa,
        numbers: &[Self],
        config: &ChunkConfig,
    ) -> Result<ChunkCompressor<Self>>
    where
        Self: Number;
    fn write_page(
        chunk: &ChunkCompressor<Self>,
        scratch: &mut CompressScratch,
        page_no: usize,
        dst: &mut Vec<u8>,
    ) -> Result<()>
    where
        Self: Number;
    fn write_page_indexed(
        chunk: &ChunkCompressor<Self>,
        scratch: &mut CompressScratch,
        page_no: usize,
        dst: &mut Vec<u8>,
    ) -> Result<RowIndex>
    where
        Self: Number;
    fn new_decompressor(
        src: &[u8],
        version: FormatVersion,
        isa: Isa,
    ) -> Result<(ChunkDecompressor<Self>, usize)>
    where
        Self: Number;
    fn read_page(
        chunk: &ChunkDecompressor<Self>,
        src: &[u8],
        page_n: usize,
        scratch: &mut PageScratch<Self>,
        dst: &mut [Self],
    ) -> Result<usize>
    where
        Self: Number;
    fn read_pages(
        chunk: &ChunkDecompressor<Self>,
        pages: &[(&[u8], usize)],
        scratch: &mut PageScratch<Self>,
        dst: &mut [Self],
    ) -> Result<()>
    where
        Self: Number;
    fn index_page(chunk: &ChunkDecompressor<Self>, src: &[u8], page_n: usize) -> Result<RowIndex>
    where
        Self: Number;
    fn read_rows(
        chunk: &ChunkDecompressor<Self>,
        src: &[u8],
        page_n: usize,
        index: &RowIndex,
        rows: Range<usize>,
        scratch: &mut PageScratch<Self>,
        dst: &mut [Self],
    ) -> Result<()>
    where
        Self: Number;
    fn stream(
        chunk: &ChunkDecompressor<Self>,
        src: &[u8],
        page_n: usize,
    ) -> Result<Stream<Self::Latent>>
    where
        Self: Number;
    fn read_on(
        chunk: &ChunkDecompressor<Self>,
        src: &[u8],
        stream: &mut Stream<Self::Latent>,
        dst: &mut [Self],
    ) -> Result<()>
    where
        Self: Number;
}

macro_rules! compile {
    ($($t:ty),*) => { $(
        impl Compiled for $t {
            fn new_compressor(isa: Isa, numbers: &[$t], config: &ChunkConfig) -> Result<ChunkCompressor<$t>> {
                ChunkCompressor::new_here(isa, numbers, config)
            }
            fn write_page(
                chunk: &ChunkCompressor<$t>,
                scratch: &mut CompressScratch,
                page_no: usize,
                dst: &mut Vec<u8>,
            ) -> Result<()> {
                chunk.write_page_here(scratch, page_no, dst)
            }
            fn write_page_indexed(
                chunk: &ChunkCompressor<$t>,
                scratch: &mut CompressScratch,
                page_no: usize,
                dst: &mut Vec<u8>,
            ) -> Result<RowIndex> {
                chunk.write_page_indexed_here(scratch, page_no, dst)
            }
            fn new_decompressor(
                src: &[u8],
                version: FormatVersion,
                isa: Isa,
            ) -> Result<(ChunkDecompressor<$t>, usize)> {
                ChunkDecompressor::new_here(src, version, isa)
            }
            fn read_page(
                chunk: &ChunkDecompressor<$t>,
                src: &[u8],
                page_n: usize,
                scratch: &mut PageScratch<$t>,
                dst: &mut [$t],
            ) -> Result<usize> {
                chunk.pages.read_page(src, page_n, &mut scratch.0, bytemuck::cast_slice_mut(dst))
            }
            fn read_pages(
                chunk: &ChunkDecompressor<$t>,
                pages: &[(&[u8], usize)],
                scratch: &mut PageScratch<$t>,
                dst: &mut [$t],
            ) -> Result<()> {
                chunk.pages.read_pages(pages, &mut scratch.0, bytemuck::cast_slice_mut(dst))
            }
            fn index_page(chunk: &ChunkDecompressor<$t>, src: &[u8], page_n: usize) -> Result<RowIndex> {
                chunk.pages.index_page(src, page_n)
            }
            fn read_rows(
                chunk: &ChunkDecompressor<$t>,
                src: &[u8],
                page_n: usize,
                index: &RowIndex,
                rows: Range<usize>,
                scratch: &mut PageScratch<$t>,
                dst: &mut [$t],
            ) -> Result<()> {
                let bits = bytemuck::cast_slice_mut(dst);
                chunk.pages.read_rows(src, page_n, index, rows, &mut scratch.0, bits)
            }
            fn stream(
                chunk: &ChunkDecompressor<$t>,
                src: &[u8],
                page_n: usize,
            ) -> Result<Stream<<$t as Number>::Latent>> {
                chunk.pages.stream(src, page_n)
            }
            fn read_on(
                chunk: &ChunkDecompressor<$t>,
                src: &[u8],
                stream: &mut Stream<<$t as Number>::Latent>,
                dst: &mut [$t],
            ) -> Result<()> {
                chunk.pages.read_on(src, stream, bytemuck::cast_slice_mut(dst))
            }
        }
    )* };
}
compile!(u8, u16, u32, u64, i8, i16, i32, i64, f16, f32, f64);
