//! A selection of an array, as an array: what it is read through knows nothing of the rest.

use std::ops::Range;
use std::sync::Arc;

use super::{ArrayReader, select};
use crate::array::{ArraySpec, Cuts, Selection};
use crate::error::Result;

/// The part of an array that a selection is. Its rows are the indices of the first axis that the selection leaves; each
/// request reads the rows of the array that it needs.
///
/// ```
/// use paginum::filter::{ArrayReader, Part};
/// use paginum::{Selection, Step};
/// # use paginum::{Array, container::npy, storage::{Drivers, Durability}};
/// # use std::io::Write;
/// # let table = Array::from_vec((0..60_i64).collect(), [12, 5])?;
/// # let mut stage = Drivers::default().store("mem://table.npy")?.stage()?;
/// # stage.write_all(&npy::to_bytes(&table))?;
/// # stage.commit(Durability::Synced)?;
/// let file = paginum::open("mem://table.npy")?;
/// // Of an array of the shape (12, 5), every third row of the last column.
/// let reader = file.array("array")?.reader()?;
/// let column = Part::new(reader, &Selection::from(((..).step(3), 4)))?;
/// assert_eq!(column.spec().shape(), [4]);
/// let mut bytes = [0; 16];
/// column.read_rows_into(1..3, &mut bytes)?;
/// assert_eq!(bytes, [[19, 0, 0, 0, 0, 0, 0, 0], [34, 0, 0, 0, 0, 0, 0, 0]].as_flattened());
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug)]
pub struct Part {
    reader: Arc<dyn ArrayReader>,
    cuts: Cuts,
}

impl Part {
    /// What `selection` is of the array that `reader` reads.
    ///
    /// # Errors
    /// Those of [`Selection::spec`].
    pub fn new(reader: Arc<dyn ArrayReader>, selection: &Selection) -> Result<Self> {
        let cuts = selection.of(reader.spec())?;
        Ok(Self { reader, cuts })
    }
}

impl ArrayReader for Part {
    fn spec(&self) -> &ArraySpec {
        &self.cuts.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        match self.cuts.of_rows(&rows).map(|cuts| cuts.rows()) {
            Ok(rows) if !rows.is_empty() => self.reader.ranges(rows),
            _ => Vec::new(),
        }
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        let cuts = self.cuts.of_rows(&rows)?;
        cuts.spec.check_bytes(out.len())?;
        select::read_cuts(&*self.reader, &cuts, out)
    }

    fn has_checksums(&self) -> Result<bool> {
        self.reader.has_checksums()
    }

    fn verify(&self) -> Result<()> {
        self.reader.verify()
    }
}
