//! The datasets of a file, as a tree of named arrays.
//!
//! A MultiBlock names its children by uid. Children may be absent, share a uid (one dataset in two slots, stored once)
//! or share a name; none is dropped: the tree keeps slots, and a shared child is one node that two slots point to.
//! Everything is looked up by the names that the metadata leads to; what nothing leads to is kept as unreferenced.

use super::keys::keys;
use super::metadata::{DatasetMetadata, DatasetType, MultiBlockMetadata};
use super::names::{
    Association, DATASET_METADATA, EMPTY_CHILD, MULTIBLOCK_METADATA, Role, THUMBNAIL, VALIDITY,
};
use crate::array::Order;
use crate::error::{Error, Result};
use std::collections::HashMap;

/// Nested deeper, a MultiBlock is hostile: VTK's own recursion would end sooner.
const MAX_DEPTH: usize = 64;

/// The number of a node in its [`Tree`].
pub type NodeId = usize;

/// The datasets of a file.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    root: NodeId,
    /// Arrays that the file lists and no dataset refers to.
    pub(crate) unreferenced: Vec<Slot>,
    /// Arrays that a dataset lists and the file does not hold.
    pub(crate) missing: Vec<String>,
}

/// A dataset, a MultiBlock, or the absence of one.
#[derive(Debug)]
#[non_exhaustive]
pub enum Node {
    /// An absent child.
    Empty,
    /// One dataset.
    Dataset(Dataset),
    /// A list of children.
    MultiBlock(MultiBlock),
}

/// One dataset: its metadata and where its arrays are.
#[derive(Debug)]
pub struct Dataset {
    /// Its document.
    pub metadata: DatasetMetadata,
    /// The pair of its document.
    pub(crate) metadata_pair: usize,
    /// Its arrays: geometry, cells, then named ones.
    pub(crate) arrays: Vec<Slot>,
}

/// A MultiBlock: its metadata, its children and its own field arrays.
#[derive(Debug)]
pub struct MultiBlock {
    /// Its document.
    pub metadata: MultiBlockMetadata,
    pub(crate) metadata_pair: usize,
    /// Its children in their order, absent ones included.
    pub children: Vec<Child>,
    pub(crate) arrays: Vec<Slot>,
}

/// A slot of a MultiBlock.
#[derive(Clone, Debug)]
pub struct Child {
    /// Its name, which another child may have too.
    pub name: Option<String>,
    /// What it holds.
    pub node: NodeId,
}

/// An array of a dataset and the pair that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) role: Role,
    pub(crate) pair: usize,
    /// The pair of its companion, where it may have nulls.
    pub(crate) validity: Option<usize>,
    /// How it was laid out before it was written, as the document of its dataset says.
    pub(crate) order: Order,
}

impl Tree {
    /// Builds the tree of the pairs named `names`; `document` reads one.
    ///
    /// # Errors
    /// `Corrupt` where no dataset is there, a child leads nowhere or to its own parent; `LimitExceeded` for more nodes
    /// than `max_nodes`; those of `document`.
    pub(crate) fn build(
        names: &[String],
        max_nodes: u64,
        document: &mut dyn FnMut(usize) -> Result<Vec<u8>>,
    ) -> Result<Self> {
        let mut pairs = HashMap::with_capacity(names.len());
        for (pair, name) in names.iter().enumerate() {
            // Of two pairs with one name the first one counts, as it does for other readers.
            pairs.entry(name.as_str()).or_insert(pair);
        }
        let mut builder = Builder {
            pairs,
            is_referenced: vec![false; names.len()],
            has_masks: names.iter().any(|name| name.ends_with(VALIDITY)),
            document,
            nodes: vec![Some(Node::Empty)],
            by_uid: HashMap::from([(EMPTY_CHILD.to_owned(), 0)]),
            missing: Vec::new(),
            n_slots: 0,
            max_slots: max_nodes,
        };
        let root = names
            .iter()
            .find(|name| name.ends_with(DATASET_METADATA))
            .ok_or_else(|| Error::corrupt("the file lists no dataset"))?;
        let uid = root
            .strip_suffix(MULTIBLOCK_METADATA)
            .or_else(|| root.strip_suffix(DATASET_METADATA))
            .expect("it ends with one of them");
        let root = builder.node(uid, 0)?;
        let Builder {
            is_referenced,
            nodes,
            missing,
            ..
        } = builder;
        let unreferenced = (0..names.len())
            .filter(|pair| !is_referenced[*pair] && (*pair > 0 || names[0] != THUMBNAIL))
            .map(|pair| Slot {
                role: Role::Unreferenced(names[pair].clone()),
                pair,
                validity: None,
                order: Order::C,
            })
            .collect();
        let nodes = nodes
            .into_iter()
            .map(|node| node.expect("every node was finished"))
            .collect();
        Ok(Self {
            nodes,
            root,
            unreferenced,
            missing,
        })
    }

