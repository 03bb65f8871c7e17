//! Reading a file: the index and the documents when it is opened, everything else when it is asked for.
//!
//! Names come from the list in the file's metadata, by position: no header is touched before its array is. Only where
//! that list is not as long as the index are all headers read instead.

use std::sync::{Arc, OnceLock};

use super::ahead::{prefetch, wanted_to_open};
use super::checked::CheckedArray;
use super::frame::FrameDecoder;
use super::header::{self, Header};
use super::header_list;
use super::implied::ImpliedOffsets;
use super::index::Index;
use super::listing::{Listed, Listing};
use super::metadata::FileMetadata;
use super::names::{DATASET_METADATA, Role};
use super::origin::Origin;
use super::recover::{self, Version};
use super::seal;
use super::thumbnail::Thumbnail;
use super::topology::Expectation;
use super::tree::{Dataset, Node, Slot, Tree};
use super::unfinished::{self, Finished, finished};
use crate::array::{ArraySpec, Order};
use crate::container::{Container, OpenOptions};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::filter::{ArrayReader, FilterId, Payload, without_dead_tail};
use crate::storage::ReadAt;
use crate::text::counted;
use crate::validity::Validity;

/// An open `.pv` or `.zvtk` file.
#[derive(Debug)]
pub struct Reader {
    pub(super) store: Arc<dyn ReadAt>,
    pub(super) options: OpenOptions,
    pub(super) index: Index,
    end: u64,
    pub(super) metadata: FileMetadata,
    /// The name of every pair but the last.
    names: Vec<String>,
    pub(super) tree: Tree,
    pub(super) listing: Listing,
    /// Headers that were asked for.
    headers: Vec<OnceLock<Header>>,
    /// What the file lists of them.
    header_list: OnceLock<Option<Vec<Option<Header>>>>,
    was_edited: OnceLock<bool>,
    /// Where the first dead bytes are that an edit left unsealed; `store` shows them sealed.
    pub(super) unsealed_from: Option<u64>,
    pub(super) notes: Vec<String>,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// `Corrupt` and `Truncated` where the bytes are no such file or a damaged one; `Unsupported` for a newer version;
    /// `LimitExceeded`; `Io`.
    pub fn open(store: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Self> {
        let opened = recover::newest_version(&*store, &options.limits)
            .and_then(|version| Self::open_version(store.clone(), options, version));
        let origin = Origin {
            store: &*store,
            name: options.name.as_deref(),
        };
        origin.told(opened)
    }

    /// Opens a version of a file.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(crate) fn open_version(
        store: Arc<dyn ReadAt>,
        options: &OpenOptions,
        version: Version,
    ) -> Result<Self> {
        let limits = &options.limits;
        let mut notes = Vec::new();
        if let Some(note) = version.note(store.len()) {
            notes.push(note);
        }
        let (index, mut metadata, end) = (version.index, version.metadata, version.end);
        let Finished {
            store,
            unsealed_from,
            was_edited,
        } = finished(store, &index)?;
        // Whoever is at it now will finish it.
        if unsealed_from.is_some() && !store.has_changed() {
            notes.push(unfinished::WORDS.to_owned());
        }
        let mut decoder = FrameDecoder::new(&*store, limits.max_metadata_bytes);
        let arrays = &index.pairs[..index.pairs.len() - 1];
        let listed = std::mem::take(&mut metadata.frame_names);
        let names = if listed.len() == arrays.len() {
            listed
        } else {
            notes.push(other_names(listed.len(), arrays.len()));
            prefetch(&*store, arrays.iter().map(|pair| &pair.header))?;
            header::names(arrays, &mut decoder)?
        };
        let documents = arrays.iter().zip(&names);
        let documents = documents.filter(|(_, name)| name.ends_with(DATASET_METADATA));
        let documents = documents.flat_map(|(pair, _)| [&pair.header, &pair.payload]);
        prefetch(&*store, documents)?;
        let tree = Tree::build(&names, limits.max_arrays, &mut |pair| {
            let (frames, name) = (&arrays[pair], &names[pair]);
            Header::parse(&decoder.header(&frames.header)?, Some(name))
                .at(frames.header.range.start)?;
            decoder.document(&frames.payload)
        })?;
        if !tree.missing.is_empty() {
            notes.push(format!("listed and not there: {}", tree.missing.join(", ")));
        }
        let headers = names.iter().map(|_| OnceLock::new()).collect();
        let listing = Listing::of(&tree, limits.max_arrays)?;
        Ok(Self {
            index,
            end,
            metadata,
            names,
            tree,
            listing,
            headers,
            header_list: OnceLock::new(),
            was_edited: was_edited.map_or_else(OnceLock::new, OnceLock::from),
            unsealed_from,
            notes,
            options: options.clone(),
            store: store.clone(),
        })
    }

    /// The datasets of the file.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The document at the end of the file.
    pub fn metadata(&self) -> &FileMetadata {
        &self.metadata
    }

