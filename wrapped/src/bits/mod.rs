//! Bit streams, little endian: bit `k` of a stream is bit `k % 8` of byte `k / 8`, fields low bit first
//! (format section 1.0). The checked reader and writer here serve headers and metadata; pages have kernels.

mod prepender;
mod reader;
mod writer;

pub(crate) use prepender::Prepender;
pub(crate) use reader::BitReader;
pub(crate) use writer::BitWriter;
