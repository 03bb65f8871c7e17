//! Memory that decoding uses again from page to page, of whatever types a chunk needs.

use std::any::Any;

/// Values that are taken, used and given back.
#[derive(Default)]
pub(in crate::filter) struct Pool(Vec<Box<dyn Any + Send>>);

impl Pool {
    /// A value of this type that was given back, or a new one.
    pub(super) fn take<S: Any + Send + Default>(&mut self) -> Box<S> {
        let place = self.0.iter().position(|kept| kept.is::<S>());
        let kept = place.map(|place| self.0.swap_remove(place));
        kept.and_then(|kept| kept.downcast().ok())
            .unwrap_or_default()
    }

    /// Keeps a value for the next one who takes it.
    pub(super) fn give<S: Any + Send>(&mut self, value: Box<S>) {
        self.0.push(value);
    }
}
