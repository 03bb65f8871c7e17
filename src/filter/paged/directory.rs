//! Where chunks and pages lie: the tail of the payload (FORMAT.md, filter numeric, kind 3).

use std::ops::Range;

use super::geometry::Geometry;
use crate::error::{Error, Result, ResultExt};
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC, read_u32, read_u64};
use crate::filter::{Payload, tail};

pub(super) const KIND: u8 = 3;
const MAGIC: [u8; 8] = *b"PGNMDIR1";
/// Directory length, checksum, magic.
const FOOTER_BYTES: usize = 16;
/// Kind, zeroes, counts of chunks, pages and row indexes.
const FIXED_BYTES: usize = 16;
const CHUNK_BYTES: usize = 12;
const PAGE_BYTES: usize = 32;
const INDEX_BYTES: usize = 8;

/// Where the metadata of a chunk lies: the body of its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChunkEntry {
    pub(super) offset: u64,
    /// 0 for a chunk without numbers, which has no metadata.
    pub(super) length: u32,
}

/// Where a page lies, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageEntry {
    pub(super) chunk: u32,
    pub(super) first_row: u64,
    pub(super) n_values: u32,
    /// Where the body of its frame starts, from the start of the payload.
    pub(super) offset: u64,
    /// 0 for a page without numbers, which is not stored.
    pub(super) length: u32,
    pub(super) crc: u32,
}

/// Chunks, pages, and the row indexes of some pages, by number.
#[derive(Clone, Debug, Default)]
pub(in crate::filter) struct Directory {
    pub(super) chunks: Vec<ChunkEntry>,
    pub(super) pages: Vec<PageEntry>,
    /// Pages that have a row index, ascending, and where it lies in `index_bytes`.
    indexes: Vec<(u32, Range<usize>)>,
    index_bytes: Vec<u8>,
}

impl Directory {
    /// Adds the row index of page `page`, which comes behind those that have one.
    pub(super) fn add_index(&mut self, page: u32, stored: &[u8]) {
        let start = self.index_bytes.len();
        self.index_bytes.extend_from_slice(stored);
        self.indexes.push((page, start..self.index_bytes.len()));
    }

    pub(super) fn has_indexes(&self) -> bool {
        !self.indexes.is_empty()
    }

    /// The stored row index of page `page`, if it has one.
    pub(in crate::filter) fn index_of(&self, page: u64) -> Option<&[u8]> {
        let i = self
            .indexes
            .binary_search_by_key(&page, |(page, _)| u64::from(*page))
            .ok()?;
        self.index_bytes.get(self.indexes[i].1.clone())
    }

