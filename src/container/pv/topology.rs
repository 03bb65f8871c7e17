//! Checks of what datasets are made of, before it is handed out and before it is written.
//!
//! A viewer that indexes points by a connectivity of the file crashes, or worse, on one that lies. Array lengths are
//! compared with what the metadata states, ids with the number of things that they number, and offsets must ascend
//! from 0 to the length of the connectivity. Readers and writers ask the same [`Expectation`]: what the one would refuse,
//! the other does not write.

use super::json::Json;
use super::metadata::{DatasetMetadata, DatasetType};
use super::names::{Association, CellArray, Role};
use super::seen::Seen;
use crate::array::ArraySpec;
use crate::dtype::Kind;
use crate::error::Result;
use crate::text::counted;

/// What is wrong with an array: corrupt where it was read, the caller's fault where it is to be written.
pub(crate) type Checked = std::result::Result<(), String>;

/// What must hold of an array; what is not known is not checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The number of rows.
    rows: Option<u64>,
    /// The length of the second axis.
    columns: Option<u64>,
    /// Values are ids, from 0 to before this.
    ids_below: Option<u64>,
    /// Values ascend from 0 to this.
    offsets_to: Option<u64>,
    /// The number of rows is a multiple of this.
    row_multiple: Option<u64>,
    /// What the dataset states, and what it and its companions add up to.
    total: Option<Total>,
}

/// A number that several arrays of a dataset make together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Total {
    noun: &'static str,
    stated: u64,
    held: u64,
}

impl Expectation {
    /// What must hold of the array `role` of a dataset, whose other arrays have the lengths that `rows` gives.
    ///
    /// # Errors
    /// Those of `rows`.
    pub(crate) fn new(
        role: &Role,
        dataset: &DatasetMetadata,
        rows: &dyn Fn(&Role) -> Result<Option<u64>>,
    ) -> Result<Self> {
        let lists = Lists { dataset, rows };
        let mut expectation = Self::default();
        match role {
            Role::Points => {
                (expectation.rows, expectation.columns) = (dataset.n_points(), Some(3));
            }
            Role::CellTypes | Role::Data(Association::Cell, _) => {
                expectation.rows = dataset.n_cells();
            }
            Role::Data(Association::Point, _) => expectation.rows = dataset.n_points(),
            Role::Connectivity(list) => {
                expectation.row_multiple = match rows(&Role::Offset(*list))? {
                    Some(_) => None,
                    None => dataset.fixed_cell_size(*list),
                };
                expectation.ids_below = match list {
                    CellArray::PolyhedronLocation => lists.n_cells(CellArray::Polyhedron)?,
                    _ => dataset.n_points(),
                };
                expectation.total = lists.total(*list)?;
            }
            Role::Offset(list) => {
                expectation.offsets_to = Some(rows(&Role::Connectivity(*list))?.unwrap_or(0));
                expectation.total = lists.total(*list)?;
            }
            Role::Coordinates(_) => expectation.total = lists.grid_points()?,
            Role::Data(Association::Field, _) | Role::Unreferenced(_) => {}
        }
        Ok(expectation)
    }

    /// Whether values have to be looked at.
    pub(crate) fn is_about_values(&self) -> bool {
        self.ids_below.is_some() || self.offsets_to.is_some()
    }

