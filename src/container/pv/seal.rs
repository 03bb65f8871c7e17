//! Dead bytes: what an edit in place leaves behind, and how readers are led past it.
//!
//! Ranges of frames follow each other without gaps, so the bytes of a pair that is listed no longer must belong to
//! another one: the range of the payload before it grows over them. Sealed, they are a skippable frame behind that
//! payload's own frames, which every reader passes over. The last bytes of the region say where the payload ended
//! before: those of the old file's own index and count, or a small index of the same form that the seal writes.
//!
//! A region is sealed after the new version is on the medium, because its first bytes belong to the old one. So that a
//! crash in between can be put right, the new version lists its regions in a skippable frame behind its last document:
//!
//! ```text
//! u32 0x184D2A5B ; u32 len ; u8 kind = 5 ; n * { u64 payload_start, decoded_size, start, end } ; u32 crc32c of all before it
//! ```

use std::ops::Range;

use super::behind;
use super::index::{Frame, Index};
use crate::error::{Error, Result};
use crate::filter::skippable::{self, DEAD_TAIL_MAGIC};
use crate::storage::{ReadAt, UpdateAt};

/// The first byte of the skippable frame that lists regions.
pub(super) const JOURNAL_KIND: u8 = 5;
const REGION_BYTES: usize = 32;
const FRAME_HEADER_BYTES: u64 = skippable::HEADER_BYTES as u64;
/// Two entries and a count.
const SMALL_INDEX_BYTES: u64 = 40;
/// A skippable frame of the longest length that leaves room for another one behind it.
const MAX_FRAME_BYTES: u64 = u32::MAX as u64;

/// Bytes at the end of a payload's range that belong to no array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeadRegion {
    /// The payload whose range has grown: where it begins, and what it decodes to.
    pub(crate) payload_start: u64,
    pub(crate) decoded_size: u64,
    pub(crate) range: Range<u64>,
}

impl DeadRegion {
    /// The bytes from the end of `payload` to `end`.
    pub(crate) fn behind(payload: &Frame, end: u64) -> Self {
        Self {
            payload_start: payload.range.start,
            decoded_size: payload.decoded_size,
            range: payload.range.end..end,
        }
    }

