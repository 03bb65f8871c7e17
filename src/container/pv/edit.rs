//! Changing a file: arrays added, replaced and removed, in place where that can be done.
//!
//! In place, the old version stays whole until the new one is: new pairs, edited documents and the new index go behind
//! the old end, each part on the medium before the next, and only then are the first bytes of what died overwritten
//! (see [`super::seal`]). The cost is that of what is added, whatever the size of the file. A kill before the new index
//! is complete leaves the old version, which readers find; one after it leaves the new one.
//!
//! Staged, the file is written anew beside the old one and takes its place at once: for readers that know nothing of
//! interrupted appends, for stores without changes in place, and where the first pair of the file dies, which has no
//! payload before it.

use std::collections::HashMap;
use std::io::Write;

use super::document::check_members;
use super::json::Object;
use super::metadata::{add_key, remove_key, replace_key};
use super::names::{Association, BlockPath, DATASET_METADATA, MULTIBLOCK_METADATA, Role};
use super::options::{FilterChoice, WriteOptions};
use super::pairs::{ArrayName, ArrayWriter, PairWriter};
use super::reader::Reader;
use super::rewrite;
use super::seal::{self, DeadRegion};
use super::session::Session;
use super::target::{Target, numpy_name};
use super::tree::{Node, NodeId};
use crate::array::{Array, ArraySpec};
use crate::container::Container;
use crate::error::{Error, Result, ResultExt};
use crate::filter::frames::ends_in_seek_table;
use crate::limits::Limits;
use crate::storage::{Durability, PositionedWriter, Store, UpdateAt};
use crate::validity::Validity;

/// How a file is changed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct EditOptions {
    /// How new arrays are written; the target only where [`Self::target`] is given.
    pub write: WriteOptions,
    /// Who is to read the file; those who could before, if not given.
    pub target: Option<Target>,
    /// Write the file anew beside the old one, instead of changing it in place.
    pub is_staged: bool,
    /// What reading the old file may cost.
    pub limits: Limits,
}

impl EditOptions {
    /// Sets how new arrays are written.
    #[must_use]
    pub fn with_write(mut self, write: WriteOptions) -> Self {
        self.write = write;
        self
    }

    /// Sets who is to read the file.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Sets whether the file is written anew.
    #[must_use]
    pub fn with_staged(mut self, is_staged: bool) -> Self {
        self.is_staged = is_staged;
        self
    }

    /// Sets what reading the old file may cost.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Pushes the rows of one array.
type Rows<'a> = Box<dyn FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a>;

/// Changes to one file, applied together or not at all.
///
/// Whoever has the file open keeps the version that he opened. In place, the bytes of an array that is replaced or removed
/// die: reading it through an older [`Reader`] gives its values or an error (or, of what another program wrote without
/// checksums, nonsense). Staged, it stays whole.
///
/// ```
/// use paginum::{Array, container::pv::{Edit, EditOptions, Writer, WriteOptions}, storage::MemoryStore};
/// let store = MemoryStore::new();
/// let mut writer = Writer::create(&store, WriteOptions::default())?;
/// writer.write("a", &Array::from_numbers(&[1_i32, 2])?)?;
/// writer.commit()?;
/// let mut edit = Edit::new();
/// edit.add("field_data/b", Array::from_numbers(&[3_i32])?);
/// edit.remove("field_data/a");
/// edit.apply(&store, &EditOptions::default())?;
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Default)]
pub struct Edit<'a> {
    operations: Vec<Operation<'a>>,
}

enum Operation<'a> {
    Write {
        path: String,
        spec: ArraySpec,
        rows: Rows<'a>,
        may_replace: bool,
        must_replace: bool,
    },
    Remove {
        path: String,
    },
}

impl<'a> Edit<'a> {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an array; it is an error if there is one.
    pub fn add(&mut self, path: impl Into<String>, array: Array) {
        let spec = array.spec().clone();
        self.add_rows(path, spec, move |writer| writer.push_rows(array.bytes()));
    }

    /// Adds an array of which only the rows that `validity` marks have a value.
    pub fn add_with_nulls(&mut self, path: impl Into<String>, array: Array, validity: Validity) {
        let spec = array.spec().clone();
        self.add_rows(path, spec, move |writer| {
            writer.push_rows_with_nulls(array.bytes(), &validity)
        });
    }

