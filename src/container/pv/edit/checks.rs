//! Refusing what readers of the new version would refuse.
//!
//! Each new array of a dataset is held against what a reader will expect of it, by the arrays that will be there. A new
//! array of points or cells changes what is expected of those beside it, so they are held against it as well.

use std::collections::BTreeMap;

use super::Plan;
use crate::array::AlignedBytes;
use crate::container::pv::names::{Association, BlockPath, Role};
use crate::container::pv::seen::Seen;
use crate::container::pv::topology::{Expectation, check_grid};
use crate::container::pv::tree::{Dataset, Node, NodeId, Slot};
use crate::error::{Error, Result, ResultExt};

/// Ids that stay are read in pieces of this size.
const PIECE_BYTES: u64 = 4 << 20;

impl Plan<'_, '_> {
    /// Checks types and shapes of the new arrays, and everything of those that stay beside them. The values of the new ones
    /// are checked as they are written.
    ///
    /// # Errors
    /// `InvalidArgument` where readers would refuse an array; those of reading the ones that stay.
    pub(super) fn check_datasets(&mut self) -> Result<()> {
        let mut changed = BTreeMap::new();
        for i in 0..self.arrays.len() {
            let array = &self.arrays[i];
            let Node::Dataset(dataset) = self.reader.tree().node(array.node) else {
                continue;
            };
            if !array.name.role.is_named() {
                changed.insert(array.node, array.name.path.clone());
            }
            let expectation = self.expectation(array.node, dataset, &array.name.role)?;
            let refused = |what: String| match array.name.role {
                Role::Data(Association::Point | Association::Cell, _) => Error::invalid(format!(
                    "{what}; field_data takes arrays of any number of rows"
                )),
                _ => Error::invalid(what),
            };
            expectation
                .check_spec(&array.spec)
                .map_err(refused)
                .in_array(&array.name.path)?;
            self.arrays[i].expectation = expectation;
        }
        for (node, path) in changed {
            if let Node::Dataset(dataset) = self.reader.tree().node(node) {
                self.check_what_stays(node, &BlockPath::parse(&path), dataset)?;
            }
        }
        Ok(())
    }

    /// What a reader of the new version will expect of an array.
    fn expectation(&self, node: NodeId, dataset: &Dataset, role: &Role) -> Result<Expectation> {
        Expectation::new(role, &dataset.metadata, &|role| {
            self.rows_of(node, dataset, role)
        })
    }

    /// How many rows an array that makes a dataset will have.
    fn rows_of(&self, node: NodeId, dataset: &Dataset, role: &Role) -> Result<Option<u64>> {
        let mut new = self.arrays.iter();
        match new.find(|array| array.node == node && array.name.role == *role) {
            Some(array) => Ok(Some(array.spec.rows())),
            None => self.reader.rows_of(role, dataset),
        }
    }

    /// Holds the points and cells that stay against what is expected of them now.
    fn check_what_stays(
        &self,
        node: NodeId,
        path: &BlockPath<'_>,
        dataset: &Dataset,
    ) -> Result<()> {
        check_grid(&dataset.metadata, &|role| self.rows_of(node, dataset, role))?
            .map_err(Error::invalid)?;
        for slot in dataset.geometry() {
            if self.is_dead[slot.pair] {
                continue;
            }
            let expectation = self.expectation(node, dataset, &slot.role)?;
            if expectation != self.reader.expectation(&slot.role, dataset)? {
                self.check_stored(slot, &expectation)
                    .in_array(&path.with(&slot.role))?;
            }
        }
        Ok(())
    }

    fn check_stored(&self, slot: &Slot, expectation: &Expectation) -> Result<()> {
        let stays = |what: String| Error::invalid(format!("{} stays, and then {what}", slot.role));
        let array = self.reader.open_slot(slot)?;
        let spec = array.spec();
        expectation.check_spec(spec).map_err(stays)?;
        if !expectation.is_about_values() {
            return Ok(());
        }
        let mut seen = Seen::from_row(0);
        let step = (PIECE_BYTES / spec.row_bytes()).clamp(1, spec.rows().max(1));
        let mut piece = AlignedBytes::zeroed(step * spec.row_bytes())?;
        let mut start = 0;
        while start < spec.rows() {
            let end = (start + step).min(spec.rows());
            let rows = &mut piece[..((end - start) * spec.row_bytes()) as usize];
            array.read_rows_into(start..end, rows)?;
            seen.push(spec, rows);
            start = end;
        }
        expectation.check_values(spec, &seen).map_err(stays)
    }
}

#[cfg(test)]
mod tests;
