//! Whom a file was written for, where the caller does not say.

use crate::container::pv::reader::Reader;
use crate::container::pv::target::Target;
use crate::container::pv::tree::Node;
use crate::error::Result;
use crate::filter::frames::ends_in_seek_table;

/// The readers that a file was written for, by what stands in it.
///
/// # Errors
/// Those of reading headers.
pub fn target_of(reader: &Reader) -> Result<Target> {
    let tree = reader.tree();
    let mut is_older_dialect = true;
    tree.walk(&mut |_, node| {
        if let Node::Dataset(dataset) = tree.node(node) {
            is_older_dialect &= dataset.metadata.document.get("fixed_cell_sizes").is_none();
        }
        Ok(())
    })?;
    if is_older_dialect && reader.metadata().version() <= 1 {
        return Ok(if has_seek_tables(reader) {
            Target::V0_4
        } else {
            Target::V0_2
        });
    }
    /// So many headers are looked at: a file with arrays of ours has one early on, and an append must not cost what
    /// the file holds.
    const MAX_HEADERS: usize = 32;
    for pair in 0..reader.names().len().min(MAX_HEADERS) {
        if reader.header(pair)?.filter > 1 {
            return Ok(Target::Native);
        }
    }
    Ok(Target::V0_7)
}

/// Whether any array is of several frames, which releases before 0.4 cannot read.
fn has_seek_tables(reader: &Reader) -> bool {
    /// Smaller arrays are of one frame, whoever wrote them.
    const FRAME_BYTES: u64 = 1 << 20;
    let mut tail = [0; 4];
    reader
        .index()
        .pairs
        .iter()
        .filter(|pair| pair.payload.decoded_size > FRAME_BYTES)
        .any(|pair| {
            let range = &pair.payload.range;
            range.end - range.start > 4
                && reader
                    .store()
                    .read_exact_at(&mut tail, range.end - 4)
                    .is_ok()
                && ends_in_seek_table(&tail)
        })
}