    /// Adds an array whose rows `rows` pushes when the changes are applied.
    pub fn add_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), false, false);
    }

    /// Replaces an array; it is an error if there is none.
    pub fn replace(&mut self, path: impl Into<String>, array: Array) {
        let spec = array.spec().clone();
        self.replace_rows(path, spec, move |writer| writer.push_rows(array.bytes()));
    }

    /// Replaces an array by one whose rows `rows` pushes when the changes are applied.
    pub fn replace_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), true, true);
    }

    /// Adds an array, or replaces the one that there is.
    pub fn set_rows(
        &mut self,
        path: impl Into<String>,
        spec: ArraySpec,
        rows: impl FnMut(&mut ArrayWriter<'_>) -> Result<()> + 'a,
    ) {
        self.write(path.into(), spec, Box::new(rows), true, false);
    }

    fn write(
        &mut self,
        path: String,
        spec: ArraySpec,
        rows: Rows<'a>,
        may_replace: bool,
        must_replace: bool,
    ) {
        self.operations.push(Operation::Write {
            path,
            spec,
            rows,
            may_replace,
            must_replace,
        });
    }

    /// Removes an array; it is an error if there is none.
    pub fn remove(&mut self, path: impl Into<String>) {
        self.operations
            .push(Operation::Remove { path: path.into() });
    }

    /// Applies the changes.
    ///
    /// # Errors
    /// `InvalidArgument` for changes that cannot be made; `Io` with `WouldBlock` while another program writes the file;
    /// those of reading the old file and of the store. The old version stays.
    pub fn apply(self, store: &dyn Store, options: &EditOptions) -> Result<Report> {
        self.apply_unnamed(store, options).in_file(store.name())
    }

    fn apply_unnamed(self, store: &dyn Store, options: &EditOptions) -> Result<Report> {
        if self.operations.is_empty() {
            return Ok(Report::default());
        }
        let Session {
            update,
            lock: _lock,
            mut report,
            reader,
        } = Session::begin(store, options)?;
        let mut plan = Plan::new(&reader, options)?;
        for operation in self.operations {
            plan.include(operation)?;
        }
        match update {
            Some(mut update) if !options.is_staged && plan.can_be_done_in_place() => {
                report.is_in_place = true;
                plan.apply_in_place(&mut *update, &mut report)?;
            }
            _ => rewrite::rewrite(store, plan, &mut report)?,
        }
        Ok(report)
    }
}

/// What applying changes did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The file was changed in place.
    pub is_in_place: bool,
    /// What a user should know: a repair, a filter other than the one asked for.
    pub notes: Vec<String>,
}

/// A new array and where it goes.
pub(crate) struct NewArray<'a> {
    pub(crate) name: ArrayName,
    pub(crate) spec: ArraySpec,
    pub(crate) rows: Rows<'a>,
}

/// What is to become of each pair, and what is to be added.
pub(crate) struct Plan<'r, 'a> {
    pub(crate) reader: &'r Reader,
    pub(crate) options: WriteOptions,
    /// By pair; the document of the file is not among them.
    pub(crate) is_dead: Vec<bool>,
    pub(crate) arrays: Vec<NewArray<'a>>,
    /// Edited documents of datasets.
    documents: HashMap<NodeId, Object>,
    pub(crate) version: i64,
}

impl<'r, 'a> Plan<'r, 'a> {
    pub(crate) fn new(reader: &'r Reader, options: &EditOptions) -> Result<Self> {
        let target = match options.target {
            Some(target) => target,
            None => target_of(reader)?,
        };
        let mut write = options.write.clone().with_target(target);
        let has_no_filter = target == Target::V0_2 && reader.metadata().version() <= 0;
        if options.target.is_none() && has_no_filter && write.filter == FilterChoice::Auto {
            // Releases before 0.2.4 can read the file, and know no filter.
            write.filter = FilterChoice::named("none");
        }
        Ok(Self {
            reader,
            options: write,
            is_dead: vec![false; reader.names().len()],
            arrays: Vec::new(),
            documents: HashMap::new(),
            version: reader.metadata().version(),
        })
    }

    fn include(&mut self, operation: Operation<'a>) -> Result<()> {
        match operation {
            Operation::Remove { path } => self.remove(&path).in_array(&path),
            Operation::Write {
                path,
                spec,
                rows,
                may_replace,
                must_replace,
            } => self
                .write(&path, spec, rows, may_replace, must_replace)
                .in_array(&path),
        }
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        let index = self.reader.find(path)?;
        let path = self.reader.path(index).to_owned();
        let (node, role) = self.place(&path)?;
        match &role {
            Role::Data(association, key) => remove_key(self.document(node)?, *association, key),
            Role::Unreferenced(_) => {}
            _ => {
                return Err(Error::invalid(
                    "points and cells make the dataset: they cannot be removed",
                ));
            }
        }
        self.kill(index);
        Ok(())
    }

