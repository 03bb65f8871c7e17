//! Reading a file: the index and the documents when it is opened, everything else when it is asked for.
//!
//! Names come from the list in the file's metadata, by position: no header is touched before its array is. Only where
//! that list is not as long as the index are all headers read instead.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::ahead::prefetch;
use super::checked::CheckedArray;
use super::format;
use super::frame::FrameDecoder;
use super::header::Header;
use super::implied::ImpliedOffsets;
use super::index::{Index, Pair};
use super::metadata::FileMetadata;
use super::names::{CellArray, DATASET_METADATA, Role};
use super::recover::{self, Version};
use super::seal;
use super::thumbnail::Thumbnail;
use super::topology::Expectation;
use super::tree::{Dataset, Node, NodeId, Slot, Tree};
use super::verify;
use crate::array::{ArraySpec, Order};
use crate::container::{Container, Document, Entry, FormatInfo, OpenOptions};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::filter::{ArrayReader, FilterId, Payload, without_dead_tail};
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;

/// An open `.pv` or `.zvtk` file.
#[derive(Debug)]
pub struct Reader {
    store: Arc<dyn ReadAt>,
    options: OpenOptions,
    index: Index,
    end: u64,
    metadata: FileMetadata,
    /// The name of every pair but the last.
    names: Vec<String>,
    tree: Tree,
    /// The arrays of the file, then its placeholders, then those that it implies.
    listed: Vec<Listed>,
    placeholders: Range<usize>,
    /// Made when paths are looked up again and again: most files are opened for a few arrays.
    by_path: OnceLock<HashMap<String, usize>>,
    n_lookups: AtomicUsize,
    by_bare_name: OnceLock<HashMap<String, Option<usize>>>,
    /// Headers that were asked for.
    headers: Vec<OnceLock<Header>>,
    was_edited: OnceLock<bool>,
    notes: Vec<String>,
}

