//! Checking the arrays of a file one after another.

use super::Container;
use crate::error::Result;

/// Checks arrays of a file, in the order of their numbers: what each is read from is fetched for many at once, as many as a
/// distant store keeps, so that a file on a server is checked in few requests.
///
/// ```
/// # use paginum::{Array, container::npy, storage::Drivers};
/// # let mut stage = Drivers::default().store("mem://checked.npy")?.stage()?;
/// # std::io::Write::write_all(&mut stage, &npy::to_bytes(&Array::from_numbers(&[1.5])?))?;
/// # stage.commit(Default::default())?;
/// use paginum::container::ArrayChecks;
/// let file = paginum::open("mem://checked.npy")?;
/// file.verify_structure()?;
/// let mut checks = ArrayChecks::new(&*file);
/// for index in checks.indices() {
///     match checks.check(index) {
///         Ok(has_checksums) => println!("{}: ok ({has_checksums})", file.path(index)),
///         Err(error) => println!("{}: {error}", file.path(index)),
///     }
/// }
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug)]
pub struct ArrayChecks<'c> {
    container: &'c dyn Container,
    /// What arrays before this one are read from was fetched.
    n_fetched: usize,
}

impl<'c> ArrayChecks<'c> {
    /// Checks of the arrays of a container.
    #[must_use]
    pub fn new(container: &'c dyn Container) -> Self {
        Self {
            container,
            n_fetched: 0,
        }
    }

    /// The numbers of all arrays, [placeholders](Container::placeholders) among them.
    #[must_use]
    pub fn indices(&self) -> std::ops::Range<usize> {
        let container = self.container;
        0..container.n_arrays().max(container.placeholders().end)
    }

    /// Checks everything that is stored of an array, and returns whether checksums vouch for it.
    ///
    /// # Errors
    /// Those of [`Container::open_array`] and [`ArrayReader::verify`](crate::filter::ArrayReader::verify). Others can be
    /// checked after it.
    ///
    /// # Panics
    /// Where there is no such array.
    pub fn check(&mut self, index: usize) -> Result<bool> {
        if index >= self.n_fetched {
            let arrays = index..self.indices().end;
            self.n_fetched = self.container.prefetch_arrays(arrays)?;
        }
        let reader = self.container.open_array(index)?;
        reader.verify()?;
        reader.has_checksums()
    }
}
