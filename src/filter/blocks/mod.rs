//! Payloads of blocks: each is a part of the array that goes through a reversible step, and is one zstd frame then. So rows
//! need only the blocks that hold them. What differs from filter to filter is its [`Step`].

mod encoder;
pub(super) mod head;
mod reader;

use std::fmt::Debug;

use super::frames::ZstdLevel;
use super::{ArrayEncoder, ArrayReader, EncodeContext, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::limits::Limits;

use encoder::BlockEncoder;
use reader::BlockReader;

/// A block is decoded whole, so what a file may ask for is bounded.
pub(super) const MAX_BLOCK_BYTES: u64 = 64 << 20;

/// What is done to a block before it is compressed, and its reverse. It knows nothing of other blocks.
pub(super) trait Step: Clone + Debug + Send + Sync + 'static {
    /// Bytes of the array in each block but the last, which may have fewer.
    fn block_bytes(&self) -> usize;

    /// Bytes that a sample of a block has to be a multiple of.
    fn unit_bytes(&self) -> usize;

    /// Bytes that stand in front of what a block becomes, which is as long as the block.
    fn table_bytes(&self) -> usize {
        0
    }

    /// Turns a block into the bytes that are compressed.
    fn apply(&self, block: &[u8]) -> Vec<u8>;

    /// Turns them into the block, which is as long as `out`.
    ///
    /// # Errors
    /// `Corrupt` for bytes that no block becomes.
    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()>;

    /// The head of the payload, a skippable frame that tells a reader the step.
    ///
    /// # Errors
    /// `InvalidArgument` for one that is too large.
    fn head(&self, identity: &[u8]) -> Result<Vec<u8>>;
}

/// An encoder of the rows of an array; of steps that are as good, the first is taken. All have blocks and tables of one size.
///
/// # Errors
/// `InvalidArgument` for a level that zstd does not have, and where there is no step.
pub(super) fn encoder<S: Step>(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
    steps: Vec<S>,
) -> Result<Box<dyn ArrayEncoder>> {
    Ok(Box::new(BlockEncoder::new(spec, level, context, steps)?))
}

/// A reader of a payload of this step, which was checked.
///
/// # Errors
/// `LimitExceeded`.
pub(super) fn reader<S: Step>(
    spec: &ArraySpec,
    step: S,
    payload: Payload,
    limits: &Limits,
) -> Result<Box<dyn ArrayReader>> {
    Ok(Box::new(BlockReader::open(spec, step, payload, limits)?))
}

/// Bytes that blocks decode to: those of the array, and their tables.
pub(super) fn decoded_bytes<S: Step>(step: &S, array_bytes: u64) -> u64 {
    let n_blocks = array_bytes.div_ceil(step.block_bytes() as u64);
    array_bytes.saturating_add(n_blocks.saturating_mul(step.table_bytes() as u64))
}
