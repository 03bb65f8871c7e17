//! The three JSON documents of a file, typed where this library uses them and verbatim where it does not.
//!
//! Each type keeps its whole [`Object`]: an edit changes the members concerned, and everything else, unknown members
//! included, is written back as it was read.

use super::json::{Json, Object};
use super::keys::{keys, names};
use super::names::{Association, CellArray};
use crate::error::{Error, Result};
use crate::unknown::Unknown;
use std::fmt;

/// The newest version of the container that is understood.
pub(crate) const MAX_VERSION: i64 = 3;

/// The document at the end of a file: what the file holds and how it was compressed.
#[derive(Clone, Debug)]
pub struct FileMetadata {
    /// The names of all pairs but the last; a reader takes them out.
    pub(crate) frame_names: Vec<String>,
    version: i64,
    pub(crate) document: Object,
}

impl FileMetadata {
    /// Parses the document.
    ///
    /// # Errors
    /// `Corrupt` where it is not a JSON object; `Unsupported` for a version beyond 3.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let document = parse_object(bytes, "the file metadata is not a JSON object")?;
        // Releases read a document without a readable version as the oldest one; negative ones exist too.
        let version = document
            .get("file_version")
            .and_then(Json::as_i64)
            .unwrap_or(0);
        if version > MAX_VERSION {
            let what =
                format!("file version {version}: versions up to {MAX_VERSION} are understood");
            return Err(Error::unsupported(what).with_source(Unknown::FileVersion(version)));
        }
        let names = document
            .get("frame_names")
            .map(Json::elements)
            .unwrap_or_default();
        let frame_names = names
            .iter()
            .map(|name| name.as_text().unwrap_or_default())
            .collect();
        Ok(Self {
            frame_names,
            version,
            document,
        })
    }

    /// The version that the file states: the highest feature that it uses.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The zstd level that the file states.
    pub fn compression_level(&self) -> Option<i64> {
        self.document
            .get("compression_level")
            .and_then(Json::as_i64)
    }

    /// The document, unknown members included.
    pub fn document(&self) -> Json {
        Json::Object(self.document.clone())
    }
}

/// What a dataset is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are VTK's own")]
pub enum DatasetType {
    PolyData,
    UnstructuredGrid,
    StructuredGrid,
    RectilinearGrid,
    ImageData,
    PointSet,
    ExplicitStructuredGrid,
    /// A type that this library does not know: its arrays are read like any others.
    Other(String),
}

impl DatasetType {
    fn from_name(name: &str) -> Self {
        match name {
            "PolyData" => Self::PolyData,
            "UnstructuredGrid" => Self::UnstructuredGrid,
            "StructuredGrid" => Self::StructuredGrid,
            "RectilinearGrid" => Self::RectilinearGrid,
            "ImageData" => Self::ImageData,
            "PointSet" => Self::PointSet,
            "ExplicitStructuredGrid" => Self::ExplicitStructuredGrid,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether its shape is given by `dimensions`.
    pub fn is_structured(&self) -> bool {
        matches!(
            self,
            Self::StructuredGrid
                | Self::RectilinearGrid
                | Self::ImageData
                | Self::ExplicitStructuredGrid
        )
    }
}

impl fmt::Display for DatasetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(name) => f.write_str(name),
            known => fmt::Debug::fmt(known, f),
        }
    }
}

/// The document of one dataset.
#[derive(Clone, Debug)]
pub struct DatasetMetadata {
    /// What the names of its frames begin with, by the name of this document's own frame.
    pub(crate) uid: String,
    ds_type: DatasetType,
    pub(crate) document: Object,
}

impl DatasetMetadata {
    /// Parses the document.
    ///
    /// # Errors
    /// `Corrupt` where it is not a JSON object with a type.
    pub(crate) fn parse(bytes: &[u8], uid: &str) -> Result<Self> {
        let document = parse_object(bytes, "the metadata of a dataset is not a JSON object")?;
        Self::from_document(document, uid)
    }

