//! Which faults of a file were met already: its structure and one of its arrays may meet the same.

use std::collections::HashSet;

use crate::error::{Error, ErrorKind};

/// The faults that a structure has, and what of arrays they are about.
#[derive(Debug, Default)]
pub(crate) struct Met {
    words: HashSet<(ErrorKind, String, Option<u64>)>,
    /// An array, and a byte of the file.
    places: HashSet<(String, u64)>,
}

impl Met {
    /// Takes note of a fault of the structure, and says whether it is another one than those before it.
    pub(crate) fn add(&mut self, fault: &Error) -> bool {
        let is_new = !self.has(fault);
        self.words.insert(words(fault));
        self.places.extend(place(fault));
        is_new
    }

    /// Whether it is one of these: in the same words, or of the same byte of an array in others. What stands there is read
    /// by the structure and by the array, which look for different things in it.
    pub(crate) fn has(&self, fault: &Error) -> bool {
        self.words.contains(&words(fault))
            || place(fault).is_some_and(|place| self.places.contains(&place))
    }
}

fn words(fault: &Error) -> (ErrorKind, String, Option<u64>) {
    let offset = fault.place().and_then(|place| place.offset);
    (fault.kind(), fault.message(), offset)
}

fn place(fault: &Error) -> Option<(String, u64)> {
    let place = fault.place()?;
    Some((place.array.clone()?, place.offset?))
}
