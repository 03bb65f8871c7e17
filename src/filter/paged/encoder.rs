//! Rows into pages: gathered until a group is full, then each component's chunk is trained and written.

use std::io::Write;
use std::marker::PhantomData;

use paginum_wrapped::Number;

use super::chunk::{ChunkFrames, ChunkWriter};
use super::codec::PageWriter;
use super::directory::{ChunkEntry, Directory, PageEntry};
use super::geometry::{Geometry, MAX_PAGE_NUMBERS};
use super::parameters::Parameters;
use super::values::{Words, gather, valid_numbers, without_nulls};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::payload::RowCount;
use crate::filter::{ArrayEncoder, EncodeContext, parallel};
use crate::text::counted;
use crate::validity::Validity;

/// So many bytes are gathered before it is decided whether components are split.
const TRIAL_BYTES: usize = 1 << 20;

/// Writes the payload of an array of `T`.
pub(in crate::filter) struct Encoder<T, W> {
    words: Words,
    writer: ChunkWriter<W>,
    /// Whether components take less room apart: tried on the first rows.
    is_smaller_split: IsSmallerSplit<W>,
    rows: u64,
    row_numbers: u64,
    /// Components that the array may be split into.
    components: u64,
    count: RowCount,
    /// The cut, once it is decided.
    geometry: Option<Geometry>,
    /// Rows that do not fill a group yet.
    gathered: Vec<u8>,
    /// The first row of the group that is gathered now, which holds only a part of it where rows are huge.
    validity: Option<Validity>,
    /// Rows whose validity was told, or that came without any.
    rows_pushed: u64,
    group: u64,
    written: u64,
    directory: Directory,
    number: PhantomData<T>,
}

/// Whether the first rows of an array take less room component by component.
pub(in crate::filter) type IsSmallerSplit<W> =
    fn(&[u8], u64, Words, &ChunkWriter<W>) -> Result<bool>;

impl<T: Number, W: PageWriter<T>> Encoder<T, W> {
    /// For an array in pages of `page_numbers`, of so many components that may be split; `is_smaller_split` decides if they are more
    /// than one.
    ///
    /// # Errors
    /// `InvalidArgument` for pages of no or too many numbers.
    pub(in crate::filter) fn new(
        spec: &ArraySpec,
        words: Words,
        page_numbers: usize,
        context: &EncodeContext,
        pages: W,
        components: u64,
        is_smaller_split: IsSmallerSplit<W>,
    ) -> Result<Self> {
        let page_numbers = page_numbers as u64;
        if !(1..=MAX_PAGE_NUMBERS).contains(&page_numbers) {
            return Err(Error::invalid(format!(
                "pages of {page_numbers} numbers; 1 to {MAX_PAGE_NUMBERS} are possible"
            )));
        }
        let row_numbers = spec.row_elements() * spec.dtype().components();
        let mut encoder = Self {
            words,
            writer: ChunkWriter {
                pages,
                identity: context.identity.clone(),
                page_numbers,
            },
            rows: spec.rows(),
            row_numbers,
            is_smaller_split,
            components,
            count: RowCount::new(spec),
            geometry: None,
            gathered: Vec::new(),
            validity: None,
            rows_pushed: 0,
            group: 0,
            written: 0,
            directory: Directory::default(),
            number: PhantomData,
        };
        if encoder.components == 1 {
            encoder.geometry = Some(encoder.cut_into(1)?);
        }
        Ok(encoder)
    }

