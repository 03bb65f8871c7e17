//! Checks of what reading does not need: that every byte of a file belongs to something, and says what it should.

use std::collections::HashMap;
use std::ops::Range;

use super::ahead::Windows;
use super::behind;
use super::header_list::{self, HEADERS_KIND};
use super::names::Role;
use super::pairs::PADDING_KIND;
use super::reader::Reader;
use super::record::TARGET_KIND;
use super::seal::{self, JOURNAL_KIND};
use super::topology;
use super::tree::Node;
use super::unfinished;
use crate::container::Container;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::frames::{Frame, FrameKind, all_frames, check_frame, lists_frames};
use crate::filter::skippable::{DEAD_TAIL_MAGIC, HEADER_BYTES, PAGINUM_MAGIC, SEEK_TABLE_MAGIC};
use crate::limits::Limits;

/// Checks everything but the payloads of arrays, which their readers check.
///
/// # Errors
/// The first of the [`faults`].
pub(crate) fn verify_structure(reader: &Reader) -> Result<()> {
    faults(reader).into_iter().next().map_or(Ok(()), Err)
}

/// All that is wrong with a file beside the payloads of its arrays. A failure of the storage is the last.
pub(crate) fn faults(reader: &Reader) -> Vec<Error> {
    let mut faults = Faults::default();
    let checked = check(reader, &mut faults);
    faults.0.extend(checked.err());
    faults.0
}

/// What was found so far.
#[derive(Default)]
struct Faults(Vec<Error>);

impl Faults {
    /// Takes in what came of a check. Behind damage there is more to be checked, behind a failure of the storage nothing.
    fn take(&mut self, checked: Result<()>) -> Result<()> {
        match checked {
            Err(error) if !error.kind().is_of_storage() => self.0.push(error),
            other => return other,
        }
        Ok(())
    }
}

fn check(reader: &Reader, faults: &mut Faults) -> Result<()> {
    let index = reader.index();
    if index.frames_end() != index.start {
        let what = "bytes between the last array and the index that belong to nothing";
        faults.take(Err(Error::corrupt(what).at(index.frames_end())))?;
    }
    check_headers(reader, faults)?;
    check_documents(reader, faults)?;
    for node in reader.tree().nodes() {
        if let Node::Dataset(dataset) = node {
            let rows = |role: &Role| reader.rows_of(role, dataset);
            let name = &reader.names()[dataset.metadata_pair];
            let grid = topology::check_grid(&dataset.metadata, &rows).and_then(|grid| {
                grid.map_err(Error::corrupt)
                    .at(index.pairs[dataset.metadata_pair].payload.range.start)
            });
            faults.take(grid.in_array(name))?;
        }
    }
    faults.take(check_document_of_file(reader))?;
    check_masks(reader, faults)
}

/// The headers of all arrays.
fn check_headers(reader: &Reader, faults: &mut Faults) -> Result<()> {
    // Of those that are arrays, what these are called.
    let paths: HashMap<usize, usize> = (0..reader.n_stored())
        .map(|i| (reader.pair(i), i))
        .collect();
    let pairs = &reader.index().pairs;
    let range = |pair: usize| pairs[pair].header.range.clone();
    let store = &**reader.store();
    let mut windows = Windows::new(store, pairs.len(), |pair| vec![range(pair)]);
    for (pair, name) in reader.names().iter().enumerate() {
        windows.reach(pair)?;
        let name = paths.get(&pair).map_or(&**name, |i| reader.path(*i));
        let header = reader.header(pair).and_then(|_| {
            let header = payload(reader, range(pair))?;
            check_header_range(&header, reader.limits())
        });
        faults.take(header.in_array(name))?;
    }
    Ok(())
}

/// The documents of datasets.
fn check_documents(reader: &Reader, faults: &mut Faults) -> Result<()> {
    let pairs: Vec<usize> = reader.tree().document_pairs().collect();
    let range = |i: usize| reader.index().pairs[pairs[i]].payload.range.clone();
    let store = &**reader.store();
    let mut windows = Windows::new(store, pairs.len(), |i| vec![range(i)]);
    for (i, pair) in pairs.iter().enumerate() {
        windows.reach(i)?;
        let document = payload(reader, range(i))
            .and_then(|document| check_document(&document, false, reader.limits()));
        faults.take(document.in_array(&reader.names()[*pair]))?;
    }
    Ok(())
}

/// The last pair, and that the dead bytes which it lists are sealed.
fn check_document_of_file(reader: &Reader) -> Result<()> {
    let index = reader.index();
    let last = index.pairs.last().expect("an index has a pair");
    let limits = reader.limits();
    check_header_range(&payload(reader, last.header.range.clone())?, limits)?;
    check_document(&payload(reader, last.payload.range.clone())?, true, limits)?;
    if let Some(start) = reader.unsealed_from {
        return Err(Error::corrupt(unfinished::WORDS).at(start));
    }
    header_list::check(reader)?;
    // That the regions are sealed was found out when the file was opened, unless the list of them is damaged.
    seal::regions(&**reader.store(), index).map(drop)
}

