//! Writing what was read: any file, for any target that can hold it.
//!
//! Arrays are decoded and encoded again, a few rows at a time. Those of a filter that is not known are copied as they
//! are. What the target's readers expect and the file does not store (offsets of cells of one width, the empty lists of
//! a PolyData) is added; members that this library does not know come along.

use std::collections::HashSet;

use super::document::{DatasetDocument, check_members};
use super::edit_options::Report;
use super::implied::ImpliedOffsets;
use super::json::Json;
use super::keys::remove_orders;
use super::listing::implied_width;
use super::metadata::DatasetType;
use super::names::{Association, CellArray, DATASET_METADATA, MULTIBLOCK_METADATA, Role};
use super::options::WriteOptions;
use super::pairs::{ArrayName, PairWriter};
use super::reader::Reader;
use super::target::Target;
use super::topology::check_grid;
use super::tree::{Dataset, MultiBlock, Node, NodeId, Slot};
use super::tree_writer::{file_document, write_index};
use super::verbatim::copy_pair;
use crate::array::ArraySpec;
use crate::container::{Container, WriteReport};
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayReader, FilterId};
use crate::storage::{PositionedStage, PositionedWriter, Store};
use crate::validity::Validity;

/// Writes a copy of a file.
///
/// # Errors
/// `InvalidArgument` for what the target cannot hold; those of reading and of the store. What the store held stays.
pub fn copy(reader: &Reader, store: &dyn Store, options: WriteOptions) -> Result<Report> {
    let written = write_copy(reader, store, options)?;
    Ok(Report {
        is_in_place: false,
        notes: written.notes,
    })
}

/// The same, and says how large the copy is.
///
/// # Errors
/// Those of [`copy`].
pub(super) fn write_copy(
    reader: &Reader,
    store: &dyn Store,
    options: WriteOptions,
) -> Result<WriteReport> {
    let durability = options.durability;
    let mut document = file_document(&options);
    if !options.target.refuses_unknown_members() {
        // Members of every release are set again; those of none are kept.
        document = reader.metadata().document.clone();
        document.set(
            "compression_level",
            Json::Number(options.document_level().to_string().into()),
        );
    }
    let mut copy = Copy {
        reader,
        stage: PositionedStage::new(store).in_file(store.url())?,
        pairs: PairWriter::new(Default::default(), Vec::new(), 0, options),
        written: HashSet::new(),
    };
    let thumbnail = reader.thumbnail()?.filter(|thumbnail| !thumbnail.is_stale);
    if let Some(thumbnail) = &thumbnail {
        thumbnail.write(PositionedWriter::new(&copy.stage, 0), &mut copy.pairs)?;
    }
    copy.node("", reader.tree().root_id())
        .in_file(store.url())?;
    for slot in &reader.tree().unreferenced {
        copy.slot("", slot, "").in_file(store.url())?;
    }
    let Copy {
        stage, mut pairs, ..
    } = copy;
    let mut sink = PositionedWriter::new(&stage, pairs.index.frames_end());
    pairs.finish(&mut sink, &mut document, &[])?;
    sink.finish()?;
    write_index(&stage, &pairs, thumbnail.is_some())?;
    let report = WriteReport::new(stage.len()).with_notes(pairs.notes);
    stage.commit(durability).in_file(store.url())?;
    Ok(report)
}

struct Copy<'a> {
    reader: &'a Reader,
    stage: PositionedStage,
    pairs: PairWriter,
    /// A block in several slots is stored once.
    written: HashSet<NodeId>,
}

