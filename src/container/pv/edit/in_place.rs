//! Carrying out a plan in place: behind the old version, its index last, and the seals after that.

use std::io::Write;

use super::Plan;
use crate::container::pv::edit_options::Report;
use crate::container::pv::index::Index;
use crate::container::pv::names::THUMBNAIL;
use crate::container::pv::pairs::PairWriter;
use crate::container::pv::seal::{self, DeadRegion};
use crate::error::Result;
use crate::storage::{Durability, PositionedWriter, UpdateAt};

impl Plan<'_, '_> {
    /// Whether every dead pair follows a payload that can grow over it. A thumbnail's cannot: its own sizes are checked.
    pub(super) fn can_be_done_in_place(&self) -> bool {
        let index = self.reader.index();
        let is_thumbnail = |pair: usize| pair == 0 && self.reader.names()[0] == THUMBNAIL;
        let Some(first_kept) = self.is_dead.iter().position(|is_dead| !is_dead) else {
            return false;
        };
        let swallows = |pair: usize| !self.is_dead[pair] && !is_thumbnail(pair);
        first_kept == 0
            && self.keeps_root_first()
            && (0..self.is_dead.len())
                .rev()
                .find(|pair| !self.is_dead[*pair])
                .is_some_and(swallows)
            && (!is_thumbnail(0) || !self.is_dead.get(1).is_some_and(|is_dead| *is_dead))
            && index.frames_end() == index.start
    }

    /// The kept pairs, their ranges grown over the dead ones and over everything up to `end`.
    fn grown(&self, end: u64) -> (Index, Vec<String>, Vec<DeadRegion>) {
        let old = self.reader.index();
        let (mut index, mut names, mut regions) = (Index::default(), Vec::new(), Vec::new());
        for (pair, name) in self.reader.names().iter().enumerate() {
            if !self.is_dead[pair] {
                index.pairs.push(old.pairs[pair].clone());
                names.push(name.clone());
            }
        }
        let n_kept = index.pairs.len();
        for pair in 0..n_kept {
            let next = match index.pairs.get(pair + 1) {
                Some(next) => next.header.range.start,
                None => end,
            };
            let payload = &mut index.pairs[pair].payload;
            if payload.range.end < next {
                regions.push(DeadRegion::behind(payload, next));
                payload.range.end = next;
            }
        }
        (index, names, regions)
    }

    pub(super) fn apply_in_place(self, file: &dyn UpdateAt, report: &mut Report) -> Result<()> {
        let end = file.len();
        let durability = self.options.durability;
        let written = self.write_behind(file, end, report);
        let regions = match written {
            Ok(regions) => regions,
            Err(error) => {
                // The old version is whole. Its file gets its old end back, or else the next reader finds it.
                let _ = file.set_len(end);
                return Err(error);
            }
        };
        for region in &regions {
            region.seal(file)?;
        }
        sync(file, durability)
    }

    /// Writes the new version behind the old one, its index last.
    fn write_behind(
        mut self,
        file: &dyn UpdateAt,
        end: u64,
        report: &mut Report,
    ) -> Result<Vec<DeadRegion>> {
        let (index, names, regions) = self.grown(end);
        let documents = self.documents()?;
        let kept_sizes: Vec<u64> = index
            .pairs
            .iter()
            .map(|pair| pair.payload.decoded_size)
            .collect();
        let mut pairs = PairWriter::new(index, names, self.version, self.options.clone());
        pairs.recorded = self.recorded;
        for decoded_size in kept_sizes {
            pairs.retain_pair(decoded_size, end);
        }
        // Without such a list it costs a look at every pair to make one.
        let is_kept = |pair: &usize| !self.is_dead[*pair];
        for (place, pair) in (0..self.is_dead.len()).filter(is_kept).enumerate() {
            pairs.keeps_header(Some(place), self.reader.listed_header(pair)?);
        }
        for array in &mut self.arrays {
            let sink = PositionedWriter::new(file, pairs.index.frames_end());
            array.write(&mut pairs, sink)?;
        }
        let mut sink = PositionedWriter::new(file, pairs.index.frames_end());
        for document in documents {
            pairs.write_bytes(&mut sink, &document.name, &document.bytes)?;
        }
        let mut document = self.reader.metadata().document.clone();
        pairs.finish(&mut sink, &mut document, &seal::journal(&regions))?;
        sink.flush()?;
        drop(sink);
        sync(file, self.options.durability)?;
        file.write_all_at(&pairs.index.to_bytes(), pairs.index.start)?;
        sync(file, self.options.durability)?;
        report.notes.append(&mut pairs.notes);
        Ok(regions)
    }
}

fn sync(file: &dyn UpdateAt, durability: Durability) -> Result<()> {
    if durability == Durability::Synced {
        file.sync()?;
    }
    Ok(())
}
