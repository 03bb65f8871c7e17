//! Writing one array: a trial of filters on its first rows, then row by row, and the mask behind it.

use super::names::VALIDITY;
use super::pairs::{ArrayName, PairWriter, Written};
use super::seen::Seen;
use super::target::Target;
use crate::array::{AlignedBytes, ArraySpec};
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayEncoder, ArrayReader, Filter, FilterId, auto};
use crate::storage::PositionedWriter;
use crate::text::counted;
use crate::validity::Validity;
use std::fmt;

/// The first bytes of an array, on which a trial decides its filter.
const SAMPLE_BYTES: usize = 1 << 20;

impl PairWriter {
    /// Starts an array; `sink` stands where the last pair ends.
    ///
    /// # Errors
    /// `InvalidArgument` where the target cannot hold it, or for its filter.
    pub(crate) fn begin<'a>(
        &'a mut self,
        sink: PositionedWriter<'a>,
        name: ArrayName,
        spec: ArraySpec,
    ) -> Result<ArrayWriter<'a>> {
        if self.is_broken {
            return Err(Error::invalid(
                "an array before this one was begun and not finished",
            ));
        }
        let (path, bare_name) = (name.path.clone(), name.role.bare_name());
        self.options
            .target
            .check_array(&name.role, &spec)
            .in_array(&path)?;
        let resolved = self
            .options
            .resolve(&path, &bare_name, &spec)
            .in_array(&path)?;
        self.notes.extend(resolved.note);
        let start = sink.position();
        debug_assert_eq!(start, self.index.frames_end());
        let mut array = ArrayWriter {
            pairs: self,
            sink,
            name,
            spec,
            state: State::Sampling(Vec::new()),
            n_rows: 0,
            validity: None,
            seen: Seen::from_row(0),
            start,
        };
        if let Some(filter) = resolved.filter {
            array.start_encoding(&*filter).in_array(&path)?;
        }
        array.pairs.is_broken = true;
        Ok(array)
    }
}

/// Takes the rows of one array.
///
/// Rows are pushed in any portions until all that the shape promises are there; then [`Self::finish`] is to be called.
/// One that is dropped before makes the whole file unwritable: there is no array to list.
pub struct ArrayWriter<'a> {
    pairs: &'a mut PairWriter,
    sink: PositionedWriter<'a>,
    name: ArrayName,
    spec: ArraySpec,
    state: State,
    n_rows: u64,
    /// The rows with a value, once there was one that may have none.
    validity: Option<Validity>,
    /// Of ids and offsets alone.
    seen: Seen,
    start: u64,
}

impl fmt::Debug for ArrayWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("ArrayWriter");
        words.field("name", &self.name).field("spec", &self.spec);
        words.field("n_rows", &self.n_rows).finish_non_exhaustive()
    }
}

enum State {
    /// The first rows, until they are enough for a trial.
    Sampling(Vec<u8>),
    Encoding {
        encoder: Box<dyn ArrayEncoder>,
        header: (u64, u64),
        filter: FilterId,
    },
}

