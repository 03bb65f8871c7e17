//! Payloads of chunks and pages: what filters of numbers share.
//!
//! The payload is skippable frames of zstd only, so that readers which do not know the filter decode nothing rather
//! than garbage: parameters, then for each chunk its metadata and its pages, then the directory of all pages. Every
//! frame has a checksum bound to the array and to its place in it. Byte by byte: FORMAT.md, filter numeric. What stands in
//! metadata and pages is a filter's own: its [`PageWriter`] and its [`PageReader`].
//!
//! Modules, each using only those before it: `geometry` cuts arrays into pages, `components` numbers into components, `values` knows
//! bytes from numbers, `parameters` and `directory` are the head and the tail, `codec` what a filter brings, `written` how it may hold a chunk; `chunk` and `encoder` write;
//! `chunks`, `page`, `verify` and `reader` read; `filter` makes a filter of both.

mod chunk;
mod chunks;
mod codec;
mod components;
mod directory;
mod encoder;
mod filter;
mod geometry;
mod page;
mod parameters;
mod reader;
mod values;
mod verify;
mod written;

pub(super) use chunk::ChunkWriter;
pub(super) use codec::{ChunkPages, PageReader, PageWriter, StoredChunk, no_level};
pub(super) use components::{MAX_COMPONENTS, component_len, component_of, components};
#[cfg(test)]
pub(super) use directory::Directory;
pub(super) use encoder::Encoder;
pub(super) use filter::filter_of_pages;
pub(crate) use geometry::DEFAULT_PAGE_NUMBERS;
#[cfg(test)]
pub(super) use parameters::Parameters;
pub(super) use reader::Reader;
pub(super) use values::{Words, gather};
pub(super) use written::Written;
