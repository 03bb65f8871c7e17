//! Whom a file was written for, where the caller does not say.

use crate::array::Order;
use crate::container::pv::reader::Reader;
use crate::container::pv::record;
use crate::container::pv::target::Target;
use crate::container::pv::tree::Node;
use crate::error::Result;
use crate::filter::frames::ends_in_seek_table;

/// The readers that a file was written for: those that our writer recorded in it, or else what it looks like.
///
/// # Errors
/// Those of reading headers.
pub fn target_of(reader: &Reader) -> Result<Target> {
    match recorded(reader)? {
        Some(target) => Ok(target),
        None => guess(reader),
    }
}

/// The readers that our writer recorded.
pub(super) fn recorded(reader: &Reader) -> Result<Option<Target>> {
    match reader.index().pairs.last() {
        Some(last) => record::recorded(&**reader.store(), &last.payload),
        None => Ok(None),
    }
}

/// The readers of a file of another program, by all that stands in it.
pub(super) fn guess(reader: &Reader) -> Result<Target> {
    let tree = reader.tree();
    let (mut is_older_dialect, mut has_orders) = (true, false);
    tree.walk(&mut |_, node| {
        if let Node::Dataset(dataset) = tree.node(node) {
            is_older_dialect &= dataset.metadata.document.get("fixed_cell_sizes").is_none();
        }
        let arrays = tree.node(node).arrays();
        has_orders |= arrays.iter().any(|array| array.order != Order::C);
        Ok(())
    })?;
    if is_older_dialect && reader.metadata().version() <= 1 {
        return Ok(if has_seek_tables(reader) {
            Target::V0_4
        } else {
            Target::V0_2
        });
    }
    if has_orders {
        // No other program states one.
        return Ok(Target::Native);
    }
    for pair in 0..reader.names().len() {
        match reader.header(pair) {
            Ok(header) if header.filter > 1 => return Ok(Target::Native),
            // A damaged one tells nothing, and costs its array alone.
            Err(error) if !error.kind().is_damage() => return Err(error),
            _ => (),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::container::OpenOptions;
    use crate::container::pv::handmade::Handmade;
    use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
    use crate::container::pv::names::Role;
    use crate::container::pv::options::{FilterChoice, WriteOptions};
    use crate::storage::Store;

    /// Many arrays, of which the last one alone is of a filter of ours or in another order, and no record.
    fn foreign(has_numeric: bool, order: Order) -> Reader {
        let mut options = WriteOptions::default()
            .with_target(Target::Native)
            .with_filter(FilterChoice::named("none"));
        if has_numeric {
            options = options.with_array_filter("99", FilterChoice::named("numeric"));
        }
        let mut file = Handmade::new(2, options);
        file.pairs.recorded = Target::Reproduce0_7;
        let array = Array::from_numbers(&[1.5_f64, 2.5]).unwrap();
        let with_order = |i| match i {
            99 => array.clone().with_order(order),
            _ => array.clone(),
        };
        let arrays = (0..100).map(|i| (Role::field(&i.to_string()), with_order(i)));
        let template = DatasetMetadata::new(DatasetType::PointSet);
        file.add_dataset(&template, arrays.collect());
        Reader::open(file.finish().open().unwrap(), &OpenOptions::default()).unwrap()
    }

    #[test]
    fn a_guess_looks_at_every_header() {
        for (has_numeric, order, target) in [
            (true, Order::C, Target::Native),
            (false, Order::F, Target::Native),
            (false, Order::C, Target::V0_7),
        ] {
            let reader = foreign(has_numeric, order);
            assert_eq!(recorded(&reader).unwrap(), None);
            assert_eq!(target_of(&reader).unwrap(), target);
        }
    }

    #[test]
    fn older_files_are_told_apart_by_the_frames_of_large_arrays() {
        for (target, n, guessed) in [
            (Target::V0_4, 300_000, Target::V0_4),
            (Target::V0_2, 300_000, Target::V0_2),
            // Nothing tells.
            (Target::V0_4, 10, Target::V0_2),
        ] {
            let options = WriteOptions::default()
                .with_target(target)
                .with_filter(FilterChoice::named("none"));
            let mut file = Handmade::new(1, options);
            file.pairs.recorded = Target::Reproduce0_7;
            let array = Array::from_numbers(&vec![1.5_f64; n]).unwrap();
            let template = DatasetMetadata::new(DatasetType::PointSet);
            file.add_dataset(&template, vec![(Role::field("a"), array)]);
            let store = file.finish();
            let reader = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
            assert_eq!(recorded(&reader).unwrap(), None);
            assert_eq!(target_of(&reader).unwrap(), guessed, "{target}, {n}");
        }
    }
}
