//! What a header says of its array, and the headers that are written.

use std::io::{Read, Write};

use super::element;
use super::elements::Elements;
use super::header::Header;
use super::literal::Literal;
use crate::array::{Array, ArraySpec, Order};
use crate::container::Entry;
use crate::container::fault::Fault;
use crate::error::Result;
use crate::limits::Limits;
use crate::record::{Element, Record};

/// What the header of an array says.
#[derive(Debug)]
pub(in crate::container) struct Description {
    /// The dtype as it is spelled, for arrays that cannot be read.
    spelled: String,
    element: std::result::Result<Element, Fault>,
    order: Order,
    shape: Vec<u64>,
    /// Bytes before the data.
    pub(in crate::container) header_bytes: u64,
}

impl Description {
    /// Reads the header at the start of `file`. A dtype that this build does not have is no error yet.
    pub(in crate::container) fn read(file: &mut dyn Read, limits: &Limits) -> Result<Self> {
        let (header, header_bytes) = Header::read(file, limits)?;
        let spelled = match &header.descr {
            Literal::Str(text) => text.clone(),
            other => other.to_string(),
        };
        let element = match element::parse(&header.descr) {
            Ok(element) => Ok(element),
            Err(error) => Err(Fault::of(error)?),
        };
        Ok(Self {
            spelled,
            element,
            order: header.order,
            shape: header.shape,
            header_bytes,
        })
    }

    /// Type and shape of the array.
    pub(in crate::container) fn spec(&self) -> Result<ArraySpec> {
        let element = self.element.as_ref().map_err(Fault::to_error)?;
        let spec = ArraySpec::stored(element::dtype(element)?, self.shape.as_slice())?;
        Ok(spec.with_order(self.order))
    }

    /// What a container says of the array.
    pub(in crate::container) fn entry(
        &self,
        path: String,
        filter: &str,
        stored_bytes: u64,
    ) -> Result<Entry> {
        Ok(match self.spec() {
            Ok(spec) => Entry {
                dtype: spec.dtype().to_string(),
                shape: self.shape.clone(),
                order: self.order,
                decoded_bytes: spec.bytes(),
                record: self.record(),
                ..Entry::new(path, filter, stored_bytes)
            },
            Err(error) => Entry {
                dtype: self.spelled.clone(),
                shape: self.shape.clone(),
                ..Entry::faulty(path, filter, stored_bytes, Fault::of(error)?)
            },
        })
    }

    fn record(&self) -> Option<Record> {
        match &self.element {
            Ok(Element::Record(record)) => Some(record.clone()),
            _ => None,
        }
    }
}

/// The bytes of a `.npy` file before its data.
#[must_use]
pub fn header(spec: &ArraySpec) -> Vec<u8> {
    Header::new(&Element::Plain(spec.dtype()), spec).to_bytes()
}

/// The bytes of a `.npy` file of records before its data; `spec` is that of the records as opaque bytes.
#[must_use]
pub fn record_header(record: &Record, spec: &ArraySpec) -> Vec<u8> {
    Header::new(&Element::Record(record.clone()), spec).to_bytes()
}

/// A whole `.npy` file, in the order of the array.
///
/// # Panics
/// Where memory cannot hold an array in Fortran order twice; [`Elements`] says so instead.
#[must_use]
pub fn to_bytes(array: &Array) -> Vec<u8> {
    let mut file = header(array.spec());
    let mut elements = Elements::new(array.spec(), &mut file);
    let written = elements.write_all(array.bytes());
    written.expect("an array has as many bytes as it says, and a vector takes them");
    file
}
