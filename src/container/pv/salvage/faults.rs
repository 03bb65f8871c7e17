//! All that is damaged in a file that does not open, since something that leads to its arrays is.

use std::sync::Arc;

use super::named::File;
use super::scan::{self, Found};
use crate::container::pv::edit_options::EditOptions;
use crate::container::pv::frame::FrameDecoder;
use crate::container::pv::index::Frame;
use crate::container::pv::metadata::{DatasetMetadata, FileMetadata, MultiBlockMetadata};
use crate::container::pv::names::{
    Association, DATASET_METADATA, FILE_METADATA, MULTIBLOCK_METADATA, Role,
};
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;

/// What is wrong with the headers, the documents and the arrays of a file, as far as a scan finds them; in the order of the
/// file. Arrays are called by their names where they are plain ones, and by their paths in their datasets.
///
/// # Errors
/// `LimitExceeded` where damage takes too long to get past; `Io`.
pub(crate) fn scanned_faults(store: &Arc<dyn ReadAt>, options: &EditOptions) -> Result<Vec<Error>> {
    let pairs = scan::pairs(store, &options.limits)?;
    let file = File::of(store, options, &pairs)?;
    let mut faults = scan::header_faults(store, &options.limits)?;
    let mut take = |checked: Result<()>| match checked {
        Err(error) if error.kind().is_of_storage() => Err(error),
        checked => {
            faults.extend(checked.err());
            Ok(())
        }
    };
    for (i, found) in pairs.iter().enumerate() {
        take(check_document(store, options, found))?;
        if let Some((uid, role)) = file.role_of(i) {
            let opened = file.open(found, file.order(uid, &role)).map(drop);
            let name = match &role {
                Role::Data(Association::Field, key) => key.clone(),
                _ => role.to_string(),
            };
            take(opened.in_array(&name))?;
        }
    }
    faults.sort_by_key(|fault| fault.place().and_then(|place| place.offset));
    Ok(faults)
}

/// Reads a pair that is a document, as opening a file does.
fn check_document(store: &Arc<dyn ReadAt>, options: &EditOptions, found: &Found) -> Result<()> {
    let name = found.header.name.as_str();
    let is_of_file = FILE_METADATA.contains(&name);
    let (Ok(payload), true) = (
        &found.payload,
        is_of_file || name.ends_with(DATASET_METADATA),
    ) else {
        return Ok(());
    };
    let frame = Frame {
        range: payload.clone(),
        decoded_size: found.spec()?.bytes(),
    };
    let mut decoder = FrameDecoder::new(&**store, options.limits.max_metadata_bytes);
    let document = decoder.document(&frame)?;
    // The same words and places as where opening the file meets it.
    if is_of_file {
        FileMetadata::parse(&document).map(drop).at(payload.start)
    } else if let Some(uid) = name.strip_suffix(MULTIBLOCK_METADATA) {
        MultiBlockMetadata::parse(&document, uid).map(drop)
    } else {
        let uid = name.strip_suffix(DATASET_METADATA).unwrap_or(name);
        DatasetMetadata::parse(&document, uid).map(drop)
    }
}
