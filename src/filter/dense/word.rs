//! The words that columns are made of: bits of numbers, ranks, differences.

use paginum_wrapped::{Latent, Number};

/// A word of 8 to 64 bits, which is a number of the engine.
pub(super) trait Word: Latent + Number<Latent = Self> {
    /// The number that a difference is.
    type Signed: Number<Latent = Self>;
}

impl Word for u8 {
    type Signed = i8;
}
impl Word for u16 {
    type Signed = i16;
}
impl Word for u32 {
    type Signed = i32;
}
impl Word for u64 {
    type Signed = i64;
}