/// The masks of arrays, which have readers only here.
fn check_masks(reader: &Reader, faults: &mut Faults) -> Result<()> {
    let mask = |i: usize| {
        let pair = reader.validity_pair(i);
        pair.map(|pair| reader.index().pairs[pair].payload.range.clone())
    };
    let store = &**reader.store();
    let mut windows = Windows::new(store, reader.n_stored(), |i| mask(i).into_iter().collect());
    for i in 0..reader.n_stored() {
        windows.reach(i)?;
        // Opening the array meets the first of these as well: it is to be the same fault there.
        let mask = reader.validity(i).and_then(|_| reader.verify_mask(i));
        let mask = mask.in_array(reader.path(i));
        faults.take(mask)?;
    }
    Ok(())
}

fn payload(reader: &Reader, range: Range<u64>) -> Result<Payload> {
    Payload::new(reader.store().clone(), range)
}

/// A header's range holds its frame and nothing else.
fn check_header_range(header: &Payload, limits: &Limits) -> Result<()> {
    match all_frames(header, limits)?[..] {
        [frame] if frame.is_data() => frame.check_size_is_told().at(header.offset_of(0)),
        _ => Err(Error::corrupt("an array header is not one zstd frame").at(header.offset_of(0))),
    }
}

/// Behind the frames of a document stands their seek table, where they are several; then sealed dead regions, behind that
/// of the file its target, a list of headers, its list of dead regions and padding.
/// Other programs' documents, which have no checksums, may have company.
fn check_document(document: &Payload, is_of_file: bool, limits: &Limits) -> Result<()> {
    let frames = all_frames(document, limits)?;
    let is_ours = frames.first().is_some_and(Frame::has_checksum);
    for (i, frame) in frames.iter().enumerate() {
        let at = document.offset_of(frame.start);
        check_frame(document, frame).at(at)?;
        let is_known = match frame.kind {
            FrameKind::Data { .. } => true,
            FrameKind::Skippable(SEEK_TABLE_MAGIC) => {
                is_ours && lists_frames(document, &frames[..=i])?
            }
            FrameKind::Skippable(DEAD_TAIL_MAGIC) => !is_of_file,
            FrameKind::Skippable(PAGINUM_MAGIC) => {
                is_of_file && is_list_or_padding(document, frame)?
            }
            FrameKind::Skippable(_) => false,
        };
        if is_ours && !is_known {
            return Err(Error::corrupt("a frame behind a document that nobody knows").at(at));
        }
    }
    Ok(())
}

/// Whether a skippable frame of ours is a list of dead regions or headers, both of which are checked elsewhere, names a target,
/// or holds nothing.
fn is_list_or_padding(document: &Payload, frame: &Frame) -> Result<bool> {
    let bytes = document.bytes(frame.start..frame.start + frame.len)?;
    Ok(match bytes[HEADER_BYTES..] {
        [JOURNAL_KIND, ..] => true,
        [TARGET_KIND | HEADERS_KIND, ..] => behind::content(&bytes).is_some(),
        [PADDING_KIND, ref body @ ..] => body.iter().all(|byte| *byte == 0),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::OpenOptions;
    use crate::container::pv::WriteOptions;
    use crate::container::pv::handmade::Handmade;
    use crate::container::pv::json::Json;
    use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
    use crate::container::pv::names::DATASET_METADATA;
    use crate::storage::{MemoryStore, Store};

    /// A file of one ExplicitStructuredGrid without cells, whose document says this of its dimensions.
    fn grid(dimensions: &str) -> Reader {
        let mut metadata = DatasetMetadata::new(DatasetType::ExplicitStructuredGrid);
        let stated = Json::parse(dimensions.as_bytes()).unwrap();
        metadata.document.set("dimensions", stated);
        let mut file = Handmade::new(3, WriteOptions::default());
        let name = format!("{}{DATASET_METADATA}", metadata.uid);
        file.add_bytes(&name, metadata.document.to_document().as_bytes());
        Reader::open(file.finish().open().unwrap(), &OpenOptions::default()).unwrap()
    }

    #[test]
    fn a_grid_whose_dimensions_do_not_describe_its_cells_is_corrupt() {
        for dimensions in ["null", "[0, 0, 0]", "[1, 1, 1]", "[1, 5, 9]"] {
            grid(dimensions).verify_structure().unwrap();
        }
        for dimensions in [
            "[2, 2, 2]",
            "[0, 2, 2]",
            "[0, 0, 1]",
            "[-1, 1, 1]",
            "[1, 1]",
            "[1, 1, 1, 1]",
            "[1.5, 1, 1]",
            "[18446744073709551615, 18446744073709551615, 18446744073709551615]",
            "\"1x1x1\"",
            "[]",
        ] {
            let reader = grid(dimensions);
            let error = reader.verify_structure().expect_err(dimensions);
            assert_eq!(error.kind(), crate::ErrorKind::Corrupt, "{error}");
            let copied =
                crate::container::pv::copy(&reader, &MemoryStore::new(), WriteOptions::default());
            let error = copied.expect_err(dimensions);
            assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{error}");
        }
    }
}
