//! The arrays of a file by number, by path and by bare name.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::names::{CellArray, Role};
use super::tree::{Dataset, Node, NodeId, Slot, Tree};
use crate::error::{Error, Result};

/// All arrays of a file.
#[derive(Debug)]
pub(super) struct Listing {
    /// The arrays of the file, then its placeholders, then those that it implies.
    pub(super) arrays: Vec<Listed>,
    pub(super) placeholders: Range<usize>,
    /// Made when paths are looked up again and again: most files are opened for a few arrays.
    by_path: OnceLock<HashMap<String, usize>>,
    n_lookups: AtomicUsize,
    by_bare_name: OnceLock<HashMap<String, Option<usize>>>,
}

/// An array with a path; a shared block gives its arrays several.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    /// Its pair; that of the connectivity for implied offsets.
    pub(super) slot: Slot,
    /// The dataset that it belongs to.
    pub(super) node: Option<NodeId>,
    /// The width of the cells, where it is the offsets that no file stores.
    pub(super) implied_width: Option<u64>,
}

impl Listing {
    /// Gives every array its path.
    ///
    /// # Errors
    /// `LimitExceeded` for more arrays than allowed, shared ones counted each time.
    pub(super) fn of(tree: &Tree, max_arrays: u64) -> Result<Self> {
        let (mut listed, mut placeholders, mut implied) = (Vec::new(), Vec::new(), Vec::new());
        let mut n_nodes = 0;
        tree.walk(&mut |prefix, id| {
            n_nodes += 1;
            let node = tree.node(id);
            let is_carrier = id == tree.root_id() && node.is_empty_mesh();
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
        for slot in &tree.unreferenced {
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
        let placeholders = n_arrays..listed.len();
        listed.append(&mut implied);
        Ok(Self {
            arrays: listed,
            placeholders,
            by_path: OnceLock::new(),
            n_lookups: AtomicUsize::new(0),
            by_bare_name: OnceLock::new(),
        })
    }

    /// The number of the array that a path, or a name that only one array has, leads to.
    ///
    /// # Errors
    /// `InvalidArgument` where it leads to none, or a bare name to several.
    pub(super) fn find(&self, name: &str) -> Result<usize> {
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

    /// The first array of exactly this path, implied ones included.
    pub(super) fn index_of(&self, path: &str) -> Option<usize> {
        /// Fewer look-ups are quicker without a table.
        const MAX_SCANS: usize = 8;
        if self.by_path.get().is_none()
            && self.n_lookups.fetch_add(1, Ordering::Relaxed) < MAX_SCANS
        {
            return self.arrays.iter().position(|array| array.path == path);
        }
        let table = self.by_path.get_or_init(|| {
            let mut table = HashMap::with_capacity(self.arrays.len());
            for (index, array) in self.arrays.iter().enumerate() {
                table.entry(array.path.clone()).or_insert(index);
            }
            table
        });
        table.get(path).copied()
    }

    fn bare_names(&self) -> &HashMap<String, Option<usize>> {
        self.by_bare_name.get_or_init(|| {
            let mut names = HashMap::with_capacity(self.arrays.len());
            for (index, array) in self.arrays[..self.placeholders.start].iter().enumerate() {
                let name = array.slot.role.bare_name();
                names
                    .entry(name)
                    .and_modify(|only| *only = None)
                    .or_insert(Some(index));
            }
            names
        })
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
