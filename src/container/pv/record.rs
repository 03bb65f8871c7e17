//! The readers that a file was written for, as our writer records them: a frame of kind 6 behind the document of the file,
//! where every reader passes over it, with the name of the target. What another program wrote has none.

use super::behind;
use super::index::Frame;
use super::target::Target;
use crate::error::Result;
use crate::storage::ReadAt;

/// The first byte of the skippable frame that names a target.
pub(super) const TARGET_KIND: u8 = 6;

/// The frame that records a target; nothing for the bytes that pyvista-zstd itself writes.
pub(crate) fn record(target: Target) -> Vec<u8> {
    match target {
        Target::Reproduce0_7 => Vec::new(),
        _ => behind::frame(TARGET_KIND, target.name().as_bytes()),
    }
}

/// The target that a file whose last document is `document` records. One that this build does not know is none.
///
/// # Errors
/// Those of the store.
pub(crate) fn recorded(file: &dyn ReadAt, document: &Frame) -> Result<Option<Target>> {
    let frame = behind::find(file, document, TARGET_KIND)?;
    let name = frame.as_deref().and_then(behind::content);
    Ok(name
        .and_then(|name| std::str::from_utf8(name).ok())
        .and_then(|name| name.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_damaged_one_does_not() {
        for target in Target::ALL {
            let frame = record(target);
            if target == Target::Reproduce0_7 {
                assert!(frame.is_empty());
                continue;
            }
            let read = |bytes: &Vec<u8>| {
                let document = Frame {
                    range: 0..bytes.len() as u64,
                    decoded_size: 0,
                };
                recorded(bytes, &document).unwrap()
            };
            assert_eq!(read(&frame), Some(target));
            for at in 0..frame.len() {
                let mut damaged = frame.clone();
                damaged[at] ^= 1;
                assert_eq!(read(&damaged), None, "{target}: byte {at}");
            }
        }
    }
}
