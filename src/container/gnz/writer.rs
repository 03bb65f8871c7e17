//! Writing a `.gnz` file as the reference's writer does: what is known first, what is filled later.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::layout::Layout;
use crate::array::{Array, ArraySpec, Order};
use crate::container::json::{Json, Object};
use crate::container::writer::WriteReport;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Durability, PositionedStage, Store, WriteAt};

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
        self.check_is_new(name)?;
        self.arrays.push((name.to_owned(), array));
        Ok(())
    }

    /// Reserves an array, whose elements are zeroes until they are [filled](Filling::get_array_writable).
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is there.
    pub fn init_streaming_array(&mut self, name: &str, spec: ArraySpec) -> Result<()> {
        self.check_is_new(name)?;
        self.streaming.push((name.to_owned(), spec));
        Ok(())
    }

    fn check_is_new(&self, name: &str) -> Result<()> {
        let mut names = self.arrays.iter().map(|(name, _)| name);
        let mut reserved = self.streaming.iter().map(|(name, _)| name);
        if names.any(|other| other == name) || reserved.any(|other| other == name) {
            return Err(Error::invalid(format!(
                "there is an array {name:?} already"
            )));
        }
        Ok(())
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
        let name = store.url().to_string();
        let stage = PositionedStage::new(store).in_file(&name)?;
        stage.write_all_at(&placed.header, 0).in_file(&name)?;
        for ((_, array), &offset) in self.arrays.iter().zip(&placed.offsets) {
            stage.write_all_at(array.bytes(), offset).in_file(&name)?;
        }
        if stage.len() < placed.n_bytes {
            // What lies before it and was not written reads as zeroes.
            stage
                .write_all_at(&[0], placed.n_bytes - 1)
                .in_file(&name)?;
        }
        let arrays = layout.arrays().iter().zip(&placed.offsets);
        let arrays = arrays.skip(self.arrays.len());
        let reserved = |((name, spec), &offset): (&(String, ArraySpec), &u64)| {
            let reserved = Reserved {
                spec: spec.clone(),
                offset,
                taken: Mutex::default(),
            };
            (name.clone(), reserved)
        };
        Ok(Filling {
            arrays: arrays.map(reserved).collect(),
            n_bytes: placed.n_bytes,
            stage,
            name,
        })
    }
}

/// An array that is filled.
#[derive(Debug)]
struct Reserved {
    spec: ArraySpec,
    offset: u64,
    /// Rows that somebody fills now.
    taken: Mutex<Vec<Range<u64>>>,
}

/// A file whose reserved arrays are filled, by any number of threads. Dropped before it is finalised, it was never there.
#[derive(Debug)]
pub struct Filling {
    stage: PositionedStage,
    arrays: HashMap<String, Reserved>,
    n_bytes: u64,
    name: String,
}

impl Filling {
    /// An array that was reserved, to be filled.
    ///
    /// # Errors
    /// `InvalidArgument` where none of this name was.
    pub fn get_array_writable(&self, name: &str) -> Result<WritableArray<'_>> {
        let reserved = self.arrays.get(name);
        let reserved =
            reserved.ok_or_else(|| Error::invalid(format!("no array {name:?} was reserved")))?;
        Ok(WritableArray {
            filling: self,
            reserved,
        })
    }

    /// Ends the file, and lets it take the place of what was there. Rows that nobody filled are zeroes.
    ///
    /// # Errors
    /// Those of the store. The old file stays.
    pub fn finalize(self) -> Result<WriteReport> {
        self.stage.commit(Durability::Synced).in_file(&self.name)?;
        Ok(WriteReport::new(self.n_bytes))
    }
}

/// A reserved array, any rows of which can be filled in any order.
#[derive(Clone, Copy, Debug)]
pub struct WritableArray<'a> {
    filling: &'a Filling,
    reserved: &'a Reserved,
}

impl<'a> WritableArray<'a> {
    /// Its type and shape.
    #[must_use]
    pub fn spec(&self) -> &'a ArraySpec {
        &self.reserved.spec
    }

    /// Takes some rows to fill them. As long as they are held, nobody else gets one of them.
    ///
    /// # Errors
    /// `InvalidArgument` for rows that are not there, and for such as somebody has.
    pub fn rows(&self, rows: Range<u64>) -> Result<WritableRows<'a>> {
        self.reserved.spec.check_rows(&rows)?;
        let mut taken = self.reserved.taken();
        let meets = |other: &&Range<u64>| other.start < rows.end && rows.start < other.end;
        if let Some(other) = taken.iter().find(meets) {
            let what = format!("rows {rows:?}, of which {other:?} are being filled");
            return Err(Error::invalid(what));
        }
        taken.push(rows.clone());
        Ok(WritableRows {
            array: *self,
            next: rows.start,
            rows,
        })
    }
}

impl Reserved {
    fn taken(&self) -> std::sync::MutexGuard<'_, Vec<Range<u64>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rows of a reserved array that one thread fills, from the first on.
#[derive(Debug)]
pub struct WritableRows<'a> {
    array: WritableArray<'a>,
    rows: Range<u64>,
    next: u64,
}

impl WritableRows<'_> {
    /// Fills the next rows: any number of whole ones, in C order.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no whole rows, or more than were taken; those of the store.
    pub fn write(&mut self, rows: &[u8]) -> Result<()> {
        let Reserved { spec, offset, .. } = self.array.reserved;
        let n_left = (self.rows.end - self.next) * spec.row_bytes();
        if rows.is_empty() {
            return Ok(());
        }
        if rows.len() as u64 > n_left || !(rows.len() as u64).is_multiple_of(spec.row_bytes()) {
            let what = format!("{} bytes for rows of {n_left}", rows.len());
            return Err(Error::invalid(what));
        }
        let filling = self.array.filling;
        let at = offset + self.next * spec.row_bytes();
        filling
            .stage
            .write_all_at(rows, at)
            .in_file(&filling.name)?;
        self.next += rows.len() as u64 / spec.row_bytes();
        Ok(())
    }
}

impl Drop for WritableRows<'_> {
    fn drop(&mut self) {
        let mut taken = self.array.reserved.taken();
        if let Some(at) = taken.iter().position(|other| *other == self.rows) {
            taken.swap_remove(at);
        }
    }
}
