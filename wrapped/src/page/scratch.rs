//! Memory that decoding reuses from batch to batch and page to page.

use crate::entropy::BATCH_N;
use crate::kernels::tans::Entry;
use crate::mode::Join;

/// What a batch is decoded in: about 20 KiB.
pub(crate) struct Scratch<J: Join> {
    pub(crate) batch: Batch<J>,
    /// Numbers of a batch of which the caller wants only a part.
    pub(crate) numbers: [J::Latent; BATCH_N],
    /// The end of a page, padded.
    pub(crate) tail: Vec<u8>,
}

/// The latents of a batch, and the table entries that they come from.
pub(crate) struct Batch<J: Join> {
    pub(crate) distance_entries: [Entry<u32>; BATCH_N],
    pub(crate) distances: [u32; BATCH_N],
    pub(crate) primary_entries: [Entry<J::Primary>; BATCH_N],
    pub(crate) primary: [J::Primary; BATCH_N],
    pub(crate) secondary_entries: [Entry<J::Latent>; BATCH_N],
    pub(crate) secondary: [J::Latent; BATCH_N],
}

impl<J: Join> Default for Scratch<J> {
    fn default() -> Self {
        Self {
            batch: Batch {
                distance_entries: [Entry::default(); BATCH_N],
                distances: [0; BATCH_N],
                primary_entries: [Entry::default(); BATCH_N],
                primary: [J::Primary::default(); BATCH_N],
                secondary_entries: [Entry::default(); BATCH_N],
                secondary: [J::Latent::default(); BATCH_N],
            },
            numbers: [J::Latent::default(); BATCH_N],
            tail: Vec::new(),
        }
    }
}