    pub(crate) fn from_document(document: Object, uid: &str) -> Result<Self> {
        let ds_type = document.get("ds_type").and_then(Json::as_text);
        let ds_type =
            ds_type.ok_or_else(|| Error::corrupt("the metadata of a dataset has no type"))?;
        Ok(Self {
            uid: uid.to_owned(),
            ds_type: DatasetType::from_name(&ds_type),
            document,
        })
    }

    pub(crate) fn set_uid(&mut self, uid: &str) {
        self.uid = uid.to_owned();
        self.document.set("uid", Json::string(uid));
    }

    /// What the dataset is.
    pub fn ds_type(&self) -> &DatasetType {
        &self.ds_type
    }

    /// The number of points, where stated.
    pub fn n_points(&self) -> Option<u64> {
        self.document.get("n_points").and_then(Json::as_u64)
    }

    /// The number of cells, where stated.
    pub fn n_cells(&self) -> Option<u64> {
        self.document.get("n_cells").and_then(Json::as_u64)
    }

    /// The keys of the named arrays, in their order.
    pub fn keys(&self, association: Association) -> Vec<String> {
        names(keys(&self.document, association))
    }

    /// The width that all cells of a list share, where it is stated instead of offsets.
    pub fn fixed_cell_size(&self, list: CellArray) -> Option<u64> {
        self.document
            .get("fixed_cell_sizes")?
            .as_object()?
            .get(list.stored_name())?
            .as_u64()
    }

    /// Whether any list of cells has its width stated instead of offsets.
    pub(crate) fn has_fixed_cell_sizes(&self) -> bool {
        CellArray::ALL
            .into_iter()
            .any(|list| self.fixed_cell_size(list).is_some())
    }

    /// The number of points along each axis of a structured dataset.
    pub fn dimensions(&self) -> Option<[u64; 3]> {
        triple(self.document.get("dimensions")?, Json::as_u64)
    }

    /// Where the extent of a structured dataset begins.
    pub fn offset(&self) -> Option<[i64; 3]> {
        triple(self.document.get("offset")?, Json::as_i64)
    }

    /// The position of an image's first point.
    pub fn origin(&self) -> Option<[f64; 3]> {
        triple(self.document.get("origin")?, Json::as_f64)
    }

    /// The distance of an image's points along each axis.
    pub fn spacing(&self) -> Option<[f64; 3]> {
        triple(self.document.get("spacing")?, Json::as_f64)
    }

    /// The axes of an image, row by row.
    pub fn direction(&self) -> Option<[[f64; 3]; 3]> {
        triple(self.document.get("direction_matrix")?, |row| {
            triple(row, Json::as_f64)
        })
    }

    /// The document, unknown members included.
    pub fn document(&self) -> Json {
        Json::Object(self.document.clone())
    }
}

/// The document of a MultiBlock.
#[derive(Clone, Debug)]
pub struct MultiBlockMetadata {
    pub(crate) uid: String,
    /// The uid of each child.
    pub(crate) children: Vec<String>,
    /// The name of each child; fewer where the document lists fewer.
    pub(crate) children_keys: Vec<Option<String>>,
    pub(crate) document: Object,
}

impl MultiBlockMetadata {
    /// Parses the document.
    ///
    /// # Errors
    /// `Corrupt` where it is not a JSON object, or a child is not a uid.
    pub(crate) fn parse(bytes: &[u8], uid: &str) -> Result<Self> {
        let document = parse_object(bytes, "the metadata of a MultiBlock is not a JSON object")?;
        let children = document
            .get("children")
            .map(Json::elements)
            .unwrap_or_default()
            .iter()
            .map(|child| {
                child
                    .as_text()
                    .ok_or_else(|| Error::corrupt("a child of a MultiBlock is not named by a uid"))
            })
            .collect::<Result<_>>()?;
        let keys = document
            .get("children_keys")
            .map(Json::elements)
            .unwrap_or_default();
        let children_keys = keys.iter().map(Json::as_text).collect();
        Ok(Self {
            uid: uid.to_owned(),
            children,
            children_keys,
            document,
        })
    }

