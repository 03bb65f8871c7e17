//! An output that can be given up: for encoders that insist on an end when they are dropped.
//!
//! A zip archive that is dropped half written writes its directory nevertheless, and complains where it cannot. What was
//! given up, or has failed once, takes such last words and lets them go.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An output, until it is given up.
pub(super) struct Abandonable<W> {
    inner: W,
    is_given_up: Arc<AtomicBool>,
}

/// Gives the output up when it is dropped.
pub(super) struct Owner(Arc<AtomicBool>);

impl<W> Abandonable<W> {
    pub(super) fn new(inner: W) -> (Self, Owner) {
        let is_given_up = Arc::new(AtomicBool::new(false));
        let owner = Owner(is_given_up.clone());
        (Self { inner, is_given_up }, owner)
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }

    fn attempt<T>(
        &mut self,
        otherwise: T,
        work: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.is_given_up.load(Ordering::Relaxed) {
            return Ok(otherwise);
        }
        let result = work(&mut self.inner);
        let may_be_tried_again = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        if result
            .as_ref()
            .is_err_and(|error| !may_be_tried_again(error))
        {
            self.is_given_up.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<W: Write> Write for Abandonable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Write::flush)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
