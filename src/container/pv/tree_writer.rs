//! Writing a new file of several datasets: blocks and what they hold, array by array.
//!
//! A MultiBlock is listed before its children, which follow depth first; its own field arrays come last. Documents name their
//! datasets by uid, so whoever writes a tree gives the uids out, as a reader finds them: a dataset that two blocks hold is
//! written once, and both list its uid.

use std::collections::HashMap;

use super::array_writer::ArrayWriter;
use super::document::{DatasetDocument, check_members};
use super::json::{Json, Object};
use super::metadata::{DatasetMetadata, DatasetType, MultiBlockMetadata};
use super::names::{
    Association, CellArray, DATASET_METADATA, EMPTY_CHILD, MULTIBLOCK_METADATA, Role,
};
use super::options::WriteOptions;
use super::pairs::{ArrayName, PairWriter};
use super::thumbnail::{self, Thumbnail};
use super::topology::{Expectation, check_grid};
use crate::array::{Array, ArraySpec};
use crate::container::writer::WriteReport;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{PositionedStage, PositionedWriter, Store, WriteAt};

/// Writes datasets and MultiBlocks of named arrays. [`Writer`](super::Writer) is the one for a single dataset.
///
/// ```
/// use paginum::{Array, container::pv::{DatasetMetadata, DatasetType, TreeWriter, WriteOptions}, storage::MemoryStore};
/// let store = MemoryStore::new();
/// let mut writer = TreeWriter::create(&store, WriteOptions::default())?;
/// writer.write_block("0000000000000000", r#"{"children": ["0000000000000001"], "children_keys": ["left"]}"#)?;
/// writer.begin_dataset("0000000000000001", &DatasetMetadata::new(DatasetType::PolyData))?;
/// writer.write("field_data/mass", &Array::from_numbers(&[1.5_f64])?)?;
/// writer.end_dataset()?;
/// writer.commit()?;
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug)]
pub struct TreeWriter {
    stage: PositionedStage,
    pairs: PairWriter,
    /// The dataset whose arrays are being written.
    dataset: Option<DatasetDocument>,
    /// The MultiBlock whose own arrays are being written, by its uid.
    fields_of: Option<String>,
    /// The uids of what was written so far, and which of them are MultiBlocks.
    uids: HashMap<String, Option<MultiBlockMetadata>>,
    /// What the file is called in messages.
    name: String,
    has_thumbnail: bool,
}

