//! Rows out of pages: only the pages that hold them, in place where their bytes are aligned.

use std::fmt;
use std::ops::Range;

use paginum_wrapped::{Number, Page};

use super::chunk::PAGE_BEFORE_BYTES;
use super::chunks::Chunks;
use super::codec::{PageReader, StoredChunk};
use super::directory::{Directory, PageEntry};
use super::geometry::Geometry;
use super::page::{Run, ScratchOf, StoredPage};
use super::parameters::Parameters;
use super::values::{Words, scatter};
use super::verify;
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::payload::{check_request, read_in_pieces};
use crate::filter::{ArrayReader, ChunkSummary, Payload, parallel};
use crate::limits::Limits;

/// A payload of at most so many bytes is kept in memory while it is open.
const SMALL_BYTES: u64 = 64 << 10;
/// Neighbouring pages are read at once up to so many bytes.
const BATCH_BYTES: u64 = 4 << 20;

/// Reads an array of `T`.
pub(in crate::filter) struct Reader<T: Number, R: PageReader<T>> {
    spec: ArraySpec,
    payload: Payload,
    geometry: Geometry,
    words: Words,
    directory: Directory,
    /// Where the frames of chunks and pages lie.
    frames: Range<u64>,
    chunks: Chunks<T, R>,
}

impl<T: Number, R: PageReader<T>> fmt::Debug for Reader<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages of {}", R::NAME, self.spec)
    }
}