    /// The keys of the MultiBlock's own field arrays.
    pub fn keys(&self) -> Vec<String> {
        names(keys(&self.document, Association::Field))
    }

    /// The document, unknown members included.
    pub fn document(&self) -> Json {
        Json::Object(self.document.clone())
    }
}

fn parse_object(bytes: &[u8], what: &'static str) -> Result<Object> {
    match Json::parse(bytes)? {
        Json::Object(object) => Ok(object),
        _ => Err(Error::corrupt(what)),
    }
}

fn triple<T>(value: &Json, element: impl Fn(&Json) -> Option<T>) -> Option<[T; 3]> {
    match value.elements() {
        [x, y, z] => Some([element(x)?, element(y)?, element(z)?]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::{ArraySpec, Order};
    use crate::container::pv::keys::{add_key, keys, remove_key, remove_orders};
    use crate::container::pv::target::Target;

    const DOCUMENT: &str = concat!(
        r#"{"ds_type":"ImageData","uid":"0","n_points":8,"point_data_keys":{"a":{"shape":[8],"dtype":"float64"}},"#,
        r#""future":[1e+16,NaN],"point_data_active_scalars_name":"a","origin":[NaN,0.0,1.0]}"#
    );

    #[test]
    fn an_edit_leaves_the_rest_verbatim() {
        let mut metadata = DatasetMetadata::parse(DOCUMENT.as_bytes(), "0").unwrap();
        assert_eq!(metadata.keys(Association::Point), ["a"]);
        assert!(metadata.origin().unwrap()[0].is_nan());
        add_key(
            &mut metadata.document,
            Association::Field,
            "é",
            &ArraySpec::new("<i2".parse().unwrap(), [2, 3]).unwrap(),
            Target::Native,
        );
        let added = r#","field_data_keys":{"\u00e9":{"shape":[2,3],"dtype":"int16"}}}"#;
        let expected = DOCUMENT.strip_suffix('}').unwrap().to_owned() + added;
        assert_eq!(metadata.document.to_document(), expected);
        remove_key(&mut metadata.document, Association::Point, "a");
        let text = metadata.document.to_document();
        assert!(
            text.contains(r#""point_data_active_scalars_name":null"#),
            "{text}"
        );
        assert!(text.contains(r#""point_data_keys":{}"#), "{text}");
    }

    #[test]
    fn only_documents_for_native_readers_state_an_order() {
        let spec = ArraySpec::new("<i2".parse().unwrap(), [2, 3]).unwrap();
        let spec = spec.with_order(Order::F);
        for target in Target::ALL {
            let mut document = Object::default();
            add_key(&mut document, Association::Field, "a", &spec, target);
            let expected = match target {
                Target::Native => Order::F,
                _ => Order::C,
            };
            let listed = keys(&document, Association::Field);
            assert_eq!(listed, [("a".to_owned(), expected)], "{target}");
            let text = document.to_document();
            assert_eq!(text.contains("fortran"), target == Target::Native, "{text}");
            remove_orders(&mut document, Association::Field);
            let listed = keys(&document, Association::Field);
            assert_eq!(listed, [("a".to_owned(), Order::C)], "{target}");
        }
    }

    #[test]
    fn versions_beyond_three_are_unsupported() {
        let parse = |version: &str| {
            FileMetadata::parse(
                format!(r#"{{"frame_names":[],"file_version":{version}}}"#).as_bytes(),
            )
        };
        for version in ["-1", "0", "3", "null", "\"x\""] {
            assert!(parse(version).is_ok(), "{version}");
        }
        assert!(matches!(parse("4"), Err(e) if e.to_string().contains("version 4")));
    }
}
