//! A chunk: its components, each a column of its own.
//!
//! Number `i` of a chunk belongs to component `i` modulo their number; so a page starts at any of them, and says at which.

use std::ops::Range;

use paginum_wrapped::{FileDecompressor, Isa, Number, Page, vertical};

use super::column::{ColumnReader, value_budget};
use super::layers::Layers;
use super::pool::Pool;
use super::word::Word;
use crate::error::{Error, Result};
use crate::filter::cursor::Cursor;
use crate::filter::paged::{MAX_COMPONENTS, Written, component_len, component_of};

/// The numbers of a component, and how many of them each page has.
pub(super) fn column_of<T: Copy>(
    numbers: &[T],
    n_per_page: &[usize],
    k: usize,
    component: usize,
) -> (Vec<T>, Vec<usize>) {
    let mut start = 0;
    let lens = n_per_page.iter().map(|n| {
        let len = component_len(*n, k, start % k, component);
        start += n;
        len
    });
    (component_of(numbers, k, 0, component), lens.collect())
}

/// Puts the columns of components together.
pub(super) fn join(columns: &[Written], n_per_page: &[usize]) -> Written {
    let k = columns.len();
    let mut written = Written::default();
    written.meta.push(k as u8);
    for column in columns {
        written.meta.extend_from_slice(&column.meta);
    }
    let mut start = 0;
    for (page, n) in n_per_page.iter().enumerate() {
        if k > 1 {
            written.pages.push((start % k) as u8);
        }
        for column in columns {
            written.pages.extend_from_slice(column.page(page));
        }
        written.ends.push(written.pages.len());
        start += n;
    }
    written
}

/// A chunk whose metadata was read.
#[derive(Debug)]
pub(in crate::filter) struct ChunkReader<T: Number> {
    isa: Isa,
    columns: Vec<ColumnReader<T>>,
}

impl<T: Number<Latent: Word>> ChunkReader<T> {
    /// Reads the metadata of a chunk: all of it.
    pub(super) fn open(isa: Isa, engine: &FileDecompressor, meta: &[u8]) -> Result<Self> {
        let mut cursor = Cursor::new(meta);
        let k = usize::from(cursor.word::<u8>()?);
        if !(1..=MAX_COMPONENTS).contains(&k) {
            return Err(Error::corrupt("a chunk of no or too many components").at(0));
        }
        let mut columns = Vec::new();
        let mut budget = value_budget(k, meta.len());
        for _ in 0..k {
            let layers = Layers::read(&mut cursor)?;
            let column = ColumnReader::open(isa, engine, layers, &mut cursor, &mut budget)?;
            columns.push(column);
        }
        cursor.finish()?;
        Ok(Self { isa, columns })
    }

    /// Decodes the numbers `within` a page.
    pub(super) fn read(
        &self,
        page: Page<'_>,
        within: Range<usize>,
        out: &mut [T],
        pool: &mut Pool,
    ) -> Result<()> {
        if within.len() == page.n {
            return self.read_all(page.bytes, out, pool);
        }
        let mut all = pool.take::<Vec<T>>();
        all.resize(page.n, T::default());
        self.read_all(page.bytes, &mut all, pool)?;
        out.copy_from_slice(&all[within]);
        pool.give(all);
        Ok(())
    }

    fn read_all(&self, bytes: &[u8], out: &mut [T], pool: &mut Pool) -> Result<()> {
        let mut cursor = Cursor::new(bytes);
        match &self.columns[..] {
            [column] => column.read(&mut cursor, out, pool)?,
            columns => self.read_components(columns, &mut cursor, out, pool)?,
        }
        cursor.finish()
    }

    fn read_components(
        &self,
        columns: &[ColumnReader<T>],
        cursor: &mut Cursor<'_>,
        out: &mut [T],
        pool: &mut Pool,
    ) -> Result<()> {
        let (k, start) = (columns.len(), cursor.clone());
        let phase = usize::from(cursor.word::<u8>()?);
        if phase >= k {
            return Err(start.corrupt("a page that starts at no component"));
        }
        // In the order in which they stand in the page, each with room for as many as the longest.
        let room = out.len().div_ceil(k);
        let mut apart = pool.take::<Vec<T>>();
        apart.resize(k * room, T::default());
        for (component, column) in columns.iter().enumerate() {
            let n = component_len(out.len(), k, phase, component);
            let place = (component + k - phase) % k * room;
            column.read(cursor, &mut apart[place..place + n], pool)?;
        }
        let words: &[T::Latent] = bytemuck::cast_slice(&apart);
        vertical::interleave(self.isa, words, k, bytemuck::cast_slice_mut(out));
        pool.give(apart);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_share_components_as_the_chunk_does() {
        let numbers: Vec<u16> = (0..1000).collect();
        let n_per_page = [7, 0, 1, 500, 492];
        for k in 1..=MAX_COMPONENTS {
            let mut all = vec![0; n_per_page.len()];
            for component in 0..k {
                let (own, lens) = column_of(&numbers, &n_per_page, k, component);
                assert!(
                    own.iter()
                        .all(|number| usize::from(*number) % k == component)
                );
                assert_eq!(own.len(), lens.iter().sum::<usize>());
                all.iter_mut().zip(lens).for_each(|(all, len)| *all += len);
            }
            assert_eq!(all, n_per_page);
        }
    }
}