    /// Checks type and shape.
    pub(crate) fn check_spec(&self, spec: &ArraySpec) -> Checked {
        let rows = spec.rows();
        if let Some(expected) = self.rows.filter(|expected| *expected != rows) {
            let rows = counted(rows, "row");
            return Err(format!("{rows} where the dataset states {expected}"));
        }
        let columns = spec.shape().get(1).copied();
        if let Some(expected) = self.columns.filter(|expected| Some(*expected) != columns) {
            return Err(format!(
                "coordinates of shape {:?} where the dataset has {expected} a point",
                spec.shape()
            ));
        }
        if let Some(width) = self
            .row_multiple
            .filter(|width| *width == 0 || !rows.is_multiple_of(*width))
        {
            return Err(format!(
                "{} where the dataset states cells of {width} each",
                counted(rows, "id")
            ));
        }
        if let Some(Total { noun, stated, held }) =
            self.total.filter(|total| total.stated != total.held)
        {
            return Err(format!(
                "{} in all where the dataset states {stated}",
                counted(held, noun)
            ));
        }
        let is_integer = matches!(spec.dtype().kind(), Kind::Int | Kind::UInt);
        if self.is_about_values() && !(is_integer && spec.shape().len() == 1) {
            return Err(format!("ids of type and shape {spec}"));
        }
        Ok(())
    }

    /// Checks what was seen of the values of an array.
    pub(crate) fn check_values(&self, spec: &ArraySpec, seen: &Seen) -> Checked {
        let Some(ends) = seen.ends() else {
            return match self.offsets_to {
                // Without a single offset there is no list, which is a list without ids.
                Some(total) if total > 0 && spec.rows() == 0 => {
                    Err(format!("no offsets for {}", counted(total, "id")))
                }
                _ => Ok(()),
            };
        };
        if let Some(bound) = self.ids_below {
            for (row, id) in [ends.lowest, ends.highest] {
                if u64::try_from(id).is_err() || id as u64 >= bound {
                    return Err(format!("row {row} is the id {id}, of {bound} there are"));
                }
            }
        }
        if let Some(total) = self.offsets_to {
            let total = i64::try_from(total).unwrap_or(i64::MAX);
            let rows = seen.rows();
            let bad = [
                (rows.start == 0 && ends.first != 0).then_some(0),
                (ends.lowest.1 < 0).then_some(ends.lowest.0),
                seen.descends_at,
                (ends.highest.1 > total).then_some(ends.highest.0),
                (rows.end == spec.rows() && ends.last != total).then_some(rows.end.max(1) - 1),
            ];
            if let Some(row) = bad.into_iter().flatten().next() {
                return Err(format!(
                    "row {row}: offsets do not ascend from 0 to {total}"
                ));
            }
        }
        Ok(())
    }
}

/// Checks what an ExplicitStructuredGrid says of its shape. Readers of pyvista-zstd make a cell for each place of the lattice
/// before they look at the cells, and refuse a grid where the two differ.
///
/// # Errors
/// Those of `rows`.
pub(crate) fn check_grid(
    dataset: &DatasetMetadata,
    rows: &dyn Fn(&Role) -> Result<Option<u64>>,
) -> Result<Checked> {
    let stated = match dataset.document.get("dimensions") {
        Some(stated) if *dataset.ds_type() == DatasetType::ExplicitStructuredGrid => stated,
        // Without dimensions, as releases before 0.7 write it, cell arrays say where each cell lies.
        _ => return Ok(Ok(())),
    };
    if *stated == Json::Null {
        return Ok(Ok(()));
    }
    let Some(dimensions) = dataset.dimensions().filter(|dimensions| {
        *dimensions == [0; 3] || dimensions.iter().all(|dimension| *dimension > 0)
    }) else {
        return Ok(Err(format!(
            "an ExplicitStructuredGrid of dimensions {stated}, which are not three positive numbers"
        )));
    };
    let places = dimensions
        .iter()
        .fold(1_u64, |n, axis| n.saturating_mul(axis.saturating_sub(1)));
    let n_cells = Lists { dataset, rows }.n_cells(CellArray::Cells)?;
    Ok(match n_cells {
        Some(n) if n != places => Err(format!(
            "an ExplicitStructuredGrid of dimensions {stated}, which hold {}, not {n}",
            counted(places, "cell")
        )),
        _ => Ok(()),
    })
}

