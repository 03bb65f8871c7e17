//! Writing a new file: one dataset, array by array.
//!
//! Nothing replaces what stood under the name before [`Writer::commit`], and then the whole file does at once.

use super::array_writer::ArrayWriter;
use super::document::{DatasetDocument, FIRST_UID};
use super::json::{Json, Object};
use super::metadata::{DatasetMetadata, DatasetType};
use super::names::{CellArray, DATASET_METADATA, Role};
use super::options::WriteOptions;
use super::pairs::{ArrayName, PairWriter};
use super::thumbnail::{self, Thumbnail};
use super::topology::{Expectation, check_grid};
use crate::array::{Array, ArraySpec};
use crate::container::writer::WriteReport;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{PositionedStage, PositionedWriter, Store, WriteAt};
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
    stage: PositionedStage,
    pairs: PairWriter,
    document: DatasetDocument,
    /// What the file is called in messages.
    name: String,
    has_thumbnail: bool,
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
        let mut template = template.clone();
        template.set_uid(FIRST_UID);
        let document = DatasetDocument::new(&template, options.target)?;
        let name = store.url().to_string();
        Ok(Self {
            stage: PositionedStage::new(store).in_file(&name)?,
            pairs: PairWriter::new(Default::default(), Vec::new(), 0, options),
            document,
            name,
            has_thumbnail: false,
            needs_geometry: false,
        })
    }

    /// Puts a picture in front of everything else. To be called before the first array.
    ///
    /// # Errors
    /// `InvalidArgument` behind an array; those of the store.
    pub fn set_thumbnail(&mut self, thumbnail: &Thumbnail) -> Result<()> {
        if !self.pairs.names.is_empty() {
            return Err(Error::invalid(
                "the thumbnail of a file comes before its arrays",
            ));
        }
        let sink = PositionedWriter::new(&self.stage, 0);
        thumbnail.write(sink, &mut self.pairs).in_file(&self.name)?;
        self.has_thumbnail = true;
        Ok(())
    }

    /// Starts an array under a path: `points`, `point_data/NAME`, ... A bare name is one of `field_data`.
    ///
    /// # Errors
    /// `InvalidArgument` for a path that is taken or means nothing, an array that the target cannot hold, or its filter.
    pub fn begin_array(&mut self, path: &str, spec: ArraySpec) -> Result<ArrayWriter<'_>> {
        if std::mem::take(&mut self.needs_geometry) {
            self.add_missing_geometry()?;
        }
        let role = Role::from_path(path).unwrap_or_else(|| Role::field(path));
        if let Role::Unreferenced(_) = role {
            return Err(Error::invalid(format!(
                "{path:?}: an array of no dataset cannot be written"
            )));
        }
        let name = ArrayName {
            path: role.to_string(),
            frame: role.frame_name(self.document.uid()),
            role,
        };
        if self.pairs.has(&name.frame) {
            return Err(
                Error::invalid("there is an array of this name already").in_array(&name.path)
            );
        }
        let start = self.pairs.index.frames_end();
        let sink = PositionedWriter::new(&self.stage, start);
        let array = self
            .pairs
            .begin(sink, name.clone(), spec.clone())
            .in_file(&self.name)?;
        self.document.add(&name.role, &spec);
        Ok(array)
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
        &self.pairs.notes
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
    pub(super) fn commit_reporting(self) -> Result<WriteReport> {
        let name = self.name.clone();
        self.commit_unnamed().in_file(name)
    }

    fn commit_unnamed(mut self) -> Result<WriteReport> {
        self.add_missing_geometry()?;
        self.check_dataset()?;
        let name = format!("{}{DATASET_METADATA}", self.document.uid());
        self.pairs.uses_version(self.document.version());
        let mut sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
        self.pairs
            .write_bytes(&mut sink, &name, &self.document.to_bytes())?;
        let mut document = file_document(&self.pairs.options);
        self.pairs.finish(&mut sink, &mut document, &[])?;
        sink.finish()?;
        write_index(&self.stage, &self.pairs, self.has_thumbnail)?;
        let report = WriteReport::new(self.stage.len()).with_notes(self.pairs.notes);
        self.stage.commit(self.pairs.options.durability)?;
        Ok(report)
    }

    /// Refuses a dataset that readers would refuse: only now are all of its lengths known.
    fn check_dataset(&mut self) -> Result<()> {
        let written = std::mem::take(&mut self.pairs.written);
        let rows = |role: &Role| {
            let mut geometry = written.iter().filter(|array| !array.name.role.is_named());
            let array = geometry.find(|array| array.name.role == *role);
            Ok(array.map(|array| array.spec.rows()))
        };
        for array in &written {
            let role = &array.name.role;
            array.check(&Expectation::new(role, self.document.metadata(), &rows)?)?;
        }
        check_grid(self.document.metadata(), &rows)?.map_err(Error::invalid)
    }

    /// What readers of the target expect of a PolyData even where it is empty.
    fn add_missing_geometry(&mut self) -> Result<()> {
        // Its own arrays come first, too.
        self.needs_geometry = false;
        if *self.document.metadata().ds_type() != DatasetType::PolyData {
            return Ok(());
        }
        let (offsets, ids) = (
            Array::from_numbers(&[0_i32])?,
            Array::from_numbers::<i32>(&[])?,
        );
        let points = Array::zeroed(ArraySpec::new("<f8".parse()?, [0, 3])?, &Default::default())?;
        let mut missing = vec![(Role::Points, points)];
        if !self.pairs.options.target.has_fixed_widths() {
            for list in [
                CellArray::Polys,
                CellArray::Lines,
                CellArray::Strips,
                CellArray::Verts,
            ] {
                missing.push((Role::Offset(list), offsets.clone()));
                missing.push((Role::Connectivity(list), ids.clone()));
            }
        }
        for (role, array) in missing {
            if !self.pairs.has(&role.frame_name(self.document.uid())) {
                self.write(&role.to_string(), &array)?;
            }
        }
        Ok(())
    }
}

/// The document of a new file, whose list of names is still to be filled in.
pub(crate) fn file_document(options: &WriteOptions) -> Object {
    let mut document = Object::default();
    document.push("frame_names", Json::Array(Vec::new()));
    document.push(
        "compression_level",
        Json::Number(options.zstd_level.to_string().into()),
    );
    document
}

/// Writes the index of a new file, and what only then is known of its thumbnail.
pub(crate) fn write_index(
    stage: &dyn WriteAt,
    pairs: &PairWriter,
    has_thumbnail: bool,
) -> Result<()> {
    stage.write_all_at(&pairs.index.to_bytes(), pairs.index.start)?;
    if has_thumbnail {
        let data_crc = thumbnail::data_crc(&pairs.index);
        stage.write_all_at(&data_crc.to_le_bytes(), thumbnail::CRC_OFFSET)?;
    }
    Ok(())
}
