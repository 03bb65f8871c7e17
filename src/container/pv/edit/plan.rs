//! What changes mean for one file: which pairs die, which are new, which documents say so.

use std::collections::HashMap;

use super::readers;
use super::{Existing, Operation, Rows};
use crate::array::ArraySpec;
use crate::container::Container;
use crate::container::pv::document::{check_members, points_dtype};
use crate::container::pv::edit_options::EditOptions;
use crate::container::pv::json::Object;
use crate::container::pv::keys::{add_key, remove_key, replace_key};
use crate::container::pv::names::{
    Association, BlockPath, DATASET_METADATA, MULTIBLOCK_METADATA, Role,
};
use crate::container::pv::options::{FilterChoice, WriteOptions};
use crate::container::pv::pairs::{ArrayName, PairWriter};
use crate::container::pv::reader::Reader;
use crate::container::pv::target::Target;
use crate::container::pv::topology::Expectation;
use crate::container::pv::tree::{Node, NodeId};
use crate::error::{Error, Result, ResultExt};
use crate::storage::PositionedWriter;

/// A new array and where it goes.
pub(crate) struct NewArray<'a> {
    pub(super) node: NodeId,
    pub(crate) name: ArrayName,
    pub(crate) spec: ArraySpec,
    pub(super) rows: Rows<'a>,
    /// What readers of the new version will expect of it.
    pub(super) expectation: Expectation,
}

/// What is to become of each pair, and what is to be added.
pub(crate) struct Plan<'r, 'a> {
    pub(crate) reader: &'r Reader,
    pub(crate) options: WriteOptions,
    /// The readers of the file afterwards, whose kept arrays do not change with the target of this edit.
    pub(crate) recorded: Target,
    /// By pair; the document of the file is not among them.
    pub(crate) is_dead: Vec<bool>,
    pub(crate) arrays: Vec<NewArray<'a>>,
    /// Edited documents of datasets.
    documents: HashMap<NodeId, Object>,
    pub(crate) version: i64,
}

impl<'r, 'a> Plan<'r, 'a> {
    pub(crate) fn new(reader: &'r Reader, options: &EditOptions) -> Result<Self> {
        let recorded = readers::recorded(reader)?;
        let (target, before) = match (options.target, recorded) {
            // What cannot be guessed is for whom the caller says.
            (Some(target), None) => (target, readers::guess(reader).unwrap_or(target)),
            (Some(target), Some(before)) => (target, before),
            (None, Some(before)) => (before, before),
            (None, None) => {
                let before = readers::guess(reader)?;
                (before, before)
            }
        };
        let mut write = options.write.clone().with_target(target);
        let has_no_filter = target == Target::V0_2 && reader.metadata().version() <= 0;
        if options.target.is_none() && has_no_filter && matches!(write.filter, FilterChoice::Auto) {
            // Releases before 0.2.4 can read the file, and know no filter.
            write.filter = FilterChoice::named("none");
        }
        Ok(Self {
            reader,
            recorded: before.with(target),
            options: write,
            is_dead: vec![false; reader.names().len()],
            arrays: Vec::new(),
            documents: HashMap::new(),
            version: reader.metadata().version(),
        })
    }

