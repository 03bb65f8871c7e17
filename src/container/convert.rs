//! Arrays from one file into another, whatever the formats.

use super::File;
use super::handle::ArrayHandle;
use super::writer::{ContainerWriter, NewArray};
use crate::error::{Result, ResultExt};
use std::fmt;

/// What is converted, and who is told of it.
#[derive(Default)]
#[non_exhaustive]
pub struct ConvertOptions<'a> {
    /// Which arrays, and what they are to be called; without, all under the names that they have.
    pub arrays: Option<Vec<(ArrayHandle, String)>>,
    /// Is told how many bytes were done, again and again.
    pub progress: Option<&'a dyn Fn(u64)>,
}

impl fmt::Debug for ConvertOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("ConvertOptions");
        words.field("arrays", &self.arrays).finish_non_exhaustive()
    }
}

impl<'a> ConvertOptions<'a> {
    /// Sets which arrays are converted, and what they are to be called.
    #[must_use]
    pub fn with_arrays(mut self, arrays: Vec<(ArrayHandle, String)>) -> Self {
        self.arrays = Some(arrays);
        self
    }

    /// Sets who is told how many bytes were done, again and again.
    #[must_use]
    pub fn with_progress(mut self, progress: &'a dyn Fn(u64)) -> Self {
        self.progress = Some(progress);
        self
    }
}

/// What was converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converted {
    /// So many arrays.
    pub n_arrays: usize,
    /// So many bytes of elements.
    pub n_bytes: u64,
}

/// Writes the arrays of a file to another one, which is then to be committed. A few rows are held at a time. What is more
/// than arrays (the meshes and documents of a `.pv`) stays behind.
///
/// ```
/// use paginum::container::{ConvertOptions, Formats, NewArray, convert};
/// use paginum::storage::Drivers;
/// use paginum::{Array, ArraySpec};
/// let (formats, drivers) = (Formats::default(), Drivers::default());
/// let numbers = Array::from_numbers(&[1.5_f64, 2.5])?;
/// let mut writer = formats.create(&*drivers.store("mem://two.npy")?)?;
/// let mut sink = writer.begin(NewArray::new("two", numbers.spec()))?;
/// sink.push_rows(numbers.bytes())?;
/// sink.finish()?;
/// writer.commit()?;
///
/// let mut writer = formats.create(&*drivers.store("mem://two.pco")?)?;
/// let two = paginum::open("mem://two.npy")?;
/// convert(&two, &mut *writer, &ConvertOptions::default())?;
/// writer.commit()?;
/// assert_eq!(paginum::open("mem://two.pco")?.array_at(0).read()?, numbers);
/// # Ok::<(), paginum::Error>(())
/// ```
///
/// # Errors
/// `InvalidArgument` and `Unsupported` for what the other format cannot hold; those of reading and of writing.
pub fn convert(
    from: &File,
    to: &mut dyn ContainerWriter,
    options: &ConvertOptions<'_>,
) -> Result<Converted> {
    let all = || {
        let bare = |array: ArrayHandle| {
            let name = from.format().bare(array.path()).to_owned();
            (array, name)
        };
        from.arrays().map(bare).collect()
    };
    let arrays = options.arrays.clone().unwrap_or_else(all);
    let mut converted = Converted::default();
    for (array, name) in &arrays {
        converted.n_bytes += write_array(array, name, to, &|n| {
            options.progress.iter().for_each(|progress| progress(n));
        })?;
        converted.n_arrays += 1;
    }
    Ok(converted)
}

/// Writes one array under a name, tells `progress` how many bytes were done, and returns how many these were.
///
/// # Errors
/// Those of [`convert`].
pub fn write_array(
    array: &ArrayHandle,
    name: &str,
    to: &mut dyn ContainerWriter,
    progress: &dyn Fn(u64),
) -> Result<u64> {
    let (entry, reader) = (array.entry()?, array.reader()?);
    let new = NewArray::new(name, reader.spec())
        .with_record(entry.record.as_ref())
        .with_own_name(array.has_name());
    let mut sink = to.begin(new).in_array(name)?;
    array.push_to(&mut *sink, progress)?;
    sink.finish()?;
    Ok(reader.spec().bytes())
}