    /// The frame that holds it, which ends the payload.
    pub(super) fn write(&self, identity: &[u8]) -> Result<Vec<u8>> {
        let too_many = |_| Error::invalid("more pages than a directory can list");
        let mut frame = Vec::new();
        let body_start = skippable::begin(PAGINUM_MAGIC, &mut frame);
        frame.extend_from_slice(&[KIND, 0, 0, 0]);
        for n in [self.chunks.len(), self.pages.len(), self.indexes.len()] {
            frame.extend_from_slice(&u32::try_from(n).map_err(too_many)?.to_le_bytes());
        }
        for chunk in &self.chunks {
            frame.extend_from_slice(&chunk.offset.to_le_bytes());
            frame.extend_from_slice(&chunk.length.to_le_bytes());
        }
        for page in &self.pages {
            frame.extend_from_slice(&page.chunk.to_le_bytes());
            frame.extend_from_slice(&page.first_row.to_le_bytes());
            frame.extend_from_slice(&page.n_values.to_le_bytes());
            frame.extend_from_slice(&page.offset.to_le_bytes());
            frame.extend_from_slice(&page.length.to_le_bytes());
            frame.extend_from_slice(&page.crc.to_le_bytes());
        }
        for (page, bytes) in &self.indexes {
            frame.extend_from_slice(&page.to_le_bytes());
            frame.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        }
        frame.extend_from_slice(&self.index_bytes);
        let length = u32::try_from(frame.len() - body_start).map_err(too_many)?;
        let crc = crc_of(identity, self.pages.len() as u64, &frame[body_start..]);
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&crc.to_le_bytes());
        frame.extend_from_slice(&MAGIC);
        skippable::end(body_start, &mut frame)?;
        Ok(frame)
    }

    /// Finds the directory of a payload, and where its frame starts and ends.
    pub(in crate::filter) fn find(payload: &Payload, filter: &str) -> Result<(Self, Range<u64>)> {
        let found = match tail::find_at_ends(payload, Self::read_last)? {
            Some(found) => Some(found),
            None => Self::walk(payload)?,
        };
        found.ok_or_else(|| {
            let what = format!("a {filter} payload without its page directory");
            Error::corrupt(what).at(payload.offset_of(payload.len()))
        })
    }

    /// Goes from frame to frame, to the last directory.
    fn walk(payload: &Payload) -> Result<Option<(Self, Range<u64>)>> {
        let header_bytes = skippable::HEADER_BYTES as u64;
        // The last one alone is read: each footer may claim all bytes in front of it.
        let mut last_end = None;
        let mut start = 0;
        while payload.len() - start > header_bytes {
            let header = payload.bytes(start..start + header_bytes + 1)?;
            let (magic, body_bytes) =
                skippable::read_header(header.first_chunk().expect("nine bytes"));
            let end = start + header_bytes + u64::from(body_bytes);
            if !skippable::is_skippable(magic) || end > payload.len() {
                break;
            }
            if magic == PAGINUM_MAGIC && body_bytes > 0 && header[8] == KIND {
                last_end = Some(end);
            }
            start = end;
        }
        match last_end {
            Some(end) => Self::read_last(&payload.clone().truncated_to(end)),
            None => Ok(None),
        }
    }

    /// Reads the directory that ends at the end of the payload; `None` if none does.
    fn read_last(payload: &Payload) -> Result<Option<(Self, Range<u64>)>> {
        let end = payload.len();
        let frame_bytes = (skippable::HEADER_BYTES + FIXED_BYTES + FOOTER_BYTES) as u64;
        if end < frame_bytes {
            return Ok(None);
        }
        let footer = payload.bytes(end - FOOTER_BYTES as u64..end)?;
        if footer[8..] != MAGIC {
            return Ok(None);
        }
        let (length, crc) = (u64::from(read_u32(&footer)), read_u32(&footer[4..]));
        let place = payload.offset_of(end - FOOTER_BYTES as u64);
        let start = end
            .checked_sub(skippable::HEADER_BYTES as u64 + length + FOOTER_BYTES as u64)
            .ok_or_else(|| Error::corrupt("a page directory longer than its payload").at(place))?;
        let body_start = start + skippable::HEADER_BYTES as u64;
        let frame = payload.bytes(start..end)?;
        let (header, rest) = frame.split_first_chunk().expect("the frame has a header");
        let body = &rest[..length as usize];
        let frame_header = skippable::read_header(header);
        let place = payload.offset_of(body_start);
        if frame_header != (PAGINUM_MAGIC, (end - body_start) as u32) || length < FIXED_BYTES as u64
        {
            return Err(Error::corrupt("a page directory in no frame").at(place));
        }
        let n_pages = u64::from(read_u32(&body[8..]));
        if crc_of(payload.identity(), n_pages, body) != crc {
            return Err(Error::checksum("the checksum of the page directory differs").at(place));
        }
        let directory = Self::parse(body).at(place)?;
        Ok(Some((directory, start..end)))
    }

    /// Reads a directory whose checksum was right. That does not make it honest.
    fn parse(body: &[u8]) -> Result<Self> {
        let corrupt = || Error::corrupt("a page directory that makes no sense");
        let (fixed, rest) = body.split_at(FIXED_BYTES);
        let [chunks, pages, indexes] = [4, 8, 12].map(|at| u64::from(read_u32(&fixed[at..])));
        let lists =
            chunks * CHUNK_BYTES as u64 + pages * PAGE_BYTES as u64 + indexes * INDEX_BYTES as u64;
        if fixed[..4] != [KIND, 0, 0, 0] || lists > rest.len() as u64 {
            return Err(corrupt());
        }
        let (chunks, rest) = rest.split_at(chunks as usize * CHUNK_BYTES);
        let (pages, rest) = rest.split_at(pages as usize * PAGE_BYTES);
        let (indexes, index_bytes) = rest.split_at(indexes as usize * INDEX_BYTES);
        let mut directory = Self {
            chunks: chunks.chunks_exact(CHUNK_BYTES).map(read_chunk).collect(),
            pages: pages.chunks_exact(PAGE_BYTES).map(read_page).collect(),
            indexes: Vec::with_capacity(indexes.len() / INDEX_BYTES),
            index_bytes: index_bytes.to_vec(),
        };
        let mut start = 0;
        for entry in indexes.chunks_exact(INDEX_BYTES) {
            let (page, length) = (read_u32(entry), read_u32(&entry[4..]) as usize);
            let end = start + length;
            let ascends = directory
                .indexes
                .last()
                .is_none_or(|(last, _)| *last < page);
            if !ascends || end > index_bytes.len() {
                return Err(corrupt());
            }
            directory.indexes.push((page, start..end));
            start = end;
        }
        if start != index_bytes.len() {
            return Err(corrupt());
        }
        Ok(directory)
    }

    /// Checks that it lists the pages of an array that is cut like this, between `start` and `end` of the payload.
    pub(super) fn check(&self, geometry: &Geometry, frames: Range<u64>) -> Result<()> {
        let corrupt = || Error::corrupt("a page directory of another array");
        if self.chunks.len() as u64 != geometry.chunks()
            || self.pages.len() as u64 != geometry.pages()
        {
            return Err(corrupt());
        }
        let lies_within = |offset: u64, length: u32| {
            length == 0
                || (offset >= frames.start
                    && offset
                        .checked_add(length.into())
                        .is_some_and(|end| end <= frames.end))
        };
        let are_chunks_right = self.chunks.iter().all(|c| lies_within(c.offset, c.length));
        let last_index = self.indexes.last();
        let are_indexes_right =
            last_index.is_none_or(|(page, _)| (*page as usize) < self.pages.len());
        if !are_chunks_right || !are_indexes_right {
            return Err(corrupt());
        }
        let mut pages = self.pages.iter();
        for group in 0..geometry.groups() {
            for component in 0..geometry.components {
                let chunk_no = geometry.chunk_no(group, component);
                for page in geometry.group_pages(group) {
                    let entry = pages.next().ok_or_else(corrupt)?;
                    let numbers = geometry.page(page);
                    if u64::from(entry.chunk) != chunk_no
                        || entry.first_row != numbers.start / geometry.in_row()
                        || u64::from(entry.n_values) > numbers.end - numbers.start
                        || (entry.n_values == 0) != (entry.length == 0)
                        || !lies_within(entry.offset, entry.length)
                        || (entry.length > 0 && self.chunks[chunk_no as usize].length == 0)
                    {
                        return Err(corrupt());
                    }
                }
            }
        }
        Ok(())
    }
}

