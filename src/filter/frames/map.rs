//! Which frame holds which decoded bytes.

use std::ops::Range;

use super::seek_table;
use super::stream::FrameStream;
use super::walk::{Frame, FrameKind, Walk, all_frames};
use crate::error::{Error, Result, ResultExt};
use crate::filter::skippable::{DEAD_TAIL_MAGIC, FIRST_MAGIC, PAGINUM_MAGIC, SEEK_TABLE_MAGIC};
use crate::filter::{Payload, tail};
use crate::limits::Limits;

/// A frame and what it decodes to, each by where it starts and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::filter) struct FrameEntry {
    /// From the start of the payload.
    pub(in crate::filter) start: u64,
    pub(in crate::filter) len: u64,
    pub(in crate::filter) decoded_start: u64,
    pub(in crate::filter) decoded_len: u64,
}

impl FrameEntry {
    pub(in crate::filter) fn range(&self) -> Range<u64> {
        self.start..self.start + self.len
    }

    pub(in crate::filter) fn decoded_end(&self) -> u64 {
        self.decoded_start + self.decoded_len
    }
}

/// The frames of a payload, whose decoded bytes follow one another without gaps.
#[derive(Debug)]
pub(super) struct FrameMap {
    entries: Vec<FrameEntry>,
}

impl FrameMap {
    /// Finds the frames of a payload of `decoded_len` decoded bytes: by its seek table, or else by walking.
    pub(super) fn load(payload: &Payload, decoded_len: u64, limits: &Limits) -> Result<Self> {
        let map = match tail::find_at_ends(payload, seek_table::read_last)? {
            Some(sizes) => {
                limits.check_pages(sizes.len() as u64)?;
                Self::of_sizes(
                    sizes
                        .into_iter()
                        .map(|(len, decoded)| (len.into(), decoded.into())),
                )
            }
            None => Self::walk(payload, decoded_len, limits)?,
        };
        map.check_decoded_len(payload, decoded_len)?;
        Ok(map)
    }

    /// Finds the frames by walking. A frame that does not tell its decoded size is decoded to find it.
    ///
    /// Ends where all decoded bytes are found: what stands behind them may be a dead tail that an interrupted append
    /// has not sealed yet, which is no frame.
    pub(super) fn walk(payload: &Payload, decoded_len: u64, limits: &Limits) -> Result<Self> {
        let mut entries = Vec::new();
        let mut decoded_start = 0u64;
        let mut walk = Walk::new(payload);
        while entries.is_empty() || decoded_start < decoded_len {
            let Some(frame) = walk.next_frame()? else {
                break;
            };
            let FrameKind::Data { content_bytes, .. } = frame.kind else {
                continue;
            };
            limits.check_pages(entries.len() as u64 + 1)?;
            let left = decoded_len.saturating_sub(decoded_start);
            let range = frame.start..frame.start + frame.len;
            let decoded = match content_bytes {
                Some(bytes) => bytes,
                None => FrameStream::new(range)?.finish(payload, left)?,
            };
            if decoded > left {
                return Err(wrong_total(payload, decoded_len));
            }
            entries.push(FrameEntry {
                start: frame.start,
                len: frame.len,
                decoded_start,
                decoded_len: decoded,
            });
            decoded_start += decoded;
        }
        Ok(Self { entries })
    }

    fn of_sizes(sizes: impl Iterator<Item = (u64, u64)>) -> Self {
        let (mut start, mut decoded_start) = (0, 0);
        let entry = |(len, decoded_len)| {
            let entry = FrameEntry {
                start,
                len,
                decoded_start,
                decoded_len,
            };
            // Sizes are 32 bits and there are fewer than 2^32, so the sums fit.
            (start, decoded_start) = (start + len, decoded_start + decoded_len);
            entry
        };
        Self {
            entries: sizes.map(entry).collect(),
        }
    }

    fn check_decoded_len(&self, payload: &Payload, decoded_len: u64) -> Result<()> {
        let sum = self.entries.last().map_or(0, FrameEntry::decoded_end);
        if sum != decoded_len {
            return Err(wrong_total(payload, decoded_len));
        }
        Ok(())
    }

    pub(super) fn entries(&self) -> &[FrameEntry] {
        &self.entries
    }

    /// The frames that hold some of `decoded`.
    pub(super) fn covering(&self, decoded: Range<u64>) -> &[FrameEntry] {
        let from = self
            .entries
            .partition_point(|entry| entry.decoded_end() <= decoded.start);
        let rest = &self.entries[from..];
        let n = rest.partition_point(|entry| entry.decoded_start < decoded.end);
        &rest[..n]
    }
}

fn wrong_total(payload: &Payload, decoded_len: u64) -> Error {
    Error::corrupt(format!(
        "frames that do not hold {decoded_len} decoded bytes"
    ))
    .at(payload.offset_of(0))
}

