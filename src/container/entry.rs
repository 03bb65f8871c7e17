//! What a container says of what it holds, before anything is decoded.

use super::fault::Fault;
use crate::array::{ArraySpec, Order};
use crate::error::{Result, ResultExt};
use crate::record::Record;

/// What a container says of one of its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Where it is in the container.
    pub path: String,
    /// numpy's descriptor, as the file spells it.
    pub dtype: String,
    /// Lengths of the axes.
    pub shape: Vec<u64>,
    /// How the file lays it out, or was told that it was laid out before. Rows are read in C order whatever it is.
    pub order: Order,
    /// The name of the filter, or its number where the name is not known.
    pub filter: String,
    /// Bytes in the file, its own alone: those that an edit in place left behind it are not.
    pub stored_bytes: u64,
    /// Bytes when decoded.
    pub decoded_bytes: u64,
    /// Whether some rows may have no value.
    pub has_nulls: bool,
    /// The fields of an array of records, where the format keeps them; its dtype is that of opaque bytes.
    pub record: Option<Record>,
    /// For bytes of another kind (audio, metadata): the extension of the files that such bytes are. `unpack` writes them as
    /// one.
    pub file_extension: Option<&'static str>,
    /// Why the array cannot be read, where that is known from what stands before its values. The others can. Dtype and
    /// shape are as the file spells them, and empty where it does not come to that.
    pub fault: Option<Fault>,
}

impl Entry {
    /// An entry of an array.
    #[must_use]
    pub fn of(path: impl Into<String>, spec: &ArraySpec, filter: &str, stored_bytes: u64) -> Self {
        Self {
            dtype: spec.dtype().to_string(),
            shape: spec.shape().to_vec(),
            order: spec.order(),
            decoded_bytes: spec.bytes(),
            ..Self::new(path.into(), filter, stored_bytes)
        }
    }

    /// The type and shape that it states.
    ///
    /// # Errors
    /// What is wrong with an array that cannot be read; `Unsupported` for a dtype that is no data.
    pub fn spec(&self) -> Result<ArraySpec> {
        if let Some(fault) = &self.fault {
            return Err(fault.to_error().in_array(&self.path));
        }
        self.stated_spec()
    }

    /// The same, of an array that cannot be read as well: what a filter that this build does not have made is known, too.
    pub(crate) fn stated_spec(&self) -> Result<ArraySpec> {
        let spec = self.dtype.parse();
        spec.and_then(|dtype| ArraySpec::new(dtype, self.shape.as_slice()))
            .map(|spec| spec.with_order(self.order))
            .in_array(&self.path)
    }

    /// Of an array of which nothing is known yet but where it lies.
    pub(crate) fn new(path: String, filter: &str, stored_bytes: u64) -> Self {
        Self {
            path,
            dtype: String::new(),
            shape: Vec::new(),
            order: Order::C,
            filter: filter.to_owned(),
            stored_bytes,
            decoded_bytes: 0,
            has_nulls: false,
            record: None,
            file_extension: None,
            fault: None,
        }
    }

    /// Of an array that cannot be read.
    pub(crate) fn faulty(path: String, filter: &str, stored_bytes: u64, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(path, filter, stored_bytes)
        }
    }
}

/// Something in a file that is no array, and is not among its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// What the file calls it.
    pub path: String,
    /// What it is, as far as can be told.
    pub why: String,
}

/// A JSON document of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// What it is about: a path of a dataset, empty for the file.
    pub path: String,
    /// The text.
    pub json: String,
}