    /// Seals the region. Doing it again changes nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn seal(&self, file: &dyn UpdateAt) -> Result<()> {
        if !self.ends_in_an_index(file)? {
            file.write_all_at(&self.small_index(), self.range.end - SMALL_INDEX_BYTES)?;
        }
        let mut start = self.range.start;
        for body_bytes in self.frames() {
            file.write_all_at(&skippable::header(DEAD_TAIL_MAGIC, body_bytes), start)?;
            start += FRAME_HEADER_BYTES + u64::from(body_bytes);
        }
        Ok(())
    }

    /// Whether nothing is left to be done.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn is_sealed(&self, file: &dyn ReadAt) -> Result<bool> {
        let mut header = [0; skippable::HEADER_BYTES];
        let mut start = self.range.start;
        for body_bytes in self.frames() {
            file.read_exact_at(&mut header, start)?;
            if header != skippable::header(DEAD_TAIL_MAGIC, body_bytes) {
                return Ok(false);
            }
            start += FRAME_HEADER_BYTES + u64::from(body_bytes);
        }
        self.ends_in_an_index(file)
    }

    /// Too short for a frame: nothing that was a pair is.
    fn check(&self, file_bytes: u64) -> Result<()> {
        let is_whole = self.payload_start <= self.range.start
            && self.range.start < self.range.end
            && self.range.end <= file_bytes
            && self.range.end - self.range.start >= FRAME_HEADER_BYTES;
        if !is_whole {
            return Err(
                Error::corrupt("a list of dead bytes that lie elsewhere").at(self.range.start)
            );
        }
        Ok(())
    }

    /// The bodies of the skippable frames that cover the region.
    fn frames(&self) -> Vec<u32> {
        let mut left = self.range.end - self.range.start;
        let mut bodies = Vec::new();
        while left > 0 {
            // Never leave less than a frame's header for the next one.
            let frame = if left <= MAX_FRAME_BYTES {
                left
            } else {
                MAX_FRAME_BYTES - FRAME_HEADER_BYTES
            };
            bodies.push((frame - FRAME_HEADER_BYTES) as u32);
            left -= frame;
        }
        bodies
    }

    /// Whether the region is too small for an index of its own, or ends in one that says where the payload ended.
    fn ends_in_an_index(&self, file: &dyn ReadAt) -> Result<bool> {
        let len_bytes = self.range.end - self.range.start;
        if len_bytes < FRAME_HEADER_BYTES + SMALL_INDEX_BYTES {
            return Ok(true);
        }
        let mut tail = [0; 8];
        file.read_exact_at(&mut tail, self.range.end - 8)?;
        let Ok(start) = Index::start_of(&tail, self.range.end) else {
            return Ok(false);
        };
        if start < self.range.start + FRAME_HEADER_BYTES {
            return Ok(false);
        }
        // Entries ascend by end: the one that ends where the region begins is to be among them.
        let n_entries = (self.range.end - 8 - start) / 16;
        let (mut low, mut high) = (0, n_entries);
        let mut entry = [0; 8];
        while low < high {
            let middle = low + (high - low) / 2;
            file.read_exact_at(&mut entry, start + 16 * middle)?;
            match u64::from_le_bytes(entry) {
                end if end < self.range.start => low = middle + 1,
                end if end > self.range.start => high = middle,
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    fn small_index(&self) -> Vec<u8> {
        let words = [
            self.payload_start,
            0,
            self.range.start,
            self.decoded_size,
            2,
        ];
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

/// The frame that lists regions; nothing for none.
pub(crate) fn journal(regions: &[DeadRegion]) -> Vec<u8> {
    if regions.is_empty() {
        return Vec::new();
    }
    let mut entries = Vec::with_capacity(regions.len() * REGION_BYTES);
    for region in regions {
        for word in [
            region.payload_start,
            region.decoded_size,
            region.range.start,
            region.range.end,
        ] {
            entries.extend_from_slice(&word.to_le_bytes());
        }
    }
    behind::frame(JOURNAL_KIND, &entries)
}

/// The regions that the version whose last document is `document` lists; none where it lists none.
///
/// # Errors
/// `Corrupt` where a list does not agree with itself; those of the store.
pub(crate) fn regions(file: &dyn ReadAt, document: &Frame) -> Result<Vec<DeadRegion>> {
    match behind::find(file, document, JOURNAL_KIND)? {
        Some(frame) => parse(&frame, file.len()),
        None => Ok(Vec::new()),
    }
}

fn parse(frame: &[u8], file_bytes: u64) -> Result<Vec<DeadRegion>> {
    let entries = behind::content(frame).filter(|entries| entries.len() % REGION_BYTES == 0);
    let entries = entries.ok_or_else(|| {
        Error::checksum("the list of dead bytes does not agree with its checksum")
    })?;
    let regions = entries.chunks_exact(REGION_BYTES).map(|entry| {
        let word = |i: usize| {
            u64::from_le_bytes(entry[8 * i..8 * i + 8].try_into().expect("8 of 32 bytes"))
        };
        let region = DeadRegion {
            payload_start: word(0),
            decoded_size: word(1),
            range: word(2)..word(3),
        };
        region.check(file_bytes).map(|()| region)
    });
    regions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{MemoryStore, Store};

    fn region() -> DeadRegion {
        DeadRegion {
            payload_start: 10,
            decoded_size: 99,
            range: 30..100,
        }
    }

    #[test]
    fn a_seal_is_found_and_says_where_the_payload_ended() {
        let store = MemoryStore::with_bytes(vec![7; 120]);
        let file = store.update().unwrap().unwrap();
        assert!(!region().is_sealed(&*file).unwrap());
        region().seal(&*file).unwrap();
        assert!(region().is_sealed(&*file).unwrap());
        drop(file);
        let bytes = store.bytes().unwrap();
        assert_eq!(bytes[30..38], [0x5A, 0x2A, 0x4D, 0x18, 62, 0, 0, 0]);
        assert_eq!(bytes[92..100], 2_u64.to_le_bytes());
        assert_eq!(bytes[76..84], 30_u64.to_le_bytes());
        assert_eq!((bytes[29], bytes[100]), (7, 7));
    }

    #[test]
    fn a_list_reads_back_and_no_other_one_does() {
        let frame = journal(&[region(), region()]);
        assert_eq!(parse(&frame, 120).unwrap(), [region(), region()]);
        assert!(parse(&frame, 99).is_err());
        for at in 9..frame.len() {
            let mut damaged = frame.clone();
            damaged[at] ^= 1;
            assert!(parse(&damaged, 120).is_err(), "{at}");
        }
        assert!(journal(&[]).is_empty());
    }

    #[test]
    fn regions_beyond_one_frame_are_several() {
        for len_bytes in [
            8,
            9,
            MAX_FRAME_BYTES,
            MAX_FRAME_BYTES + 1,
            3 * MAX_FRAME_BYTES + 5,
        ] {
            let region = DeadRegion {
                range: 0..len_bytes,
                ..region()
            };
            let frames = region.frames();
            let total: u64 = frames
                .iter()
                .map(|body| FRAME_HEADER_BYTES + u64::from(*body))
                .sum();
            assert_eq!(total, len_bytes);
        }
    }
}
