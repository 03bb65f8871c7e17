//! An open file, whatever its format: its arrays by name or one after another, with readers that stay open.

use std::ops::{Deref, Range};
use std::sync::Arc;

use super::handle::ArrayHandle;
use super::opened::Opened;
use super::{ArrayChecks, Container, Entry, Met};
use crate::array::Array;
use crate::error::{Error, Result, ResultExt};

/// An open file of arrays. A clone is the same open file.
///
/// What a container says of itself ([`Container`]) a file says, too. Its arrays are [`ArrayHandle`]s, and the readers of
/// those that were read last stay open, up to 16 of them and 64 MiB.
///
/// ```
/// # use paginum::{Array, container::{File, npy, npz::NpzWriter}, storage::{Drivers, Durability}};
/// # use std::io::Write;
/// # let mut stage = Drivers::default().store("mem://weather.npz")?.stage()?;
/// # let mut writer = NpzWriter::new(&mut stage);
/// # for (name, numbers) in [("rain", &[0.0_f64, 2.5]), ("wind", &[3.0, 4.0])] {
/// #     let array = Array::from_numbers(numbers)?;
/// #     writer.begin_array(name, array.spec())?.write_all(array.bytes())?;
/// # }
/// # writer.finish()?;
/// # stage.commit(Durability::Synced)?;
/// let file = paginum::open("mem://weather.npz")?;
/// for array in file.arrays() {
///     println!("{}: {}", array.path(), array.spec()?);
/// }
/// let rain = file.array("rain")?;
/// assert_eq!(rain.read_numbers::<f64>()?, [0.0, 2.5]);
/// assert_eq!(rain.read_rows(1..2)?.numbers::<f64>()?, [2.5]);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct File {
    opened: Arc<Opened>,
}

impl File {
    /// A container as a file.
    #[must_use]
    pub fn of(container: Box<dyn Container>) -> Self {
        Self {
            opened: Arc::new(Opened::new(container)),
        }
    }

    /// The arrays in the file's order, [placeholders](Container::placeholders) not among them.
    pub fn arrays(&self) -> impl ExactSizeIterator<Item = ArrayHandle> + '_ {
        (0..self.n_arrays()).map(|index| self.array_at(index))
    }

    /// What the file says of its arrays, in their order. Nothing is decoded.
    ///
    /// # Errors
    /// Of each array those of [`Container::entry`]; those of the storage first.
    pub fn entries(&self) -> Result<impl ExactSizeIterator<Item = Result<Entry>> + '_> {
        self.prefetch_entries()?;
        Ok((0..self.n_arrays()).map(|index| self.entry(index)))
    }

    /// The array that a path, or a name that only one array has, leads to.
    ///
    /// # Errors
    /// Those of [`Container::find`].
    pub fn array(&self, name: &str) -> Result<ArrayHandle> {
        // It may lead to more than has numbers of its own: offsets that cells of one width imply.
        Ok(ArrayHandle::new(self.opened.clone(), self.find(name)?))
    }

    /// The array of a number.
    ///
    /// # Panics
    /// Where there is no such array.
    #[must_use]
    pub fn array_at(&self, index: usize) -> ArrayHandle {
        assert!(
            index < self.n_arrays().max(self.placeholders().end),
            "the file has no array {index}"
        );
        ArrayHandle::new(self.opened.clone(), index)
    }

    /// Reads a whole array.
    ///
    /// # Errors
    /// Those of [`Self::array`] and [`ArrayHandle::read`].
    pub fn read(&self, name: &str) -> Result<Array> {
        self.array(name)?.read()
    }

    /// Reads some rows of an array.
    ///
    /// # Errors
    /// Those of [`Self::array`] and [`ArrayHandle::read_rows`].
    pub fn read_rows(&self, name: &str, rows: Range<u64>) -> Result<Array> {
        self.array(name)?.read_rows(rows)
    }

    /// Checks every byte: the structure, and all arrays, [placeholders](Container::placeholders) among them. [`ArrayChecks`]
    /// goes on behind an array that is damaged, and [`faults`](Self::faults) lists all that is.
    ///
    /// # Errors
    /// `Corrupt`, `Truncated`, `Checksum` and the rest, at the first fault.
    pub fn verify(&self) -> Result<()> {
        self.verify_while(|| Ok(()))
    }

    /// The same, as long as `go_on`, which is asked before each array, does not end it.
    pub(crate) fn verify_while(&self, go_on: impl Fn() -> Result<()>) -> Result<()> {
        self.verify_structure()?;
        let mut checks = ArrayChecks::new(&**self);
        checks.indices().try_for_each(|index| {
            go_on()?;
            let checked = checks.check(index).map(|_| ());
            checked.in_array(self.path(index))
        })
    }

    /// All that is wrong with the file: what [`verify`](Self::verify) would end at, and what it would meet behind that, each
    /// thing once. Nothing where every byte is as it should be.
    ///
    /// ```
    /// # use paginum::{Array, container::npy, storage::Drivers};
    /// # let mut stage = Drivers::default().store("mem://faultless.npy")?.stage()?;
    /// # std::io::Write::write_all(&mut stage, &npy::to_bytes(&Array::from_numbers(&[1.5])?))?;
    /// # stage.commit(Default::default())?;
    /// let file = paginum::open("mem://faultless.npy")?;
    /// for fault in file.faults()? {
    ///     println!("{fault}");
    /// }
    /// # assert!(file.faults()?.is_empty());
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the storage, behind which nothing can be checked.
    pub fn faults(&self) -> Result<Vec<Error>> {
        self.faults_while(|| Ok(()))
    }

    /// The same, as long as `go_on`, which is asked before each array, does not end it.
    pub(crate) fn faults_while(&self, go_on: impl Fn() -> Result<()>) -> Result<Vec<Error>> {
        let (mut met, mut faults) = (Met::default(), Vec::new());
        for fault in self.structure_faults() {
            match fault.kind().is_of_storage() {
                true => return Err(fault),
                false if met.add(&fault) => faults.push(fault),
                false => {}
            }
        }
        let mut checks = ArrayChecks::new(&**self);
        for index in checks.indices() {
            go_on()?;
            match checks.check(index).in_array(self.path(index)) {
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(fault) if !met.has(&fault) => faults.push(fault),
                _ => {}
            }
        }
        Ok(faults)
    }

    /// Reads whole arrays, in parallel with the feature `parallel`.
    ///
    /// # Errors
    /// Those of [`Self::read`], of the first array that has one; `LimitExceeded` for too many bytes in all.
    pub fn read_many(&self, names: &[&str]) -> Result<Vec<Array>> {
        let arrays = names.iter().map(|name| self.array(name));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let mut total_bytes = 0_u64;
        for array in &arrays {
            total_bytes = total_bytes.saturating_add(array.entry()?.decoded_bytes);
        }
        self.limits().check_total_bytes(total_bytes)?;
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            arrays.par_iter().map(ArrayHandle::read).collect()
        }
        #[cfg(not(feature = "parallel"))]
        arrays.iter().map(ArrayHandle::read).collect()
    }
}

impl Deref for File {
    type Target = dyn Container;

    fn deref(&self) -> &(dyn Container + 'static) {
        &*self.opened.container
    }
}
