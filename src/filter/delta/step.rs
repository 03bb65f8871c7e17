//! What is done to a block: differences, shuffled.

use paginum_wrapped::{Isa, shuffle};

use super::parameters::Parameters;
use super::words::Words;
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::blocks::Step;

/// Decoded bytes of a block: rows are found in such steps.
const BLOCK_BYTES: usize = 1 << 20;
/// Strides that are tried beside the length of the last axis: cells of meshes have so many corners.
const STRIDES: [u64; 6] = [1, 2, 3, 4, 6, 8];
/// The longest last axis that is tried.
const MAX_STRIDE: u64 = 16;

/// Differences of words, shuffled.
#[derive(Clone, Debug)]
pub(super) struct Differences {
    isa: Isa,
    words: Words,
    parameters: Parameters,
}

impl Differences {
    pub(super) fn new(spec: &ArraySpec, parameters: Parameters) -> Result<Self> {
        Ok(Self {
            isa: Isa::best()?,
            words: Words::of(spec),
            parameters,
        })
    }

    /// Those that are worth a trial, by ascending strides.
    pub(super) fn candidates(spec: &ArraySpec) -> Result<Vec<Self>> {
        let of_stride = |stride| {
            let parameters = Parameters {
                stride: stride as usize,
                block_bytes: BLOCK_BYTES,
            };
            Self::new(spec, parameters)
        };
        strides(spec).into_iter().map(of_stride).collect()
    }
}

impl Step for Differences {
    fn block_bytes(&self) -> usize {
        self.parameters.block_bytes
    }

    fn unit_bytes(&self) -> usize {
        self.words.bytes
    }

    fn apply(&self, block: &[u8]) -> Vec<u8> {
        let mut differences = block.to_vec();
        self.words
            .take_differences(&mut differences, self.parameters.stride);
        if self.words.bytes == 1 {
            return differences;
        }
        let mut planes = vec![0; block.len()];
        shuffle::shuffle(self.isa, self.words.bytes, &differences, &mut planes);
        planes
    }

    fn restore(&self, stored: Vec<u8>, out: &mut [u8]) -> Result<()> {
        shuffle::unshuffle(self.isa, self.words.bytes, &stored, out);
        self.words.add_up(out, self.parameters.stride);
        Ok(())
    }

    fn head(&self, identity: &[u8]) -> Result<Vec<u8>> {
        self.parameters.write(self.words, identity)
    }
}

/// The strides that are worth a trial.
fn strides(spec: &ArraySpec) -> Vec<u64> {
    let last_axis = spec.shape().get(1..).and_then(|axes| axes.last()).copied();
    let last_axis = last_axis
        .unwrap_or(1)
        .saturating_mul(spec.dtype().components());
    let mut strides = STRIDES.to_vec();
    if (1..=MAX_STRIDE).contains(&last_axis) && !strides.contains(&last_axis) {
        strides.push(last_axis);
        strides.sort_unstable();
    }
    strides
}