    /// The pair of an array and that of its mask die.
    fn kill(&mut self, index: usize) {
        for pair in [
            Some(self.reader.pair(index)),
            self.reader.validity_pair(index),
        ]
        .into_iter()
        .flatten()
        {
            self.is_dead[pair] = true;
        }
    }

    fn write(
        &mut self,
        path: &str,
        spec: ArraySpec,
        rows: Rows<'a>,
        may_replace: bool,
        must_replace: bool,
    ) -> Result<()> {
        let (node, role) = self.place(path)?;
        let uid = self.uid(node)?;
        let name = ArrayName {
            path: with_blocks(path, &role),
            frame: role.frame_name(&uid),
            role,
        };
        let old = self
            .reader
            .find_path(&name.path)
            .filter(|index| !self.is_dead[self.reader.pair(*index)]);
        if self
            .arrays
            .iter()
            .any(|array| array.name.frame == name.frame)
            || (old.is_some() && !may_replace)
        {
            return Err(Error::invalid("there is an array of this name already"));
        }
        if old.is_none() && must_replace {
            return Err(Error::invalid("there is no array of this name to replace"));
        }
        self.check(node, &name.role, &spec, old.is_some())?;
        let dtype = numpy_name(spec.dtype());
        if let Role::Data(association, key) = &name.role {
            let (association, key) = (*association, key.clone());
            // Removed and added again, or listed without being there: described anew in its place.
            let document = self.document(node)?;
            let is_listed = document
                .get(association.member())
                .and_then(|keys| keys.as_object()?.get(&key))
                .is_some();
            let list = if is_listed { replace_key } else { add_key };
            list(document, association, &key, spec.shape(), &dtype);
        }
        if let Some(old) = old {
            self.kill(old);
        }
        self.arrays.push(NewArray { name, spec, rows });
        Ok(())
    }

    /// The dataset and the role that a path means; a bare name is a field array.
    fn place(&self, path: &str) -> Result<(NodeId, Role)> {
        let path = BlockPath::parse(path);
        let node = self.reader.tree().block(&path.blocks)?;
        if path.rest.is_empty() {
            return Err(Error::invalid("the path of a block, not of an array"));
        }
        let role = Role::from_path(path.rest).unwrap_or_else(|| Role::field(path.rest));
        Ok((node, role))
    }

    fn uid(&self, node: NodeId) -> Result<String> {
        match self.reader.tree().node(node) {
            Node::Dataset(dataset) => Ok(dataset.metadata.uid.clone()),
            Node::MultiBlock(multi_block) => Ok(multi_block.metadata.uid.clone()),
            Node::Empty => Err(Error::invalid("the block is empty")),
        }
    }

    /// Refuses an array that would not fit its dataset.
    fn check(
        &mut self,
        node: NodeId,
        role: &Role,
        spec: &ArraySpec,
        is_replaced: bool,
    ) -> Result<()> {
        let rows = match (self.reader.tree().node(node), role) {
            (Node::MultiBlock(_), Role::Data(Association::Field, _)) => {
                if self.options.target.refuses_unknown_members() {
                    let what = format!(
                        "a field array of a MultiBlock: readers of --compat {} lose it; --compat 0.7 can hold it",
                        self.options.target
                    );
                    return Err(Error::invalid(what));
                }
                self.version = self.version.max(3);
                None
            }
            (Node::MultiBlock(_), _) => {
                return Err(Error::invalid(
                    "a MultiBlock has field arrays alone; name a block",
                ));
            }
            (Node::Dataset(dataset), Role::Data(Association::Point, _)) => {
                dataset.metadata.n_points()
            }
            (Node::Dataset(dataset), Role::Data(Association::Cell, _)) => {
                dataset.metadata.n_cells()
            }
            (_, Role::Data(Association::Field, _)) => None,
            (_, Role::Unreferenced(_)) => {
                return Err(Error::invalid("an array of no dataset cannot be written"));
            }
            (_, geometry) if !is_replaced => {
                return Err(Error::invalid(format!(
                    "{geometry}: a dataset does not get other points or cells by an append"
                )));
            }
            // Replaced geometry must be as long as it was, or everything that refers to it would be wrong.
            (_, geometry) => {
                let index = self.reader.find_path(&geometry.to_string());
                index
                    .map(|index| self.reader.spec(self.reader.pair(index)))
                    .transpose()?
                    .map(|spec| spec.rows())
            }
        };
        match rows {
            Some(rows) if rows != spec.rows() => Err(Error::invalid(format!(
                "{} rows where the dataset has {rows}",
                spec.rows()
            ))),
            _ => Ok(()),
        }
    }