fn read_chunk(bytes: &[u8]) -> ChunkEntry {
    ChunkEntry {
        offset: read_u64(bytes),
        length: read_u32(&bytes[8..]),
    }
}

fn read_page(bytes: &[u8]) -> PageEntry {
    PageEntry {
        chunk: read_u32(bytes),
        first_row: read_u64(&bytes[4..]),
        n_values: read_u32(&bytes[12..]),
        offset: read_u64(&bytes[16..]),
        length: read_u32(&bytes[24..]),
        crc: read_u32(&bytes[28..]),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::storage::{Part, ReadAt};

    /// Bytes, and how many of them were read.
    #[derive(Debug)]
    struct Counted(Vec<u8>, AtomicU64);

    impl ReadAt for Counted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
            let n = parts.iter().map(|part| part.buf.len() as u64).sum();
            self.1.fetch_add(n, Ordering::Relaxed);
            self.0.read_many(parts)
        }
    }

    /// A header that claims the bytes up to `end`.
    fn header(at: usize, end: usize) -> [u8; 8] {
        let length = (end - at - 8) as u32;
        let words = [PAGINUM_MAGIC, length].map(u32::to_le_bytes);
        words.concat().try_into().unwrap()
    }

    /// Many directories, each of which claims all bytes in front of it, and whose checksums are right.
    #[test]
    fn frames_that_overlap_are_read_once() {
        const N: usize = 200;
        /// The header of a directory, its fixed fields, and its one row index.
        const HEAD: usize = 8 + FIXED_BYTES + INDEX_BYTES;
        /// A frame of a directory, of which the footer counts.
        const FRAME: usize = 8 + FIXED_BYTES + FOOTER_BYTES;
        let heads_end = 8 + N * HEAD;
        let mut payload = vec![0; heads_end + N * FRAME];
        payload[..8].copy_from_slice(&header(0, heads_end));
        let place = |i: usize| (8 + i * HEAD, heads_end + (i + 1) * FRAME);
        for (at, end) in (0..N).map(place) {
            payload[at..at + 8].copy_from_slice(&header(at, end));
            payload[at + 8] = KIND;
            payload[at + 20] = 1;
            let index_bytes = (end - FOOTER_BYTES - at - HEAD) as u32;
            payload[at + 28..at + 32].copy_from_slice(&index_bytes.to_le_bytes());
            let own = end - FRAME;
            payload[own..own + 8].copy_from_slice(&header(own, end));
            payload[own + 8] = KIND;
        }
        for (at, end) in (0..N).map(place) {
            let body = &payload[at + 8..end - FOOTER_BYTES];
            let footer = [body.len() as u32, crc_of(&[], 0, body)].map(u32::to_le_bytes);
            payload[end - 16..end - 8].copy_from_slice(&footer.concat());
            payload[end - 8..end].copy_from_slice(&MAGIC);
        }
        // No directory ends here: frames are walked.
        payload.push(0);
        let store = Arc::new(Counted(payload, AtomicU64::new(0)));
        let n = store.len();
        let payload = Payload::new(store.clone(), 0..n).unwrap();
        Directory::find(&payload, "numeric").unwrap();
        let read = store.1.load(Ordering::Relaxed);
        assert!(read < 3 * n, "{read} bytes read of {n}");
    }
}