    /// The preview picture, where there is one.
    ///
    /// # Errors
    /// `Io` alone.
    pub fn thumbnail(&self) -> Result<Option<Thumbnail>> {
        Thumbnail::read(&*self.store, &self.index)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn store(&self) -> &Arc<dyn ReadAt> {
        &self.store
    }

    /// The header of a pair, decoded once.
    pub(crate) fn header(&self, pair: usize) -> Result<&Header> {
        if let Some(header) = self.headers[pair].get() {
            return Ok(header);
        }
        let frame = &self.index.pairs[pair].header;
        let mut decoder = FrameDecoder::new(&*self.store, self.limits().max_metadata_bytes);
        let bytes = decoder.header(frame)?;
        let header = Header::parse(&bytes, Some(&self.names[pair])).at(frame.range.start)?;
        Ok(self.headers[pair].get_or_init(|| header))
    }

    /// What the file lists of the header of a pair: that may be nothing, and is not held against the header.
    ///
    /// # Errors
    /// `LimitExceeded`; those of the store.
    pub(crate) fn listed_header(&self, pair: usize) -> Result<Option<&Header>> {
        let list = match self.header_list.get() {
            Some(list) => list,
            None => {
                let last = self.index.pairs.last().expect("an index has a pair");
                let list =
                    header_list::listed(&*self.store, &last.payload, &self.names, self.limits())?;
                self.header_list.get_or_init(|| list)
            }
        };
        Ok(list.as_ref().and_then(|list| list[pair].as_ref()))
    }

    /// What is told of a pair: by its header, or by the list of them where that is here, and the header is far.
    pub(super) fn told_header(&self, pair: usize) -> Result<&Header> {
        if self.store.access().is_distant()
            && self.headers[pair].get().is_none()
            && let Some(listed) = self.listed_header(pair)?
        {
            return Ok(listed);
        }
        self.header(pair)
    }

    /// The bytes of a payload without the dead ones behind it.
    pub(super) fn own_bytes(&self, pair: usize) -> Result<u64> {
        let range = self.index.pairs[pair].payload.range.clone();
        if !self.was_edited()? {
            return Ok(range.end - range.start);
        }
        Ok(without_dead_tail(Payload::new(self.store.clone(), range)?)?.len())
    }

    /// Whether the file was ever changed in place: then its last document lists what died.
    pub(super) fn was_edited(&self) -> Result<bool> {
        if let Some(was_edited) = self.was_edited.get() {
            return Ok(*was_edited);
        }
        let was_edited = !seal::regions(&*self.store, &self.index)?.is_empty();
        Ok(*self.was_edited.get_or_init(|| was_edited))
    }

    /// The type and shape of a pair, checked against the size in the index.
    pub(crate) fn spec(&self, pair: usize) -> Result<ArraySpec> {
        self.spec_of(pair, self.header(pair)?)
    }

    /// The same, by what is told of its header.
    pub(super) fn spec_of(&self, pair: usize, header: &Header) -> Result<ArraySpec> {
        let frame = &self.index.pairs[pair].payload;
        let dtype = stored_dtype(header, frame.decoded_size)?;
        // What does not fit 63 bits was not made by a writer.
        let spec = ArraySpec::new(dtype, header.shape.clone()).map_err(|e| {
            Error::corrupt(e.to_string()).at(self.index.pairs[pair].header.range.start)
        })?;
        if spec.bytes() != frame.decoded_size {
            let what = format!(
                "an array {spec} of {}, {} in the index",
                counted(spec.bytes(), "byte"),
                frame.decoded_size
            );
            return Err(Error::corrupt(what).at(frame.range.start));
        }
        Ok(spec)
    }

    /// Opens the payload of a pair.
    fn open_pair(
        &self,
        pair: usize,
        validity: Option<Arc<Validity>>,
        order: Order,
    ) -> Result<Box<dyn ArrayReader>> {
        let spec = self.spec(pair)?.with_order(order);
        self.limits().check_array_bytes(spec.bytes())?;
        let header = self.header(pair)?;
        let filter = self.options.filters.by_id(FilterId(header.filter))?;
        let range = self.index.pairs[pair].payload.range.clone();
        let mut payload =
            Payload::new(self.store.clone(), range)?.with_identity(header.name.as_bytes());
        if let Some(validity) = validity {
            payload = payload.with_validity(validity);
        }
        filter.open(&spec, payload, self.limits())
    }

    fn open_mask(&self, pair: usize) -> Result<Box<dyn ArrayReader>> {
        self.open_pair(pair, None, Order::C)
    }

    pub(super) fn validity_of(&self, slot: &Slot) -> Result<Option<Arc<Validity>>> {
        let Some(pair) = slot.validity else {
            return Ok(None);
        };
        let (n_rows, mask) = (self.spec(slot.pair)?.rows(), self.open_mask(pair)?);
        if mask.spec().bytes() != n_rows.div_ceil(8) {
            let rows = counted(n_rows, "row");
            let what = format!("a mask {} for an array of {rows}", mask.spec());
            return Err(Error::corrupt(what).at(self.index.pairs[pair].header.range.start));
        }
        let mut bytes = vec![0; mask.spec().bytes() as usize];
        mask.read_rows_into(0..mask.spec().rows(), &mut bytes)?;
        Ok(Some(Arc::new(Validity::from_bytes(
            &bytes,
            n_rows as usize,
        )?)))
    }

    /// Checks every byte of the mask of array `index`, if it has one.
    pub(crate) fn verify_mask(&self, index: usize) -> Result<()> {
        match self.slot(index).validity {
            Some(pair) => self.open_mask(pair)?.verify(),
            None => Ok(()),
        }
    }

    /// What must hold of an array, by the dataset that it belongs to.
    pub(crate) fn expectation(&self, role: &Role, dataset: &Dataset) -> Result<Expectation> {
        Expectation::new(role, &dataset.metadata, &|role| self.rows_of(role, dataset))
    }

    /// The number of rows of an array that makes a dataset, where it has one.
    pub(crate) fn rows_of(&self, role: &Role, dataset: &Dataset) -> Result<Option<u64>> {
        let slot = dataset.geometry().find(|slot| slot.role == *role);
        slot.map(|slot| Ok(self.spec(slot.pair)?.rows()))
            .transpose()
    }

    /// What errors of reading say.
    pub(super) fn origin(&self) -> Origin<'_> {
        Origin {
            store: &*self.store,
            name: self.options.name.as_deref(),
        }
    }