    /// The document of a dataset, to be edited.
    fn document(&mut self, node: NodeId) -> Result<&mut Object> {
        let (document, pair) = match self.reader.tree().node(node) {
            Node::Dataset(dataset) => (&dataset.metadata.document, dataset.metadata_pair),
            Node::MultiBlock(multi_block) => {
                (&multi_block.metadata.document, multi_block.metadata_pair)
            }
            Node::Empty => return Err(Error::invalid("the block is empty")),
        };
        self.is_dead[pair] = true;
        Ok(self
            .documents
            .entry(node)
            .or_insert_with(|| document.clone()))
    }

    /// Edited documents with their names, in the order of the file that they come from.
    pub(crate) fn documents(&self) -> Result<Vec<EditedDocument>> {
        let mut documents = Vec::with_capacity(self.documents.len());
        let keeps_root_first = self.keeps_root_first();
        for (node, document) in &self.documents {
            check_members(document, self.options.target)?;
            let is_root = *node == self.reader.tree().root_id();
            let (pair, suffix, keeps_place) = match self.reader.tree().node(*node) {
                // It comes before its children.
                Node::MultiBlock(multi_block) => {
                    (multi_block.metadata_pair, MULTIBLOCK_METADATA, true)
                }
                Node::Dataset(dataset) => {
                    let keeps_place = is_root && !keeps_root_first;
                    (dataset.metadata_pair, DATASET_METADATA, keeps_place)
                }
                Node::Empty => continue,
            };
            let name = format!("{}{suffix}", self.uid(*node)?);
            let bytes = document.to_document().into_bytes();
            documents.push(EditedDocument {
                pair,
                name,
                bytes,
                keeps_place,
            });
        }
        documents.sort_by_key(|document| document.pair);
        Ok(documents)
    }

    /// Whether the document of the root stays the first that the file lists when edited ones go behind the others: being
    /// the first is what makes it the root.
    fn keeps_root_first(&self) -> bool {
        let tree = self.reader.tree();
        let is_edited = match tree.root() {
            Node::Dataset(dataset) => self.is_dead[dataset.metadata_pair],
            Node::MultiBlock(multi_block) => self.is_dead[multi_block.metadata_pair],
            Node::Empty => false,
        };
        let names = self.reader.names().iter().zip(&self.is_dead);
        let mut kept = names.filter(|(_, is_dead)| !**is_dead);
        !is_edited || !kept.any(|(name, _)| name.ends_with(DATASET_METADATA))
    }

    /// Whether every dead pair follows a payload that can grow over it. A thumbnail's cannot: its own sizes are checked.
    fn can_be_done_in_place(&self) -> bool {
        let index = self.reader.index();
        let is_thumbnail =
            |pair: usize| pair == 0 && self.reader.names()[0] == super::names::THUMBNAIL;
        let Some(first_kept) = self.is_dead.iter().position(|is_dead| !is_dead) else {
            return false;
        };
        let swallows = |pair: usize| !self.is_dead[pair] && !is_thumbnail(pair);
        first_kept == 0
            && self.keeps_root_first()
            && (0..self.is_dead.len())
                .rev()
                .find(|pair| !self.is_dead[*pair])
                .is_some_and(swallows)
            && (!is_thumbnail(0) || !self.is_dead.get(1).is_some_and(|is_dead| *is_dead))
            && index.frames_end() == index.start
    }

    /// The kept pairs, their ranges grown over the dead ones and over everything up to `end`.
    fn grown(&self, end: u64) -> (super::index::Index, Vec<String>, Vec<DeadRegion>) {
        let old = self.reader.index();
        let (mut index, mut names, mut regions) =
            (super::index::Index::default(), Vec::new(), Vec::new());
        for (pair, name) in self.reader.names().iter().enumerate() {
            if !self.is_dead[pair] {
                index.pairs.push(old.pairs[pair].clone());
                names.push(name.clone());
            }
        }
        let n_kept = index.pairs.len();
        for pair in 0..n_kept {
            let next = match index.pairs.get(pair + 1) {
                Some(next) => next.header.range.start,
                None => end,
            };
            let payload = &mut index.pairs[pair].payload;
            if payload.range.end < next {
                regions.push(DeadRegion::behind(payload, next));
                payload.range.end = next;
            }
        }
        (index, names, regions)
    }

