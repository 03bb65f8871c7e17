//! pco's wire format: headers, chunk metadata, page heads, and how large all of it can be.
//!
//! Each file holds one stored thing with its `read` and its `write` (wire format sections 1.1 to 1.5).

mod bins;
pub(crate) mod chunk;
mod delta;
pub mod guarantee;
mod header;
mod mode;
pub(crate) mod page;

#[cfg(test)]
mod tests;

pub use header::FormatVersion;
