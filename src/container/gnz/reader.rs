//! Reading a `.gnz` file.

use std::fmt;
use std::sync::Arc;

use paginum_wrapped::Number;

use super::format;
use super::header::Header;
use crate::array::{Array, ArraySpec, Order};
use crate::container::fault::Fault;
use crate::container::json::Json;
use crate::container::strided::Strided;
use crate::container::{Container, Document, Entry, FormatInfo};
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;

/// An open `.gnz` file.
///
/// ```
/// use std::sync::Arc;
/// use paginum::container::gnz::{GnzReader, GnzWriter};
/// use paginum::storage::{Drivers, Store};
/// use paginum::{Array, Limits};
/// let store = Drivers::default().store("mem://heights.gnz")?;
/// let mut writer = GnzWriter::new();
/// writer.add_array("heights", Array::from_numbers(&[1.5_f64, 2.5])?)?;
/// writer.write(&*store)?.finalize()?;
/// let reader = GnzReader::open(store.open()?, &Limits::default())?;
/// assert_eq!(reader.keys().collect::<Vec<_>>(), ["heights"]);
/// assert_eq!(reader.get_array("heights")?.numbers::<f64>()?, [1.5, 2.5]);
/// # Ok::<(), paginum::Error>(())
/// ```
pub struct GnzReader {
    store: Arc<dyn ReadAt>,
    header: Header,
    limits: Limits,
}

impl GnzReader {
    /// Reads the header. Metadata count as those of `limits`.
    ///
    /// # Errors
    /// `Corrupt` for what is no `.gnz`, `Truncated` for one that ends in its header or was never finalised,
    /// `LimitExceeded`; those of the storage. What is wrong with one array alone is told when it is asked for.
    pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Self> {
        Ok(Self {
            header: Header::read(&*store, limits)?,
            store,
            limits: *limits,
        })
    }

    /// The names of the arrays in the order of the header, which is alphabetical in what the reference and this crate write.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.header.arrays.iter().map(|array| array.name.as_str())
    }

    /// The metadata of the file: any JSON, `{}` where it has none.
    #[must_use]
    pub fn metadata(&self) -> &Json {
        &self.header.metadata
    }

    /// Reads an array.
    ///
    /// # Errors
    /// `InvalidArgument` where there is none of this name; what is wrong with it; `LimitExceeded`; those of the storage.
    pub fn get_array(&self, name: &str) -> Result<Array> {
        let read = |index: usize| self.array(index)?.read(&self.limits);
        read(self.find(name)?).in_array(name)
    }

    /// The bytes of an array as they lie in the file, in the order of its [`spec`](Self::spec): without a copy, where the
    /// whole file is in memory or mapped into it.
    ///
    /// # Errors
    /// Those of [`get_array`](Self::get_array).
    pub fn bytes_of(&self, name: &str) -> Result<Option<&[u8]>> {
        let (spec, offset) = self.place(self.find(name)?).in_array(name)?;
        Ok(match (self.store.as_slice(), spec.bytes()) {
            (None, _) => None,
            (Some(_), 0) => Some(&[]),
            // The header was held against the length of the file.
            (Some(file), n) => file
                .get(*offset as usize..)
                .and_then(|rest| rest.get(..n as usize)),
        })
    }

    /// The numbers of an array as they lie in the file, without a copy: `None` where the file is not in memory or the array
    /// not aligned. A complex element is two numbers; the order is that of [`spec`](Self::spec).
    ///
    /// # Errors
    /// Those of [`get_array`](Self::get_array); `InvalidArgument` where its numbers are not of the type `T`, or of the other
    /// byte order.
    pub fn numbers_of<T: Number>(&self, name: &str) -> Result<Option<&[T]>> {
        let dtype = self.spec(name)?.dtype();
        if dtype.number_type() != Some(T::NUMBER_TYPE) || dtype.is_swapped() {
            let what = format!("elements of {dtype} looked at as {}", T::NUMBER_TYPE);
            return Err(Error::invalid(what).in_array(name));
        }
        let bytes = self.bytes_of(name)?;
        Ok(bytes.and_then(|bytes| bytemuck::try_cast_slice(bytes).ok()))
    }

    /// Type, shape and order of an array.
    ///
    /// # Errors
    /// Those of [`get_array`](Self::get_array).
    pub fn spec(&self, name: &str) -> Result<&ArraySpec> {
        let (spec, _) = self.place(self.find(name)?).in_array(name)?;
        Ok(spec)
    }

    /// Where the elements of an array begin in the file.
    ///
    /// # Errors
    /// Those of [`get_array`](Self::get_array).
    pub fn offset(&self, name: &str) -> Result<u64> {
        let (_, offset) = self.place(self.find(name)?).in_array(name)?;
        Ok(*offset)
    }

    fn place(&self, index: usize) -> Result<&(ArraySpec, u64)> {
        let place = self.header.arrays[index].place.as_ref();
        place.map_err(Fault::to_error)
    }

    fn array(&self, index: usize) -> Result<Strided> {
        let (spec, offset) = self.place(index)?;
        self.limits.check_array_bytes(spec.bytes())?;
        Ok(Strided::new(self.store.clone(), spec.clone(), *offset))
    }
}

impl Container for GnzReader {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.header.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.header.arrays[index].name
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.header.numbers.get(name).copied();
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let array = &self.header.arrays[index];
        Ok(match &array.place {
            Ok((spec, _)) => Entry::of(&array.name, spec, "none", spec.bytes()),
            Err(fault) => Entry {
                dtype: array.dtype.clone(),
                shape: array.shape.clone(),
                order: Order::C,
                ..Entry::faulty(array.name.clone(), "none", 0, fault.clone())
            },
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        Ok(Box::new(self.array(index).in_array(self.path(index))?))
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn documents(&self) -> Vec<Document> {
        vec![Document {
            path: String::new(),
            json: self.header.metadata.to_string(),
        }]
    }

    fn beside_arrays(&self) -> Option<String> {
        let Json::Object(members) = &self.header.metadata else {
            return Some("metadata".to_owned());
        };
        let keys: Vec<String> = members
            .members()
            .map(|(key, _)| format!("{key:?}"))
            .collect();
        (!keys.is_empty()).then(|| format!("metadata of {}", keys.join(", ")))
    }

    fn notes(&self) -> &[String] {
        &self.header.notes
    }

    fn verify_structure(&self) -> Result<()> {
        match &self.header.fault {
            Some(fault) => Err(fault.to_error()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for GnzReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GnzReader {{ {} arrays }}", self.header.arrays.len())
    }
}
