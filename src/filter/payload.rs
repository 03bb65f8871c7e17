//! Where a payload lies, and what readers of every filter need of it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::ArrayReader;
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;
use crate::text::counted;
use crate::validity::Validity;

/// A payload: a range of a store, and what the container knows of it.
#[derive(Clone, Debug)]
pub struct Payload {
    store: Arc<dyn ReadAt>,
    range: Range<u64>,
    /// Where in the file the store's first byte lies: not 0 once a small payload was copied into a store of its own.
    store_start: u64,
    identity: Arc<[u8]>,
    validity: Option<Arc<Validity>>,
}

impl Payload {
    /// The bytes `range` of `store`.
    ///
    /// # Errors
    /// `Truncated` if the store ends before the range does, `Corrupt` if the range ends before it starts.
    pub fn new(store: Arc<dyn ReadAt>, range: Range<u64>) -> Result<Self> {
        if range.start > range.end {
            return Err(Error::corrupt("a payload ends before it starts").at(range.start));
        }
        if range.end > store.len() {
            return Err(Error::truncated("payload").at(store.len()));
        }
        Ok(Self {
            store,
            range,
            store_start: 0,
            identity: Arc::default(),
            validity: None,
        })
    }

    /// Sets the name under which the file stores the array: see [`EncodeContext::identity`](super::EncodeContext::identity).
    #[must_use]
    pub fn with_identity(mut self, identity: &[u8]) -> Self {
        self.identity = identity.into();
        self
    }

    /// Sets which rows have a value.
    #[must_use]
    pub fn with_validity(mut self, validity: Arc<Validity>) -> Self {
        self.validity = Some(validity);
        self
    }

    /// The store that it lies in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn ReadAt> {
        &self.store
    }

    /// Where in the store it lies.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Its bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The name under which the file stores the array.
    #[must_use]
    pub fn identity(&self) -> &[u8] {
        &self.identity
    }

    /// Which rows have a value, if not all.
    #[must_use]
    pub fn validity(&self) -> Option<&Validity> {
        self.validity.as_deref()
    }

    /// The same payload, ending earlier.
    pub(super) fn truncated_to(mut self, len: u64) -> Self {
        self.range.end = self.range.end.min(self.range.start.saturating_add(len));
        self
    }

    /// Where in the file the byte `offset` of the payload lies: for errors.
    #[must_use]
    pub fn offset_of(&self, offset: u64) -> u64 {
        self.store_start
            .saturating_add(self.range.start)
            .saturating_add(offset)
    }

    /// The same payload in memory, if it has at most `max_bytes`: one read instead of several small ones. Of a distant store
    /// what is needed was fetched already.
    pub(super) fn in_memory(&self, max_bytes: u64) -> Result<Cow<'_, Self>> {
        let is_here = self.store.as_slice().is_some() || self.store.access().is_distant();
        if self.len() > max_bytes || is_here {
            return Ok(Cow::Borrowed(self));
        }
        let bytes = self.bytes(0..self.len())?.into_owned();
        Ok(Cow::Owned(Self {
            range: 0..bytes.len() as u64,
            store: Arc::new(bytes),
            store_start: self.offset_of(0),
            ..self.clone()
        }))
    }

    /// Says which bytes will be wanted soon, by offsets in the store: where a request is dear they come at once.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn prefetch(&self, ranges: impl FnOnce() -> Vec<Range<u64>>) -> Result<()> {
        if self.store.access().is_distant() {
            self.store.prefetch(&ranges())?;
        }
        Ok(())
    }

    /// Bytes of it, by offsets from its start: without a copy where the store has them in memory.
    ///
    /// # Errors
    /// `Truncated` if it ends before `part` does, at an offset of the store; those of the storage.
    pub fn bytes(&self, part: Range<u64>) -> Result<Cow<'_, [u8]>> {
        self.check_part(&part)?;
        if let Some(bytes) = self.borrowed(&part) {
            return bytes.map(Cow::Borrowed);
        }
        let mut bytes = zeroed(part.end - part.start)?;
        self.read(part.start, &mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// The same bytes, read into `scratch` where the store does not have them in memory: a buffer that is used again
    /// costs neither zeroes nor fresh pages.
    #[cfg(feature = "zstd")]
    pub(super) fn bytes_in<'a>(
        &'a self,
        part: Range<u64>,
        scratch: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        self.check_part(&part)?;
        if let Some(bytes) = self.borrowed(&part) {
            return bytes;
        }
        let size = part.end - part.start;
        if (scratch.len() as u64) < size {
            *scratch = zeroed(size)?;
        }
        let bytes = &mut scratch[..size as usize];
        self.read(part.start, bytes)?;
        Ok(bytes)
    }

    fn check_part(&self, part: &Range<u64>) -> Result<()> {
        if part.start > part.end || part.end > self.len() {
            let end = self.offset_of(self.len());
            return Err(Error::truncated("payload").at(end));
        }
        Ok(())
    }

    fn borrowed(&self, part: &Range<u64>) -> Option<Result<&[u8]>> {
        let all = self.store.as_slice()?;
        let (start, end) = (self.range.start + part.start, self.range.start + part.end);
        // The store was long enough when the payload was made, and stores do not shrink while they are read.
        let bytes = all.get(start as usize..end as usize);
        Some(bytes.ok_or_else(|| Error::truncated("payload").at(self.offset_of(part.start))))
    }

    fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        self.store
            .read_exact_at(bytes, self.range.start + offset)
            .at(self.offset_of(offset))
    }
}

