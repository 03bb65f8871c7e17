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

use std::collections::HashSet;
use std::ops::Range;

use super::behind;
use super::index::{Frame, Index};
use crate::error::{Error, Result};
use crate::filter::MAX_FETCHED_INDEX;
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

    /// What is looked at to see whether it is sealed, but for an index that is no small one.
    pub(super) fn looked_at(&self) -> Vec<Range<u64>> {
        let mut start = self.range.start;
        let tail = self.range.end.saturating_sub(SMALL_INDEX_BYTES)..self.range.end;
        let mut ranges = vec![tail];
        for body_bytes in self.frames() {
            ranges.push(start..start + FRAME_HEADER_BYTES);
            start += FRAME_HEADER_BYTES + u64::from(body_bytes);
        }
        ranges
    }

    /// Whether nothing is left to be done.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn is_sealed(&self, file: &dyn ReadAt) -> Result<bool> {
        Ok(self.has_frames(file)? && self.ends_in_an_index(file)?)
    }

    /// Whether it is covered by skippable frames: the last that sealing does, though not always the last on the medium.
    fn has_frames(&self, file: &dyn ReadAt) -> Result<bool> {
        let mut header = [0; skippable::HEADER_BYTES];
        let mut start = self.range.start;
        for body_bytes in self.frames() {
            file.read_exact_at(&mut header, start)?;
            if header != skippable::header(DEAD_TAIL_MAGIC, body_bytes) {
                return Ok(false);
            }
            start += FRAME_HEADER_BYTES + u64::from(body_bytes);
        }
        Ok(true)
    }

    /// Too short for a frame: nothing that was a pair is.
    fn check(&self, file_bytes: u64) -> Result<()> {
        let is_whole = self.payload_start <= self.range.start
            && self.range.start < self.range.end
            && self.range.end <= file_bytes
            && self.range.end - self.range.start >= FRAME_HEADER_BYTES;
        is_whole.then_some(()).ok_or_else(|| self.elsewhere())
    }

    fn elsewhere(&self) -> Error {
        Error::corrupt("a list of dead bytes that lie elsewhere").at(self.range.start)
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
        if file.access().is_distant() && self.range.end - start <= MAX_FETCHED_INDEX {
            file.prefetch(std::slice::from_ref(&(start..self.range.end)))?;
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

/// The regions that the version of `index` lists, which do not overlap; none where it lists none.
///
/// # Errors
/// `Corrupt` where a list does not agree with itself or the index; those of the store.
pub(crate) fn regions(file: &dyn ReadAt, index: &Index) -> Result<Vec<DeadRegion>> {
    let (document, arrays) = index.pairs.split_last().expect("an index has a pair");
    let Some(frame) = behind::find(file, &document.payload, JOURNAL_KIND)? else {
        return Ok(Vec::new());
    };
    let regions = parse(&frame, file.len())?;
    let mut ends = HashSet::with_capacity(regions.len());
    for region in &regions {
        // Of payloads that end at one byte, only the first holds bytes.
        let pair = arrays.partition_point(|pair| pair.payload.range.end < region.range.end);
        let payload = region.payload_start..region.range.end;
        let has_grown = arrays
            .get(pair)
            .is_some_and(|pair| pair.payload.range == payload);
        if !has_grown || !ends.insert(payload.end) {
            return Err(region.elsewhere());
        }
    }
    Ok(regions)
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
    use std::collections::BTreeMap;
    use std::io;
    use std::sync::Mutex;

    use super::*;
    use crate::storage::{MemoryStore, Part, Store, WriteAt};

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
        for (len_bytes, n_frames) in [
            (8, 1),
            (9, 1),
            (MAX_FRAME_BYTES, 1),
            (MAX_FRAME_BYTES + 1, 2),
            (3 * MAX_FRAME_BYTES + 5, 4),
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
            assert_eq!((frames.len(), total), (n_frames, len_bytes));
        }
    }

    /// Whether a region that begins at byte 30, and after `gap` bytes holds an index of frames with these ends and no more, is
    /// taken to say where the payload ended.
    fn ends_in_an_index(gap: usize, ends: impl Iterator<Item = u64>) -> bool {
        let mut file = vec![7; 30 + gap];
        let mut count = 0_u64;
        for end in ends {
            file.extend_from_slice(&end.to_le_bytes());
            file.extend_from_slice(&[0; 8]);
            count += 1;
        }
        file.extend_from_slice(&count.to_le_bytes());
        let region = DeadRegion {
            range: 30..file.len() as u64,
            ..region()
        };
        region.ends_in_an_index(&file).unwrap()
    }

    #[test]
    fn an_index_that_tells_where_the_payload_ended_is_found_in_a_region() {
        for n in [2, 4, 6, 8_u64] {
            for at in 0..n {
                let ends = (0..n).map(|i| 30 + 3 * i - 3 * at);
                assert!(ends_in_an_index(8, ends.clone()), "entry {at} of {n}");
                assert!(!ends_in_an_index(8, ends.clone().map(|end| end + 1)));
                // It would reach into the header of the frame that seals.
                assert!(n == 2 || !ends_in_an_index(7, ends));
            }
        }
        assert!(
            !ends_in_an_index(8, 0..30),
            "the count is no end of a frame"
        );
    }

    #[test]
    fn a_region_too_small_for_an_index_needs_none() {
        for (n, is_enough) in [(8, true), (47, true), (48, false), (70, false)] {
            let region = DeadRegion {
                range: 30..30 + n,
                ..region()
            };
            let is_found = region.ends_in_an_index(&vec![0; 200]).unwrap();
            assert_eq!(is_found, is_enough, "{n}");
        }
    }

    #[test]
    fn a_region_that_lies_elsewhere_is_refused() {
        for (payload_start, range, is_good) in [
            (30, 30..120, true),
            (10, 30..38, true),
            (31, 30..100, false),
            (10, 100..100, false),
            (
                10,
                Range {
                    start: 100,
                    end: 30,
                },
                false,
            ),
            (10, 30..121, false),
            (10, 30..37, false),
        ] {
            let region = DeadRegion {
                payload_start,
                range: range.clone(),
                ..region()
            };
            assert_eq!(region.check(120).is_ok(), is_good, "{range:?}");
            let listed = parse(&journal(std::slice::from_ref(&region)), 120);
            assert_eq!(listed.is_ok(), is_good, "{range:?}");
        }
    }

    /// A file of which only the bytes that were written take room: the others are zeroes.
    #[derive(Debug, Default)]
    struct Sparse(Mutex<BTreeMap<u64, u8>>);

    impl ReadAt for Sparse {
        fn len(&self) -> u64 {
            1 << 40
        }
        fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
            let bytes = self.0.lock().unwrap();
            for part in parts {
                for (i, byte) in part.buf.iter_mut().enumerate() {
                    *byte = *bytes.get(&(part.offset + i as u64)).unwrap_or(&0);
                }
            }
            Ok(())
        }
    }

    impl WriteAt for Sparse {
        fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
            let placed = bytes.iter().zip(offset..).map(|(byte, at)| (at, *byte));
            self.0.lock().unwrap().extend(placed);
            Ok(())
        }
    }

    impl UpdateAt for Sparse {
        fn set_len(&self, _: u64) -> io::Result<()> {
            unreachable!("a seal changes no length")
        }
        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_frame_of_a_long_region_is_sealed_and_looked_at() {
        let region = DeadRegion {
            range: 30..30 + 2 * MAX_FRAME_BYTES + 100,
            ..region()
        };
        let file = Sparse::default();
        region.seal(&file).unwrap();
        assert!(region.is_sealed(&file).unwrap());
        let mut start = region.range.start;
        for body_bytes in region.frames() {
            let expected = skippable::header(DEAD_TAIL_MAGIC, body_bytes);
            let mut found = expected;
            file.read_exact_at(&mut found, start).unwrap();
            assert_eq!(found, expected, "at {start}");
            file.write_all_at(&[!expected[0]], start).unwrap();
            assert!(!region.is_sealed(&file).unwrap(), "at {start}");
            file.write_all_at(&expected, start).unwrap();
            start += FRAME_HEADER_BYTES + u64::from(body_bytes);
        }
        assert_eq!(start, region.range.end);
        assert!(region.is_sealed(&file).unwrap());
    }
}