    pub(super) fn include(&mut self, operation: Operation<'a>) -> Result<()> {
        match operation {
            Operation::Remove { path } => self.remove(&path).in_array(&path),
            Operation::Write {
                path,
                spec,
                rows,
                existing,
            } => self.write(&path, spec, rows, existing).in_array(&path),
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
        existing: Existing,
    ) -> Result<()> {
        let (node, role) = self.place(path)?;
        let uid = self.uid(node)?;
        let name = ArrayName {
            path: BlockPath::parse(path).with(&role),
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
            || (old.is_some() && existing == Existing::Refuse)
        {
            let what = "there is an array of this name already: replace it, or give the new one another name";
            return Err(Error::invalid(what));
        }
        if old.is_none() && existing == Existing::Require {
            return Err(Error::invalid("there is no array of this name to replace"));
        }
        self.check_place(node, &name.role, old.is_some())?;
        if let Role::Data(association, key) = &name.role {
            let (association, key) = (*association, key.clone());
            let target = self.options.target;
            // Removed and added again, or listed without being there: described anew in its place.
            let document = self.document(node)?;
            let is_listed = document
                .get(association.member())
                .and_then(|keys| keys.as_object()?.get(&key))
                .is_some();
            let list = if is_listed { replace_key } else { add_key };
            list(document, association, &key, &spec, target);
        }
        if let (Role::Points, Some(old)) = (&name.role, old)
            && self.reader.spec(self.reader.pair(old))?.dtype() != spec.dtype()
        {
            let dtype = points_dtype(&spec, self.options.target);
            self.document(node)?.set("points_dtype", dtype);
        }
        if let Some(old) = old {
            self.kill(old);
        }
        self.arrays.push(NewArray {
            node,
            name,
            spec,
            rows,
            expectation: Expectation::default(),
        });
        Ok(())
    }

    /// The dataset and the role that a path means; a bare name is a field array. A path into what no dataset has would
    /// become the name of one, slashes and all: it is more likely an error, and can be spelled in full.
    fn place(&self, path: &str) -> Result<(NodeId, Role)> {
        let path = BlockPath::parse(path);
        let node = self.reader.tree().block(&path.blocks)?;
        if path.rest.is_empty() {
            return Err(Error::invalid("the path of a block, not of an array"));
        }
        let role = match (Role::from_path(path.rest), path.rest.split_once('/')) {
            (Some(role), _) => role,
            (None, None) => Role::field(path.rest),
            (None, Some((folder, _))) => {
                let places = match self.reader.tree().node(node) {
                    Node::MultiBlock(blocks) => {
                        let n = blocks.children.len();
                        format!("field_data, or into those of blocks/INDEX, of which there are {n}")
                    }
                    _ => Association::ALL.map(Association::name).join(", "),
                };
                return Err(Error::invalid(format!(
                    "there is no {folder:?}; arrays go into {places}"
                )));
            }
        };
        Ok((node, role))
    }

    fn uid(&self, node: NodeId) -> Result<String> {
        match self.reader.tree().node(node) {
            Node::Dataset(dataset) => Ok(dataset.metadata.uid.clone()),
            Node::MultiBlock(multi_block) => Ok(multi_block.metadata.uid.clone()),
            Node::Empty => Err(Error::invalid("the block is empty")),
        }
    }

    /// Refuses an array that no edit may write there.
    fn check_place(&mut self, node: NodeId, role: &Role, is_replaced: bool) -> Result<()> {
        match (self.reader.tree().node(node), role) {
            (Node::MultiBlock(_), Role::Data(Association::Field, _)) => {
                if self.options.target.refuses_unknown_members() {
                    let what = format!(
                        "a field array of a MultiBlock: readers of --compat {} lose it; --compat 0.7 can hold it",
                        self.options.target
                    );
                    return Err(Error::invalid(what));
                }
                self.version = self.version.max(3);
                Ok(())
            }
            (Node::MultiBlock(_), _) => Err(Error::invalid(
                "a MultiBlock has field arrays alone; name a block",
            )),
            (_, Role::Data(..)) => Ok(()),
            (_, Role::Unreferenced(_)) => {
                Err(Error::invalid("an array of no dataset cannot be written"))
            }
            (_, geometry) if !is_replaced => Err(Error::invalid(format!(
                "{geometry}: a dataset does not get other points or cells by an append"
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
    pub(super) fn keeps_root_first(&self) -> bool {
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
        writer.finish()?;
        match pairs.written.pop() {
            Some(written) => written.check(&self.expectation),
            None => Ok(()),
        }
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

#[cfg(test)]
mod tests;