    fn apply_in_place(self, file: &mut dyn UpdateAt, report: &mut Report) -> Result<()> {
        let end = file.len();
        let durability = self.options.durability;
        let written = self.write_behind(file, end, report);
        let regions = match written {
            Ok(regions) => regions,
            Err(error) => {
                // The old version is whole. Its file gets its old end back, or else the next reader finds it.
                let _ = file.set_len(end);
                return Err(error);
            }
        };
        for region in &regions {
            region.seal(file)?;
        }
        sync(file, durability)
    }

    /// Writes the new version behind the old one, its index last.
    fn write_behind(
        mut self,
        file: &mut dyn UpdateAt,
        end: u64,
        report: &mut Report,
    ) -> Result<Vec<DeadRegion>> {
        let (index, names, regions) = self.grown(end);
        let documents = self.documents()?;
        let kept_sizes: Vec<u64> = index
            .pairs
            .iter()
            .map(|pair| pair.payload.decoded_size)
            .collect();
        let mut pairs = PairWriter::new(index, names, self.version, self.options.clone());
        for decoded_size in kept_sizes {
            pairs.keeps(decoded_size, end);
        }
        for array in &mut self.arrays {
            let sink = PositionedWriter::on_update(file, pairs.index.frames_end());
            array.write(&mut pairs, sink)?;
        }
        let mut sink = PositionedWriter::on_update(file, pairs.index.frames_end());
        for document in documents {
            pairs.write_bytes(&mut sink, &document.name, &document.bytes)?;
        }
        let mut document = self.reader.metadata().document.clone();
        pairs.finish(&mut sink, &mut document, &seal::journal(&regions))?;
        sink.flush()?;
        drop(sink);
        sync(file, self.options.durability)?;
        file.write_all_at(&pairs.index.to_bytes(), pairs.index.start)?;
        sync(file, self.options.durability)?;
        report.notes.append(&mut pairs.notes);
        Ok(regions)
    }
}

impl NewArray<'_> {
    /// Writes the array where `sink` stands.
    pub(crate) fn write(
        &mut self,
        pairs: &mut PairWriter,
        sink: PositionedWriter<'_>,
    ) -> Result<()> {
        let mut writer = pairs.begin(sink, self.name.clone(), self.spec.clone())?;
        (self.rows)(&mut writer)?;
        writer.finish()
    }
}

/// A document of a dataset that is to be written anew.
pub(crate) struct EditedDocument {
    /// The pair of the old one.
    pub(crate) pair: usize,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// The new one must not go behind other documents.
    pub(crate) keeps_place: bool,
}

fn sync(file: &mut dyn UpdateAt, durability: Durability) -> Result<()> {
    if durability == Durability::Synced {
        file.sync()?;
    }
    Ok(())
}

/// The path with the role spelled out, where a bare name was given.
fn with_blocks(path: &str, role: &Role) -> String {
    let rest = BlockPath::parse(path).rest;
    format!("{}{role}", &path[..path.len() - rest.len()])
}

/// The readers that a file was written for, by what stands in it.
fn target_of(reader: &Reader) -> Result<Target> {
    let tree = reader.tree();
    let mut is_older_dialect = true;
    tree.walk(&mut |_, node| {
        if let Node::Dataset(dataset) = tree.node(node) {
            is_older_dialect &= dataset.metadata.document.get("fixed_cell_sizes").is_none();
        }
        Ok(())
    })?;
    if is_older_dialect && reader.metadata().version() <= 1 {
        return Ok(if has_seek_tables(reader) {
            Target::V0_4
        } else {
            Target::V0_2
        });
    }
    /// So many headers are looked at: a file with arrays of ours has one early on, and an append must not cost what
    /// the file holds.
    const MAX_HEADERS: usize = 32;
    for pair in 0..reader.names().len().min(MAX_HEADERS) {
        if reader.header(pair)?.filter > 1 {
            return Ok(Target::Native);
        }
    }
    Ok(Target::V0_7)
}

/// Whether any array is of several frames, which releases before 0.4 cannot read.
fn has_seek_tables(reader: &Reader) -> bool {
    /// Smaller arrays are of one frame, whoever wrote them.
    const FRAME_BYTES: u64 = 1 << 20;
    let mut tail = [0; 4];
    reader
        .index()
        .pairs
        .iter()
        .filter(|pair| pair.payload.decoded_size > FRAME_BYTES)
        .any(|pair| {
            let range = &pair.payload.range;
            range.end - range.start > 4
                && reader
                    .store()
                    .read_exact_at(&mut tail, range.end - 4)
                    .is_ok()
                && ends_in_seek_table(&tail)
        })
}
