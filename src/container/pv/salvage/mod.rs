//! Saving the arrays that are whole from a file that cannot be repaired.
//!
//! Where the file still opens, it is written anew without the arrays that are damaged. Where it does not, because its end is
//! lost or a document is damaged, arrays are found by their headers ([`scan`]) and written to a file of their own
//! ([`rebuild`]): as the dataset that they were, if what makes it is whole, and as plain arrays otherwise.

#[cfg(feature = "cli")]
mod faults;
mod named;
mod rebuild;
mod scan;

use std::collections::HashSet;
use std::sync::Arc;

#[cfg(feature = "cli")]
pub(crate) use faults::scanned_faults;
use rebuild::Remains;

use super::edit::Edit;
use super::edit_options::{EditOptions, Report};
use super::names::Role;
use super::reader::Reader;
use super::repair;
use crate::container::{Container, OpenOptions};
use crate::error::{Error, Result};
use crate::storage::{ReadAt, Store};

/// What is whole in a file, and what is not.
#[derive(Debug)]
pub struct Salvage {
    options: EditOptions,
    remains: Kind,
    saved: Vec<String>,
    lost: Vec<(String, String)>,
    may_miss_more: bool,
}

#[derive(Debug)]
enum Kind {
    /// The file opens; these of its arrays are damaged.
    File(Box<Reader>, Vec<String>),
    /// Arrays that a scan found.
    Arrays(Remains),
}

impl Salvage {
    /// Looks for arrays that are whole. Each is read and checked.
    ///
    /// # Errors
    /// `Corrupt` where there is none; `LimitExceeded`; `Io`.
    pub fn find(source: Arc<dyn ReadAt>, options: &EditOptions) -> Result<Self> {
        let open_options = OpenOptions::default()
            .with_limits(options.limits)
            .with_filters(options.write.filters.clone());
        let len = source.len();
        let mut is_earlier = false;
        let found = match Reader::open(source.clone(), &open_options) {
            Ok(reader) if reader.end() == len => Self::of_file(reader, options)?,
            // An earlier version is not all that there is.
            Ok(_) => {
                is_earlier = true;
                None
            }
            Err(error) if error.kind().is_of_storage() => return Err(error),
            _ => None,
        };
        let found = match found {
            Some(found) => found,
            None => {
                let (remains, lost) = Remains::find(&source, options)?;
                Self {
                    options: options.clone(),
                    saved: remains.paths(),
                    lost,
                    may_miss_more: is_earlier || !remains.is_listed(),
                    remains: Kind::Arrays(remains),
                }
            }
        };
        match found.saved.is_empty() {
            true => Err(Error::corrupt("no array of the file is whole")),
            false => Ok(found),
        }
    }

    /// A file that opens, if all that makes its datasets is whole.
    fn of_file(reader: Reader, options: &EditOptions) -> Result<Option<Self>> {
        let (mut saved, mut lost, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for index in 0..reader.n_arrays() {
            let path = reader.path(index).to_owned();
            match repair::check_array(&reader, index) {
                Ok(()) => saved.push(path),
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(error) => {
                    if !matches!(reader.role(index), Role::Data(..) | Role::Unreferenced(_)) {
                        return Ok(None);
                    }
                    // One of a block that stands in several places is removed once.
                    if seen.insert(reader.pair(index)) {
                        damaged.push(path.clone());
                    }
                    lost.push((path, error.to_string()));
                }
            }
        }
        let missing = reader.tree().missing.iter();
        lost.extend(missing.map(|name| (name.clone(), "not in the file".to_owned())));
        Ok(Some(Self {
            options: options.clone(),
            remains: Kind::File(Box::new(reader), damaged),
            saved,
            lost,
            may_miss_more: false,
        }))
    }

    /// The paths of the arrays that are whole.
    #[must_use]
    pub fn saved(&self) -> &[String] {
        &self.saved
    }

    /// What is known to be lost: paths or names, each with a reason.
    #[must_use]
    pub fn lost(&self) -> &[(String, String)] {
        &self.lost
    }

    /// Whether there may have been arrays of which nothing is left, not even a name: what listed them is lost.
    #[must_use]
    pub fn may_miss_more(&self) -> bool {
        self.may_miss_more
    }

    /// Writes what is whole to a file of its own.
    ///
    /// # Errors
    /// Those of reading and of the store. What the store held stays.
    pub fn write(&self, store: &dyn Store) -> Result<Report> {
        match &self.remains {
            Kind::File(reader, damaged) => {
                let mut edit = Edit::new();
                damaged.iter().for_each(|path| edit.remove(path.clone()));
                edit.write_copy(reader, store, &self.options)
            }
            Kind::Arrays(remains) => remains.write(store, &self.options),
        }
    }
}