    /// The root.
    pub fn root(&self) -> &Node {
        &self.nodes[self.root]
    }

    /// The number of the root.
    #[must_use]
    pub fn root_id(&self) -> NodeId {
        self.root
    }

    /// A node, by the number in a [`Child`].
    ///
    /// # Panics
    /// Where `id` is not of this tree.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// All nodes, each once.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The pairs of the documents.
    pub(crate) fn document_pairs(&self) -> impl Iterator<Item = usize> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Empty => None,
            Node::Dataset(dataset) => Some(dataset.metadata_pair),
            Node::MultiBlock(multi_block) => Some(multi_block.metadata_pair),
        })
    }

    /// The node behind a list of block numbers.
    ///
    /// # Errors
    /// `InvalidArgument` where a number leads past the children.
    pub(crate) fn block(&self, blocks: &[usize]) -> Result<NodeId> {
        let mut id = self.root;
        for index in blocks {
            let children = match self.node(id) {
                Node::MultiBlock(multi_block) => multi_block.children.as_slice(),
                _ => &[],
            };
            let child = children.get(*index).ok_or_else(|| {
                let there = match children.len() {
                    0 => "the dataset has none".to_owned(),
                    1 => "block 0 is the only one".to_owned(),
                    n => format!("there are blocks 0 to {}", n - 1),
                };
                Error::invalid(format!("there is no block {index}: {there}"))
            })?;
            id = child.node;
        }
        Ok(id)
    }

    /// Calls `visit` with the path prefix and the number of each node, depth first, shared nodes once a slot.
    ///
    /// # Errors
    /// Those of `visit`.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(&str, NodeId) -> Result<()>) -> Result<()> {
        self.walk_from("", self.root, visit)
    }

    fn walk_from(
        &self,
        prefix: &str,
        id: NodeId,
        visit: &mut dyn FnMut(&str, NodeId) -> Result<()>,
    ) -> Result<()> {
        visit(prefix, id)?;
        if let Node::MultiBlock(multi_block) = self.node(id) {
            for (i, child) in multi_block.children.iter().enumerate() {
                self.walk_from(&format!("{prefix}blocks/{i}/"), child.node, visit)?;
            }
        }
        Ok(())
    }
}

impl Dataset {
    /// The arrays that make the dataset, which stand before the named ones.
    pub(crate) fn geometry(&self) -> impl Iterator<Item = &Slot> {
        self.arrays.iter().take_while(|slot| !slot.role.is_named())
    }
}

impl Node {
    /// Whether it is a mesh without points and cells, which some arrays of the dataset as a whole need to be carried by.
    pub(crate) fn is_empty_mesh(&self) -> bool {
        matches!(self, Self::Dataset(Dataset { metadata, .. })
            if *metadata.ds_type() == DatasetType::PolyData
                && metadata.n_points() == Some(0)
                && metadata.n_cells() == Some(0))
    }

    /// The arrays of the node itself.
    pub(crate) fn arrays(&self) -> &[Slot] {
        match self {
            Self::Empty => &[],
            Self::Dataset(dataset) => &dataset.arrays,
            Self::MultiBlock(multi_block) => &multi_block.arrays,
        }
    }
}

