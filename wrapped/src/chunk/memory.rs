//! Memory that readers and writers of pages use again.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::pages::Scratches;
use crate::dtype::Number;

/// What readers of one chunk after another hand on: 10 to 34 KiB, and the end of a page. [`ChunkDecompressor::reader_in`]
/// and [`standalone::Chunk::reader_in`] take it.
///
/// [`ChunkDecompressor::reader_in`]: crate::ChunkDecompressor::reader_in
/// [`standalone::Chunk::reader_in`]: crate::standalone::Chunk::reader_in
pub struct PageScratch<T: Number>(pub(super) Scratches<T::Latent>);

impl<T: Number> fmt::Debug for PageScratch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageScratch").finish_non_exhaustive()
    }
}

impl<T: Number> Default for PageScratch<T> {
    fn default() -> Self {
        Self(Scratches::default())
    }
}

/// What writers of one chunk after another hand on: about the largest page so far.
/// [`ChunkCompressor::writer_in`](crate::ChunkCompressor::writer_in) takes it.
#[derive(Clone, Debug, Default)]
pub struct CompressScratch {
    /// Where pages are written back to front.
    pub(crate) page: Vec<u8>,
}

/// Scratch of a reader or a writer: its own, or its caller's.
#[derive(Debug)]
pub(super) enum Held<'a, S> {
    Own(S),
    Lent(&'a mut S),
}

impl<S> Deref for Held<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        match self {
            Self::Own(scratch) => scratch,
            Self::Lent(scratch) => scratch,
        }
    }
}

impl<S> DerefMut for Held<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        match self {
            Self::Own(scratch) => scratch,
            Self::Lent(scratch) => scratch,
        }
    }
}
