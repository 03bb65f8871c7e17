//! Writing a new file: one dataset, array by array.
//!
//! Nothing replaces what stood under the name before [`Writer::commit`], and then the whole file does at once.

use super::array_writer::ArrayWriter;
use super::document::FIRST_UID;
use super::metadata::{DatasetMetadata, DatasetType};
use super::options::WriteOptions;
use super::thumbnail::Thumbnail;
use super::tree_writer::TreeWriter;
use crate::array::{Array, ArraySpec};
use crate::container::writer::WriteReport;
use crate::error::Result;
use crate::storage::Store;
use crate::validity::Validity;

/// Writes one dataset of named arrays.
///
/// ```
/// use paginum::{Array, container::pv::{Writer, WriteOptions}, storage::MemoryStore};
/// let store = MemoryStore::new();
/// let mut writer = Writer::create(&store, WriteOptions::default())?;
/// writer.write("field_data/temperature", &Array::from_numbers(&[20.5_f64, 21.0])?)?;
/// writer.commit()?;
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    tree: TreeWriter,
    /// The geometry of an empty PolyData is still to be written, before the first array: a pair that stays first lets
    /// every array be replaced in place.
    needs_geometry: bool,
}

impl Writer {
    /// Starts a file of an empty PolyData, whose field data are to be the arrays: a folder of plain arrays.
    ///
    /// # Errors
    /// Those of the store.
    pub fn create(store: &dyn Store, options: WriteOptions) -> Result<Self> {
        let mut writer =
            Self::create_dataset(store, &DatasetMetadata::new(DatasetType::PolyData), options)?;
        writer.needs_geometry = true;
        Ok(writer)
    }

    /// Starts a file of a dataset with the members of `template`; its lists of arrays are made anew.
    ///
    /// # Errors
    /// `InvalidArgument` for what the target's readers refuse; those of the store.
    pub fn create_dataset(
        store: &dyn Store,
        template: &DatasetMetadata,
        options: WriteOptions,
    ) -> Result<Self> {
        let mut tree = TreeWriter::create(store, options)?;
        tree.begin_dataset(FIRST_UID, template)?;
        Ok(Self {
            tree,
            needs_geometry: false,
        })
    }

    /// Puts a picture in front of everything else. To be called before the first array.
    ///
    /// # Errors
    /// `InvalidArgument` behind an array; those of the store.
    pub fn set_thumbnail(&mut self, thumbnail: &Thumbnail) -> Result<()> {
        self.tree.set_thumbnail(thumbnail)
    }

    /// Starts an array under a path: `points`, `point_data/NAME`, ... A bare name is one of `field_data`.
    ///
    /// # Errors
    /// `InvalidArgument` for a path that is taken or means nothing, an array that the target cannot hold, or its filter.
    pub fn begin_array(&mut self, path: &str, spec: ArraySpec) -> Result<ArrayWriter<'_>> {
        if std::mem::take(&mut self.needs_geometry) {
            self.tree.add_missing_geometry()?;
        }
        self.tree.begin_array(path, spec)
    }

    /// Writes a whole array.
    ///
    /// # Errors
    /// Those of [`Self::begin_array`] and of the store.
    pub fn write(&mut self, path: &str, array: &Array) -> Result<()> {
        let mut writer = self.begin_array(path, array.spec().clone())?;
        writer.push_rows(array.bytes())?;
        writer.finish()
    }

    /// Writes a whole array of which only the rows that `validity` marks have a value.
    ///
    /// # Errors
    /// Those of [`Self::write`]; `InvalidArgument` below `native`.
    pub fn write_with_nulls(
        &mut self,
        path: &str,
        array: &Array,
        validity: &Validity,
    ) -> Result<()> {
        let mut writer = self.begin_array(path, array.spec().clone())?;
        writer.push_rows_with_nulls(array.bytes(), validity)?;
        writer.finish()
    }

    /// What a user should know: arrays that got another filter than the one asked for.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        self.tree.notes()
    }

    /// Ends the file, and lets it take the place of what was there.
    ///
    /// # Errors
    /// `InvalidArgument` where an array was not finished, or one does not fit the points and cells of the dataset; those of
    /// the store. The old file stays.
    pub fn commit(self) -> Result<()> {
        self.commit_reporting().map(|_| ())
    }

    /// The same, and says what became of the file.
    ///
    /// # Errors
    /// Those of [`commit`](Self::commit).
    pub(super) fn commit_reporting(mut self) -> Result<WriteReport> {
        self.tree.end_dataset()?;
        self.tree.commit_reporting()
    }
}
