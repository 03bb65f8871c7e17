//! The header of a container and its index of frames.

use std::ops::Range;

use paginum_wrapped::Isa;

use super::hash::hash;
use super::{MAGIC, word};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;

pub(super) const HEADER_BYTES: usize = 48;
pub(super) const ENTRY_BYTES: usize = 16;
const VERSION: u32 = 1;
pub(super) const HAS_METADATA: u32 = 1;
pub(super) const HAS_AUDIO: u32 = 2;
/// Where the checksum of the header lies, which covers what is before it.
pub(super) const CHECKSUM_AT: usize = 40;

/// Kinds of audio: the number in the header, the extension of such files, and what they start with.
pub(super) const AUDIO: [(u32, &str, &[u8]); 4] = [
    (0x5741_5645, "wav", b"RIFF"),
    (0x4d50_4547, "mp3", b"ID3"),
    (0x4f47_4758, "ogg", b"OggS"),
    (0x464c_4143, "flac", b"fLaC"),
];

/// Where a frame lies, its length word among it, and how long it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) range: Range<u64>,
    pub(super) delay_ms: u32,
}

/// What a container says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) slots: Vec<Slot>,
    pub(super) loop_count: u32,
    pub(super) metadata: Option<Range<u64>>,
    /// With the number of its kind.
    pub(super) audio: Option<(Range<u64>, u32)>,
}

impl Header {
    /// A bare frame as a container of it would be.
    pub(super) fn bare(len: u64) -> Self {
        let slot = Slot {
            range: 0..len,
            delay_ms: 0,
        };
        Self {
            slots: vec![slot],
            loop_count: 1,
            metadata: None,
            audio: None,
        }
    }

    /// Whether a file that starts so is a container.
    pub(super) fn is_container(head: &[u8]) -> bool {
        head.starts_with(&MAGIC)
    }

    /// Reads the header and the index, and holds what they state against the length of the file.
    pub(super) fn read(store: &dyn ReadAt, limits: &Limits) -> Result<Self> {
        let len = store.len();
        if len < HEADER_BYTES as u64 {
            return Err(Error::truncated("the file ends within its header").at(len));
        }
        let mut head = [0; HEADER_BYTES];
        store.read_exact_at(&mut head, 0)?;
        if word(&head, CHECKSUM_AT) != hash(Isa::SCALAR, &head[..CHECKSUM_AT]) {
            return Err(Error::checksum("the header's checksum").at(CHECKSUM_AT as u64));
        }
        if word(&head, 4) != VERSION {
            let what = format!("version {} of the container", word(&head, 4));
            return Err(Error::unsupported(what).at(4));
        }
        let (flags, n_frames) = (word(&head, 8), word(&head, 12));
        if flags & !(HAS_METADATA | HAS_AUDIO) != 0 {
            return Err(Error::unsupported(format!("flags {flags:#x} of the container")).at(8));
        }
        if n_frames == 0 {
            return Err(Error::corrupt("a container without frames").at(12));
        }
        let index_bytes = u64::from(n_frames) * ENTRY_BYTES as u64;
        let index_end = HEADER_BYTES as u64 + index_bytes;
        if index_end > len {
            return Err(Error::truncated("the file ends within its index").at(len));
        }
        limits.check_metadata_bytes(index_bytes)?;
        limits.check_pages(n_frames.into())?;
        let blob = |at: usize, flag: u32, what: &'static str| {
            let (offset, n_bytes) = (u64::from(word(&head, at)), u64::from(word(&head, at + 4)));
            let range = offset..offset + n_bytes;
            match () {
                // `attach` of other writers leaves the flag of what it dropped.
                () if flags & flag == 0 || n_bytes == 0 => Ok(None),
                () if range.start < index_end || range.end > len => {
                    let what = format!("{what} outside of the file");
                    Err(Error::corrupt(what).at(at as u64))
                }
                () => Ok(Some(range)),
            }
        };
        let metadata = blob(20, HAS_METADATA, "metadata")?;
        if let Some(range) = &metadata {
            limits.check_metadata_bytes(range.end - range.start)?;
        }
        let audio = blob(28, HAS_AUDIO, "audio")?.map(|range| (range, word(&head, 36)));
        let mut index = vec![0; index_bytes as usize];
        store.read_exact_at(&mut index, HEADER_BYTES as u64)?;
        let slots = slots(&index, index_end..len)?;
        Ok(Self {
            slots,
            loop_count: word(&head, 16),
            metadata,
            audio,
        })
    }
}

/// The entries of an index, whose frames lie within `room`. Several may name one frame; others do not overlap.
fn slots(index: &[u8], room: Range<u64>) -> Result<Vec<Slot>> {
    /// The length word and a byte.
    const MIN_FRAME_BYTES: u64 = 5;
    let mut slots = Vec::with_capacity(index.len() / ENTRY_BYTES);
    for (number, entry) in index.chunks_exact(ENTRY_BYTES).enumerate() {
        let (offset, n_bytes) = (u64::from(word(entry, 0)), u64::from(word(entry, 4)));
        let range = offset..offset + n_bytes;
        if range.start < room.start || range.end > room.end || n_bytes < MIN_FRAME_BYTES {
            return Err(Error::corrupt("a frame outside of the file")
                .on_page(number as u64)
                .at((HEADER_BYTES + number * ENTRY_BYTES) as u64));
        }
        slots.push(Slot {
            range,
            delay_ms: word(entry, 8),
        });
    }
    let mut ranges: Vec<_> = slots
        .iter()
        .map(|slot: &Slot| (slot.range.start, slot.range.end))
        .collect();
    ranges.sort_unstable();
    ranges.dedup();
    if let Some(pair) = ranges.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        return Err(Error::corrupt("frames that overlap").at(pair[1].0));
    }
    Ok(slots)
}
