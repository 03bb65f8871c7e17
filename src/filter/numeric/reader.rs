//! Rows out of pages: only the pages that hold them, in place where their bytes are aligned.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use paginum_wrapped::{ChunkDecompressor, FileDecompressor, Number, PageScratch, RowIndex};

use super::chunk::{KIND_META, KIND_PAGE, META_AFTER_BYTES, META_BEFORE_BYTES, PAGE_BEFORE_BYTES};
use super::directory::{Directory, PageEntry};
use super::geometry::Geometry;
use super::parameters::Parameters;
use super::values::{Words, scatter, valid_numbers};
use super::verify;
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::checksum::crc_of;
use crate::filter::payload::{check_request, read_in_pieces};
use crate::filter::skippable::read_u32;
use crate::filter::{ArrayReader, Payload, parallel};
use crate::limits::Limits;

/// A payload of at most so many bytes is kept in memory while it is open.
const SMALL_BYTES: u64 = 64 << 10;
/// Neighbouring pages are read at once up to so many bytes.
const BATCH_BYTES: u64 = 4 << 20;
/// Trained chunks that are kept: a table or two of a few KiB each.
const MAX_CHUNKS: usize = 64;

/// Reads an array of `T`.
pub(super) struct Reader<T: Number> {
    spec: ArraySpec,
    payload: Payload,
    geometry: Geometry,
    words: Words,
    engine: FileDecompressor,
    directory: Directory,
    /// Where the frames of chunks and pages lie.
    frames: Range<u64>,
    /// The chunks that were used last, the latest at the end.
    chunks: Mutex<Vec<(u32, Arc<ChunkDecompressor<T>>)>>,
}

impl<T: Number> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "numeric pages of {}", self.spec)
    }
}

