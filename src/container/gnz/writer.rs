//! Writing a `.gnz` file as the reference's writer does: what is known first, what is filled later.

use std::collections::HashSet;
use std::path::Path;

use super::filling::{Filling, Room};
use super::layout::{Layout, Placed};
use super::reserved::Reserved;
use crate::array::{Array, ArraySpec, Order};
use crate::container::json::{Json, Object};
use crate::error::{Error, Result, ResultExt};
use crate::storage::{PositionedStage, Store, WriteAt};

/// A `.gnz` file that is to be written: arrays that are there, and arrays that are filled once the file has its layout.
///
/// The former lie before the latter, each in the order in which they were added, as the reference places them.
///
/// ```
/// use paginum::container::gnz::{GnzReader, GnzWriter};
/// use paginum::storage::{Drivers, Store};
/// use paginum::{Array, ArraySpec, Limits};
/// let store = Drivers::default().store("mem://run.gnz")?;
/// let mut writer = GnzWriter::new();
/// writer.add_array("times", Array::from_numbers(&[0.0_f64, 0.5])?)?;
/// writer.init_streaming_array("counts", ArraySpec::new("<u2".parse()?, [4])?)?;
/// writer.set_metadata(r#"{"run": 7}"#)?;
/// let filling = writer.write(&*store)?;
/// let counts = filling.get_array_writable("counts")?;
/// std::thread::scope(|threads| {
///     for half in [0..2, 2..4] {
///         threads.spawn(|| counts.rows(half).unwrap().write(&[1, 0, 2, 0]).unwrap());
///     }
/// });
/// filling.finalize()?;
/// let reader = GnzReader::open(store.open()?, &Limits::default())?;
/// assert_eq!(reader.get_array("counts")?.numbers::<u16>()?, [1, 2, 1, 2]);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct GnzWriter {
    arrays: Vec<(String, Array)>,
    streaming: Vec<(String, ArraySpec)>,
    names: HashSet<String>,
    metadata: Option<Json>,
}

impl GnzWriter {
    /// A file without arrays.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an array with its elements.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is there.
    pub fn add_array(&mut self, name: &str, array: Array) -> Result<()> {
        self.take_name(name)?;
        self.arrays.push((name.to_owned(), array));
        Ok(())
    }

    /// Reserves an array, whose elements are zeroes until they are [filled](Filling::get_array_writable).
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is there.
    pub fn init_streaming_array(&mut self, name: &str, spec: ArraySpec) -> Result<()> {
        self.take_name(name)?;
        self.streaming.push((name.to_owned(), spec));
        Ok(())
    }

    fn take_name(&mut self, name: &str) -> Result<()> {
        match self.names.insert(name.to_owned()) {
            true => Ok(()),
            false => Err(Error::invalid(format!(
                "there is an array {name:?} already"
            ))),
        }
    }

    /// Sets the metadata of the file, an object of JSON. `NaN` and `Infinity` are taken, as Python has them.
    ///
    /// # Errors
    /// `Corrupt` for a text that is no JSON, `InvalidArgument` for one that is no object, `LimitExceeded` for one that is
    /// not read again.
    pub fn set_metadata(&mut self, json: &str) -> Result<()> {
        let json = Json::parse(json.as_bytes())?;
        if json.as_object().is_none() {
            return Err(Error::invalid("metadata that are no JSON object"));
        }
        self.metadata = Some(json);
        Ok(())
    }

    /// Writes the arrays that are there, and makes room for the others. The file appears once it is
    /// [finalised](Filling::finalize), in place of what was there.
    ///
    /// # Errors
    /// `LimitExceeded` for what would not be read again; those of the store.
    pub fn write(&self, store: &dyn Store) -> Result<Filling> {
        let (layout, placed) = self.layout()?;
        let name = store.url().to_string();
        let stage = PositionedStage::new(store).in_file(&name)?;
        self.write_to(&stage, &placed).in_file(&name)?;
        let arrays = layout.arrays().iter().zip(&placed.offsets);
        let arrays = arrays.skip(self.arrays.len());
        let rooms = arrays.map(|((name, spec), &offset)| (name.clone(), Room::new(spec, offset)));
        Ok(Filling {
            rooms: rooms.collect(),
            n_bytes: placed.n_bytes,
            stage,
            name,
        })
    }

    /// Writes the file beside `path` for several processes to fill, which [`Reserved`] says more of.
    ///
    /// # Errors
    /// `AlreadyExists` where one is being filled there; `LimitExceeded` for what would not be read again; those of the file
    /// system.
    pub fn reserve(&self, path: impl AsRef<Path>) -> Result<Reserved> {
        let (_, placed) = self.layout()?;
        Reserved::create(path.as_ref(), &|out| self.write_to(out, &placed))?;
        Reserved::open(path)
    }

    fn layout(&self) -> Result<(Layout, Placed)> {
        let mut layout = Layout::default();
        layout.set_metadata(match &self.metadata {
            Some(metadata) => metadata.clone(),
            None => Json::Object(Object::default()),
        });
        let known = self.arrays.iter().map(|(name, array)| (name, array.spec()));
        let reserved = self.streaming.iter().map(|(name, spec)| (name, spec));
        for (name, spec) in known.chain(reserved) {
            layout.add(name, &spec.clone().with_order(Order::C))?;
        }
        let placed = layout.place()?;
        Ok((layout, placed))
    }

    fn write_to(&self, out: &dyn WriteAt, placed: &Placed) -> Result<()> {
        // As long as the file is to be, before all else: the byte may be one of an array. What is not written is zeroes.
        out.write_all_at(&[0], placed.n_bytes - 1)?;
        out.write_all_at(&placed.header, 0)?;
        for ((name, array), &offset) in self.arrays.iter().zip(&placed.offsets) {
            out.write_all_at(array.bytes(), offset).in_array(name)?;
        }
        Ok(())
    }
}
