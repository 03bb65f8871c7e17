//! Filters for pictures: the steps of `.pzp`, which takes them from here, for arrays of any container with filters.
//!
//! A picture is an array of whole numbers of one or two bytes, (height, width) or (height, width, channels); more axes before
//! that are more pictures. Layout: FORMAT.md, filters of pixels.

mod byte_delta;
mod gradient;
pub(crate) mod gradients;
pub(crate) mod left;
mod palette;
pub(crate) mod palettes;
mod parameters;

pub use byte_delta::ByteDelta;
pub use gradient::Gradient;
pub use palette::Palette;

#[cfg(test)]
mod tests;
