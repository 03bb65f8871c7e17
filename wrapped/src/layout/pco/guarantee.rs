//! The largest possible size of each component, for callers that reserve before they compress.
//!
//! A chunk that would be larger than its numbers is written raw: Classic, no deltas, one bin. So these sums are exact
//! bounds for every configuration.

use crate::config::PagingSpec;
use crate::dtype::{Latent, Number};
use crate::error::Result;
use crate::model::offset_bits_width;

/// Bytes of the wrapped header.
#[must_use]
pub fn header_size() -> usize {
    2
}

/// The most bytes of the metadata and all pages of a chunk of `n` numbers, however they are paged.
#[must_use]
pub fn chunk_size<T: Number>(n: usize) -> usize {
    let latent_bits = <T::Latent as Latent>::BITS;
    // Mode, delta encoding, table size, number of bins, and one bin of weight 1.
    let meta_bits = 4 + 4 + 4 + 15 + latent_bits + offset_bits_width(latent_bits);
    meta_bits.div_ceil(8) as usize + n * size_of::<T>()
}

/// The most bytes of a standalone file of `n` numbers, which has a chunk for each page of the specification.
///
/// # Errors
/// `InvalidArgument` if the specification does not fit `n`.
pub fn file_size<T: Number>(n: usize, paging_spec: &PagingSpec) -> Result<usize> {
    // Magic, standalone version, number type, and the number of numbers in up to 6 + 64 bits.
    let standalone_header = 4 + 1 + 1 + 9;
    let chunk_sizes = match n {
        0 => Vec::new(),
        n => paging_spec.n_per_page(n)?,
    };
    // Each chunk has a type byte and 24 bits of length before it; a type byte of zero ends the file.
    let chunks: usize = chunk_sizes.iter().map(|&n| 4 + chunk_size::<T>(n)).sum();
    Ok(standalone_header + header_size() + chunks + 1)
}