    /// For an array that is one stream, whatever its components.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub(in crate::filter) fn unsplit(
        spec: &ArraySpec,
        words: Words,
        page_numbers: usize,
        context: &EncodeContext,
        pages: W,
    ) -> Result<Self> {
        let is_smaller_split = |_: &[u8], _, _, _: &_| Ok(false);
        Self::new(
            spec,
            words,
            page_numbers,
            context,
            pages,
            1,
            is_smaller_split,
        )
    }

    fn cut_into(&self, components: u64) -> Result<Geometry> {
        Geometry::of_pages(
            self.rows,
            self.row_numbers,
            components,
            self.writer.page_numbers,
        )
    }

    /// The cut: decided on `bytes`, the first rows, if it was not before.
    fn decide(&mut self, bytes: &[u8]) -> Result<Geometry> {
        if let Some(geometry) = self.geometry {
            return Ok(geometry);
        }
        let components = self.components;
        // However the rows were pushed, the same ones are the sample.
        let sample = &bytes[..bytes.len().min(TRIAL_BYTES)];
        let is_split = !sample.is_empty()
            && (self.is_smaller_split)(sample, components, self.words, &self.writer)?;
        let geometry = self.cut_into(if is_split { components } else { 1 })?;
        self.geometry = Some(geometry);
        Ok(geometry)
    }

    fn begin(&mut self, geometry: Geometry, sink: &mut dyn Write) -> Result<()> {
        if self.written > 0 {
            return Ok(());
        }
        geometry.check_pages(&crate::Limits::default())?;
        let parameters = Parameters {
            geometry,
            words: self.words,
            codec_header: self.writer.pages.header(),
        };
        self.write(&parameters.write(&self.writer.identity)?, sink)
    }

    fn write(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<()> {
        sink.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Bytes of a group.
    fn group_bytes(&self, geometry: &Geometry, group: u64) -> usize {
        let numbers = geometry.group(group);
        ((numbers.end - numbers.start) * geometry.components) as usize * size_of::<T>()
    }

    /// Writes the whole groups at the start of `bytes`, and returns how many bytes they were.
    fn write_groups(&mut self, bytes: &[u8], sink: &mut dyn Write) -> Result<usize> {
        let geometry = self.decide(bytes)?;
        let mut done = 0;
        while self.group < geometry.groups() {
            let at_once = parallel::threads().div_ceil(geometry.components as usize) as u64;
            let mut groups = Vec::new();
            for group in self.group..geometry.groups().min(self.group + at_once) {
                let size = self.group_bytes(&geometry, group);
                let Some(bytes) = bytes[done..].get(..size) else {
                    break;
                };
                groups.push((group, bytes));
                done += size;
            }
            if groups.is_empty() {
                break;
            }
            self.begin(geometry, sink)?;
            self.write_chunks(&geometry, &groups, sink)?;
            self.group += groups.len() as u64;
        }
        Ok(done)
    }

    fn write_chunks(
        &mut self,
        geometry: &Geometry,
        groups: &[(u64, &[u8])],
        sink: &mut dyn Write,
    ) -> Result<()> {
        let work = groups.iter().flat_map(|&(group, bytes)| {
            (0..geometry.components).map(move |component| (group, component, bytes))
        });
        let this = &*self;
        let chunks = parallel::map(work.collect(), |(group, component, bytes)| {
            Ok((group, this.chunk(geometry, group, component, bytes)?))
        })?;
        for (group, chunk) in chunks {
            self.write_chunk(geometry, group, &chunk, sink)?;
        }
        Ok(())
    }

    fn chunk(
        &self,
        geometry: &Geometry,
        group: u64,
        component: u64,
        bytes: &[u8],
    ) -> Result<ChunkFrames> {
        let chunk_no = geometry.chunk_no(group, component);
        let pages = geometry.group_pages(group);
        let first_page = geometry.page_no(pages.start, component);
        let numbers = geometry.group(group);
        let is_plain = geometry.components == 1 && !self.words.is_swapped();
        let copy;
        let values: &[T] = match bytemuck::try_cast_slice(bytes) {
            Ok(values) if is_plain => values,
            _ => {
                copy = gather(
                    bytes,
                    geometry.components as usize,
                    component as usize,
                    self.words,
                );
                &copy
            }
        };
        let in_page = |page| {
            let numbers = geometry.page(page);
            (numbers.end - numbers.start) as usize
        };
        let Some(validity) = &self.validity else {
            let n_values = pages.map(in_page).collect();
            return self.writer.write(values, n_values, chunk_no, first_page);
        };
        let in_row = geometry.in_row();
        let n_valid = |page| {
            let runs = valid_numbers(in_row, geometry.page(page), validity, 0);
            runs.map(|run| (run.end - run.start) as usize).sum()
        };
        let kept = without_nulls(values, numbers.start, in_row, numbers, validity, 0);
        let n_values = pages.map(n_valid).collect();
        self.writer.write(&kept, n_values, chunk_no, first_page)
    }

    fn write_chunk(
        &mut self,
        geometry: &Geometry,
        group: u64,
        chunk: &ChunkFrames,
        sink: &mut dyn Write,
    ) -> Result<()> {
        let start = self.written;
        self.write(&chunk.bytes, sink)?;
        let chunk_no = self.directory.chunks.len() as u32;
        self.directory.chunks.push(ChunkEntry {
            offset: start + chunk.meta.start as u64,
            length: chunk.meta.len() as u32,
        });
        for (page, frame) in geometry.group_pages(group).zip(&chunk.pages) {
            if !frame.index.is_empty() {
                let page_no = self.directory.pages.len() as u32;
                self.directory.add_index(page_no, &frame.index);
            }
            self.directory.pages.push(PageEntry {
                chunk: chunk_no,
                first_row: geometry.page(page).start / geometry.in_row(),
                n_values: frame.n_values as u32,
                offset: start + frame.body.start as u64,
                length: frame.body.len() as u32,
                crc: frame.crc,
            });
        }
        Ok(())
    }

    /// Whole groups are taken where they are; only what is left over is copied.
    fn push(&mut self, mut rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        while !rows.is_empty() {
            let needed = match self.geometry {
                // There are rows, so there is a group that they belong to.
                Some(geometry) => self.group_bytes(&geometry, self.group),
                None => TRIAL_BYTES,
            };
            if self.gathered.is_empty() && rows.len() >= needed {
                let done = self.write_groups(rows, sink)?;
                rows = &rows[done..];
                continue;
            }
            let (now, rest) = rows.split_at((needed - self.gathered.len()).min(rows.len()));
            self.gathered.extend_from_slice(now);
            rows = rest;
            if self.gathered.len() == needed {
                let gathered = std::mem::take(&mut self.gathered);
                let done = self.write_groups(&gathered, sink)?;
                self.gathered = gathered;
                self.gathered.drain(..done);
            }
        }
        Ok(())
    }

    fn rows_of(&self, bytes: &[u8]) -> u64 {
        let row_bytes = self.row_numbers * size_of::<T>() as u64;
        (bytes.len() as u64).checked_div(row_bytes).unwrap_or(0)
    }
}

impl<T: Number, W: PageWriter<T>> ArrayEncoder for Encoder<T, W> {
    fn push_rows(&mut self, rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.count.add(rows)?;
        let n = self.rows_of(rows);
        if let Some(validity) = &mut self.validity {
            for _ in 0..n {
                validity.push(true);
            }
        }
        self.rows_pushed += n;
        self.push(rows, sink)
    }

    fn push_rows_with_nulls(
        &mut self,
        rows: &[u8],
        validity: &Validity,
        sink: &mut dyn Write,
    ) -> Result<()> {
        self.count.add(rows)?;
        if self.row_numbers == 0 {
            return Ok(());
        }
        let n = self.rows_of(rows);
        if n != validity.len() as u64 {
            return Err(Error::invalid(format!(
                "{} and a mask of {}",
                counted(n, "row"),
                validity.len()
            )));
        }
        let before = self.rows_pushed as usize;
        let all = self
            .validity
            .get_or_insert_with(|| Validity::repeat(true, before));
        all.append(validity);
        self.rows_pushed += n;
        // What stands under nulls must not sway the trial either.
        let rows = crate::filter::payload::with_zeroes(rows, validity)?;
        self.push(&rows, sink)
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.count.finish()?;
        let gathered = std::mem::take(&mut self.gathered);
        let done = self.write_groups(&gathered, sink)?;
        debug_assert_eq!(
            done,
            gathered.len(),
            "all rows came, so the last group is whole"
        );
        let geometry = self.decide(&[])?;
        self.begin(geometry, sink)?;
        let directory = self.directory.write(&self.writer.identity)?;
        self.write(&directory, sink)
    }
}
