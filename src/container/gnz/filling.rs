//! Room that a file has for its arrays, filled from several sides.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::array::ArraySpec;
use crate::container::writer::WriteReport;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Durability, PositionedStage, WriteAt};
use crate::text::counted;

/// Where an array that is filled lies.
#[derive(Debug)]
pub(super) struct Room {
    spec: ArraySpec,
    offset: u64,
    /// Rows that somebody fills now.
    taken: Mutex<Vec<Range<u64>>>,
}

impl Room {
    pub(super) fn new(spec: &ArraySpec, offset: u64) -> Self {
        Self {
            spec: spec.clone(),
            offset,
            taken: Mutex::default(),
        }
    }
}

/// A file whose reserved arrays are filled, by any number of threads. Dropped before it is finalised, it was never there.
#[derive(Debug)]
pub struct Filling {
    pub(super) stage: PositionedStage,
    pub(super) rooms: HashMap<String, Room>,
    pub(super) n_bytes: u64,
    /// What messages call the file.
    pub(super) name: String,
}

impl Filling {
    /// An array that was reserved, to be filled.
    ///
    /// # Errors
    /// `InvalidArgument` where none of this name was.
    pub fn get_array_writable(&self, name: &str) -> Result<WritableArray<'_>> {
        WritableArray::of(&self.rooms, name, &self.stage).in_file(&self.name)
    }

    /// Ends the file, and lets it take the place of what was there. Rows that nobody filled are zeroes.
    ///
    /// # Errors
    /// Those of the store. The old file stays.
    pub fn finalize(self) -> Result<WriteReport> {
        self.stage.commit(Durability::Synced).in_file(&self.name)?;
        Ok(WriteReport::new(self.n_bytes))
    }
}

/// A reserved array, any rows of which can be filled in any order.
#[derive(Clone, Copy, Debug)]
pub struct WritableArray<'a> {
    out: &'a dyn WriteAt,
    room: &'a Room,
}

impl<'a> WritableArray<'a> {
    /// One of the rooms of a file.
    pub(super) fn of(
        rooms: &'a HashMap<String, Room>,
        name: &str,
        out: &'a dyn WriteAt,
    ) -> Result<Self> {
        let room = rooms.get(name);
        let room = room.ok_or_else(|| Error::invalid(format!("no array {name:?} was reserved")))?;
        Ok(Self { out, room })
    }

    /// Its type and shape.
    #[must_use]
    pub fn spec(&self) -> &'a ArraySpec {
        &self.room.spec
    }

    /// Takes some rows to fill them. As long as they are held, nobody else gets one of them.
    ///
    /// # Errors
    /// `InvalidArgument` for rows that are not there, and for such as somebody has.
    pub fn rows(&self, rows: Range<u64>) -> Result<WritableRows<'a>> {
        self.room.spec.check_rows(&rows)?;
        let mut taken = self.room.taken();
        let meets = |other: &&Range<u64>| other.start < rows.end && rows.start < other.end;
        if let Some(other) = taken.iter().find(meets) {
            let what = format!("rows {rows:?}, of which {other:?} are being filled");
            return Err(Error::invalid(what));
        }
        taken.push(rows.clone());
        Ok(WritableRows {
            array: *self,
            next: rows.start,
            rows,
        })
    }
}

impl Room {
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Vec<Range<u64>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rows of a reserved array that one thread fills, from the first on.
#[derive(Debug)]
pub struct WritableRows<'a> {
    array: WritableArray<'a>,
    rows: Range<u64>,
    next: u64,
}

impl WritableRows<'_> {
    /// Fills the next rows: any number of whole ones, in C order.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no whole rows, or more than were taken; those of the store.
    pub fn write(&mut self, rows: &[u8]) -> Result<()> {
        let Room { spec, offset, .. } = self.array.room;
        let n_left = (self.rows.end - self.next) * spec.row_bytes();
        if rows.is_empty() {
            return Ok(());
        }
        if rows.len() as u64 > n_left || !(rows.len() as u64).is_multiple_of(spec.row_bytes()) {
            let what = format!("{} for rows of {n_left}", counted(rows.len(), "byte"));
            return Err(Error::invalid(what));
        }
        let at = offset + self.next * spec.row_bytes();
        self.array.out.write_all_at(rows, at)?;
        self.next += rows.len() as u64 / spec.row_bytes();
        Ok(())
    }
}

impl Drop for WritableRows<'_> {
    fn drop(&mut self) {
        let mut taken = self.array.room.taken();
        if let Some(at) = taken.iter().position(|other| *other == self.rows) {
            taken.swap_remove(at);
        }
    }
}