struct Builder<'a, 'b> {
    pairs: HashMap<&'a str, usize>,
    is_referenced: Vec<bool>,
    /// Few files have any, and each array would be asked for one.
    has_masks: bool,
    document: &'b mut dyn FnMut(usize) -> Result<Vec<u8>>,
    /// `None` while its children are being built: meeting one of those again is a cycle.
    nodes: Vec<Option<Node>>,
    by_uid: HashMap<String, NodeId>,
    missing: Vec<String>,
    n_slots: u64,
    max_slots: u64,
}

impl Builder<'_, '_> {
    fn node(&mut self, uid: &str, depth: usize) -> Result<NodeId> {
        if let Some(id) = self.by_uid.get(uid) {
            return match self.nodes[*id] {
                Some(_) => Ok(*id),
                None => Err(Error::corrupt(format!(
                    "the MultiBlock {uid:?} holds itself"
                ))),
            };
        }
        if depth > MAX_DEPTH {
            return Err(Error::limit(
                "levels of a MultiBlock",
                MAX_DEPTH as u64,
                depth as u64,
            ));
        }
        let id = self.nodes.len();
        self.nodes.push(None);
        self.by_uid.insert(uid.to_owned(), id);
        let node = if let Some(pair) = self.take(&format!("{uid}{MULTIBLOCK_METADATA}")) {
            Node::MultiBlock(self.multi_block(uid, pair, depth)?)
        } else if let Some(pair) = self.take(&format!("{uid}{DATASET_METADATA}")) {
            Node::Dataset(self.dataset(uid, pair)?)
        } else {
            return Err(Error::corrupt(format!(
                "the file holds no dataset of the uid {uid:?}"
            )));
        };
        self.nodes[id] = Some(node);
        Ok(id)
    }

    fn dataset(&mut self, uid: &str, metadata_pair: usize) -> Result<Dataset> {
        let metadata = DatasetMetadata::parse(&(self.document)(metadata_pair)?, uid)?;
        let mut arrays: Vec<_> = Role::geometry()
            .filter_map(|role| self.slot(uid, role, Order::C))
            .collect();
        for association in Association::ALL {
            let keys = keys(&metadata.document, association);
            self.named(uid, association, keys, &mut arrays);
        }
        Ok(Dataset {
            metadata,
            metadata_pair,
            arrays,
        })
    }

    fn multi_block(&mut self, uid: &str, metadata_pair: usize, depth: usize) -> Result<MultiBlock> {
        let metadata = MultiBlockMetadata::parse(&(self.document)(metadata_pair)?, uid)?;
        self.n_slots += metadata.children.len() as u64;
        if self.n_slots > self.max_slots {
            return Err(Error::limit(
                "blocks of a file",
                self.max_slots,
                self.n_slots,
            ));
        }
        let mut children = Vec::with_capacity(metadata.children.len());
        for (i, uid) in metadata.children.iter().enumerate() {
            let name = metadata.children_keys.get(i).cloned().flatten();
            children.push(Child {
                name,
                node: self.node(uid, depth + 1)?,
            });
        }
        let mut arrays = Vec::new();
        let keys = keys(&metadata.document, Association::Field);
        self.named(uid, Association::Field, keys, &mut arrays);
        Ok(MultiBlock {
            metadata,
            metadata_pair,
            children,
            arrays,
        })
    }

    fn named(
        &mut self,
        uid: &str,
        association: Association,
        keys: Vec<(String, Order)>,
        arrays: &mut Vec<Slot>,
    ) {
        for (key, order) in keys {
            let role = Role::Data(association, key);
            match self.slot(uid, role.clone(), order) {
                Some(slot) => arrays.push(slot),
                None => self.missing.push(role.frame_name(uid)),
            }
        }
    }

    fn slot(&mut self, uid: &str, role: Role, order: Order) -> Option<Slot> {
        let name = role.frame_name(uid);
        let pair = self.take(&name)?;
        let validity = match self.has_masks {
            true => self.take(&format!("{name}{VALIDITY}")),
            false => None,
        };
        Some(Slot {
            role,
            pair,
            validity,
            order,
        })
    }

    fn take(&mut self, name: &str) -> Option<usize> {
        let pair = *self.pairs.get(name)?;
        self.is_referenced[pair] = true;
        Some(pair)
    }
}
