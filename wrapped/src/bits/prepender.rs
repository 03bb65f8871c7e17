//! A bit writer that goes from the end of a stream to its start.
//!
//! tANS codes the last number first, so a page is written back to front: then no bits have to wait for those that
//! come before them. The stream ends at a byte boundary of the buffer; where it starts is known last, and
//! [`Prepender::finish`] shifts it to a byte boundary while copying it out.

/// Prepends bit fields to a stream that grows towards the start of a buffer.
pub(crate) struct Prepender<'a> {
    buffer: &'a mut [u8],
    /// Bytes from here on are written.
    start: usize,
    /// The first bits of the stream, not yet in the buffer: the low `n_pending` ones; what is above them is noise.
    pending: u64,
    n_pending: u32,
}

impl<'a> Prepender<'a> {
    /// What a buffer needs beyond the bits of the stream.
    pub(crate) const SLACK_BYTES: usize = 8;

    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self {
            start: buffer.len(),
            buffer,
            pending: 0,
            n_pending: 0,
        }
    }

    /// Puts a field before all others. Between two calls of [`flush`](Self::flush), fields of 56 bits in all.
    #[inline(always)]
    pub(crate) fn prepend(&mut self, value: u64, n_bits: u32) {
        debug_assert!(n_bits <= 56 && value >> n_bits == 0);
        self.pending = (self.pending << n_bits) | value;
        self.n_pending += n_bits;
        debug_assert!(self.n_pending < 64);
    }

    /// Moves whole bytes to the buffer.
    #[inline(always)]
    pub(crate) fn flush(&mut self) {
        // In two steps, since none may be pending.
        let word = (self.pending << 1) << (63 - self.n_pending);
        self.buffer[self.start - 8..self.start].copy_from_slice(&word.to_le_bytes());
        self.start -= (self.n_pending / 8) as usize;
        self.n_pending %= 8;
    }

    /// Bits written so far.
    pub(crate) fn n_bits(&self) -> u64 {
        (self.buffer.len() - self.start) as u64 * 8 + u64::from(self.n_pending)
    }

    /// Appends the stream to `dst`, with zero bits up to a byte boundary behind it.
    pub(crate) fn finish(mut self, dst: &mut Vec<u8>) {
        self.flush();
        if self.n_pending == 0 {
            dst.extend_from_slice(&self.buffer[self.start..]);
            return;
        }
        // The stream starts `shift` bits into this byte.
        let shift = 8 - self.n_pending;
        let bytes = &self.buffer[self.start - 1..];
        dst.reserve(bytes.len());
        let mut words = bytes.windows(9).step_by(8);
        let mut n_copied = 0;
        for window in &mut words {
            let word = u64::from_le_bytes(window[..8].try_into().expect("8 bytes"));
            let word = (word >> shift) | (u64::from(window[8]) << (64 - shift));
            dst.extend_from_slice(&word.to_le_bytes());
            n_copied += 8;
        }
        let tail = &bytes[n_copied..];
        for (i, &byte) in tail.iter().enumerate() {
            let next = u16::from(tail.get(i + 1).copied().unwrap_or(0));
            dst.push(((u16::from(byte) | next << 8) >> shift) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::BitWriter;

    #[test]
    fn back_to_front_gives_the_same_bytes_as_front_to_back() {
        for n_fields in 0..200u64 {
            let fields: Vec<(u64, u32)> = (0..n_fields)
                .map(|i| {
                    let n_bits = ((i * 7 + n_fields) % 57) as u32;
                    (
                        i.wrapping_mul(0x9e37_79b9_7f4a_7c15) & ((1 << n_bits) - 1),
                        n_bits,
                    )
                })
                .collect();
            let mut expected = vec![7];
            let mut writer = BitWriter::new(&mut expected);
            fields
                .iter()
                .for_each(|&(value, n_bits)| writer.write(value, n_bits));
            writer.align();

            let mut buffer = vec![0xff; n_fields as usize * 8 + Prepender::SLACK_BYTES];
            let mut prepender = Prepender::new(&mut buffer);
            for &(value, n_bits) in fields.iter().rev() {
                prepender.prepend(value, n_bits);
                prepender.flush();
            }
            let n_bits: u32 = fields.iter().map(|field| field.1).sum();
            assert_eq!(prepender.n_bits(), u64::from(n_bits));
            let mut bytes = vec![7];
            prepender.finish(&mut bytes);
            assert_eq!(bytes, expected, "{n_fields} fields");
        }
    }
}
