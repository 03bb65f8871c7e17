//! The index at the end of a file: where each frame ends and how many bytes it decodes to.
//!
//! ```text
//! file  := frame*  index  count          index := n * { u64 end ; u64 decoded_size }      count := u64 n
//! ```
//! Little-endian. Frames follow each other without gaps from byte 0; two make a pair, a header and its payload. The
//! first field is the *end*: read as a start it decodes cleanly and pairs every payload with the wrong header.

use crate::error::{Error, Result};
use crate::storage::ReadAt;
use std::ops::Range;

const ENTRY_BYTES: u64 = 16;
const COUNT_BYTES: u64 = 8;
/// Read from the end of the file at once: the whole index of most files.
const TAIL_BYTES: u64 = 8 << 10;

/// A frame: its place in the file and the bytes that it decodes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) range: Range<u64>,
    pub(crate) decoded_size: u64,
}

/// A header and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) header: Frame,
    pub(crate) payload: Frame,
}

impl Pair {
    /// Both frames: the payload follows on its header.
    pub(crate) fn range(&self) -> Range<u64> {
        self.header.range.start..self.payload.range.end
    }
}

/// Every pair of a file, in its order, the file metadata last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) pairs: Vec<Pair>,
    /// Where the index itself begins: nothing that a frame holds lies behind it.
    pub(crate) start: u64,
}

impl Index {
    /// Reads the index that ends at `end`, which is the size of the file unless an older version of it is looked for.
    ///
    /// # Errors
    /// `Truncated` where the file is too short for any index; `Corrupt` where the count is odd or zero or does not fit,
    /// or where frames overlap or reach into the index; `LimitExceeded` for more than `max_pairs` pairs.
    pub(crate) fn read(store: &dyn ReadAt, end: u64, max_pairs: u64) -> Result<Self> {
        if end < COUNT_BYTES + 2 * ENTRY_BYTES {
            return Err(Error::truncated("the file is too short to hold an index").at(end));
        }
        let tail_start = end - TAIL_BYTES.min(end);
        let mut tail = vec![0; (end - tail_start) as usize];
        store.read_exact_at(&mut tail, tail_start)?;
        let start = Self::start_of(&tail, end)?;
        let n_pairs = (end - COUNT_BYTES - start) / ENTRY_BYTES / 2;
        if n_pairs > max_pairs {
            return Err(Error::limit("arrays of a file", max_pairs, n_pairs));
        }
        if start >= tail_start {
            return Self::parse(&tail[(start - tail_start) as usize..], start);
        }
        // The documents lie before the index.
        let documents = start.saturating_sub(store.access().first_read / 2);
        store.prefetch(std::slice::from_ref(&(documents..tail_start)))?;
        // The count is paid for by the size of the file, so the index may be read whole.
        let mut bytes = vec![0; (end - start) as usize];
        let (head, rest) = bytes.split_at_mut((tail_start - start) as usize);
        store.read_exact_at(head, start)?;
        rest.copy_from_slice(&tail);
        Self::parse(&bytes, start)
    }

    /// Where an index begins whose count is the end of `tail`, which ends at `end`.
    pub(crate) fn start_of(tail: &[u8], end: u64) -> Result<u64> {
        let at = end - COUNT_BYTES;
        let count = tail
            .last_chunk::<8>()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .unwrap_or(0);
        if count == 0 || count % 2 != 0 || count > at / ENTRY_BYTES {
            return Err(Error::corrupt(format!(
                "the file does not end in a count of frames ({count})"
            ))
            .at(at));
        }
        Ok(at - count * ENTRY_BYTES)
    }

    /// Parses an index and its count, which begin at byte `start` of the file.
    fn parse(bytes: &[u8], start: u64) -> Result<Self> {
        let entries = &bytes[..bytes.len() - COUNT_BYTES as usize];
        let mut frames = Vec::with_capacity(entries.len() / ENTRY_BYTES as usize);
        let mut position = 0;
        for (i, entry) in entries.chunks_exact(ENTRY_BYTES as usize).enumerate() {
            let (end, decoded_size) = entry.split_at(8);
            let [end, decoded_size] = [end, decoded_size]
                .map(|field| u64::from_le_bytes(field.try_into().expect("an entry is two words")));
            if end < position || end > start {
                let what = format!("frame {i} ends at {end}, outside of {position} to {start}");
                return Err(Error::corrupt(what).at(start + i as u64 * ENTRY_BYTES));
            }
            frames.push(Frame {
                range: position..end,
                decoded_size,
            });
            position = end;
        }
        let mut frames = frames.into_iter();
        let mut pairs = Vec::with_capacity(frames.len() / 2);
        while let (Some(header), Some(payload)) = (frames.next(), frames.next()) {
            pairs.push(Pair { header, payload });
        }
        Ok(Self { pairs, start })
    }

    /// Where the index and its count end.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.pairs.len() as u64 * 2 * ENTRY_BYTES + COUNT_BYTES
    }

    /// Where the last frame ends: new pairs begin here.
    pub(crate) fn frames_end(&self) -> u64 {
        self.pairs.last().map_or(0, |pair| pair.payload.range.end)
    }

    /// Adds a pair of frames behind the last one.
    pub(crate) fn push(&mut self, header: (u64, u64), payload: (u64, u64)) {
        let mut position = self.frames_end();
        let mut frame = |(len_bytes, decoded_size)| {
            let range = position..position + len_bytes;
            position = range.end;
            Frame {
                range,
                decoded_size,
            }
        };
        let pair = Pair {
            header: frame(header),
            payload: frame(payload),
        };
        self.pairs.push(pair);
    }

    /// Adds bytes behind the payload of the last pair to its range.
    pub(crate) fn extend_last(&mut self, len_bytes: u64) {
        if let Some(pair) = self.pairs.last_mut() {
            pair.payload.range.end += len_bytes;
        }
    }

    /// The bytes of the index and its count.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.pairs.len() * 32 + 8);
        for frame in self
            .pairs
            .iter()
            .flat_map(|pair| [&pair.header, &pair.payload])
        {
            bytes.extend_from_slice(&frame.range.end.to_le_bytes());
            bytes.extend_from_slice(&frame.decoded_size.to_le_bytes());
        }
        bytes.extend_from_slice(&(2 * self.pairs.len() as u64).to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(n_pairs: u64) -> (Index, Vec<u8>) {
        let mut index = Index::default();
        for i in 0..n_pairs {
            index.push((3, 40 + i), (5, 8 * i));
        }
        index.start = index.frames_end();
        let mut bytes = vec![0xAA; index.start as usize];
        bytes.extend_from_slice(&index.to_bytes());
        (index, bytes)
    }

    #[test]
    fn an_index_reads_back_whatever_its_size() {
        for n_pairs in [1, 2, 255, 256, 257, 5_000] {
            let (index, bytes) = file(n_pairs);
            let end = bytes.len() as u64;
            assert_eq!(
                Index::read(&bytes, end, 1 << 20).unwrap(),
                index,
                "{n_pairs}"
            );
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let (_, bytes) = file(3);
        for end in 0..bytes.len() as u64 {
            assert!(Index::read(&bytes, end, 1 << 20).is_err(), "{end}");
        }
    }

    #[test]
    fn more_pairs_than_allowed_are_an_error() {
        let (_, bytes) = file(3);
        let error = Index::read(&bytes, bytes.len() as u64, 2).unwrap_err();
        assert!(error.to_string().contains("2 allowed"), "{error}");
    }
}
