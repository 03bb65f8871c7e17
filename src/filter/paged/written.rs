//! A chunk that is held as it is to be written.

use super::codec::ChunkPages;
use crate::error::Result;

/// What a reader needs for any page, and the pages one behind the other.
#[derive(Clone, Debug, Default)]
pub(in crate::filter) struct Written {
    pub(in crate::filter) meta: Vec<u8>,
    pub(in crate::filter) pages: Vec<u8>,
    /// Where in `pages` each page ends.
    pub(in crate::filter) ends: Vec<usize>,
}

impl Written {
    /// Bytes of a page.
    pub(in crate::filter) fn page(&self, page: usize) -> &[u8] {
        let start = page.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.pages[start..self.ends[page]]
    }

    /// Bytes of all.
    pub(in crate::filter) fn size(&self) -> usize {
        self.meta.len() + self.pages.len()
    }
}

impl ChunkPages for Written {
    fn write_meta(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.meta);
    }

    fn write_page(&mut self, page: usize, out: &mut Vec<u8>) -> Result<Vec<u8>> {
        out.extend_from_slice(self.page(page));
        Ok(Vec::new())
    }
}