/// The lists of cells of a dataset, by the lengths of their arrays.
struct Lists<'a> {
    dataset: &'a DatasetMetadata,
    rows: &'a dyn Fn(&Role) -> Result<Option<u64>>,
}

impl Lists<'_> {
    /// The number of cells of a list, by its offsets or its fixed width.
    fn n_cells(&self, list: CellArray) -> Result<Option<u64>> {
        if let Some(n_offsets) = (self.rows)(&Role::Offset(list))? {
            return Ok(Some(n_offsets.saturating_sub(1)));
        }
        let n_ids = (self.rows)(&Role::Connectivity(list))?.unwrap_or(0);
        let width = self
            .dataset
            .fixed_cell_size(list)
            .filter(|width| *width > 0);
        Ok(match width {
            _ if n_ids == 0 => Some(0),
            Some(width) => Some(n_ids / width),
            None => None,
        })
    }

    /// The cells that the dataset states and those of its lists, where `list` is one of them.
    fn total(&self, list: CellArray) -> Result<Option<Total>> {
        let lists: &[CellArray] = match self.dataset.ds_type() {
            DatasetType::PolyData => &[
                CellArray::Verts,
                CellArray::Lines,
                CellArray::Polys,
                CellArray::Strips,
            ],
            DatasetType::UnstructuredGrid => &[CellArray::Cells],
            _ => return Ok(None),
        };
        let Some(stated) = self.dataset.n_cells().filter(|_| lists.contains(&list)) else {
            return Ok(None);
        };
        let mut held = 0_u64;
        for list in lists {
            match self.n_cells(*list)? {
                Some(n) => held = held.saturating_add(n),
                None => return Ok(None),
            }
        }
        Ok(Some(Total {
            noun: "cell",
            stated,
            held,
        }))
    }

    /// The points that the dataset states and those that its coordinates span.
    fn grid_points(&self) -> Result<Option<Total>> {
        let Some(stated) = self.dataset.n_points() else {
            return Ok(None);
        };
        let mut held = 1_u64;
        for axis in 0..3 {
            match (self.rows)(&Role::Coordinates(axis))? {
                Some(n) => held = held.saturating_mul(n),
                None => return Ok(None),
            }
        }
        Ok(Some(Total {
            noun: "point",
            stated,
            held,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expectation: Expectation, start: u64, n_rows: u64, values: &[i32]) -> bool {
        let spec = ArraySpec::new("<i4".parse().unwrap(), [n_rows]).unwrap();
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let mut seen = Seen::from_row(start);
        seen.push(&spec, &bytes);
        expectation.check_values(&spec, &seen).is_ok()
    }

    #[test]
    fn ids_must_be_of_what_is_there() {
        let expectation = Expectation {
            ids_below: Some(3),
            ..Expectation::default()
        };
        for (ids, is_good) in [
            (&[0, 2, 1][..], true),
            (&[0, 3], false),
            (&[-1], false),
            (&[], true),
        ] {
            let n = ids.len() as u64;
            assert_eq!(check(expectation, 0, n, ids), is_good, "{ids:?}");
        }
    }

    #[test]
    fn offsets_ascend_from_zero_to_the_end() {
        let expectation = Expectation {
            offsets_to: Some(6),
            ..Expectation::default()
        };
        for (offsets, is_good) in [
            (&[0, 3, 6][..], true),
            (&[0, 6, 6], true),
            (&[1, 3, 6], false),
            (&[0, 7, 6], false),
            (&[0, 3], false),
            (&[0, -1, 6], false),
            (&[0, 4, 3, 6], false),
            (&[], false),
        ] {
            let n = offsets.len() as u64;
            assert_eq!(check(expectation, 0, n, offsets), is_good, "{offsets:?}");
        }
        // Some rows of more: neither the first nor the last.
        assert!(check(expectation, 1, 3, &[3]));
        assert!(!check(expectation, 1, 3, &[7]));
        assert!(!check(expectation, 2, 3, &[5]));
    }
}