/// An array with a path; a shared block gives its arrays several.
#[derive(Debug)]
struct Listed {
    path: String,
    /// Its pair; that of the connectivity for implied offsets.
    slot: Slot,
    /// The dataset that it belongs to.
    node: Option<NodeId>,
    /// The width of the cells, where it is the offsets that no file stores.
    implied_width: Option<u64>,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// `Corrupt` and `Truncated` where the bytes are no such file or a damaged one; `Unsupported` for a newer version;
    /// `LimitExceeded`; `Io`.
    pub fn open(store: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Self> {
        let open = || {
            Self::open_unnamed(store.clone(), options)
                .map_err(|error| error.unless_changed(|| store.has_changed()))
        };
        match &options.name {
            Some(name) => open().in_file(name),
            None => open(),
        }
    }

    fn open_unnamed(store: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Self> {
        let version = recover::newest_version(&*store, &options.limits)?;
        Self::of_version(store, options, version)
    }

    /// Opens a version of a file.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub(crate) fn of_version(
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
        let mut decoder = FrameDecoder::new(&*store, limits.max_metadata_bytes);
        let arrays = &index.pairs[..index.pairs.len() - 1];
        let names = if metadata.frame_names.len() == arrays.len() {
            std::mem::take(&mut metadata.frame_names)
        } else {
            prefetch(&*store, arrays.iter().map(|pair| &pair.header))?;
            notes.push(format!(
                "the file lists {} names for {} arrays: their headers were read instead",
                metadata.frame_names.len(),
                arrays.len()
            ));
            let name = |pair: &Pair| Ok(Header::parse(&decoder.header(&pair.header)?, None)?.name);
            arrays.iter().map(name).collect::<Result<Vec<_>>>()?
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
        let mut reader = Self {
            index,
            end,
            metadata,
            names,
            tree,
            listed: Vec::new(),
            placeholders: 0..0,
            by_path: OnceLock::new(),
            n_lookups: AtomicUsize::new(0),
            by_bare_name: OnceLock::new(),
            headers,
            was_edited: OnceLock::new(),
            notes,
            options: options.clone(),
            store: store.clone(),
        };
        reader.list()?;
        Ok(reader)
    }

    /// Gives every array its path.
    fn list(&mut self) -> Result<()> {
        let (mut listed, mut placeholders, mut implied) = (Vec::new(), Vec::new(), Vec::new());
        let (max_arrays, mut n_nodes) = (self.options.limits.max_arrays, 0);
        self.tree.walk(&mut |prefix, id| {
            n_nodes += 1;
            let node = self.tree.node(id);
            let is_carrier = id == self.tree.root_id() && node.is_empty_mesh();
            for slot in node.arrays() {
                let array = |role: &Role, implied_width| Listed {
                    path: format!("{prefix}{role}"),
                    slot: slot.clone(),
                    node: Some(id),
                    implied_width,
                };
                match is_carrier && !slot.role.is_named() {
                    true => placeholders.push(array(&slot.role, None)),
                    false => listed.push(array(&slot.role, None)),
                }
                if let (Role::Connectivity(list), Node::Dataset(dataset)) = (&slot.role, node)
                    && let Some(width) = implied_width(dataset, *list)
                {
                    implied.push(array(&Role::Offset(*list), Some(width)));
                }
            }
            // A block that is shared on every level multiplies: bounded by what is listed, not by what is stored.
            let asked = n_nodes.max((listed.len() + placeholders.len()) as u64);
            if asked > max_arrays {
                return Err(Error::limit(
                    "arrays of a file, shared ones counted each time",
                    max_arrays,
                    asked,
                ));
            }
            Ok(())
        })?;
        for slot in &self.tree.unreferenced {
            let path = slot.role.to_string();
            listed.push(Listed {
                path,
                slot: slot.clone(),
                node: None,
                implied_width: None,
            });
        }
        let n_arrays = listed.len();
        listed.append(&mut placeholders);
        self.placeholders = n_arrays..listed.len();
        listed.append(&mut implied);
        self.listed = listed;
        Ok(())
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

    /// The bytes of a payload without the dead ones behind it.
    fn own_bytes(&self, pair: usize) -> Result<u64> {
        let range = self.index.pairs[pair].payload.range.clone();
        if !self.was_edited()? {
            return Ok(range.end - range.start);
        }
        Ok(without_dead_tail(Payload::new(self.store.clone(), range)?)?.len())
    }

    /// Whether the file was ever changed in place: then its last document lists what died.
    fn was_edited(&self) -> Result<bool> {
        if let Some(was_edited) = self.was_edited.get() {
            return Ok(*was_edited);
        }
        let last = self.index.pairs.last().expect("an index has a pair");
        let was_edited = !seal::regions(&*self.store, &last.payload)?.is_empty();
        Ok(*self.was_edited.get_or_init(|| was_edited))
    }

    /// The type and shape of a pair, checked against the size in the index.
    pub(crate) fn spec(&self, pair: usize) -> Result<ArraySpec> {
        let header = self.header(pair)?;
        let frame = &self.index.pairs[pair].payload;
        let dtype = stored_dtype(header, frame.decoded_size)?;
        // What does not fit 63 bits was not made by a writer.
        let spec = ArraySpec::new(dtype, header.shape.clone()).map_err(|e| {
            Error::corrupt(e.to_string()).at(self.index.pairs[pair].header.range.start)
        })?;
        if spec.bytes() != frame.decoded_size {
            let what = format!(
                "an array {spec} of {} bytes, {} in the index",
                spec.bytes(),
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

    fn validity_of(&self, slot: &Slot) -> Result<Option<Arc<Validity>>> {
        let Some(pair) = slot.validity else {
            return Ok(None);
        };
        let (n_rows, mask) = (self.spec(slot.pair)?.rows(), self.open_mask(pair)?);
        if mask.spec().bytes() != n_rows.div_ceil(8) {
            let what = format!("a mask {} for an array of {n_rows} rows", mask.spec());
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

    fn bare_names(&self) -> &HashMap<String, Option<usize>> {
        self.by_bare_name.get_or_init(|| {
            let mut names = HashMap::with_capacity(self.listed.len());
            for (index, array) in self.listed[..self.n_arrays()].iter().enumerate() {
                let name = array.slot.role.bare_name();
                names
                    .entry(name)
                    .and_modify(|only| *only = None)
                    .or_insert(Some(index));
            }
            names
        })
    }

    /// Adds the file and the array to an error.
    fn placed<T>(&self, index: usize, result: Result<T>) -> Result<T> {
        let result = result
            .map_err(|error| error.unless_changed(|| self.store.has_changed()))
            .in_array(&self.listed[index].path);
        match &self.options.name {
            Some(name) => result.in_file(name),
            None => result,
        }
    }

    fn slot(&self, index: usize) -> &Slot {
        &self.listed[index].slot
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
        self.placeholders.end
    }

    /// The array of exactly this path.
    pub(crate) fn find_path(&self, path: &str) -> Option<usize> {
        self.index_of(path).filter(|index| *index < self.n_stored())
    }

    /// The first array of exactly this path, implied ones included.
    fn index_of(&self, path: &str) -> Option<usize> {
        /// Fewer look-ups are quicker without a table.
        const MAX_SCANS: usize = 8;
        if self.by_path.get().is_none()
            && self.n_lookups.fetch_add(1, Ordering::Relaxed) < MAX_SCANS
        {
            return self.listed.iter().position(|array| array.path == path);
        }
        let table = self.by_path.get_or_init(|| {
            let mut table = HashMap::with_capacity(self.listed.len());
            for (index, array) in self.listed.iter().enumerate() {
                table.entry(array.path.clone()).or_insert(index);
            }
            table
        });
        table.get(path).copied()
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

    fn opened_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let Listed {
            path,
            slot,
            node,
            implied_width,
        } = &self.listed[index];
        if let Some(width) = implied_width {
            return Ok(Box::new(ImpliedOffsets::new(
                &self.spec(slot.pair)?,
                *width,
            )?));
        }
        self.prefetch_slot(slot, *node)?;
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

impl Container for Reader {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.placeholders.start
    }

    fn placeholders(&self) -> Range<usize> {
        self.placeholders.clone()
    }

    fn path(&self, index: usize) -> &str {
        &self.listed[index].path
    }

    fn given_name(&self, index: usize) -> Option<&str> {
        let Listed { path, slot, .. } = &self.listed[index];
        match &slot.role {
            Role::Data(_, name) => Some(&path[path.len() - name.len()..]),
            _ => None,
        }
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.index_of(name);
        if let Some(index) = found.filter(|index| !self.placeholders.contains(index)) {
            return Ok(index);
        }
        match (self.bare_names().get(name).copied(), found) {
            (Some(Some(index)), _) | (None, Some(index)) => Ok(index),
            (Some(None), _) => Err(Error::invalid(format!(
                "several arrays are called {name:?}: give the path"
            ))),
            (None, None) => Err(Error::invalid(format!("there is no array {name:?}"))),
        }
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let Listed {
            path,
            slot,
            implied_width,
            ..
        } = &self.listed[index];
        let header = self.placed(index, self.header(slot.pair))?;
        if let Some(width) = implied_width {
            let offsets =
                self.placed(index, ImpliedOffsets::new(&self.spec(slot.pair)?, *width))?;
            return Ok(Entry {
                path: path.clone(),
                dtype: offsets.spec().dtype().to_string(),
                shape: offsets.spec().shape().to_vec(),
                order: Order::C,
                filter: "implied".to_owned(),
                stored_bytes: 0,
                decoded_bytes: offsets.spec().bytes(),
                has_nulls: false,
                record: None,
                fault: None,
            });
        }
        let pair = &self.index.pairs[slot.pair];
        let filter = self.options.filters.by_id(FilterId(header.filter));
        Ok(Entry {
            path: path.clone(),
            dtype: header.dtype.clone(),
            shape: header.shape.clone(),
            order: slot.order,
            filter: filter.map_or_else(
                |_| header.filter.to_string(),
                |filter| filter.name().to_owned(),
            ),
            stored_bytes: self.placed(index, self.own_bytes(slot.pair))?,
            decoded_bytes: pair.payload.decoded_size,
            has_nulls: slot.validity.is_some(),
            record: None,
            fault: None,
        })
    }

    fn prefetch_entries(&self) -> Result<()> {
        prefetch(
            &*self.store,
            self.index.pairs.iter().map(|pair| &pair.header),
        )
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        self.placed(index, self.opened_array(index))
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        self.placed(index, self.validity_of(self.slot(index)))
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
        let dead = || {
            let mut dead = self.store.len().saturating_sub(self.index.end());
            for (pair, frames) in self.index.pairs.iter().enumerate() {
                let range = &frames.payload.range;
                dead += range.end - range.start - self.own_bytes(pair)?;
            }
            Ok(dead)
        };
        dead().map_err(|error: Error| error.unless_changed(|| self.store.has_changed()))
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn verify_structure(&self) -> Result<()> {
        let verified = verify::verify_structure(self)
            .map_err(|error| error.unless_changed(|| self.store.has_changed()));
        match &self.options.name {
            Some(name) => verified.in_file(name),
            None => verified,
        }
    }
}

/// The width of the cells of a list whose offsets are not stored.
pub(crate) fn implied_width(dataset: &Dataset, list: CellArray) -> Option<u64> {
    let has_offsets = dataset
        .arrays
        .iter()
        .any(|slot| slot.role == Role::Offset(list));
    dataset
        .metadata
        .fixed_cell_size(list)
        .filter(|width| *width > 0 && !has_offsets)
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
