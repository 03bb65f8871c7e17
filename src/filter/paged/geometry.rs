//! Which numbers a page holds, by arithmetic.
//!
//! An array is one stream of numbers for each component: number `i` of component `c` is number `i * components + c` of
//! the array in C order. All streams are cut alike: into pages of whole rows, as many as fit; or, where a row is larger
//! than a page, each row into pages. A *group* is the same `pages_per_chunk` pages of every component, each
//! component's being a chunk. Pages are numbered group by group, in it component by component.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::limits::Limits;

/// Numbers of a chunk at most, unless a single page is larger: the unit of training.
const CHUNK_NUMBERS: u64 = 1 << 18;
/// The most numbers of a page that is written unless another number is asked for.
pub(crate) const DEFAULT_PAGE_NUMBERS: usize = 8192;
/// The most numbers of a page.
pub(super) const MAX_PAGE_NUMBERS: u64 = 1 << 24;

/// How an array is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::filter) struct Geometry {
    pub(super) rows: u64,
    /// Numbers of a row, of all components.
    pub(super) row_numbers: u64,
    pub(in crate::filter) components: u64,
    /// Numbers of a page at most.
    pub(super) page_numbers: u64,
    pub(super) pages_per_chunk: u64,
}

impl Geometry {
    /// Cuts an array into pages of `page_numbers` and chunks of the usual size.
    pub(super) fn of_pages(
        rows: u64,
        row_numbers: u64,
        components: u64,
        page_numbers: u64,
    ) -> Result<Self> {
        let in_row = row_numbers / components.max(1);
        let pages_per_chunk = if in_row <= page_numbers {
            let whole_rows = (page_numbers / in_row.max(1)).max(1) * in_row;
            CHUNK_NUMBERS / whole_rows.max(1)
        } else if in_row <= CHUNK_NUMBERS {
            in_row.div_ceil(page_numbers.max(1)) * (CHUNK_NUMBERS / in_row)
        } else {
            CHUNK_NUMBERS / page_numbers.max(1)
        };
        let geometry = Self {
            rows,
            row_numbers,
            components,
            page_numbers,
            pages_per_chunk: pages_per_chunk.max(1),
        };
        geometry.check()?;
        Ok(geometry)
    }

    /// Refuses what no array is cut like.
    pub(super) fn check(&self) -> Result<()> {
        let is_possible = self.components > 0
            && self.row_numbers.is_multiple_of(self.components)
            && (1..=MAX_PAGE_NUMBERS).contains(&self.page_numbers)
            && (1..=CHUNK_NUMBERS).contains(&self.pages_per_chunk)
            // So that no product below overflows: sizes of arrays are checked to fit 63 bits.
            && self.rows.checked_mul(self.row_numbers.max(1)).is_some_and(|n| n <= i64::MAX as u64);
        if !is_possible {
            return Err(Error::invalid(format!(
                "{} rows of {} numbers of {} components in pages of {} numbers",
                self.rows, self.row_numbers, self.components, self.page_numbers
            )));
        }
        Ok(())
    }

    /// Refuses more pages than allowed.
    pub(super) fn check_pages(&self, limits: &Limits) -> Result<()> {
        let pages = self.stream_pages().saturating_mul(self.components);
        limits.check_pages(pages)?;
        if u32::try_from(pages).is_err() {
            return Err(Error::unsupported(format!("{pages} pages")));
        }
        Ok(())
    }

    /// Numbers of a row, of one component.
    pub(super) fn in_row(&self) -> u64 {
        self.row_numbers / self.components
    }

    fn is_empty(&self) -> bool {
        self.rows == 0 || self.row_numbers == 0
    }

    fn rows_per_page(&self) -> u64 {
        self.page_numbers / self.in_row()
    }

    fn pages_per_row(&self) -> u64 {
        self.in_row().div_ceil(self.page_numbers)
    }

    /// Pages of each component.
    pub(super) fn stream_pages(&self) -> u64 {
        if self.is_empty() {
            0
        } else if self.in_row() <= self.page_numbers {
            self.rows.div_ceil(self.rows_per_page())
        } else {
            self.rows.saturating_mul(self.pages_per_row())
        }
    }

