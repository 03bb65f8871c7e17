//! One chunk, compressed: its metadata and pages as the frames of the payload.

use paginum_wrapped::Number;

use super::codec::{ChunkPages, PageWriter};
use super::parameters;
use crate::error::Result;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC};

pub(super) const KIND_META: u8 = 1;
pub(super) const KIND_PAGE: u8 = 2;
/// What stands around the metadata in the body of its frame: kind, chunk number, checksum.
pub(super) const META_BEFORE_BYTES: usize = 5;
pub(super) const META_AFTER_BYTES: usize = 4;
/// What stands before the page in the body of its frame: the kind.
pub(super) const PAGE_BEFORE_BYTES: usize = 1;

const _: () = assert!(parameters::KIND != KIND_META && KIND_META != KIND_PAGE);

/// How every chunk of an array is compressed.
#[derive(Clone, Debug)]
pub(in crate::filter) struct ChunkWriter<W> {
    pub(in crate::filter) pages: W,
    pub(in crate::filter) identity: Vec<u8>,
    pub(in crate::filter) page_numbers: u64,
}

/// The frames of a chunk, and where in them each part lies.
#[derive(Debug, Default)]
pub(super) struct ChunkFrames {
    pub(super) bytes: Vec<u8>,
    /// The body of the metadata's frame; empty for a chunk without numbers.
    pub(super) meta: std::ops::Range<usize>,
    pub(super) pages: Vec<PageFrame>,
}

/// A page of a chunk.
#[derive(Debug, Default)]
pub(super) struct PageFrame {
    pub(super) n_values: usize,
    /// The body of its frame; empty for a page without numbers.
    pub(super) body: std::ops::Range<usize>,
    pub(super) crc: u32,
    /// The stored row index, empty if there is none.
    pub(super) index: Vec<u8>,
}

impl<W> ChunkWriter<W> {
    /// What compressing a chunk gives in bytes.
    pub(in crate::filter) fn size<T: Number>(&self, numbers: &[T]) -> Result<usize>
    where
        W: PageWriter<T>,
    {
        let page_numbers = self.page_numbers.min(numbers.len() as u64).max(1) as usize;
        let pages = numbers.chunks(page_numbers).map(<[T]>::len).collect();
        Ok(self.write(numbers, pages, 0, 0)?.bytes.len())
    }

    /// Compresses the numbers of a chunk, whose pages hold so many each, the first being page `first_page` of the array.
    pub(super) fn write<T: Number>(
        &self,
        numbers: &[T],
        n_values: Vec<usize>,
        chunk_no: u64,
        first_page: u64,
    ) -> Result<ChunkFrames>
    where
        W: PageWriter<T>,
    {
        let mut frames = ChunkFrames::default();
        if numbers.is_empty() {
            let empty = |_| PageFrame::default();
            frames.pages = n_values.into_iter().map(empty).collect();
            return Ok(frames);
        }
        let stored = n_values.iter().copied().filter(|&n| n > 0).collect();
        let mut chunk = self.pages.chunk(numbers, stored)?;

        let out = &mut frames.bytes;
        let start = skippable::begin(PAGINUM_MAGIC, out);
        out.push(KIND_META);
        // Chunks are counted in 32 bits, as pages are, which was checked.
        out.extend_from_slice(&(chunk_no as u32).to_le_bytes());
        chunk.write_meta(out);
        let crc = crc_of(&self.identity, chunk_no, &out[start..]);
        out.extend_from_slice(&crc.to_le_bytes());
        skippable::end(start, out)?;
        frames.meta = start..out.len();

        let mut in_chunk = 0;
        for (i, n_values) in n_values.into_iter().enumerate() {
            if n_values == 0 {
                frames.pages.push(PageFrame::default());
                continue;
            }
            let out = &mut frames.bytes;
            let start = skippable::begin(PAGINUM_MAGIC, out);
            out.push(KIND_PAGE);
            let index = chunk.write_page(in_chunk, out)?;
            skippable::end(start, out)?;
            frames.pages.push(PageFrame {
                n_values,
                crc: crc_of(&self.identity, first_page + i as u64, &out[start..]),
                body: start..out.len(),
                index,
            });
            in_chunk += 1;
        }
        Ok(frames)
    }
}
