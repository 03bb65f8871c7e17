//! A bit writer that appends to a vector.

use crate::dtype::Latent;

/// Appends bit fields to a vector of bytes; starts at a byte boundary.
pub(crate) struct BitWriter<'a> {
    dst: &'a mut Vec<u8>,
    /// Bits not yet in `dst`, low bits first; fewer than 64 of them.
    pending: u64,
    n_pending: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) fn new(dst: &'a mut Vec<u8>) -> Self {
        Self {
            dst,
            pending: 0,
            n_pending: 0,
        }
    }

    /// Appends the low `n_bits` (at most 64) of `value`, whose higher bits are zero.
    #[inline]
    pub(crate) fn write(&mut self, value: u64, n_bits: u32) {
        debug_assert!(n_bits <= 64);
        debug_assert!(
            n_bits == 64 || value >> n_bits == 0,
            "{value} in {n_bits} bits"
        );
        self.pending |= value << self.n_pending;
        let n = self.n_pending + n_bits;
        if n < 64 {
            self.n_pending = n;
            return;
        }
        self.dst.extend_from_slice(&self.pending.to_le_bytes());
        // What did not fit: nothing if the old bits were none (a shift by 64 is not allowed).
        self.pending = if self.n_pending == 0 {
            0
        } else {
            value >> (64 - self.n_pending)
        };
        self.n_pending = n - 64;
    }

    /// Appends one bit.
    pub(crate) fn write_bool(&mut self, bit: bool) {
        self.write(u64::from(bit), 1);
    }

    /// Appends a whole latent.
    pub(crate) fn write_latent<L: Latent>(&mut self, latent: L) {
        self.write(latent.to_u64(), L::BITS);
    }

    /// Pads with zeros to the next byte boundary and hands all bytes over.
    pub(crate) fn align(&mut self) {
        let n_bytes = self.n_pending.div_ceil(8) as usize;
        self.dst
            .extend_from_slice(&self.pending.to_le_bytes()[..n_bytes]);
        self.pending = 0;
        self.n_pending = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::BitReader;

    #[test]
    fn fields_come_back_at_every_width_and_offset() {
        for offset in 0..8 {
            for width in 0..=64u32 {
                let value = 0x9e37_79b9_7f4a_7c15 & u64::MAX.checked_shr(64 - width).unwrap_or(0);
                let mut bytes = Vec::new();
                let mut writer = BitWriter::new(&mut bytes);
                writer.write(0, offset);
                writer.write(value, width);
                writer.write_bool(true);
                writer.align();
                assert_eq!(bytes.len(), (offset + width + 1).div_ceil(8) as usize);
                let mut reader = BitReader::new(&bytes, "test");
                assert_eq!(reader.read(offset).unwrap(), 0);
                assert_eq!(
                    reader.read(width).unwrap(),
                    value,
                    "offset {offset}, width {width}"
                );
                assert!(reader.read_bool().unwrap());
                reader.align().unwrap();
                assert!(reader.read(1).is_err());
            }
        }
    }
}