/// Zero bytes to read into; they exist in the file, so `size` is no bomb, but memory may still be too small.
pub(super) fn zeroed(size: u64) -> Result<Vec<u8>> {
    let out_of_memory = || Error::limit("bytes of memory", isize::MAX as u64, size);
    let size = usize::try_from(size).map_err(|_| out_of_memory())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| out_of_memory())?;
    bytes.resize(size, 0);
    Ok(bytes)
}

/// A copy of `rows` with zeroes where `validity` has no value.
pub(super) fn with_zeroes(rows: &[u8], validity: &Validity) -> Result<Vec<u8>> {
    let n = validity.len();
    if n == 0 || !rows.len().is_multiple_of(n) {
        return if rows.is_empty() {
            Ok(Vec::new())
        } else {
            Err(Error::invalid(format!(
                "{} of rows and a mask of {n}",
                counted(rows.len(), "byte")
            )))
        };
    }
    let row_bytes = rows.len() / n;
    let mut copy = vec![0; rows.len()];
    for run in validity.valid_runs(0..n) {
        let part = run.start * row_bytes..run.end * row_bytes;
        copy[part.clone()].copy_from_slice(&rows[part]);
    }
    Ok(copy)
}

/// Decodes all rows, a part at a time, and forgets them.
pub(super) fn read_in_pieces<R: ArrayReader + ?Sized>(reader: &R) -> Result<()> {
    const PIECE_BYTES: u64 = 4 << 20;
    let spec = reader.spec();
    let (n, row_bytes) = (spec.rows(), spec.row_bytes());
    if spec.bytes() == 0 {
        // However many rows of nothing there are, they are decoded at once.
        return reader.read_rows_into(0..n, &mut []);
    }
    let step = (PIECE_BYTES / row_bytes).max(1);
    let mut out = zeroed(step.min(n) * row_bytes)?;
    let mut start = 0;
    while start < n {
        let end = (start + step).min(n);
        let piece = &mut out[..((end - start) * row_bytes) as usize];
        reader.read_rows_into(start..end, piece)?;
        start = end;
    }
    Ok(())
}

/// Refuses rows that are not there, and an `out` that is not their size.
pub(super) fn check_request<R: ArrayReader + ?Sized>(
    reader: &R,
    rows: &Range<u64>,
    out: &[u8],
) -> Result<()> {
    let spec = reader.spec();
    spec.check_rows(rows)?;
    let wanted = (rows.end - rows.start) * spec.row_bytes();
    if out.len() as u64 != wanted {
        return Err(Error::invalid(format!(
            "a buffer of {} for {} of rows",
            counted(out.len(), "byte"),
            counted(wanted, "byte")
        )));
    }
    Ok(())
}

/// Counts the bytes of the rows that an encoder was given.
#[derive(Debug)]
pub(super) struct RowCount {
    row_bytes: u64,
    bytes: u64,
    expected: u64,
}

impl RowCount {
    pub(super) fn new(spec: &ArraySpec) -> Self {
        Self {
            row_bytes: spec.row_bytes(),
            bytes: 0,
            expected: spec.bytes(),
        }
    }

    /// Adds some rows, unless they are no whole ones or too many.
    pub(super) fn add(&mut self, rows: &[u8]) -> Result<()> {
        let n = rows.len() as u64;
        if n > 0 && (self.row_bytes == 0 || !n.is_multiple_of(self.row_bytes)) {
            return Err(Error::invalid(format!(
                "no whole rows of {}: {}",
                counted(self.row_bytes, "byte"),
                counted(n, "byte")
            )));
        }
        self.bytes += n;
        if self.bytes > self.expected {
            return Err(self.wrong());
        }
        Ok(())
    }

    /// Refuses to end early.
    pub(super) fn finish(&self) -> Result<()> {
        if self.bytes != self.expected {
            return Err(self.wrong());
        }
        Ok(())
    }

    fn wrong(&self) -> Error {
        let row_bytes = self.row_bytes.max(1);
        Error::invalid(format!(
            "an array was given {} of {}",
            counted(self.bytes / row_bytes, "row"),
            self.expected / row_bytes
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_lies_within_its_store() {
        let store: Arc<dyn ReadAt> = Arc::new(b"0123456789".to_vec());
        let payload = Payload::new(store.clone(), 2..6).unwrap();
        assert_eq!(&*payload.bytes(1..3).unwrap(), b"34");
        let error = payload.bytes(2..5).unwrap_err();
        assert_eq!(error.to_string(), "truncated: payload at byte 6");
        assert!(Payload::new(store, 2..11).is_err());
    }

    #[test]
    fn values_under_nulls_become_zeroes() {
        let validity: Validity = [true, false, true].into_iter().collect();
        assert_eq!(with_zeroes(b"aabbcc", &validity).unwrap(), b"aa\0\0cc");
        assert!(with_zeroes(b"aabbc", &validity).is_err());
    }
}
