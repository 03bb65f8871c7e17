//! Memory that decoding reuses from batch to batch and page to page.

use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::kernels::tans::Entry;
use crate::mode::Join;

/// What a batch is decoded in: 10 to 34 KiB.
pub(crate) struct Scratch<J: Join> {
    pub(crate) batch: Batch<J>,
    /// Numbers of a batch of which the caller wants only a part.
    pub(crate) numbers: [J::Latent; BATCH_N],
    /// The end of a page, padded.
    pub(crate) tail: Vec<u8>,
}

/// The latents of a batch, and the table entries that they come from.
pub(crate) struct Batch<J: Join> {
    /// Made when first needed, as is the secondary one: most chunks have neither.
    pub(crate) distances: Option<Box<VarBatch<u32>>>,
    pub(crate) primary: Entries<J::Primary>,
    /// Primary latents that do not stand where their numbers will.
    pub(crate) waiting: J::Waiting,
    pub(crate) secondary: Option<Box<VarBatch<J::Latent>>>,
}

/// The table entries of a variable in this batch and in the next one, which is under way at the same time; they take
/// turns.
pub(crate) type Entries<L> = [[Entry<L>; BATCH_N]; 2];

/// A latent variable of a batch.
pub(crate) struct VarBatch<L: Latent> {
    pub(crate) entries: Entries<L>,
    pub(crate) latents: [L; BATCH_N],
}

impl<L: Latent> Default for VarBatch<L> {
    fn default() -> Self {
        Self {
            entries: [[Entry::default(); BATCH_N]; 2],
            latents: [L::default(); BATCH_N],
        }
    }
}

impl<J: Join> Default for Scratch<J> {
    fn default() -> Self {
        Self {
            batch: Batch {
                distances: None,
                primary: [[Entry::default(); BATCH_N]; 2],
                waiting: J::Waiting::default(),
                secondary: None,
            },
            numbers: [J::Latent::default(); BATCH_N],
            tail: Vec::new(),
        }
    }
}
