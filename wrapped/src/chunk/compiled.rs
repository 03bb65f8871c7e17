//! What is compiled in this crate, once for each number type.
//!
//! Generic code is compiled anew in every crate that uses it, and again in each of its tests, benches and examples. So
//! the doors of the engine lead through a table of functions for each number type, which is made here: users compile what
//! stands before it, which is thin.

use std::fmt;
use std::ops::Range;

use half::f16;

use super::memory::{CompressScratch, PageScratch};
use super::pages::Stream;
use super::{ChunkCompressor, ChunkDecompressor};
use crate::config::ChunkConfig;
use crate::dtype::Number;
use crate::error::Result;
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::layout::pco::FormatVersion;
use crate::page::Page;

/// The functions of the engine for one number type.
#[doc(hidden)]
#[expect(
    clippy::type_complexity,
    reason = "the one place where the signatures of the doors stand"
)]
pub struct Engine<T: Number> {
    pub(super) new_compressor: fn(Isa, &[T], &ChunkConfig) -> Result<ChunkCompressor<T>>,
    pub(super) write_page: fn(&ChunkCompressor<T>, usize, &mut Vec<u8>, &mut CompressScratch),
    pub(super) write_page_indexed:
        fn(&ChunkCompressor<T>, usize, &mut Vec<u8>, &mut CompressScratch) -> RowIndex,
    pub(super) new_decompressor:
        fn(&[u8], FormatVersion, Isa) -> Result<(ChunkDecompressor<T>, usize)>,
    pub(super) read_page:
        fn(&ChunkDecompressor<T>, Page<'_>, &mut PageScratch<T>, &mut [T]) -> Result<usize>,
    pub(super) read_pages:
        fn(&ChunkDecompressor<T>, &[Page<'_>], &mut PageScratch<T>, &mut [T]) -> Result<()>,
    pub(super) index_page:
        fn(&ChunkDecompressor<T>, Page<'_>, &mut PageScratch<T>) -> Result<RowIndex>,
    pub(super) read_rows: fn(
        &ChunkDecompressor<T>,
        Page<'_>,
        &RowIndex,
        Range<usize>,
        &mut PageScratch<T>,
        &mut [T],
    ) -> Result<()>,
    pub(super) stream: fn(&ChunkDecompressor<T>, Page<'_>) -> Result<Stream<T::Latent>>,
    pub(super) resume:
        fn(&ChunkDecompressor<T>, &[u8], &mut Stream<T::Latent>, &mut [T]) -> Result<()>,
}

impl<T: Number> Engine<T> {
    const fn new() -> Self {
        Self {
            new_compressor: ChunkCompressor::compiled_new,
            write_page: ChunkCompressor::compiled_write_page,
            write_page_indexed: ChunkCompressor::compiled_write_page_indexed,
            new_decompressor: ChunkDecompressor::compiled_new,
            read_page: |chunk, page, scratch, dst| {
                let bits = bytemuck::cast_slice_mut(dst);
                chunk.pages.read_page(page, &mut scratch.0, bits)
            },
            read_pages: |chunk, pages, scratch, dst| {
                let bits = bytemuck::cast_slice_mut(dst);
                chunk.pages.read_pages(pages, &mut scratch.0, bits)
            },
            index_page: |chunk, page, scratch| chunk.pages.index_page(page, &mut scratch.0),
            read_rows: |chunk, page, index, rows, scratch, dst| {
                let (pages, bits) = (&chunk.pages, bytemuck::cast_slice_mut(dst));
                pages.read_rows(page, index, rows, &mut scratch.0, bits)
            },
            stream: |chunk, page| chunk.pages.stream(page),
            resume: |chunk, src, stream, dst| {
                let bits = bytemuck::cast_slice_mut(dst);
                chunk.pages.resume(src, stream, bits)
            },
        }
    }
}

impl<T: Number> fmt::Debug for Engine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// A number type that has its engine in this crate.
#[doc(hidden)]
pub trait Compiled: Sized {
    fn engine() -> &'static Engine<Self>
    where
        Self: Number;
}

macro_rules! compile {
    ($($t:ty),*) => { $(
        impl Compiled for $t {
            // Not inlined: where the table is named, its functions are compiled.
            #[inline(never)]
            fn engine() -> &'static Engine<$t> {
                static ENGINE: Engine<$t> = Engine::new();
                &ENGINE
            }
        }
    )* };
}
compile!(u8, u16, u32, u64, i8, i16, i32, i64, f16, f32, f64);
