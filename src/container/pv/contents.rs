//! What a file says of itself as a container.

use std::ops::Range;
use std::sync::Arc;

use super::ahead::{prefetch_window, whole_array};
use super::format;
use super::header::Header;
use super::implied::ImpliedOffsets;
use super::index::Pair;
use super::listing::Listed;
use super::names::Role;
use super::reader::Reader;
use super::tree::Node;
use super::verify;
use crate::container::fault::Fault;
use crate::container::{Container, Document, Entry, FormatInfo};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{ArrayReader, FilterId, Payload, prefetch_tails};
use crate::limits::Limits;
use crate::validity::Validity;

/// What stands for the filter of an array whose header cannot be read.
const UNKNOWN_FILTER: &str = "?";

impl Reader {
    /// What there is to say of an array that can be read.
    fn described(&self, index: usize) -> Result<Entry> {
        let pair = self.slot(index).pair;
        match self.described_by(index, self.told_header(pair)?) {
            // What a list says of a header is not held against the header itself.
            Err(error) if !error.kind().is_of_storage() => {
                self.described_by(index, self.header(pair)?)
            }
            described => described,
        }
    }

    /// What there is to say of an array that has this header.
    fn described_by(&self, index: usize, header: &Header) -> Result<Entry> {
        let Listed {
            path,
            slot,
            implied_width,
            ..
        } = &self.listing.arrays[index];
        let spec = self.spec_of(slot.pair, header)?;
        if let Some(width) = implied_width {
            let offsets = ImpliedOffsets::new(&spec, *width)?;
            return Ok(Entry::of(path.clone(), offsets.spec(), "implied", 0));
        }
        let filter = self.options.filters.by_id(FilterId(header.filter))?;
        let filter = filter.name().to_owned();
        Ok(Entry {
            // As the file spells it: what numpy does not know is opaque bytes.
            dtype: header.dtype.clone(),
            order: slot.order,
            has_nulls: slot.validity.is_some(),
            ..Entry::of(path.clone(), &spec, &filter, self.own_bytes(slot.pair)?)
        })
    }

    fn told_of<T>(&self, index: usize, result: Result<T>) -> Result<T> {
        self.origin()
            .told_of(&self.listing.arrays[index].path, result)
    }

    fn filter_name(&self, header: &Header) -> String {
        let filter = self.options.filters.by_id(FilterId(header.filter));
        filter.map_or_else(
            |_| header.filter.to_string(),
            |filter| filter.name().to_owned(),
        )
    }
}

impl Container for Reader {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.listing.placeholders.start
    }

    fn placeholders(&self) -> Range<usize> {
        self.listing.placeholders.clone()
    }

    fn path(&self, index: usize) -> &str {
        &self.listing.arrays[index].path
    }

    fn given_name(&self, index: usize) -> Option<&str> {
        let Listed { path, slot, .. } = &self.listing.arrays[index];
        match &slot.role {
            Role::Data(_, name) => Some(&path[path.len() - name.len()..]),
            _ => None,
        }
    }

    fn find(&self, name: &str) -> Result<usize> {
        self.listing.find(name)
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let mut entry = match self.told_of(index, self.described(index)) {
            Ok(entry) => return Ok(entry),
            // Damage to what describes an array costs that array alone.
            Err(error) => {
                let Listed { path, slot, .. } = &self.listing.arrays[index];
                let payload = &self.index.pairs[slot.pair].payload;
                let stored_bytes = payload.range.end - payload.range.start;
                let fault = Fault::in_place(error)?;
                Entry {
                    decoded_bytes: payload.decoded_size,
                    has_nulls: slot.validity.is_some(),
                    ..Entry::faulty(path.clone(), UNKNOWN_FILTER, stored_bytes, fault)
                }
            }
        };
        if let Ok(header) = self.header(self.slot(index).pair) {
            entry.dtype.clone_from(&header.dtype);
            entry.shape.clone_from(&header.shape);
            entry.filter = self.filter_name(header);
        }
        Ok(entry)
    }

    fn prefetch_entries(&self) -> Result<()> {
        if !self.store.access().is_distant() {
            return Ok(());
        }
        let mut wanted = Vec::new();
        for (pair, frames) in self.index.pairs.iter().enumerate().take(self.names().len()) {
            if self.listed_header(pair)?.is_none() {
                wanted.push(frames.header.range.clone());
            }
        }
        self.store.prefetch(&wanted)?;
        if !self.was_edited()? {
            return Ok(());
        }
        // How long each array is then says the end of its payload.
        let payload = |pair: &Pair| Payload::new(self.store.clone(), pair.payload.range.clone());
        let payloads = self.index.pairs.iter().map(payload);
        prefetch_tails(payloads.collect::<Result<_>>()?)
    }

    fn prefetch_arrays(&self, arrays: Range<usize>) -> Result<usize> {
        prefetch_window(&*self.store, arrays, &|index| {
            let listed = &self.listing.arrays[index];
            match listed.implied_width {
                // Nothing is stored of offsets that cells imply.
                Some(_) => Vec::new(),
                None => whole_array(&self.index, &listed.slot),
            }
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        self.told_of(index, self.opened_array(index))
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        self.told_of(index, self.validity_of(self.slot(index)))
    }

    fn limits(&self) -> &Limits {
        &self.options.limits
    }

    fn documents(&self) -> Vec<Document> {
        let mut documents = vec![Document {
            path: String::new(),
            json: self.metadata.document().to_string(),
        }];
        let walked = self.tree.walk(&mut |prefix, id| {
            let json = match self.tree.node(id) {
                Node::Empty => return Ok(()),
                Node::Dataset(dataset) => dataset.metadata.document(),
                Node::MultiBlock(multi_block) => multi_block.metadata.document(),
            };
            documents.push(Document {
                path: prefix.to_owned(),
                json: json.to_string(),
            });
            Ok(())
        });
        debug_assert!(walked.is_ok(), "the visitor does not fail");
        documents
    }

    fn dead_bytes(&self) -> Result<u64> {
        let dead = || -> Result<u64> {
            let mut dead = self.store.len().saturating_sub(self.index.end());
            for (pair, frames) in self.index.pairs.iter().enumerate() {
                let range = &frames.payload.range;
                dead += range.end - range.start - self.own_bytes(pair)?;
            }
            Ok(dead)
        };
        self.origin().told(dead())
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn verify_structure(&self) -> Result<()> {
        self.origin().told(verify::verify_structure(self))
    }

    fn structure_faults(&self) -> Vec<Error> {
        let mut faults = verify::faults(self).into_iter();
        let Some(first) = faults.next() else {
            return Vec::new();
        };
        match self.origin().told::<()>(Err(first)).err() {
            // Of a file that was changed meanwhile nothing else is to be said.
            Some(error) if error.kind() == ErrorKind::Changed => vec![error],
            first => first.into_iter().chain(faults).collect(),
        }
    }
}
