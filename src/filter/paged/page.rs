//! One page of one component: its checksum, its values, and where they go among nulls.

use std::borrow::Cow;
use std::ops::Range;

use paginum_wrapped::{Number, Page};

use super::chunk::{KIND_PAGE, PAGE_BEFORE_BYTES};
use super::chunks::Chunks;
use super::codec::{PageReader, StoredChunk};
use super::directory::{Directory, PageEntry};
use super::geometry::Geometry;
use super::values::valid_numbers;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::checksum::crc_of;
use crate::validity::Validity;

/// A page of one component, where it is stored.
pub(super) struct StoredPage<'a> {
    pub(super) page_no: u64,
    /// What it holds of its component's stream, nulls included.
    pub(super) numbers: Range<u64>,
    pub(super) entry: PageEntry,
    pub(super) run: &'a Run<'a>,
}

/// Neighbouring pages of a component, read at once.
pub(super) struct Run<'a> {
    pub(super) start: u64,
    pub(super) bytes: Option<Cow<'a, [u8]>>,
}

impl Run<'_> {
    /// The body of a page's frame.
    fn body<'b>(&'b self, payload: &'b Payload, entry: &PageEntry) -> Result<Cow<'b, [u8]>> {
        match &self.bytes {
            Some(bytes) => {
                let start = (entry.offset - self.start) as usize;
                Ok(Cow::Borrowed(&bytes[start..start + entry.length as usize]))
            }
            None => payload.bytes(entry.offset..entry.offset + u64::from(entry.length)),
        }
    }
}

/// Memory that decoding reuses from page to page.
#[derive(Default)]
pub(super) struct Scratch<T, S> {
    page: S,
    pub(super) values: Vec<T>,
    spread: Vec<T>,
}

/// The scratch of the pages of a codec.
pub(super) type ScratchOf<T, R> =
    Scratch<T, <<R as PageReader<T>>::Chunk as StoredChunk<T>>::Scratch>;

impl StoredPage<'_> {
    /// Decodes the values `within` of a page.
    pub(super) fn decode<T: Number, R: PageReader<T>>(
        &self,
        payload: &Payload,
        directory: &Directory,
        chunks: &Chunks<T, R>,
        within: Range<usize>,
        out: &mut [T],
        scratch: &mut ScratchOf<T, R>,
    ) -> Result<()> {
        let entry = &self.entry;
        if entry.length == 0 {
            return Ok(());
        }
        let body = self.run.body(payload, entry)?;
        let crc = crc_of(payload.identity(), self.page_no, &body);
        if body[0] != KIND_PAGE || crc != entry.crc {
            return Err(Error::checksum("the checksum of a page differs"));
        }
        let chunk = chunks.get(payload, entry.chunk, directory.chunks[entry.chunk as usize])?;
        let page = Page::new(&body[PAGE_BEFORE_BYTES..], entry.n_values as usize);
        let place = payload.offset_of(entry.offset) + PAGE_BEFORE_BYTES as u64;
        let index = (within.len() < page.n).then(|| directory.index_of(self.page_no));
        chunk
            .decode(page, index.flatten(), within, out, &mut scratch.page)
            .shifted(place)
    }

    /// Puts the values of a page, which are those of its valid rows, where their rows are, and zeroes elsewhere.
    pub(super) fn spread<T: Number, S>(
        &self,
        geometry: &Geometry,
        validity: Option<&Validity>,
        wanted: &Range<u64>,
        values: &mut Vec<T>,
        scratch: &mut Scratch<T, S>,
    ) -> Result<()> {
        let validity = validity.ok_or_else(|| {
            Error::invalid("an array with nulls cannot be read without its validity")
        })?;
        if validity.len() as u64 != geometry.rows {
            return Err(Error::corrupt("a validity mask of another array"));
        }
        let runs = || valid_numbers(geometry.in_row(), self.numbers.clone(), validity, 0);
        let n_valid: u64 = runs().map(|run| run.end - run.start).sum();
        if n_valid != u64::from(self.entry.n_values) {
            return Err(Error::corrupt(
                "a page whose values are not those of its valid rows",
            ));
        }
        scratch.spread.clear();
        scratch
            .spread
            .resize((wanted.end - wanted.start) as usize, T::default());
        let mut used = 0;
        for run in runs() {
            let (from, to) = (run.start.max(wanted.start), run.end.min(wanted.end));
            if from < to {
                let source = used + (from - run.start) as usize;
                let target = (from - wanted.start) as usize;
                let n = (to - from) as usize;
                scratch.spread[target..target + n].copy_from_slice(&values[source..source + n]);
            }
            used += (run.end - run.start) as usize;
        }
        std::mem::swap(values, &mut scratch.spread);
        Ok(())
    }
}
