//! Files for tests that [`Writer`](super::Writer) does not write: several datasets, blocks, documents as they come.

use super::document::DatasetDocument;
use super::metadata::DatasetMetadata;
use super::names::{DATASET_METADATA, Role};
use super::options::WriteOptions;
use super::pairs::{ArrayName, PairWriter};
use super::tree_writer::{file_document, write_index};
use crate::array::Array;
use crate::storage::{Durability, MemoryStore, PositionedStage, PositionedWriter};

/// A file that is being put together, pair by pair; nothing of it is checked.
pub(super) struct Handmade {
    store: MemoryStore,
    stage: PositionedStage,
    pub(super) pairs: PairWriter,
}

impl Handmade {
    /// A file that states `version`.
    pub(super) fn new(version: i64, options: WriteOptions) -> Self {
        let store = MemoryStore::new();
        Self {
            stage: PositionedStage::new(&store).unwrap(),
            store,
            pairs: PairWriter::new(Default::default(), Vec::new(), version, options),
        }
    }

    /// Adds bytes under a name.
    pub(super) fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        let start = self.pairs.index.frames_end();
        let mut sink = PositionedWriter::new(&self.stage, start);
        self.pairs.write_bytes(&mut sink, name, bytes).unwrap();
        sink.finish().unwrap();
    }

    /// Adds the arrays of a dataset, and its document behind them.
    pub(super) fn add_dataset(&mut self, template: &DatasetMetadata, arrays: Vec<(Role, Array)>) {
        let target = self.pairs.options.target;
        let mut document = DatasetDocument::new(template, target).unwrap();
        for (role, array) in arrays {
            document.add(&role, array.spec());
            let name = ArrayName {
                path: role.to_string(),
                frame: role.frame_name(document.uid()),
                role,
            };
            let start = self.pairs.index.frames_end();
            let sink = PositionedWriter::new(&self.stage, start);
            let mut writer = self.pairs.begin(sink, name, array.spec().clone()).unwrap();
            writer.push_rows(array.bytes()).unwrap();
            writer.finish().unwrap();
        }
        let name = format!("{}{DATASET_METADATA}", document.uid());
        self.add_bytes(&name, &document.to_bytes());
    }

    /// Adds the document of the file and the index.
    pub(super) fn finish(mut self) -> MemoryStore {
        let start = self.pairs.index.frames_end();
        let mut sink = PositionedWriter::new(&self.stage, start);
        let mut document = file_document(&self.pairs.options);
        self.pairs.finish(&mut sink, &mut document, &[]).unwrap();
        sink.finish().unwrap();
        write_index(&self.stage, &self.pairs, false).unwrap();
        self.stage.commit(Durability::None).unwrap();
        self.store
    }
}
