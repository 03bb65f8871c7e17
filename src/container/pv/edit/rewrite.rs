//! Writing a file anew, beside the old one: kept pairs as they are, without their dead tails.

use super::Plan;
use crate::container::pv::edit_options::{EditOptions, Report};
use crate::container::pv::pairs::PairWriter;
use crate::container::pv::session::Session;
use crate::container::pv::thumbnail::Thumbnail;
use crate::container::pv::tree_writer::write_index;
use crate::container::pv::verbatim::copy_pair;
use crate::error::{Result, ResultExt};
use crate::storage::{PositionedStage, PositionedWriter, Store};

/// Writes a file anew without the bytes that belong to no array any more.
///
/// # Errors
/// `Io` with `WouldBlock` while another program writes the file; those of reading it and of the store. The old file
/// stays.
pub fn compact(store: &dyn Store, options: &EditOptions) -> Result<Report> {
    let compact = || {
        let Session {
            update: _update,
            lock: _lock,
            mut report,
            reader,
        } = Session::begin(store, options)?;
        rewrite(store, Plan::new(&reader, options)?, &mut report)?;
        Ok::<_, crate::Error>(report)
    };
    compact().in_file(store.url())
}

/// Carries out a plan by writing the file anew.
pub(super) fn rewrite(
    store: &dyn Store,
    mut plan: Plan<'_, '_>,
    report: &mut Report,
) -> Result<()> {
    let reader = plan.reader;
    let mut documents = plan.documents()?;
    let is_edited = !plan.arrays.is_empty() || plan.is_dead.contains(&true);
    let stage = PositionedStage::new(store)?;
    let mut pairs = PairWriter::new(
        Default::default(),
        Vec::new(),
        plan.version,
        plan.options.clone(),
    );
    pairs.recorded = plan.recorded;
    let mut sink = PositionedWriter::new(&stage, 0);
    for (pair, is_dead) in plan.is_dead.iter().enumerate() {
        if *is_dead {
            if let Some(i) = documents
                .iter()
                .position(|document| document.pair == pair && document.keeps_place)
            {
                let document = documents.remove(i);
                pairs.write_bytes(&mut sink, &document.name, &document.bytes)?;
            }
        } else {
            copy_pair(reader, pair, &mut sink, &mut pairs)?;
        }
    }
    sink.finish()?;
    for array in &mut plan.arrays {
        let sink = PositionedWriter::new(&stage, pairs.index.frames_end());
        array.write(&mut pairs, sink)?;
    }
    let mut sink = PositionedWriter::new(&stage, pairs.index.frames_end());
    for document in documents {
        pairs.write_bytes(&mut sink, &document.name, &document.bytes)?;
    }
    pairs.finish(&mut sink, &mut reader.metadata().document.clone(), &[])?;
    sink.finish()?;
    let picture = Thumbnail::read(&**reader.store(), reader.index())?;
    // A picture of what has not changed is as good as it was.
    let is_current = picture.is_some_and(|picture| !picture.is_stale) && !is_edited;
    write_index(&stage, &pairs, is_current)?;
    report.notes.append(&mut pairs.notes);
    Ok(stage.commit(plan.options.durability)?)
}
