//! The document of a dataset that is being written.
//!
//! It begins as a template, new or taken from another dataset, whose lists of keys are filled as arrays come. Members
//! that this library does not know stay as they are, where the target's readers put up with them.

use super::json::{Json, Object};
use super::keys::add_key;
use super::metadata::{DatasetMetadata, DatasetType};
use super::names::{Association, CellArray, Role};
use super::target::{Target, numpy_name};
use crate::array::ArraySpec;
use crate::error::{Error, Result};

/// The members of a dataset's document that every release knows, in their order.
const KNOWN_MEMBERS: [&str; 25] = [
    "ds_type",
    "uid",
    "n_points",
    "points_dtype",
    "n_cells",
    "celltypes_dtype",
    "point_data_keys",
    "cell_data_keys",
    "field_data_keys",
    "fixed_cell_sizes",
    "point_data_active_scalars_name",
    "point_data_active_vectors_name",
    "point_data_active_texture_coordinates_name",
    "point_data_active_normals_name",
    "cell_data_active_scalars_name",
    "cell_data_active_vectors_name",
    "cell_data_active_texture_coordinates_name",
    "cell_data_active_normals_name",
    "dimensions",
    "origin",
    "spacing",
    "direction_matrix",
    "offset",
    "faces_connectivity_flags_array_name",
    "children_ds",
];
/// Members that are null unless stated.
const NULL_MEMBERS: [&str; 13] = [
    "point_data_active_scalars_name",
    "point_data_active_vectors_name",
    "point_data_active_texture_coordinates_name",
    "point_data_active_normals_name",
    "cell_data_active_scalars_name",
    "cell_data_active_vectors_name",
    "cell_data_active_texture_coordinates_name",
    "cell_data_active_normals_name",
    "dimensions",
    "origin",
    "spacing",
    "direction_matrix",
    "offset",
];

impl DatasetMetadata {
    /// A dataset of this type without points, cells or arrays.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the document states its type")]
    pub fn new(ds_type: DatasetType) -> Self {
        let mut document = Object::default();
        document.push("ds_type", Json::string(&ds_type.to_string()));
        document.push("uid", Json::string(FIRST_UID));
        document.push("n_points", Json::number(0));
        document.push("points_dtype", Json::Null);
        document.push("n_cells", Json::number(0));
        document.push("celltypes_dtype", Json::Null);
        for association in Association::ALL {
            document.push(association.member(), Json::Object(Object::default()));
        }
        document.push("fixed_cell_sizes", Json::Object(Object::default()));
        for member in NULL_MEMBERS {
            document.push(member, Json::Null);
        }
        Self::from_document(document, FIRST_UID).expect("the document states its type")
    }

    /// Sets the number of points along each axis of a structured dataset, and with it those of points and cells.
    #[must_use]
    pub fn with_dimensions(mut self, dimensions: [u64; 3]) -> Self {
        let product = |of: fn(u64) -> u64| {
            dimensions
                .map(of)
                .iter()
                .fold(1_u64, |n, axis| n.saturating_mul(*axis))
        };
        self.document
            .set("n_points", Json::number(product(|axis| axis)));
        let n_cells = if dimensions.contains(&0) {
            0
        } else {
            product(|axis| axis.saturating_sub(1).max(1))
        };
        self.document.set("n_cells", Json::number(n_cells));
        self.document.set(
            "dimensions",
            Json::Array(dimensions.map(Json::number).into()),
        );
        if self.offset().is_none() {
            self.document
                .set("offset", Json::Array([0; 3].map(Json::number).into()));
        }
        self
    }

    /// Sets position, distances and axes of an image.
    #[must_use]
    pub fn with_image(
        mut self,
        origin: [f64; 3],
        spacing: [f64; 3],
        direction: [[f64; 3]; 3],
    ) -> Self {
        let floats = |row: [f64; 3]| Json::Array(row.map(Json::float).into());
        self.document.set("origin", floats(origin));
        self.document.set("spacing", floats(spacing));
        self.document.set(
            "direction_matrix",
            Json::Array(direction.map(floats).into()),
        );
        self
    }

    /// Sets where the extent of a structured dataset begins.
    #[must_use]
    pub fn with_offset(mut self, offset: [i64; 3]) -> Self {
        let numbers = offset.map(|n| Json::Number(n.to_string().into()));
        self.document.set("offset", Json::Array(numbers.into()));
        self
    }

    /// States a width for all cells of a list, whose offsets are then not stored.
    #[must_use]
    pub fn with_fixed_cell_size(mut self, list: CellArray, width: u64) -> Self {
        set_fixed_cell_size(&mut self.document, list, width);
        self
    }
}

/// The uid of the first dataset of a file, as releases since 0.4.2 count them.
pub(crate) const FIRST_UID: &str = "0000000000000000";

fn set_fixed_cell_size(document: &mut Object, list: CellArray, width: u64) {
    let mut sizes = document
        .get("fixed_cell_sizes")
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default();
    sizes.set(list.stored_name(), Json::number(width));
    document.set("fixed_cell_sizes", Json::Object(sizes));
}