impl<T: Number> Reader<T> {
    pub(super) fn open(
        spec: &ArraySpec,
        words: Words,
        payload: &Payload,
        limits: &Limits,
    ) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        let payload = payload.in_memory(SMALL_BYTES)?.into_owned();
        let place = payload.offset_of(0);
        let (parameters, head_bytes) = Parameters::read(&payload)?;
        let geometry = parameters.geometry;
        let row_numbers = spec.row_elements() * spec.dtype().components();
        if geometry.rows != spec.rows()
            || geometry.row_numbers != row_numbers
            || parameters.words != words
        {
            return Err(Error::corrupt("numeric parameters of another array").at(place));
        }
        geometry.check_pages(limits)?;
        let (engine, n_bytes) = FileDecompressor::new(&parameters.engine_header).at(place)?;
        if n_bytes != parameters.engine_header.len() {
            return Err(Error::corrupt("bytes behind the engine's header").at(place));
        }
        let (directory, tail) = Directory::find(&payload)?;
        let frames = head_bytes..tail.start;
        directory
            .check(&geometry, frames.clone())
            .at(payload.offset_of(tail.start))?;
        Ok(Self {
            spec: spec.clone(),
            payload,
            geometry,
            words,
            engine,
            directory,
            frames,
            chunks: Mutex::new(Vec::new()),
        })
    }

    /// The decompressor of a chunk: one of those used last, or a new one.
    fn chunk(&self, chunk_no: u32) -> Result<Arc<ChunkDecompressor<T>>> {
        let lock = || self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunk)) = lock().iter().find(|(no, _)| *no == chunk_no) {
            return Ok(chunk.clone());
        }
        // Without the lock: two threads may train the same chunk, which is rarer than waiting.
        let chunk = Arc::new(self.train(chunk_no)?);
        let mut chunks = lock();
        if chunks.len() == MAX_CHUNKS {
            chunks.remove(0);
        }
        chunks.push((chunk_no, chunk.clone()));
        Ok(chunk)
    }

    fn train(&self, chunk_no: u32) -> Result<ChunkDecompressor<T>> {
        let entry = self.directory.chunks[chunk_no as usize];
        let place = self.payload.offset_of(entry.offset);
        let body = self
            .payload
            .bytes(entry.offset..entry.offset + u64::from(entry.length))?;
        let corrupt = |what: &'static str| Err(Error::corrupt(what).at(place));
        if body.len() < META_BEFORE_BYTES + META_AFTER_BYTES
            || body[0] != KIND_META
            || read_u32(&body[1..]) != chunk_no
        {
            return corrupt("no metadata of this chunk");
        }
        let (covered, crc) = body.split_at(body.len() - META_AFTER_BYTES);
        if read_u32(crc) != crc_of(self.payload.identity(), chunk_no.into(), covered) {
            return corrupt("the checksum of chunk metadata differs");
        }
        let meta = &covered[META_BEFORE_BYTES..];
        let (chunk, n_bytes) = self
            .engine
            .chunk_decompressor(meta)
            .shifted(place + META_BEFORE_BYTES as u64)?;
        if n_bytes != meta.len() {
            return corrupt("bytes behind chunk metadata");
        }
        Ok(chunk)
    }

    /// The pages that hold some of `numbers`, as runs that are read at once, with the bytes of each component's run.
    fn batches(&self, numbers: &Range<u64>) -> impl Iterator<Item = Range<u64>> + '_ {
        let end = self.geometry.page_of(numbers.end - 1) + 1;
        let mut page = self.geometry.page_of(numbers.start);
        std::iter::from_fn(move || {
            if page == end {
                return None;
            }
            let start = page;
            let group = self
                .geometry
                .group_pages(start / self.geometry.pages_per_chunk);
            let mut bytes = 0;
            while page < end.min(group.end) && (page == start || bytes < BATCH_BYTES) {
                bytes += (0..self.geometry.components)
                    .map(|component| u64::from(self.entry(page, component).length))
                    .sum::<u64>();
                page += 1;
            }
            Some(start..page)
        })
    }

    fn entry(&self, page: u64, component: u64) -> &PageEntry {
        &self.directory.pages[self.geometry.page_no(page, component) as usize]
    }

    /// The bytes of a run of a component's pages, by where they start in the payload.
    fn run(&self, pages: &Range<u64>, component: u64) -> Result<Run<'_>> {
        let stored = || {
            pages
                .clone()
                .map(|page| self.entry(page, component))
                .filter(|entry| entry.length > 0)
        };
        let start = stored().map(|entry| entry.offset).min().unwrap_or(0);
        let ends = stored().map(|entry| entry.offset + u64::from(entry.length));
        let end = ends.max().unwrap_or(start);
        let bytes: u64 = stored().map(|entry| u64::from(entry.length)).sum();
        // Frames of a hostile file may lie anywhere: then each page is read on its own.
        if end - start > bytes + 64 * (pages.end - pages.start) {
            return Ok(Run { start, bytes: None });
        }
        let bytes = Some(self.payload.bytes(start..end)?);
        Ok(Run { start, bytes })
    }

    /// Decodes some numbers of a page of every component into `out`, which holds them interleaved.
    fn read_page(
        &self,
        page: u64,
        numbers: Range<u64>,
        runs: &[Run<'_>],
        out: &mut [u8],
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        let components = self.geometry.components as usize;
        for (component, run) in runs.iter().enumerate() {
            let page_no = self.geometry.page_no(page, component as u64);
            let entry = *self.entry(page, component as u64);
            self.read_component(page, numbers.clone(), component, &entry, run, out, scratch)
                .at(self.payload.offset_of(entry.offset))
                .on_page(page_no)?;
        }
        debug_assert_eq!(runs.len(), components);
        self.words.swap(out);
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a page, what is wanted of it, and where it goes"
    )]
    fn read_component(
        &self,
        page: u64,
        numbers: Range<u64>,
        component: usize,
        entry: &PageEntry,
        run: &Run<'_>,
        out: &mut [u8],
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        let components = self.geometry.components as usize;
        let all = self.geometry.page(page);
        let is_full = u64::from(entry.n_values) == all.end - all.start;
        let within = (numbers.start - all.start) as usize..(numbers.end - all.start) as usize;
        if is_full
            && components == 1
            && let Ok(out) = bytemuck::try_cast_slice_mut(out)
        {
            return self.decode(page, component, entry, run, within, out, scratch);
        }
        let n = within.len();
        let mut values = std::mem::take(&mut scratch.values);
        values.resize(n.max(entry.n_values as usize), T::default());
        let result = if is_full {
            self.decode(
                page,
                component,
                entry,
                run,
                within,
                &mut values[..n],
                scratch,
            )
        } else {
            let n_values = entry.n_values as usize;
            let stored = &mut values[..n_values];
            self.decode(page, component, entry, run, 0..n_values, stored, scratch)
                .and_then(|()| self.spread(&mut values, n_values, all, &numbers, scratch))
        };
        if result.is_ok() {
            scatter(&values[..n], components, component, out);
        }
        scratch.values = values;
        result
    }

    /// Puts the values of a page, which are those of its valid rows, where their rows are, and zeroes elsewhere.
    fn spread(
        &self,
        values: &mut Vec<T>,
        n_values: usize,
        page: Range<u64>,
        wanted: &Range<u64>,
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        let validity = self.payload.validity().ok_or_else(|| {
            Error::invalid("an array with nulls cannot be read without its validity")
        })?;
        if validity.len() as u64 != self.geometry.rows {
            return Err(Error::corrupt("a validity mask of another array"));
        }
        let n = (wanted.end - wanted.start) as usize;
        scratch.spread.clear();
        scratch.spread.resize(n, T::default());
        let mut used = 0;
        for run in valid_numbers(self.geometry.in_row(), page, validity, 0) {
            let len = (run.end - run.start) as usize;
            let from = run.start.max(wanted.start);
            let to = run.end.min(wanted.end);
            if used + len > n_values {
                break;
            }
            if from < to {
                let source = used + (from - run.start) as usize;
                let target = (from - wanted.start) as usize;
                let n = (to - from) as usize;
                scratch.spread[target..target + n].copy_from_slice(&values[source..source + n]);
            }
            used += len;
        }
        let total: u64 =
            valid_numbers(self.geometry.in_row(), self.page_range(wanted), validity, 0)
                .map(|run| run.end - run.start)
                .sum();
        if total != n_values as u64 {
            return Err(Error::corrupt(
                "a page whose values are not those of its valid rows",
            ));
        }
        std::mem::swap(values, &mut scratch.spread);
        Ok(())
    }

    fn page_range(&self, numbers: &Range<u64>) -> Range<u64> {
        self.geometry.page(self.geometry.page_of(numbers.start))
    }

    /// Decodes the values `within` of a page.
    #[expect(
        clippy::too_many_arguments,
        reason = "a page, what is wanted of it, and where it goes"
    )]
    fn decode(
        &self,
        page: u64,
        component: usize,
        entry: &PageEntry,
        run: &Run<'_>,
        within: Range<usize>,
        out: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        if entry.length == 0 {
            return Ok(());
        }
        let page_no = self.geometry.page_no(page, component as u64);
        let body = run.body(&self.payload, entry)?;
        if body[0] != KIND_PAGE || crc_of(self.payload.identity(), page_no, &body) != entry.crc {
            return Err(Error::corrupt("the checksum of a page differs"));
        }
        let chunk = self.chunk(entry.chunk)?;
        let src = &body[PAGE_BEFORE_BYTES..];
        let place = self.payload.offset_of(entry.offset) + PAGE_BEFORE_BYTES as u64;
        let n = entry.n_values as usize;
        if within.len() < n
            && let Some(stored) = self.directory.index_of(page_no)
        {
            let (index, _) = RowIndex::read(stored)?;
            let read = chunk.read_rows_into_with(src, n, &index, within, out, &mut scratch.page);
            return read.shifted(place);
        }
        if within.start > 0 {
            let mut all = std::mem::take(&mut scratch.whole);
            all.resize(within.end, T::default());
            let read = self.decode_front(&chunk, src, n, &mut all[..within.end], scratch);
            out.copy_from_slice(&all[within]);
            scratch.whole = all;
            return read.shifted(place);
        }
        self.decode_front(&chunk, src, n, out, scratch)
            .shifted(place)
    }

    /// Decodes the first values of a page, as many as `out` holds.
    fn decode_front(
        &self,
        chunk: &ChunkDecompressor<T>,
        src: &[u8],
        n: usize,
        out: &mut [T],
        scratch: &mut Scratch<T>,
    ) -> Result<()> {
        let (progress, n_bytes) = chunk.read_page_into_with(src, n, out, &mut scratch.page)?;
        if progress.finished && n_bytes != src.len() {
            return Err(Error::corrupt("bytes behind a page").at(n_bytes as u64));
        }
        Ok(())
    }
}

