//! What a frame is to its dataset, and its two spellings: the name in the file and the path that a user types.
//!
//! A frame name is `uid + key + suffix`; keys are free text and may end like a suffix, so names are always *made* from
//! what the metadata lists and looked up, never taken apart.
//!
//! | path | name behind the uid |
//! |---|---|
//! | `points`, `celltypes` | the same |
//! | `polys/offset`, `cells/connectivity`, ... | `polys_offset`, `cells_connectivity` |
//! | `polyhedron_location/offset` | `polyhedron_locaction_offset` (sic) |
//! | `coordinates/x` | `_x_rgrid` |
//! | `point_data/KEY`, `cell_data/KEY`, `field_data/KEY` | `KEY__point_data`, ... |

use std::fmt;

/// The uid of a dataset has so many bytes.
const UID_BYTES: usize = 16;
/// The uid that stands for an absent child of a MultiBlock.
pub(crate) const EMPTY_CHILD: &str = "EMPTY_DS________";
/// The names that the last pair of a file may have; the first one is written.
pub(crate) const FILE_METADATA: [&str; 2] = ["__pyvista_zstd_metadata", "__zvtk_metadata"];
/// The name of pair 0 where it holds a thumbnail.
pub(crate) const THUMBNAIL: &str = "__thumbnail";
/// The end of the name of a dataset's metadata document.
pub(crate) const DATASET_METADATA: &str = "__ds_metadata";
/// The end of the name of a MultiBlock's metadata document: it ends with [`DATASET_METADATA`] too.
pub(crate) const MULTIBLOCK_METADATA: &str = "__multiblock__ds_metadata";
/// Marks the companion of an array with nulls, behind the key.
pub(crate) const VALIDITY: &str = "__paginum_validity";

/// What the values of a named array belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Association {
    /// One row a point.
    Point,
    /// One row a cell.
    Cell,
    /// The dataset as a whole; any number of rows.
    Field,
}

impl Association {
    /// All of them, in the order of a file.
    pub const ALL: [Self; 3] = [Self::Point, Self::Cell, Self::Field];

    /// `point_data`, `cell_data` or `field_data`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point_data",
            Self::Cell => "cell_data",
            Self::Field => "field_data",
        }
    }

    /// The metadata member that lists the keys.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Point => "point_data_keys",
            Self::Cell => "cell_data_keys",
            Self::Field => "field_data_keys",
        }
    }
}

/// A list of cells: which points each one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are VTK's own")]
pub enum CellArray {
    Verts,
    Lines,
    Strips,
    Polys,
    Cells,
    /// The faces of polyhedra.
    Polyhedron,
    /// Which faces each polyhedron has.
    PolyhedronLocation,
}

impl CellArray {
    /// All of them, in the order of a file.
    pub const ALL: [Self; 7] = [
        Self::Polys,
        Self::Lines,
        Self::Strips,
        Self::Verts,
        Self::Cells,
        Self::Polyhedron,
        Self::PolyhedronLocation,
    ];

    /// The name in a path.
    pub fn name(self) -> &'static str {
        match self {
            Self::PolyhedronLocation => "polyhedron_location",
            other => other.stored_name(),
        }
    }

    /// The name in a file and in `fixed_cell_sizes`.
    pub(crate) fn stored_name(self) -> &'static str {
        match self {
            Self::Verts => "verts",
            Self::Lines => "lines",
            Self::Strips => "strips",
            Self::Polys => "polys",
            Self::Cells => "cells",
            Self::Polyhedron => "polyhedron",
            Self::PolyhedronLocation => "polyhedron_locaction",
        }
    }
}

/// What an array is to its dataset.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// Coordinates of the points, `(n, 3)`.
    Points,
    /// VTK's type of each cell, `u8`.
    CellTypes,
    /// Where each cell begins in the connectivity; one more than there are cells.
    Offset(CellArray),
    /// The points of each cell.
    Connectivity(CellArray),
    /// Coordinates of a RectilinearGrid along axis 0, 1 or 2.
    Coordinates(u8),
    /// A named array.
    Data(Association, String),
    /// A listed array that no dataset refers to, by its whole name in the file.
    Unreferenced(String),
}

impl Role {
    /// Every role that needs no key, in the order of a file.
    pub(crate) fn geometry() -> impl Iterator<Item = Self> {
        let lists = CellArray::ALL
            .into_iter()
            .flat_map(|list| [Self::Offset(list), Self::Connectivity(list)]);
        [Self::Points, Self::CellTypes]
            .into_iter()
            .chain(lists)
            .chain((0..3).map(Self::Coordinates))
    }

    /// Whether it is one of the named arrays, of which a dataset has any number.
    pub(crate) fn is_named(&self) -> bool {
        matches!(self, Self::Data(..))
    }

    /// Whether its values number points, cells or ids.
    pub(crate) fn is_topology(&self) -> bool {
        matches!(self, Self::Offset(_) | Self::Connectivity(_))
    }

    /// A field array.
    pub(crate) fn field(key: &str) -> Self {
        Self::Data(Association::Field, key.to_owned())
    }

    /// The name of the frame of a dataset `uid`.
    pub(crate) fn frame_name(&self, uid: &str) -> String {
        match self {
            Self::Points => format!("{uid}points"),
            Self::CellTypes => format!("{uid}celltypes"),
            Self::Offset(list) => format!("{uid}{}_offset", list.stored_name()),
            Self::Connectivity(list) => format!("{uid}{}_connectivity", list.stored_name()),
            Self::Coordinates(axis) => format!("{uid}_{}_rgrid", axis_name(*axis)),
            Self::Data(association, key) => format!("{uid}{key}__{}", association.name()),
            Self::Unreferenced(name) => name.clone(),
        }
    }

