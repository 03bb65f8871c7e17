//! Bits one by one.

/// A growing stream of bits, low bit of each field first.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<bool>);

impl Bits {
    /// Appends the low `n_bits` of `value`.
    pub fn push(&mut self, value: u64, n_bits: u32) {
        self.0.extend((0..n_bits).map(|i| value >> i & 1 == 1));
    }

    /// Appends zeros up to the next byte.
    pub fn align(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(8), false);
    }

    /// The bytes, the last one padded with zeros.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.align();
        let byte = |bits: &[bool]| {
            bits.iter()
                .rev()
                .fold(0, |byte, &bit| byte << 1 | u8::from(bit))
        };
        self.0.chunks(8).map(byte).collect()
    }
}