impl<T: Number, R: PageReader<T>> Reader<T, R> {
    pub(in crate::filter) fn open(
        spec: &ArraySpec,
        words: Words,
        payload: &Payload,
        limits: &Limits,
    ) -> Result<Self> {
        limits.check_array_bytes(spec.bytes())?;
        let payload = payload.in_memory(SMALL_BYTES)?.into_owned();
        let place = payload.offset_of(0);
        let (parameters, head_bytes) = Parameters::read(&payload, R::NAME)?;
        let geometry = parameters.geometry;
        let row_numbers = spec.row_elements() * spec.dtype().components();
        if geometry.rows != spec.rows()
            || geometry.row_numbers != row_numbers
            || parameters.words != words
        {
            let what = format!("{} parameters of another array", R::NAME);
            return Err(Error::corrupt(what).at(place));
        }
        if geometry.components != 1 && !R::HAS_COMPONENTS {
            let what = format!("{} parameters of several components", R::NAME);
            return Err(Error::corrupt(what).at(place));
        }
        geometry.check_pages(limits)?;
        let chunks = Chunks::new(&parameters.codec_header).at(place)?;
        let (directory, tail) = Directory::find(&payload, R::NAME)?;
        let frames = head_bytes..tail.start;
        directory
            .check(&geometry, frames.clone())
            .at(payload.offset_of(tail.start))?;
        if directory.has_indexes() && !R::HAS_ROW_INDEXES {
            let what = format!("row indexes in a {} payload", R::NAME);
            return Err(Error::corrupt(what).at(payload.offset_of(tail.start)));
        }
        Ok(Self {
            spec: spec.clone(),
            payload,
            geometry,
            words,
            directory,
            frames,
            chunks,
        })
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
        wanted: &Range<u64>,
        runs: &[Run<'_>],
        out: &mut [u8],
        scratch: &mut ScratchOf<T, R>,
    ) -> Result<()> {
        for (component, run) in runs.iter().enumerate() {
            let stored = StoredPage {
                page_no: self.geometry.page_no(page, component as u64),
                numbers: self.geometry.page(page),
                entry: *self.entry(page, component as u64),
                run,
            };
            self.read_component(&stored, wanted, component, out, scratch)
                .at(self.payload.offset_of(stored.entry.offset))
                .on_page(stored.page_no)?;
        }
        self.words.swap(out);
        Ok(())
    }

    /// Decodes some numbers of one component into `out`, which holds those of all.
    fn read_component(
        &self,
        stored: &StoredPage<'_>,
        wanted: &Range<u64>,
        component: usize,
        out: &mut [u8],
        scratch: &mut ScratchOf<T, R>,
    ) -> Result<()> {
        let components = self.geometry.components as usize;
        let all = &stored.numbers;
        let within = (wanted.start - all.start) as usize..(wanted.end - all.start) as usize;
        let n_values = stored.entry.n_values as usize;
        let is_full = n_values as u64 == all.end - all.start;
        if is_full
            && components == 1
            && let Ok(out) = bytemuck::try_cast_slice_mut(out)
        {
            return stored.decode(
                &self.payload,
                &self.directory,
                &self.chunks,
                within,
                out,
                scratch,
            );
        }
        let n = within.len();
        let mut values = std::mem::take(&mut scratch.values);
        values.resize(n.max(n_values), T::default());
        let stored_part = if is_full { within } else { 0..n_values };
        let target = &mut values[..stored_part.len()];
        let mut result = stored.decode(
            &self.payload,
            &self.directory,
            &self.chunks,
            stored_part,
            target,
            scratch,
        );
        if result.is_ok() && !is_full {
            let validity = self.payload.validity();
            result = stored.spread(&self.geometry, validity, wanted, &mut values, scratch);
        }
        if result.is_ok() {
            scatter(&values[..n], components, component, out);
        }
        scratch.values = values;
        result
    }
}

impl<T: Number, R: PageReader<T>> Reader<T, R> {
    /// What a chunk is made of; none where it has no numbers.
    fn summary(&self, group: u64, component: u64) -> Result<Option<ChunkSummary>> {
        let chunk_no = self.geometry.chunk_no(group, component);
        let entry = self.directory.chunks[chunk_no as usize];
        if entry.length == 0 {
            return Ok(None);
        }
        let chunk = self.chunks.get(&self.payload, chunk_no as u32, entry)?;
        let Some(meta) = chunk.meta() else {
            return Ok(None);
        };
        let pages = self.geometry.group_pages(group);
        let pages = pages.map(|page| self.entry(page, component));
        let meta_bytes = u64::from(entry.length);
        let bytes = meta_bytes
            + pages
                .clone()
                .map(|page| u64::from(page.length))
                .sum::<u64>();
        Ok(Some(ChunkSummary::new::<T>(
            self.payload.offset_of(entry.offset),
            meta_bytes,
            bytes,
            pages.map(|page| page.n_values).collect(),
            meta,
        )))
    }
}

impl<T: Number, R: PageReader<T>> ArrayReader for Reader<T, R> {
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

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<ChunkSummary>> + '_> {
        let groups = 0..self.geometry.groups();
        let all = groups.flat_map(|group| (0..self.geometry.components).map(move |c| (group, c)));
        Box::new(all.filter_map(|(group, component)| self.summary(group, component).transpose()))
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        if out.is_empty() {
            return Ok(());
        }
        self.payload.prefetch(|| self.ranges(rows.clone()))?;
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
                let mut scratch = ScratchOf::<T, R>::default();
                for (page, wanted, target) in share {
                    self.read_page(page, &wanted, &runs, target, &mut scratch)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn has_checksums(&self) -> Result<bool> {
        Ok(true)
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

impl<T: Number, R: PageReader<T>> Reader<T, R> {
    /// Checks that a row index is the one that its page has.
    fn verify_index(&self, stored: &[u8], entry: &PageEntry) -> Result<()> {
        let meta = self.directory.chunks[entry.chunk as usize];
        let chunk = self.chunks.get(&self.payload, entry.chunk, meta)?;
        let body = self
            .payload
            .bytes(entry.offset..entry.offset + u64::from(entry.length))?;
        let Some(page) = body.get(PAGE_BEFORE_BYTES..) else {
            return Err(Error::corrupt("a row index of a page without values"));
        };
        chunk.check_index(stored, Page::new(page, entry.n_values as usize))
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