/// A document that is filled as arrays are written.
#[derive(Debug)]
pub(crate) struct DatasetDocument {
    metadata: DatasetMetadata,
    target: Target,
    /// Cells of each list so far, for datasets whose lists are their cells.
    n_listed_cells: u64,
}

impl DatasetDocument {
    /// Takes a template's members, without its keys.
    ///
    /// # Errors
    /// `InvalidArgument` for what the target's readers refuse.
    pub(crate) fn new(template: &DatasetMetadata, target: Target) -> Result<Self> {
        let mut metadata = template.clone();
        check_members(&metadata.document, target)?;
        for association in Association::ALL {
            metadata
                .document
                .set(association.member(), Json::Object(Object::default()));
        }
        if !target.has_fixed_widths() {
            metadata.document.remove("fixed_cell_sizes");
        }
        if target.refuses_unknown_members() {
            metadata
                .document
                .remove("faces_connectivity_flags_array_name");
            check_features(&metadata, target)?;
        }
        Ok(Self {
            metadata,
            target,
            n_listed_cells: 0,
        })
    }

    pub(crate) fn uid(&self) -> &str {
        &self.metadata.uid
    }

    pub(crate) fn metadata(&self) -> &DatasetMetadata {
        &self.metadata
    }

    /// Records an array.
    pub(crate) fn add(&mut self, role: &Role, spec: &ArraySpec) {
        let document = &mut self.metadata.document;
        let name = numpy_name(spec.dtype());
        match role {
            Role::Data(association, key) => {
                add_key(document, *association, key, spec, self.target);
            }
            Role::Points => {
                document.set("n_points", Json::number(spec.rows()));
                document.set("points_dtype", points_dtype(spec, self.target));
            }
            Role::CellTypes => {
                document.set("n_cells", Json::number(spec.rows()));
                document.set("celltypes_dtype", Json::string(&name));
            }
            Role::Offset(list) => self.add_cells(*list, spec.rows().saturating_sub(1)),
            Role::Connectivity(list) => {
                if let Some(width) = self
                    .metadata
                    .fixed_cell_size(*list)
                    .filter(|width| *width > 0)
                {
                    self.add_cells(*list, spec.rows() / width);
                }
            }
            Role::Coordinates(_) | Role::Unreferenced(_) => {}
        }
    }

    /// Only PolyData counts its cells by its lists.
    fn add_cells(&mut self, list: CellArray, n_cells: u64) {
        let is_counted = matches!(
            list,
            CellArray::Verts | CellArray::Lines | CellArray::Strips | CellArray::Polys
        );
        if *self.metadata.ds_type() == DatasetType::PolyData && is_counted {
            self.n_listed_cells += n_cells;
            self.metadata
                .document
                .set("n_cells", Json::number(self.n_listed_cells));
        }
    }

    /// The version that what the document says needs.
    pub(crate) fn version(&self) -> i64 {
        match self.metadata.ds_type() {
            DatasetType::ExplicitStructuredGrid if self.metadata.dimensions().is_some() => 3,
            DatasetType::StructuredGrid | DatasetType::RectilinearGrid if self.has_offset() => 3,
            _ if self.metadata.has_fixed_cell_sizes() => 2,
            _ => 0,
        }
    }

    fn has_offset(&self) -> bool {
        self.metadata
            .offset()
            .is_some_and(|offset| offset != [0; 3])
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.metadata.document.to_document().into_bytes()
    }
}

/// How a document states the type of the points.
pub(crate) fn points_dtype(spec: &ArraySpec, target: Target) -> Json {
    let name = numpy_name(spec.dtype());
    match target {
        _ if spec.rows() == 0 && target.has_fixed_widths() => Json::Null,
        // The releases that the older targets are for spell the class.
        Target::V0_2 | Target::V0_4 => Json::string(&format!("<class 'numpy.{name}'>")),
        _ => Json::string(&name),
    }
}

/// Refuses members that the target's readers would refuse the whole file for.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn check_members(document: &Object, target: Target) -> Result<()> {
    if !target.refuses_unknown_members() {
        return Ok(());
    }
    let known =
        |name: &str| KNOWN_MEMBERS.contains(&name) || matches!(name, "children" | "children_keys");
    match document.members().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(Error::invalid(format!(
            "the metadata member {name:?}: readers of --compat {target} refuse files with it; --compat 0.7 can hold it"
        ))),
        None => Ok(()),
    }
}

/// Refuses what only version 3 of the container expresses.
fn check_features(metadata: &DatasetMetadata, target: Target) -> Result<()> {
    let has_offset = metadata.offset().is_some_and(|offset| offset != [0; 3]);
    let what = match metadata.ds_type() {
        DatasetType::StructuredGrid | DatasetType::RectilinearGrid if has_offset => {
            "an extent that does not begin at 0"
        }
        DatasetType::ExplicitStructuredGrid if metadata.dimensions().is_some() => {
            "an ExplicitStructuredGrid"
        }
        _ => return Ok(()),
    };
    Err(Error::invalid(format!(
        "{what}: readers of --compat {target} lose it; --compat 0.7 can hold it"
    )))
}