/// Checks what reading does not need: that the table, if there is one, lists exactly the frames that stand there, and
/// that nothing stands among frames with checksums (ours are; foreign ones may have company) that nobody checks.
///
/// `found` is the map that readers use: frames that do not tell their sizes were decoded for it, and need not be again.
pub(super) fn check_layout(
    payload: &Payload,
    found: &FrameMap,
    decoded_len: u64,
    limits: &Limits,
) -> Result<()> {
    let table = tail::find_at_ends(payload, |payload| {
        Ok(seek_table::read_last(payload)?.map(|sizes| (payload.clone(), sizes)))
    })?;
    let frames = all_frames(payload, limits)?;
    let is_ours = frames.iter().any(Frame::has_checksum);
    if is_ours && let Some(stranger) = frames.iter().find(|frame| !is_known(frame.kind)) {
        return Err(Error::corrupt("a skippable frame that nobody knows")
            .at(payload.offset_of(stranger.start)));
    }
    for frame in &frames {
        check_frame(payload, frame).at(payload.offset_of(frame.start))?;
    }
    let n_data = frames.iter().filter(|frame| frame.is_data()).count();
    let n_expected = match table {
        None => found.entries.len(),
        Some(_) => FrameMap::walk(payload, decoded_len, limits)?.entries.len(),
    };
    if n_data != n_expected {
        return Err(Error::corrupt("frames behind those of the array").at(payload.offset_of(0)));
    }
    let n_tables = frames
        .iter()
        .filter(|frame| frame.kind == FrameKind::Skippable(SEEK_TABLE_MAGIC))
        .count();
    let Some((kept, sizes)) = table else {
        if is_ours && n_tables > 0 {
            return Err(Error::corrupt("a damaged seek table").at(payload.offset_of(0)));
        }
        return Ok(());
    };
    if is_ours && seek_table::has_unused_bits(&kept)? {
        return Err(Error::corrupt("unused bits of a seek table are set").at(payload.offset_of(0)));
    }
    let listed = FrameMap::of_sizes(sizes.into_iter().map(|(len, n)| (len.into(), n.into())));
    let walked = FrameMap::walk(&kept, decoded_len, limits)?;
    let with_data = listed.entries.iter().filter(|entry| entry.decoded_len > 0);
    if !with_data.eq(walked.entries.iter().filter(|entry| entry.decoded_len > 0)) {
        return Err(
            Error::corrupt("a seek table that does not list the frames that are there")
                .at(payload.offset_of(0)),
        );
    }
    Ok(())
}

/// Whether the last of `frames`, which are the first of a payload, is a seek table that lists exactly those before it.
///
/// # Errors
/// `Corrupt` for a table of others; those of the storage.
pub(crate) fn lists_frames(payload: &Payload, frames: &[Frame]) -> Result<bool> {
    let Some((table, before)) = frames.split_last() else {
        return Ok(false);
    };
    if table.kind != FrameKind::Skippable(SEEK_TABLE_MAGIC) {
        return Ok(false);
    }
    let kept = payload.clone().truncated_to(table.start + table.len);
    let Some(sizes) = seek_table::read_last(&kept)? else {
        return Ok(false);
    };
    let listed = sizes
        .into_iter()
        .map(|(len, decoded)| (u64::from(len), Some(u64::from(decoded))));
    let stored = before.iter().map(|frame| match frame.kind {
        FrameKind::Data { content_bytes, .. } => (frame.len, content_bytes),
        FrameKind::Skippable(_) => (frame.len, Some(0)),
    });
    Ok(listed.eq(stored) && !seek_table::has_unused_bits(&kept)?)
}

/// Refuses what only a flipped bit makes: a frame with a checksum that does not tell its size, and the bytes of something
/// else as a dead tail.
pub(crate) fn check_frame(payload: &Payload, frame: &Frame) -> Result<()> {
    frame.check_size_is_told()?;
    if frame.kind == FrameKind::Skippable(DEAD_TAIL_MAGIC) && !is_dead(payload, frame)? {
        return Err(Error::corrupt("a dead tail that does not say what it is"));
    }
    Ok(())
}

/// Whether a frame that calls itself a dead tail is one: it ends in an index that tells so, or is too small for one and
/// does not end as a seek table does.
fn is_dead(payload: &Payload, frame: &Frame) -> Result<bool> {
    /// The head of a skippable frame, two entries and a count.
    const WITH_INDEX_BYTES: u64 = 8 + 2 * 16 + 8;
    /// Tails beyond 4 GiB are several frames, of which the last has the index.
    const MAX_FRAME_BYTES: u64 = u32::MAX as u64 - 8;
    let end = frame.start + frame.len;
    if frame.len >= MAX_FRAME_BYTES {
        return Ok(true);
    }
    if frame.len < WITH_INDEX_BYTES {
        return Ok(!seek_table::ends(&payload.bytes(frame.start..end)?));
    }
    Ok(tail::before_append(&payload.clone().truncated_to(end))?.is_some())
}

fn is_known(kind: FrameKind) -> bool {
    match kind {
        FrameKind::Data { .. } => true,
        // The first is pyvista-zstd's thumbnail.
        FrameKind::Skippable(magic) => [
            FIRST_MAGIC,
            DEAD_TAIL_MAGIC,
            PAGINUM_MAGIC,
            SEEK_TABLE_MAGIC,
        ]
        .contains(&magic),
    }
}
