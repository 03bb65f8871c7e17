//! Reading a file that another program changes in place: what does not fit together then is no damage, and is read again.

use std::time::Duration;

use super::failure::Failure;
use crate::error::{Error, ErrorKind};

/// How often a file is read again. With the waits between, the last try comes two seconds after the first: an edit in place
/// takes the time of what it adds.
const MAX_TRIES: u32 = 20;
const WAIT: Duration = Duration::from_millis(100);

/// What may say that a file was changed while it was read.
pub(super) trait MayBeChange {
    /// Whether it says so.
    fn is_change(&self) -> bool;
}

impl MayBeChange for Error {
    fn is_change(&self) -> bool {
        self.kind() == ErrorKind::Changed
    }
}

impl MayBeChange for Failure {
    fn is_change(&self) -> bool {
        matches!(self, Self::Error(error) if error.is_change())
    }
}

/// Does what opens and reads a file, and does it again as long as the file was changed meanwhile.
pub(super) fn again<T, E: MayBeChange>(work: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    again_after(WAIT, work)
}

fn again_after<T, E: MayBeChange>(
    wait: Duration,
    mut work: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let mut n_tries = 1;
    loop {
        match work() {
            Err(error) if error.is_change() && n_tries < MAX_TRIES => {
                std::thread::sleep(wait);
                n_tries += 1;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries_of(fails: impl Fn(u32) -> Option<Error>) -> (u32, bool) {
        let mut n_tries = 0;
        let result = again_after(Duration::ZERO, || {
            n_tries += 1;
            fails(n_tries).map_or(Ok(()), Err)
        });
        (n_tries, result.is_ok())
    }

    #[test]
    fn what_changed_is_read_again_and_what_is_bad_is_not() {
        let changed = || Error::corrupt("x").unless_changed(|| true);
        assert_eq!(tries_of(|n| (n < 4).then(changed)), (4, true));
        assert_eq!(tries_of(|_| Some(changed())), (MAX_TRIES, false));
        assert_eq!(tries_of(|_| Some(Error::corrupt("x"))), (1, false));
    }
}