impl TreeWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// Those of the store.
    pub fn create(store: &dyn Store, options: WriteOptions) -> Result<Self> {
        let name = store.url().to_string();
        Ok(Self {
            stage: PositionedStage::new(store).in_file(&name)?,
            pairs: PairWriter::new(Default::default(), Vec::new(), 0, options),
            dataset: None,
            fields_of: None,
            uids: HashMap::new(),
            name,
            has_thumbnail: false,
        })
    }

    /// Puts a picture in front of everything else. To be called first.
    ///
    /// # Errors
    /// `InvalidArgument` behind an array or a document; those of the store.
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

    /// Starts a dataset with the members of `template`; its lists of arrays are made anew.
    ///
    /// # Errors
    /// `InvalidArgument` for what the target's readers refuse, a uid that is taken, or inside of another dataset.
    pub fn begin_dataset(&mut self, uid: &str, template: &DatasetMetadata) -> Result<()> {
        if self.dataset.is_some() {
            return Err(Error::invalid("a dataset before this one was not ended"));
        }
        self.take(uid, None)?;
        let mut template = template.clone();
        template.set_uid(uid);
        self.dataset = Some(DatasetDocument::new(&template, self.pairs.options.target)?);
        Ok(())
    }

    /// Writes the document of a MultiBlock: the uids of its `children`, their names in `children_keys`, and where it has field
    /// arrays of its own, their `field_data_keys`.
    ///
    /// # Errors
    /// `InvalidArgument` for a document that is none, a uid that is taken, or inside of a dataset; those of the store.
    pub fn write_block(&mut self, uid: &str, document: &str) -> Result<()> {
        let wrong = |error: Error| Error::invalid(error.message());
        let mut block = MultiBlockMetadata::parse(document.as_bytes(), uid).map_err(wrong)?;
        if self.dataset.is_some() {
            return Err(Error::invalid("a MultiBlock inside of a dataset"));
        }
        let target = self.pairs.options.target;
        check_members(&block.document, target)?;
        if block.document.get(Association::Field.member()).is_some() {
            if target.refuses_unknown_members() {
                return Err(Error::invalid(format!(
                    "field data of a MultiBlock: readers of --compat {target} lose them; --compat 0.7 can hold them"
                )));
            }
            self.pairs.uses_version(3);
        }
        block.document.set("uid", Json::string(uid));
        let bytes = block.document.to_document().into_bytes();
        self.take(uid, Some(block))?;
        self.write_document(&format!("{uid}{MULTIBLOCK_METADATA}"), &bytes)
    }

    /// Goes on with the field arrays of a MultiBlock that was written, behind its children.
    ///
    /// # Errors
    /// `InvalidArgument` for other uids, or inside of a dataset.
    pub fn begin_fields(&mut self, uid: &str) -> Result<()> {
        match self.uids.get(uid) {
            Some(Some(_)) if self.dataset.is_none() => {
                self.fields_of = Some(uid.to_owned());
                Ok(())
            }
            _ => Err(Error::invalid(format!("no MultiBlock of the uid {uid:?}"))),
        }
    }

    fn take(&mut self, uid: &str, block: Option<MultiBlockMetadata>) -> Result<()> {
        /// Names of frames begin with so many bytes.
        const UID_BYTES: usize = 16;
        if uid.len() != UID_BYTES || !uid.is_ascii() || uid == EMPTY_CHILD {
            return Err(Error::invalid(format!("{uid:?} is no uid")));
        }
        self.fields_of = None;
        match self.uids.insert(uid.to_owned(), block) {
            None => Ok(()),
            Some(_) => Err(Error::invalid(format!("the uid {uid:?} is taken"))),
        }
    }

    /// Starts an array under a path inside of the dataset: `points`, `point_data/NAME`, ... A bare name is one of `field_data`.
    ///
    /// # Errors
    /// `InvalidArgument` for a path that is taken or means nothing, an array that the target cannot hold, or its filter.
    pub fn begin_array(&mut self, path: &str, spec: ArraySpec) -> Result<ArrayWriter<'_>> {
        let role = Role::from_path(path).unwrap_or_else(|| Role::field(path));
        let uid = match (&self.dataset, &self.fields_of) {
            (Some(dataset), _) => dataset.uid().to_owned(),
            (None, Some(uid)) if matches!(role, Role::Data(Association::Field, _)) => uid.clone(),
            _ => {
                return Err(Error::invalid(format!(
                    "{path:?}: there is no dataset to hold it"
                )));
            }
        };
        if let Role::Unreferenced(_) = role {
            return Err(Error::invalid(format!(
                "{path:?}: an array of no dataset cannot be written"
            )));
        }
        let name = ArrayName {
            path: role.to_string(),
            frame: role.frame_name(&uid),
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
        if let Some(dataset) = &mut self.dataset {
            dataset.add(&name.role, &spec);
        }
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

    /// Ends the dataset that was begun.
    ///
    /// # Errors
    /// `InvalidArgument` where an array does not fit the points and cells of the dataset; those of the store.
    pub fn end_dataset(&mut self) -> Result<()> {
        let ended = self.end_unnamed();
        ended.in_file(&self.name)
    }

    fn end_unnamed(&mut self) -> Result<()> {
        if self.pairs.is_broken {
            return Err(Error::invalid(
                "an array or a dataset was begun and not finished",
            ));
        }
        self.add_missing_geometry()?;
        let dataset = self
            .dataset
            .take()
            .ok_or_else(|| Error::invalid("no dataset was begun"))?;
        let name = format!("{}{DATASET_METADATA}", dataset.uid());
        let ended = check_dataset(&dataset, &mut self.pairs)
            .and_then(|()| self.write_document(&name, &dataset.to_bytes()));
        if ended.is_err() {
            // What is in the file by now belongs to no dataset: nothing can be made of it.
            self.pairs.is_broken = true;
            self.dataset = Some(dataset);
            return ended;
        }
        self.pairs.uses_version(dataset.version());
        Ok(())
    }

    fn write_document(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
        self.pairs.write_bytes(&mut sink, name, bytes)?;
        sink.finish()?;
        Ok(())
    }

    /// What a user should know: arrays that got another filter than the one asked for.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.pairs.notes
    }

    /// Ends the file, and lets it take the place of what was there.
    ///
    /// # Errors
    /// `InvalidArgument` where an array or a dataset was not finished, or a MultiBlock lists what was not written; those of the
    /// store. The old file stays.
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
        if self.dataset.is_some() || self.uids.is_empty() {
            return Err(Error::invalid("a dataset was not ended, or none was begun"));
        }
        self.check_blocks()?;
        let mut sink = PositionedWriter::new(&self.stage, self.pairs.index.frames_end());
        let mut document = file_document(&self.pairs.options);
        self.pairs.finish(&mut sink, &mut document, &[])?;
        sink.finish()?;
        write_index(&self.stage, &self.pairs, self.has_thumbnail)?;
        let report = WriteReport::new(self.stage.len()).with_notes(self.pairs.notes);
        self.stage.commit(self.pairs.options.durability)?;
        Ok(report)
    }

    /// Refuses blocks that readers would refuse: children and arrays that are listed and not there.
    fn check_blocks(&mut self) -> Result<()> {
        for (uid, block) in &self.uids {
            let Some(block) = block else { continue };
            let mut children = block.children.iter();
            if let Some(child) =
                children.find(|child| *child != EMPTY_CHILD && !self.uids.contains_key(*child))
            {
                return Err(Error::invalid(format!(
                    "the MultiBlock {uid:?} lists {child:?}, which was not written"
                )));
            }
            for key in block.keys() {
                let role = Role::field(&key);
                if !self.pairs.has(&role.frame_name(uid)) {
                    return Err(Error::invalid(format!(
                        "the MultiBlock {uid:?} lists {role}, which was not written"
                    )));
                }
            }
        }
        Ok(())
    }

    /// What readers of the target expect of a PolyData even where it is empty.
    pub(super) fn add_missing_geometry(&mut self) -> Result<()> {
        let Some(dataset) = &self.dataset else {
            return Ok(());
        };
        if *dataset.metadata().ds_type() != DatasetType::PolyData {
            return Ok(());
        }
        let uid = dataset.uid().to_owned();
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
            if !self.pairs.has(&role.frame_name(&uid)) {
                self.write(&role.to_string(), &array)?;
            }
        }
        Ok(())
    }
}

/// Refuses a dataset that readers would refuse: only now are all of its lengths known.
fn check_dataset(dataset: &DatasetDocument, pairs: &mut PairWriter) -> Result<()> {
    let written = std::mem::take(&mut pairs.written);
    let rows = |role: &Role| {
        let mut geometry = written.iter().filter(|array| !array.name.role.is_named());
        let array = geometry.find(|array| array.name.role == *role);
        Ok(array.map(|array| array.spec.rows()))
    };
    for array in &written {
        let role = &array.name.role;
        array.check(&Expectation::new(role, dataset.metadata(), &rows)?)?;
    }
    check_grid(dataset.metadata(), &rows)?.map_err(Error::invalid)
}

/// The document of a new file, whose list of names is still to be filled in.
pub(crate) fn file_document(options: &WriteOptions) -> Object {
    let mut document = Object::default();
    document.push("frame_names", Json::Array(Vec::new()));
    document.push(
        "compression_level",
        Json::Number(options.document_level().to_string().into()),
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