    pub(super) fn slot(&self, index: usize) -> &Slot {
        &self.listing.arrays[index].slot
    }

    /// The name of array `index` in the file, which is the same for every path to it.
    ///
    /// # Panics
    /// Where there is no such array.
    pub fn frame_name(&self, index: usize) -> &str {
        &self.names[self.slot(index).pair]
    }

    /// The number of arrays with their placeholders.
    pub(crate) fn n_stored(&self) -> usize {
        self.listing.placeholders.end
    }

    /// The array of exactly this path.
    pub(crate) fn find_path(&self, path: &str) -> Option<usize> {
        self.listing
            .index_of(path)
            .filter(|index| *index < self.n_stored())
    }

    /// What array `index` is to its dataset.
    pub(crate) fn role(&self, index: usize) -> &Role {
        &self.slot(index).role
    }

    /// Where the version that is read ends, behind the count of its index.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The pair of array `index`.
    pub(crate) fn pair(&self, index: usize) -> usize {
        self.slot(index).pair
    }

    /// The pair of the companion of array `index`, where it may have nulls.
    pub(crate) fn validity_pair(&self, index: usize) -> Option<usize> {
        self.slot(index).validity
    }

    /// Opens an array as it is stored, whatever its dataset expects of it.
    pub(crate) fn open_slot(&self, slot: &Slot) -> Result<Box<dyn ArrayReader>> {
        self.open_pair(slot.pair, self.validity_of(slot)?, slot.order)
    }

    pub(super) fn opened_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let Listed {
            path,
            slot,
            node,
            implied_width,
        } = &self.listing.arrays[index];
        if let Some(width) = implied_width {
            return Ok(Box::new(ImpliedOffsets::new(
                &self.spec(slot.pair)?,
                *width,
            )?));
        }
        if self.store.access().is_distant() {
            let wanted = wanted_to_open(&self.index, &self.tree, slot, *node);
            self.store.prefetch(&wanted)?;
        }
        let array = self.open_slot(slot)?;
        let at = self.index.pairs[slot.pair].payload.range.start;
        let expectation = match node.map(|id| self.tree.node(id)) {
            Some(Node::Dataset(dataset)) => self.expectation(&slot.role, dataset)?,
            _ => Expectation::default(),
        };
        expectation
            .check_spec(array.spec())
            .map_err(Error::corrupt)
            .at(at)?;
        Ok(Box::new(CheckedArray {
            array,
            expectation,
            offset: at,
            path: path.clone(),
            file: self.options.name.clone(),
            store: self.store.clone(),
        }))
    }
}

/// What to tell a user of a file that lists more or fewer names than it has arrays.
fn other_names(n_listed: usize, n_arrays: usize) -> String {
    let (names, arrays) = (counted(n_listed, "name"), counted(n_arrays, "array"));
    format!("the file lists {names} for {arrays}: their headers were read instead")
}

/// The dtype of a header. One that numpy does not know is opaque bytes, if the sizes leave a whole number a value.
fn stored_dtype(header: &Header, decoded_size: u64) -> Result<DType> {
    let error = match header.dtype.parse::<DType>() {
        Ok(dtype) => return Ok(dtype),
        Err(error) => error,
    };
    let n_values = header
        .shape
        .iter()
        .try_fold(1_u64, |n, axis| n.checked_mul(*axis));
    let is_object = header
        .dtype
        .trim_start_matches(['<', '>', '|', '='])
        .starts_with('O');
    match n_values {
        Some(n)
            if n > 0
                && decoded_size.is_multiple_of(n)
                && !is_object
                && error.kind() == ErrorKind::Unsupported =>
        {
            format!("|V{}", decoded_size / n).parse()
        }
        _ => Err(error),
    }
}
