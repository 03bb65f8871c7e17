//! Elements as they lie in a store, in either order: what is selected is read, and nearly nothing else.
//!
//! What is wanted of each axis is turned into runs of bytes, in the order in which they lie. In Fortran order the runs come
//! together with the first axis fastest, and are put into C order in memory: what is held twice is the result.

use std::ops::Range;
use std::sync::Arc;

use crate::array::{Array, ArraySpec, Cut, Cuts, Order, Selection, in_c_order};
use crate::error::Result;
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::{Part, ReadAt};

/// Runs that stand so close to each other are read with what lies between them, in every store: a part costs more than that.
const NEAR_BYTES: u64 = 64;
/// Such runs are read in pieces of so many bytes.
const PIECE_BYTES: u64 = 1 << 20;
/// So many runs are asked for at once.
const MAX_PARTS: usize = 4096;
/// More ranges than these are said as one.
const MAX_RANGES: u64 = 1024;

/// An array that is not encoded at all, in the order of its spec.
#[derive(Clone, Debug)]
pub(super) struct Strided {
    store: Arc<dyn ReadAt>,
    spec: ArraySpec,
    offset: u64,
}

impl Strided {
    /// The array whose elements lie in `store` from `offset` on. The caller saw that the store is long enough.
    pub(super) fn new(store: Arc<dyn ReadAt>, spec: ArraySpec, offset: u64) -> Self {
        Self {
            store,
            spec,
            offset,
        }
    }

    fn is_fortran(&self) -> bool {
        self.spec.order() == Order::F && self.spec.shape().len() > 1
    }

    /// What is wanted, in C order.
    fn read_axes(&self, axes: &[Cut], out: &mut [u8]) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        if !self.is_fortran() {
            return self.gather(axes.iter().copied(), out);
        }
        let shape: Vec<u64> = axes.iter().map(|cut| cut.n).collect();
        let mut columns = Array::zeroed(ArraySpec::new(self.spec.dtype(), shape)?, &unlimited())?;
        self.gather(axes.iter().rev().copied(), columns.bytes_mut())?;
        out.copy_from_slice(&in_c_order(columns.bytes(), columns.spec())?);
        Ok(())
    }

    /// What is wanted, as it lies; the axis that varies slowest first.
    fn gather(&self, axes: impl DoubleEndedIterator<Item = Cut>, out: &mut [u8]) -> Result<()> {
        let item_bytes = self.spec.dtype().item_bytes();
        let (mut offset, mut run_bytes, mut stride) = (self.offset, item_bytes, item_bytes);
        let mut levels = Vec::new();
        for cut in axes.rev() {
            offset += cut.start * stride;
            if run_bytes == stride && (cut.step == 1 || cut.n == 1) {
                // All that lies further in is one run, and so it is with this axis.
                run_bytes *= cut.n;
            } else if cut.n > 1 {
                levels.push((cut.n, cut.step * stride));
            }
            stride *= cut.length;
        }
        levels.reverse();
        let mut runs = Runs {
            store: &*self.store,
            near_bytes: self.near_bytes(),
            run_bytes,
            rest: out,
            parts: Vec::new(),
            piece: Vec::new(),
        };
        runs.level(offset, &levels)?;
        runs.flush()
    }

    /// How far apart runs may be that are read together. Distant stores merge parts themselves, and fetch several at once.
    fn near_bytes(&self) -> u64 {
        let access = self.store.access();
        match access.is_distant() {
            true => NEAR_BYTES,
            false => NEAR_BYTES.max(access.merge_gap),
        }
    }

    fn axes_of_rows(&self, rows: &Range<u64>) -> Vec<Cut> {
        let mut axes: Vec<Cut> = self.spec.shape().iter().map(|&n| whole(n)).collect();
        if let Some(first) = axes.first_mut() {
            first.start = rows.start;
            first.n = rows.end - rows.start;
        }
        axes
    }
}

fn whole(length: u64) -> Cut {
    Cut {
        start: 0,
        step: 1,
        n: length,
        length,
    }
}

/// For what is as large as a buffer that the caller has.
fn unlimited() -> Limits {
    Limits::default().with_max_bytes(u64::MAX)
}

