//! Pages: the smallest unit that decodes on its own (wire format section 1.5).
//!
//! A page starts with its state: delta states and tANS states of each latent variable. Then come batches of 256
//! numbers, and in each the latent variables one after the other: first the tANS bits of all its symbols, then all
//! their offsets. A page does not store its length, neither in numbers nor in bytes.

mod batch;
mod decoder;
pub(crate) mod encoder;
pub(crate) mod indexer;
mod lockstep;
mod page_loop;
mod rows;
mod scratch;
mod source;
mod stage;
mod state;
mod stream;
mod value_loop;

#[cfg(test)]
mod tests;

pub(crate) use decoder::PageDecoder;
pub(crate) use scratch::Scratch;
pub(crate) use state::{PageState, VarState};
pub(crate) use stream::PageStream;

/// A page and how many numbers it holds, which it does not store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<'a> {
    /// Start with the page; what stands behind it is not a part of it.
    pub bytes: &'a [u8],
    /// Numbers of the page.
    pub n: usize,
}

impl<'a> Page<'a> {
    /// The page of `n` numbers that `bytes` start with.
    #[must_use]
    pub fn new(bytes: &'a [u8], n: usize) -> Self {
        Self { bytes, n }
    }
}