impl Copy<'_> {
    /// Lets an error of reading name what is read, before the output is named.
    fn read<T>(&self, result: Result<T>) -> Result<T> {
        self.reader.origin().told(result)
    }

    fn node(&mut self, prefix: &str, id: NodeId) -> Result<()> {
        if !self.written.insert(id) {
            return Ok(());
        }
        match self.reader.tree().node(id) {
            Node::Empty => Ok(()),
            Node::Dataset(dataset) => self.dataset(prefix, dataset),
            Node::MultiBlock(multi_block) => self.multi_block(prefix, multi_block),
        }
    }

    fn multi_block(&mut self, prefix: &str, multi_block: &MultiBlock) -> Result<()> {
        let metadata = &multi_block.metadata;
        let target = self.pairs.options.target;
        check_members(&metadata.document, target)?;
        if !multi_block.arrays.is_empty() {
            self.pairs.uses_version(3);
        }
        let mut document = metadata.document.clone();
        if target != Target::Native {
            remove_orders(&mut document, Association::Field);
        }
        // First of all its pairs: the first document of a file is that of its root.
        self.bytes(
            &format!("{}{MULTIBLOCK_METADATA}", metadata.uid),
            document.to_document().as_bytes(),
        )?;
        for (i, child) in multi_block.children.iter().enumerate() {
            self.node(&format!("{prefix}blocks/{i}/"), child.node)?;
        }
        for slot in &multi_block.arrays {
            self.slot(prefix, slot, &metadata.uid)?;
        }
        Ok(())
    }

    fn dataset(&mut self, prefix: &str, dataset: &Dataset) -> Result<()> {
        let target = self.pairs.options.target;
        let mut document = DatasetDocument::new(&dataset.metadata, target)?;
        let rows_of = |role: &Role| self.reader.rows_of(role, dataset);
        let checked = self.read(check_grid(&dataset.metadata, &rows_of))?;
        checked.map_err(Error::invalid)?;
        let uid = dataset.metadata.uid.clone();
        for slot in &dataset.arrays {
            if let (Role::Connectivity(list), false) = (&slot.role, target.has_fixed_widths())
                && let Some(width) = implied_width(dataset, *list)
            {
                let offsets = self.reader.spec(slot.pair);
                let offsets = offsets.and_then(|ids| ImpliedOffsets::new(&ids, width));
                let offsets = self.read(offsets)?;
                self.array(prefix, &Role::Offset(*list), &uid, &offsets, None)?;
                document.add(&Role::Offset(*list), offsets.spec());
            }
            self.slot(prefix, slot, &uid)?;
            let spec = self.read(self.reader.spec(slot.pair))?;
            let spec = spec.with_order(slot.order);
            document.add(&slot.role, &spec);
        }
        if *dataset.metadata.ds_type() == DatasetType::PolyData && !target.has_fixed_widths() {
            for list in [
                CellArray::Polys,
                CellArray::Lines,
                CellArray::Strips,
                CellArray::Verts,
            ] {
                self.empty_list(&uid, list)?;
            }
        }
        self.pairs.uses_version(document.version());
        self.bytes(&format!("{uid}{DATASET_METADATA}"), &document.to_bytes())
    }

    /// Offsets and ids of a list without cells, where the file leaves them out.
    fn empty_list(&mut self, uid: &str, list: CellArray) -> Result<()> {
        for (role, bytes, n) in [
            (Role::Offset(list), &[0; 4][..], 1),
            (Role::Connectivity(list), &[], 0),
        ] {
            let name = role.frame_name(uid);
            if !self.pairs.has(&name) {
                let spec = ArraySpec::new("<i4".parse()?, [n])?;
                let array = ArrayName {
                    path: role.to_string(),
                    frame: name,
                    role,
                };
                let sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
                let mut writer = self.pairs.begin(sink, array, spec)?;
                writer.push_rows(bytes)?;
                writer.finish()?;
            }
        }
        Ok(())
    }

    fn slot(&mut self, prefix: &str, slot: &Slot, uid: &str) -> Result<()> {
        let path = format!("{prefix}{}", slot.role);
        let header = self.read(self.reader.header(slot.pair).in_array(&path))?;
        if self
            .pairs
            .options
            .filters
            .by_id(FilterId(header.filter))
            .is_err()
        {
            return self.verbatim(slot);
        }
        let index = self
            .reader
            .find_path(&path)
            .ok_or_else(|| Error::corrupt(format!("no array {path:?}")));
        let index = self.read(index)?;
        let array = self.reader.open_array(index)?;
        let validity = self.reader.validity(index)?;
        self.array(prefix, &slot.role, uid, &*array, validity.as_deref())
    }

    fn array(
        &mut self,
        prefix: &str,
        role: &Role,
        uid: &str,
        array: &dyn ArrayReader,
        validity: Option<&Validity>,
    ) -> Result<()> {
        let name = ArrayName {
            path: format!("{prefix}{role}"),
            frame: role.frame_name(uid),
            role: role.clone(),
        };
        let path = name.path.clone();
        let sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
        let mut writer = self.pairs.begin(sink, name, array.spec().clone())?;
        writer.copy_from(array, validity).in_array(&path)?;
        writer.finish()
    }

    /// A pair as it is, with its mask.
    fn verbatim(&mut self, slot: &Slot) -> Result<()> {
        for pair in [Some(slot.pair), slot.validity].into_iter().flatten() {
            let mut sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
            copy_pair(self.reader, pair, &mut sink, &mut self.pairs)?;
            sink.finish()?;
        }
        self.pairs.uses_version(2);
        Ok(())
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
        self.pairs.write_bytes(&mut sink, name, bytes)?;
        sink.finish()?;
        Ok(())
    }
}
