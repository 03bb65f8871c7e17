//! Headers and the frame of standalone files, versions 0 to 3 (wire format sections 1.2 and 1.8).

use super::bits::Bits;
use crate::support::oracle::WrappedChunk;

/// The header of the wrapped format: one byte before version 4.
pub fn wrapped_header((major, minor): (u8, u8)) -> Vec<u8> {
    if major >= 4 {
        vec![major, minor]
    } else {
        vec![major]
    }
}

/// The front of a standalone file, up to and without the wrapped header.
#[derive(Clone, Copy, Debug)]
pub struct Front {
    /// Below 2 there is no version byte: the wrapped version's stands for it.
    pub version: u8,
    /// From version 3 on; 0 says that there is none.
    pub uniform_type: u8,
    /// From version 2 on.
    pub n_hint: u64,
    /// Bits of the field that holds `n_hint`: 1 to 64, and more than are needed if the writer likes.
    pub n_hint_bits: u32,
}

impl Front {
    pub fn write(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        b"pco!"
            .iter()
            .for_each(|&byte| bits.push(u64::from(byte), 8));
        if self.version >= 2 {
            bits.push(u64::from(self.version), 8);
            if self.version >= 3 {
                bits.push(u64::from(self.uniform_type), 8);
            }
            bits.push(u64::from(self.n_hint_bits) - 1, 6);
            bits.push(self.n_hint, self.n_hint_bits);
            bits.align();
        }
        bits.into_bytes()
    }
}

/// A standalone file of chunks that were written in the same wrapped version; each page becomes a chunk of its own.
pub fn file(front: Front, version: (u8, u8), type_byte: u8, chunks: &[WrappedChunk]) -> Vec<u8> {
    let mut bytes = front.write();
    bytes.extend(wrapped_header(version));
    for chunk in chunks {
        for (page, &n) in chunk.pages.iter().zip(&chunk.n_per_page) {
            bytes.push(type_byte);
            bytes.extend(&(n as u32 - 1).to_le_bytes()[..3]);
            bytes.extend(&chunk.meta);
            bytes.extend(page);
        }
    }
    bytes.push(0);
    bytes
}