/// Memory that decoding reuses from page to page.
struct Scratch<T: Number> {
    page: PageScratch<T>,
    values: Vec<T>,
    spread: Vec<T>,
    whole: Vec<T>,
}

impl<T: Number> Default for Scratch<T> {
    fn default() -> Self {
        Self {
            page: PageScratch::default(),
            values: Vec::new(),
            spread: Vec::new(),
            whole: Vec::new(),
        }
    }
}

/// Neighbouring pages of a component, read at once.
struct Run<'a> {
    start: u64,
    bytes: Option<Cow<'a, [u8]>>,
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

impl<T: Number> ArrayReader for Reader<T> {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let in_row = self.geometry.in_row();
        if self.spec.check_rows(&rows).is_err() || rows.is_empty() || in_row == 0 {
            return Vec::new();
        }
        let numbers = rows.start * in_row..rows.end * in_row;
        let mut ranges = Vec::new();
        let mut add = |offset: u64, length: u32| {
            if length > 0 {
                let start = self.payload.offset_of(offset);
                ranges.push(start..start + u64::from(length));
            }
        };
        let pages = self.geometry.page_of(numbers.start)..=self.geometry.page_of(numbers.end - 1);
        for page in pages {
            for component in 0..self.geometry.components {
                let entry = self.entry(page, component);
                let chunk = self.directory.chunks[entry.chunk as usize];
                add(chunk.offset, chunk.length);
                add(entry.offset, entry.length);
            }
        }
        merge(ranges)
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        if out.is_empty() {
            return Ok(());
        }
        let in_row = self.geometry.in_row();
        let numbers = rows.start * in_row..rows.end * in_row;
        let item_bytes = self.geometry.components as usize * size_of::<T>();
        let mut rest = out;
        for pages in self.batches(&numbers) {
            let runs = (0..self.geometry.components)
                .map(|component| self.run(&pages, component))
                .collect::<Result<Vec<_>>>()?;
            let mut work = Vec::new();
            for page in pages {
                let all = self.geometry.page(page);
                let wanted = all.start.max(numbers.start)..all.end.min(numbers.end);
                let n = (wanted.end - wanted.start) as usize;
                let (target, after) = rest.split_at_mut(n * item_bytes);
                work.push((page, wanted, target));
                rest = after;
            }
            // One scratch for each thread's share of the pages.
            let share = work.len().div_ceil(parallel::threads()).max(1);
            let mut shares = Vec::new();
            while !work.is_empty() {
                let later = work.split_off(work.len().min(share));
                shares.push(std::mem::replace(&mut work, later));
            }
            parallel::map(shares, |share| {
                let mut scratch = Scratch::default();
                for (page, wanted, target) in share {
                    self.read_page(page, wanted, &runs, target, &mut scratch)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        verify::check_frames(&self.payload, &self.directory, self.frames.clone())?;
        for (page_no, entry) in self.directory.pages.iter().enumerate() {
            if let Some(stored) = self.directory.index_of(page_no as u64) {
                self.verify_index(stored, entry)
                    .at(self.payload.offset_of(entry.offset))
                    .on_page(page_no as u64)?;
            }
        }
        read_in_pieces(self)
    }
}

impl<T: Number> Reader<T> {
    /// Checks that a row index is the one that its page has.
    fn verify_index(&self, stored: &[u8], entry: &PageEntry) -> Result<()> {
        let (index, n_bytes) = RowIndex::read(stored)?;
        let chunk = self.chunk(entry.chunk)?;
        let body = self
            .payload
            .bytes(entry.offset..entry.offset + u64::from(entry.length))?;
        let own = chunk.index_page(&body[PAGE_BEFORE_BYTES..], entry.n_values as usize)?;
        let mut expected = Vec::new();
        own.write(&mut expected);
        if n_bytes != stored.len() || index.spacing() != own.spacing() || expected != stored {
            return Err(Error::corrupt("a row index that is not its page's"));
        }
        Ok(())
    }
}

/// Sorts ranges and joins neighbours.
fn merge(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