    /// The numbers of a component's stream that its page `page` holds.
    pub(super) fn page(&self, page: u64) -> Range<u64> {
        let in_row = self.in_row();
        if in_row <= self.page_numbers {
            let rows = self.rows_per_page();
            page * rows * in_row..((page + 1) * rows).min(self.rows) * in_row
        } else {
            let (row, part) = (page / self.pages_per_row(), page % self.pages_per_row());
            let end = ((part + 1) * self.page_numbers).min(in_row);
            row * in_row + part * self.page_numbers..row * in_row + end
        }
    }

    /// The page of a component's stream that holds number `number`.
    pub(super) fn page_of(&self, number: u64) -> u64 {
        let in_row = self.in_row();
        let row = number / in_row;
        if in_row <= self.page_numbers {
            row / self.rows_per_page()
        } else {
            row * self.pages_per_row() + number % in_row / self.page_numbers
        }
    }

    pub(super) fn groups(&self) -> u64 {
        self.stream_pages().div_ceil(self.pages_per_chunk)
    }

    /// The pages of each component that belong to a group.
    pub(super) fn group_pages(&self, group: u64) -> Range<u64> {
        let start = group * self.pages_per_chunk;
        start..(start + self.pages_per_chunk).min(self.stream_pages())
    }

    /// The numbers of each component that belong to a group.
    pub(super) fn group(&self, group: u64) -> Range<u64> {
        let pages = self.group_pages(group);
        self.page(pages.start).start..self.page(pages.end - 1).end
    }

    pub(super) fn chunks(&self) -> u64 {
        self.groups() * self.components
    }

    pub(super) fn chunk_no(&self, group: u64, component: u64) -> u64 {
        group * self.components + component
    }

    /// The number in the array of page `page` of a component's stream.
    pub(super) fn page_no(&self, page: u64, component: u64) -> u64 {
        let group = self.group_pages(page / self.pages_per_chunk);
        group.start * self.components + component * (group.end - group.start) + page - group.start
    }

    pub(super) fn pages(&self) -> u64 {
        self.stream_pages() * self.components
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_every_number_once() {
        for (rows, row_numbers, components, page_numbers) in [
            (100, 1, 1, 7),
            (100, 3, 1, 7),
            (100, 6, 3, 7),
            (5, 20, 1, 7),
            (5, 40, 2, 7),
            (1, 1, 1, 8192),
            (3, 600_000, 1, 8192),
            (3, 600_000, 2, 8192),
            (40_000, 300, 3, 8192),
            (0, 3, 1, 8192),
            (9, 0, 1, 8192),
        ] {
            let geometry = Geometry::of_pages(rows, row_numbers, components, page_numbers).unwrap();
            let mut end = 0;
            for page in 0..geometry.stream_pages() {
                let numbers = geometry.page(page);
                assert_eq!(numbers.start, end, "{geometry:?}, page {page}");
                assert!(!numbers.is_empty() && numbers.end - numbers.start <= page_numbers.max(1));
                assert_eq!(geometry.page_of(numbers.start), page);
                assert_eq!(geometry.page_of(numbers.end - 1), page);
                end = numbers.end;
            }
            assert_eq!(end, rows * row_numbers / components);
            let mut page_nos = Vec::new();
            for group in 0..geometry.groups() {
                for component in 0..components {
                    for page in geometry.group_pages(group) {
                        page_nos.push(geometry.page_no(page, component));
                    }
                }
            }
            assert!(page_nos.into_iter().eq(0..geometry.pages()), "{geometry:?}");
        }
    }

    #[test]
    fn pages_hold_whole_rows_where_they_can() {
        let points = Geometry::of_pages(1_000_000, 3, 1, 8192).unwrap();
        assert_eq!(points.page(0), 0..8190);
        assert_eq!(points.group(0).end % 8190, 0);
        let components = Geometry::of_pages(10_000, 3, 3, 8192).unwrap();
        assert_eq!(components.page(0), 0..8192);
        let images = Geometry::of_pages(4, 10_000, 1, 8192).unwrap();
        assert_eq!((images.page(0), images.page(1)), (0..8192, 8192..10_000));
    }
}