impl ArrayWriter<'_> {
    /// The type and shape that it was begun with.
    #[must_use]
    pub fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    /// Takes some rows, in C order.
    ///
    /// # Errors
    /// `InvalidArgument` for bytes that are no whole rows, or more rows than the shape promises; those of the store.
    pub fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        let n = self.count(rows)?;
        if let Some(validity) = &mut self.validity {
            validity.append(&Validity::repeat(true, n as usize));
        }
        self.look_at(rows);
        self.push(rows, None)
    }

    /// Takes some rows of which only those that `validity` marks have a value: the others read back as zeroes.
    ///
    /// # Errors
    /// Those of [`Self::push_rows`]; `InvalidArgument` below `native`, or where the mask is not one bit a row.
    pub fn push_rows_with_nulls(&mut self, rows: &[u8], validity: &Validity) -> Result<()> {
        if self.pairs.options.target != Target::Native {
            let what = format!(
                "nulls need --compat native, not {}",
                self.pairs.options.target
            );
            return Err(Error::invalid(what).in_array(&self.name.path));
        }
        let n = self.count(rows)?;
        if validity.len() as u64 != n {
            let what = format!("a mask of {} for {n}", counted(validity.len(), "row"));
            return Err(Error::invalid(what).in_array(&self.name.path));
        }
        let before = self.n_rows - n;
        let mask = self
            .validity
            .get_or_insert_with(|| Validity::repeat(true, before as usize));
        mask.append(validity);
        if self.name.role.is_topology() {
            // As readers will: rows without a value are zeroes.
            let mut stored = Vec::new();
            extend_with_zeroes(&mut stored, rows, validity);
            self.look_at(&stored);
        }
        self.push(rows, Some(validity))
    }

    /// Takes all rows of an array that is open for reading, a few at a time.
    ///
    /// # Errors
    /// Those of reading; those of [`Self::push_rows`].
    pub fn copy_from(
        &mut self,
        array: &dyn ArrayReader,
        validity: Option<&Validity>,
    ) -> Result<()> {
        /// Held at a time, whatever the size of the array.
        const PIECE_BYTES: u64 = 4 << 20;
        let (n_rows, row_bytes) = (array.spec().rows(), array.spec().row_bytes());
        if array.spec().bytes() == 0 {
            return Ok(());
        }
        let step = (PIECE_BYTES / row_bytes).clamp(1, n_rows);
        let mut piece = AlignedBytes::zeroed(step * row_bytes)?;
        let mut start = 0;
        while start < n_rows {
            let end = (start + step).min(n_rows);
            let rows = &mut piece[..((end - start) * row_bytes) as usize];
            array.read_rows_into(start..end, rows)?;
            match validity {
                Some(validity) => {
                    let mask = validity.slice(start as usize..end as usize);
                    self.push_rows_with_nulls(rows, &mask)?;
                }
                None => self.push_rows(rows)?,
            }
            start = end;
        }
        Ok(())
    }

    /// Counts rows, and refuses those that the shape does not promise.
    fn count(&mut self, rows: &[u8]) -> Result<u64> {
        let row_bytes = self.spec.row_bytes();
        let n = match row_bytes {
            0 => 0,
            _ => rows.len() as u64 / row_bytes,
        };
        let is_whole = rows.len() as u64 == n * row_bytes;
        if !is_whole || (row_bytes > 0 && n > self.spec.rows() - self.n_rows) {
            let what = format!(
                "{} behind row {} of an array {}",
                counted(rows.len(), "byte"),
                self.n_rows,
                self.spec
            );
            return Err(Error::invalid(what).in_array(&self.name.path));
        }
        self.pairs
            .options
            .target
            .check_rows(&self.spec, rows)
            .in_array(&self.name.path)?;
        self.n_rows += n;
        Ok(n)
    }

    /// Takes note of ids and offsets, which readers will check.
    fn look_at(&mut self, rows: &[u8]) {
        if self.name.role.is_topology() {
            self.seen.push(&self.spec, rows);
        }
    }

    fn push(&mut self, rows: &[u8], validity: Option<&Validity>) -> Result<()> {
        if let (State::Sampling(sample), None) = (&self.state, &self.validity)
            && sample.is_empty()
            && rows.len() >= SAMPLE_BYTES
        {
            // Enough at once: nothing needs to be gathered, however much it is.
            return self.try_filters(rows);
        }
        let sampled = match &mut self.state {
            // The trial sees zeroes under nulls, as the filter will.
            State::Sampling(sample) => {
                match validity {
                    Some(validity) => extend_with_zeroes(sample, rows, validity),
                    None => sample.extend_from_slice(rows),
                }
                (sample.len() >= SAMPLE_BYTES).then(|| std::mem::take(sample))
            }
            State::Encoding { encoder, .. } => {
                let pushed = match validity {
                    Some(validity) => encoder.push_rows_with_nulls(rows, validity, &mut self.sink),
                    None => encoder.push_rows(rows, &mut self.sink),
                };
                return pushed.in_array(&self.name.path);
            }
        };
        match sampled {
            Some(sample) => self.try_filters(&sample),
            None => Ok(()),
        }
    }

    /// Decides the filter by a trial on the rows so far, and passes them on.
    fn try_filters(&mut self, sample: &[u8]) -> Result<()> {
        let options = &self.pairs.options;
        let context = options.context(&self.name.frame);
        let target = options.target;
        let filter = auto::choose(
            &options.filters,
            &|id| target.knows(id),
            &self.spec,
            sample,
            options.goal,
            &context,
        )
        .in_array(&self.name.path)?;
        self.start_encoding(&*filter).in_array(&self.name.path)?;
        let State::Encoding { encoder, .. } = &mut self.state else {
            unreachable!("it was started");
        };
        let Some(validity) = &self.validity else {
            return encoder
                .push_rows(sample, &mut self.sink)
                .in_array(&self.name.path);
        };
        encoder
            .push_rows_with_nulls(sample, validity, &mut self.sink)
            .in_array(&self.name.path)
    }

    fn start_encoding(&mut self, filter: &dyn Filter) -> Result<()> {
        let context = self.pairs.options.context(&self.name.frame);
        let encoder = filter.encoder(&self.spec, &context)?;
        let header =
            self.pairs
                .write_header(&mut self.sink, &self.name.frame, &self.spec, filter.id())?;
        self.state = State::Encoding {
            encoder,
            header,
            filter: filter.id(),
        };
        Ok(())
    }

    /// Ends the array, and lists it.
    ///
    /// # Errors
    /// `InvalidArgument` where rows are missing; those of the store.
    pub fn finish(mut self) -> Result<()> {
        if self.spec.row_bytes() > 0 && self.n_rows != self.spec.rows() {
            let what = format!("{} of an array {}", counted(self.n_rows, "row"), self.spec);
            return Err(Error::invalid(what).in_array(&self.name.path));
        }
        if let State::Sampling(sample) = &mut self.state {
            let sample = std::mem::take(sample);
            self.try_filters(&sample)?;
        }
        let State::Encoding {
            encoder,
            header,
            filter,
        } = self.state
        else {
            unreachable!("the trial started the encoding");
        };
        encoder.finish(&mut self.sink).in_array(&self.name.path)?;
        let payload_bytes = self.sink.position() - self.start - header.0;
        self.pairs
            .push(&self.name.frame, header, (payload_bytes, self.spec.bytes()));
        self.pairs.largest = self.pairs.largest.max(self.spec.bytes());
        self.pairs.uses_version(match filter {
            FilterId::NONE => 0,
            FilterId::SHUFFLE => 1,
            _ => 2,
        });
        if let Some(validity) = &self.validity {
            let name = format!("{}{VALIDITY}", self.name.frame);
            self.pairs
                .write_bytes(&mut self.sink, &name, validity.as_bytes())?;
        }
        self.sink.finish()?;
        self.pairs.is_broken = false;
        self.pairs.written.push(Written {
            name: self.name,
            spec: self.spec,
            seen: self.seen,
        });
        Ok(())
    }
}

fn extend_with_zeroes(sample: &mut Vec<u8>, rows: &[u8], validity: &Validity) {
    let row_bytes = rows.len() / validity.len().max(1);
    let start = sample.len();
    sample.resize(start + rows.len(), 0);
    for run in validity.valid_runs(0..validity.len()) {
        let part = run.start * row_bytes..run.end * row_bytes;
        sample[start + part.start..start + part.end].copy_from_slice(&rows[part]);
    }
}