    /// Takes the name of a frame apart, into the uid of its dataset and its role there. Only for what no document lists any
    /// more: keys are free text.
    pub(crate) fn from_frame_name(name: &str) -> Option<(&str, Self)> {
        let (uid, rest) = name.split_at_checked(UID_BYTES)?;
        let geometry = Self::geometry().find(|role| role.frame_name("") == rest);
        let named = || {
            Association::ALL.into_iter().find_map(|association| {
                let key = rest.strip_suffix(association.name())?.strip_suffix("__")?;
                Some(Self::Data(association, key.to_owned()))
            })
        };
        Some((uid, geometry.or_else(named)?))
    }

    /// Parses a path inside one dataset.
    pub(crate) fn from_path(path: &str) -> Option<Self> {
        let Some((first, rest)) = path.split_once('/') else {
            return match path {
                "points" => Some(Self::Points),
                "celltypes" => Some(Self::CellTypes),
                _ => None,
            };
        };
        if let Some(association) = Association::ALL.into_iter().find(|a| a.name() == first) {
            return Some(Self::Data(association, rest.to_owned()));
        }
        match (first, rest) {
            ("coordinates", "x") => Some(Self::Coordinates(0)),
            ("coordinates", "y") => Some(Self::Coordinates(1)),
            ("coordinates", "z") => Some(Self::Coordinates(2)),
            ("unreferenced", name) => Some(Self::Unreferenced(name.to_owned())),
            (list, part) => {
                let list = CellArray::ALL.into_iter().find(|l| l.name() == list)?;
                match part {
                    "offset" => Some(Self::Offset(list)),
                    "connectivity" => Some(Self::Connectivity(list)),
                    _ => None,
                }
            }
        }
    }

    /// The name that a user would type without its folder: a key, or the whole path where there is no key.
    pub(crate) fn bare_name(&self) -> String {
        match self {
            Self::Data(_, key) => key.clone(),
            other => other.to_string(),
        }
    }
}

/// The path inside the dataset.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Points => f.write_str("points"),
            Self::CellTypes => f.write_str("celltypes"),
            Self::Offset(list) => write!(f, "{}/offset", list.name()),
            Self::Connectivity(list) => write!(f, "{}/connectivity", list.name()),
            Self::Coordinates(axis) => write!(f, "coordinates/{}", axis_name(*axis)),
            Self::Data(association, key) => write!(f, "{}/{key}", association.name()),
            Self::Unreferenced(name) => write!(f, "unreferenced/{name}"),
        }
    }
}

fn axis_name(axis: u8) -> &'static str {
    ["x", "y", "z"][usize::from(axis.min(2))]
}

/// A path with its `blocks/INDEX/` prefixes taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockPath<'a> {
    pub(crate) blocks: Vec<usize>,
    /// The path inside the dataset that `blocks` leads to.
    pub(crate) rest: &'a str,
}

impl<'a> BlockPath<'a> {
    pub(crate) fn parse(path: &'a str) -> Self {
        let (mut blocks, mut rest) = (Vec::new(), path);
        while let Some((index, behind)) = rest
            .strip_prefix("blocks/")
            .map(|tail| tail.split_once('/').unwrap_or((tail, "")))
            .and_then(|(index, behind)| Some((index.parse().ok()?, behind)))
        {
            blocks.push(index);
            rest = behind;
        }
        Self { blocks, rest }
    }

    /// The path of an array of the same dataset, in the one spelling that a reader lists.
    pub(crate) fn with(&self, role: &Role) -> String {
        let mut path: String = self.blocks.iter().map(|i| format!("blocks/{i}/")).collect();
        path.push_str(&role.to_string());
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_its_role() {
        let named = [
            Role::Data(Association::Point, "evil__cell_data".to_owned()),
            Role::Data(Association::Field, "a/b".to_owned()),
            Role::Unreferenced("x".to_owned()),
        ];
        for role in Role::geometry().chain(named) {
            assert_eq!(Role::from_path(&role.to_string()), Some(role));
        }
    }

    #[test]
    fn a_frame_name_is_taken_apart() {
        let uid = "0000000000000007";
        let named = [
            Role::Data(Association::Point, "evil__cell_data".to_owned()),
            Role::Data(Association::Field, String::new()),
        ];
        for role in Role::geometry().chain(named) {
            let name = role.frame_name(uid);
            assert_eq!(Role::from_frame_name(&name), Some((uid, role)));
        }
        for name in [
            "",
            "points",
            "000000000000000é",
            "0000000000000007__ds_metadata",
        ] {
            assert_eq!(Role::from_frame_name(name), None, "{name}");
        }
    }

    #[test]
    fn block_prefixes_are_taken_off() {
        let path = BlockPath::parse("blocks/2/blocks/0/point_data/blocks/1/a");
        assert_eq!(
            path,
            BlockPath {
                blocks: vec![2, 0],
                rest: "point_data/blocks/1/a"
            }
        );
        assert_eq!(BlockPath::parse("blocks/x").rest, "blocks/x");
        assert_eq!(
            BlockPath::parse("blocks/3"),
            BlockPath {
                blocks: vec![3],
                rest: ""
            }
        );
    }
}