/// Reads runs of bytes one behind the other.
struct Runs<'a> {
    store: &'a dyn ReadAt,
    /// Runs that are no farther apart are read together.
    near_bytes: u64,
    run_bytes: u64,
    /// Where the next runs go.
    rest: &'a mut [u8],
    parts: Vec<Part<'a>>,
    piece: Vec<u8>,
}

impl<'a> Runs<'a> {
    fn level(&mut self, offset: u64, levels: &[(u64, u64)]) -> Result<()> {
        match levels {
            [] => self.run(offset),
            [(n, stride)] if stride - self.run_bytes <= self.near_bytes => {
                self.near(offset, *n, *stride)
            }
            [(n, stride), inner @ ..] => {
                (0..*n).try_for_each(|i| self.level(offset + i * stride, inner))
            }
        }
    }

    fn take(&mut self, n: u64) -> &'a mut [u8] {
        self.rest
            .split_off_mut(..n as usize)
            .expect("the result has room for all that is wanted")
    }

    fn run(&mut self, offset: u64) -> Result<()> {
        let out = self.take(self.run_bytes);
        self.parts.push(Part::new(offset, out));
        match self.parts.len() {
            MAX_PARTS => self.flush(),
            _ => Ok(()),
        }
    }

    /// Runs with little between them.
    fn near(&mut self, offset: u64, n: u64, stride: u64) -> Result<()> {
        let most = (PIECE_BYTES / stride).max(1);
        let run_bytes = self.run_bytes as usize;
        let mut done = 0;
        while done < n {
            let some = most.min(n - done);
            let n_bytes = (some - 1) * stride + self.run_bytes;
            self.piece.resize(n_bytes as usize, 0);
            self.store
                .read_exact_at(&mut self.piece, offset + done * stride)?;
            let out = self.take(some * self.run_bytes);
            let runs = self.piece.chunks(stride as usize);
            for (out, run) in out.chunks_exact_mut(run_bytes).zip(runs) {
                out.copy_from_slice(&run[..run_bytes]);
            }
            done += some;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.parts.is_empty() {
            self.store.read_many(&mut self.parts)?;
            self.parts.clear();
        }
        Ok(())
    }
}

impl ArrayReader for Strided {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        if self.spec.check_rows(&rows).is_err() || self.spec.bytes() == 0 || rows.is_empty() {
            return Vec::new();
        }
        if !self.is_fortran() {
            let offset = |row| self.offset + row * self.spec.row_bytes();
            let elements = offset(rows.start)..offset(rows.end);
            return vec![elements];
        }
        let item_bytes = self.spec.dtype().item_bytes();
        let column_bytes = self.spec.rows() * item_bytes;
        let column = |i: u64| {
            let start = self.offset + i * column_bytes;
            start + rows.start * item_bytes..start + rows.end * item_bytes
        };
        let n = self.spec.row_elements();
        let is_whole = rows == (0..self.spec.rows());
        match is_whole || n > MAX_RANGES {
            true => {
                let all = column(0).start..column(n - 1).end;
                vec![all]
            }
            false => (0..n).map(column).collect(),
        }
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if !self.spec.shape().is_empty() {
            self.spec
                .with_rows(rows.end - rows.start)?
                .check_bytes(out.len())?;
        } else {
            // Of a scalar there is one row, or none of it.
            let n_bytes = (rows.end - rows.start) * self.spec.bytes();
            if out.len() as u64 != n_bytes {
                return self.spec.check_bytes(out.len());
            }
        }
        self.read_axes(&self.axes_of_rows(&rows), out)
    }

    fn select(&self, selection: &Selection, limits: &Limits) -> Result<Array> {
        let cuts = selection.of(&self.spec)?;
        let mut values = Array::zeroed(cuts.spec.clone(), limits)?;
        self.read_axes(&cuts.axes, values.bytes_mut())?;
        Ok(values)
    }

    fn select_into(&self, selection: &Selection, out: &mut [u8]) -> Result<()> {
        let Cuts { axes, spec, .. } = selection.of(&self.spec)?;
        spec.check_bytes(out.len())?;
        self.read_axes(&axes, out)
    }
}
