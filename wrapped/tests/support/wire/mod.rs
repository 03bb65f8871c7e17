//! A writer of the wire format that shares no code with the engine: slow, bit by bit, and able to write what no encoder
//! writes: old versions, odd but legal metadata, and illegal metadata.
//!
//! [`Plan`] says which mode, delta encoding and page sizes; [`Plan::write`] splits numbers into latents ([`split`]),
//! takes residuals ([`delta`]), covers them with bins ([`bins`]) and writes metadata ([`meta`]) and pages ([`page`]).
//! Latents are `u64` masked to their width.

pub mod bins;
pub mod bits;
pub mod delta;
pub mod meta;
pub mod page;
pub mod plans;
pub mod split;
pub mod standalone;
pub mod tans;

use paginum_wrapped::Number;

use super::oracle::WrappedChunk;
use super::random::Random;
use bits::Bits;
use delta::Residuals;
use meta::{WireDelta, WireMeta, WireMode};

/// What a chunk is to be written as.
#[derive(Clone, Debug)]
pub struct Plan<T: Number> {
    /// Major and, from 4 on, minor version.
    pub version: (u8, u8),
    pub mode: PlanMode<T>,
    pub delta: WireDelta,
    pub n_per_page: Vec<usize>,
    /// The most bins of a latent variable.
    pub max_bins: usize,
    pub seed: u64,
}

/// A mode in terms of numbers.
#[derive(Clone, Debug)]
pub enum PlanMode<T> {
    Classic,
    IntMult(u64),
    FloatMult(T),
    FloatQuant(u32),
    /// The dictionary holds the distinct values, in random order.
    Dict,
}

/// A mask of the low `n_bits`.
pub fn mask(n_bits: u32) -> u64 {
    u64::MAX.checked_shr(64 - n_bits).unwrap_or(0)
}

impl<T: Number> Plan<T> {
    /// Writes `nums`, which `n_per_page` adds up to.
    pub fn write(&self, nums: &[T]) -> WrappedChunk {
        let random = &mut Random::new(self.seed);
        let (mode, vars) = split::split(&self.mode, nums, random);
        let primary_bits = if matches!(mode, WireMode::Dict(_)) {
            32
        } else {
            number_bits::<T>()
        };
        let mut page_start = 0;
        let residuals: Vec<Residuals> = self
            .n_per_page
            .iter()
            .map(|&n| {
                let page = page_start..page_start + n;
                page_start += n;
                let vars: Vec<&[u64]> = vars.iter().map(|var| &var[page.clone()]).collect();
                delta::residuals(&self.delta, &vars, primary_bits, number_bits::<T>(), random)
            })
            .collect();
        assert_eq!(page_start, nums.len(), "pages add up");

        let n_vars = residuals[0].vars.len();
        let vars = (0..n_vars)
            .map(|var| {
                let all = residuals.iter().flat_map(|page| &page.vars[var].body);
                bins::cover(
                    all.copied().collect(),
                    residuals[0].vars[var].bits,
                    self.max_bins,
                    random,
                )
            })
            .collect();
        let meta = WireMeta {
            number_bits: number_bits::<T>(),
            mode,
            delta: self.delta.clone(),
            vars,
        };
        let pages = residuals
            .iter()
            .zip(&self.n_per_page)
            .map(|(page, &n)| page::write(&meta, page, n))
            .collect();
        let mut bits = Bits::default();
        meta.write(self.version.0, &mut bits);
        WrappedChunk {
            header: standalone::wrapped_header(self.version),
            meta: bits.into_bytes(),
            pages,
            n_per_page: self.n_per_page.clone(),
        }
    }
}

/// Width of the type's latents.
pub fn number_bits<T>() -> u32 {
    size_of::<T>() as u32 * 8
}
