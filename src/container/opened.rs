//! A container with the readers of its arrays that were opened last, so that rows that are asked for one after another do
//! not cost opening their array again.

use std::sync::{Arc, Mutex, PoisonError};

use super::Container;
use crate::error::Result;
use crate::filter::ArrayReader;

/// At most so many readers are kept.
const MAX_READERS: usize = 16;
/// At most so many bytes are kept with them: some readers hold their whole array.
const MAX_BYTES: u64 = 64 << 20;

/// A container and its opened readers.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) container: Box<dyn Container>,
    /// The last that was asked for at the end.
    readers: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    index: usize,
    bytes: u64,
    reader: Arc<dyn ArrayReader>,
}

impl Opened {
    pub(super) fn new(container: Box<dyn Container>) -> Self {
        Self {
            container,
            readers: Mutex::default(),
        }
    }

    /// The reader of array `index`, opened now or before.
    ///
    /// # Errors
    /// Those of [`Container::open_array`].
    pub(super) fn reader(&self, index: usize) -> Result<Arc<dyn ArrayReader>> {
        if let Some(reader) = self.kept(index) {
            return Ok(reader);
        }
        // Without the lock: others read meanwhile.
        let reader: Arc<dyn ArrayReader> = self.container.open_array(index)?.into();
        let bytes = reader.held_bytes();
        if bytes <= MAX_BYTES {
            self.keep(Kept {
                index,
                bytes,
                reader: reader.clone(),
            });
        }
        Ok(reader)
    }

    fn kept(&self, index: usize) -> Option<Arc<dyn ArrayReader>> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let at = readers.iter().position(|kept| kept.index == index)?;
        let kept = readers.remove(at);
        let reader = kept.reader.clone();
        readers.push(kept);
        Some(reader)
    }

    fn keep(&self, kept: Kept) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|other| other.index != kept.index);
        readers.push(kept);
        let bytes = |readers: &[Kept]| readers.iter().map(|kept| kept.bytes).sum::<u64>();
        while readers.len() > MAX_READERS || bytes(&readers) > MAX_BYTES {
            readers.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::{Array, ArraySpec};
    use crate::container::npy;
    use crate::limits::Limits;

    fn opened(n: usize, n_bytes: u64) -> Opened {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [n_bytes]).unwrap();
        let array = Array::zeroed(spec, &Limits::default()).unwrap();
        let file = npy::to_bytes(&array).repeat(n);
        Opened::new(Box::new(
            npy::open(Arc::new(file), &Limits::default()).unwrap(),
        ))
    }

    #[test]
    fn a_reader_is_opened_once_as_long_as_there_is_room() {
        let opened = opened(MAX_READERS + 1, 1);
        let first = opened.reader(0).unwrap();
        (1..MAX_READERS).for_each(|index| drop(opened.reader(index).unwrap()));
        assert!(Arc::ptr_eq(&first, &opened.reader(0).unwrap()));
        // The second was used last before all others by now.
        let second = opened.reader(1).unwrap();
        (2..=MAX_READERS).for_each(|index| drop(opened.reader(index).unwrap()));
        assert!(Arc::ptr_eq(&second, &opened.reader(1).unwrap()));
        assert!(!Arc::ptr_eq(&first, &opened.reader(0).unwrap()));
        assert_eq!(opened.readers.lock().unwrap().len(), MAX_READERS);
    }

    #[test]
    fn a_reader_that_holds_much_is_not_kept() {
        let opened = opened(1, MAX_BYTES);
        let [first, second] = [0; 2].map(|index| opened.reader(index).unwrap());
        assert!(first.held_bytes() > MAX_BYTES && !Arc::ptr_eq(&first, &second));
    }
}
