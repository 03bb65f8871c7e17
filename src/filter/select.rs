//! Reading a selection: the rows that it needs, a window at a time, and of these what it wants.
//!
//! A page is decoded whole rows at a time, so that inner axes are cut while rows are copied from a window to the result.
//! Nothing but the result and one window is held; a window is as large as a row where that is larger than its bound.

use super::ArrayReader;
use crate::array::{AlignedBytes, Array, Cut, Cuts, Selection};
use crate::error::Result;
use crate::limits::Limits;

/// Rows are decoded in windows of at most so many bytes, unless one row is larger.
const WINDOW_BYTES: u64 = 4 << 20;
/// Rows that stand so close to each other are read with what lies between them: a page is larger, mostly.
const NEAR_BYTES: u64 = 16 << 10;

/// Reads a selection.
///
/// # Errors
/// Those of [`Selection::spec`], of `limits`, and of the reader.
pub(super) fn read<R>(reader: &R, selection: &Selection, limits: &Limits) -> Result<Array>
where
    R: ArrayReader + ?Sized,
{
    let cuts = selection.of(reader.spec())?;
    let mut values = Array::zeroed(cuts.spec.clone(), limits)?;
    read_cuts(reader, &cuts, values.bytes_mut())?;
    Ok(values)
}

/// Reads a selection into a buffer of exactly its size.
///
/// # Errors
/// Those of [`read`]; `InvalidArgument` for a buffer of another size.
pub(crate) fn read_into<R>(reader: &R, selection: &Selection, out: &mut [u8]) -> Result<()>
where
    R: ArrayReader + ?Sized,
{
    let cuts = selection.of(reader.spec())?;
    cuts.spec.check_bytes(out.len())?;
    read_cuts(reader, &cuts, out)
}

pub(super) fn read_cuts<R>(reader: &R, cuts: &Cuts, mut out: &mut [u8]) -> Result<()>
where
    R: ArrayReader + ?Sized,
{
    if out.is_empty() {
        return Ok(());
    }
    let Some((rows, inner)) = cuts.axes.split_first() else {
        return reader.read_rows_into(0..1, out);
    };
    let is_whole = inner.iter().all(|cut| cut.is_all());
    if is_whole && (rows.step == 1 || rows.n == 1) {
        return reader.read_rows_into(rows.span(), out);
    }
    let row_bytes = reader.spec().row_bytes();
    let runs = Runs::new(*rows, inner, reader.spec().dtype().item_bytes());
    let max_rows = (WINDOW_BYTES / row_bytes).max(1);
    let mut window = AlignedBytes::zeroed(0)?;
    let mut n_done = 0;
    while n_done < rows.n {
        let n = window_n(reader, *rows, n_done, max_rows);
        let start = rows.start + n_done * rows.step;
        let end = start + (n - 1) * rows.step + 1;
        let n_bytes = (end - start) * row_bytes;
        if n_bytes > window.len() as u64 {
            window = AlignedBytes::zeroed(n_bytes)?;
        }
        let window = &mut window[..n_bytes as usize];
        reader.read_rows_into(start..end, window)?;
        runs.copy(window, n as usize, &mut out);
        n_done += n;
    }
    Ok(())
}

/// How many of the rows that are wanted the next window holds, behind the first `n_done`.
fn window_n<R>(reader: &R, rows: Cut, n_done: u64, max_rows: u64) -> u64
where
    R: ArrayReader + ?Sized,
{
    let n_left = rows.n - n_done;
    let n_most = ((max_rows - 1) / rows.step + 1).min(n_left);
    let gap_bytes = (rows.step - 1).saturating_mul(reader.spec().row_bytes());
    if gap_bytes <= NEAR_BYTES {
        return n_most;
    }
    let row = |k: u64| rows.start + (n_done + k) * rows.step;
    let mut n = 1;
    while n < n_most && is_decoded_anyway(reader, row(n - 1), row(n)) {
        n += 1;
    }
    n
}

/// Whether the rows behind `row` up to `next`, which is among them, need no bytes that `row` does not need.
pub(crate) fn is_decoded_anyway<R>(reader: &R, row: u64, next: u64) -> bool
where
    R: ArrayReader + ?Sized,
{
    let before = reader.ranges(row..row + 1);
    let with_gap = reader.ranges(row..next + 1);
    with_gap.iter().all(|range| before.contains(range))
}

/// Where in a row what is wanted lies: runs of bytes, at equal distances on each level.
#[derive(Debug)]
struct Runs {
    /// Of the first run.
    offset: usize,
    /// Bytes of a run.
    len: usize,
    /// From outside in, that of the rows first: how many, and bytes from one to the next.
    levels: Vec<(usize, usize)>,
}

impl Runs {
    /// Of rows that fit memory: so do all distances within them.
    fn new(rows: Cut, inner: &[Cut], item_bytes: u64) -> Self {
        let (mut offset, mut len, mut stride) = (0, item_bytes, item_bytes);
        let mut levels = Vec::new();
        for cut in inner.iter().rev() {
            offset += cut.start * stride;
            if len == stride && (cut.step == 1 || cut.n == 1) {
                // All that lies further in is one run, and so it is with this axis.
                len *= cut.n;
            } else if cut.n > 1 {
                levels.push((cut.n as usize, (cut.step * stride) as usize));
            }
            stride *= cut.length;
        }
        levels.push((rows.n as usize, (rows.step * stride) as usize));
        levels.reverse();
        Self {
            offset: offset as usize,
            len: len as usize,
            levels,
        }
    }

    /// Copies what is wanted of `n_rows` rows, the first of which is the first of `window`, to the start of `out`.
    fn copy(&self, window: &[u8], n_rows: usize, out: &mut &mut [u8]) {
        let [(_, row_stride), inner @ ..] = self.levels.as_slice() else {
            unreachable!("the rows are a level");
        };
        for row in 0..n_rows {
            self.copy_level(&window[row * row_stride + self.offset..], inner, out);
        }
    }

    fn copy_level(&self, source: &[u8], levels: &[(usize, usize)], out: &mut &mut [u8]) {
        match levels {
            [] => take(out, self.len).copy_from_slice(&source[..self.len]),
            [(n, stride)] => {
                let out = take(out, n * self.len);
                match self.len {
                    // Numbers: a length that the compiler knows is one move.
                    1 => copy_items::<1>(source, *stride, out),
                    2 => copy_items::<2>(source, *stride, out),
                    4 => copy_items::<4>(source, *stride, out),
                    8 => copy_items::<8>(source, *stride, out),
                    len => {
                        let runs = out.chunks_exact_mut(len).zip(source.chunks(*stride));
                        runs.for_each(|(out, source)| out.copy_from_slice(&source[..len]));
                    }
                }
            }
            [(n, stride), inner @ ..] => {
                for i in 0..*n {
                    self.copy_level(&source[i * stride..], inner, out);
                }
            }
        }
    }
}

fn copy_items<const LEN: usize>(source: &[u8], stride: usize, out: &mut [u8]) {
    let items = out.as_chunks_mut::<LEN>().0.iter_mut();
    for (item, source) in items.zip(source.chunks(stride)) {
        item.copy_from_slice(&source[..LEN]);
    }
}

/// The next bytes of `out`.
fn take<'a>(out: &mut &'a mut [u8], n: usize) -> &'a mut [u8] {
    out.split_off_mut(..n)
        .expect("the result has room for all that is wanted")
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;
    use crate::array::{ArraySpec, AxisRange, Step};
    use crate::filter::Part;

    /// An array in memory that remembers which rows were asked for.
    #[derive(Debug)]
    struct Remembering {
        array: Array,
        asked: Mutex<Vec<Range<u64>>>,
    }

    impl Remembering {
        fn new(spec: ArraySpec) -> Self {
            let bytes: Vec<u8> = (0..spec.bytes()).map(|i| (i * 7 + i / 251) as u8).collect();
            Self {
                array: Array::from_bytes(spec, &bytes).unwrap(),
                asked: Mutex::default(),
            }
        }
    }

    impl ArrayReader for Remembering {
        fn spec(&self) -> &ArraySpec {
            self.array.spec()
        }

        fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
            // Pages of four rows.
            (rows.start / 4..rows.end.div_ceil(4))
                .map(|page| page..page + 1)
                .collect()
        }

        fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
            self.spec().check_rows(&rows)?;
            let row_bytes = self.spec().row_bytes();
            let bytes = (rows.start * row_bytes) as usize..(rows.end * row_bytes) as usize;
            out.copy_from_slice(&self.array.bytes()[bytes]);
            self.asked.lock().unwrap().push(rows);
            Ok(())
        }
    }

    /// Index by index.
    fn naive(array: &Array, cuts: &Cuts) -> Vec<u8> {
        let item_bytes = array.spec().dtype().item_bytes() as usize;
        let mut offsets = vec![0_u64];
        for cut in &cuts.axes {
            let indices = (0..cut.n).map(|k| cut.start + k * cut.step);
            offsets = offsets
                .iter()
                .flat_map(|offset| indices.clone().map(move |i| offset * cut.length + i))
                .collect();
        }
        let item = |offset: &u64| &array.bytes()[*offset as usize * item_bytes..][..item_bytes];
        offsets.iter().flat_map(item).copied().collect()
    }

    /// An axis, and what is wanted of it.
    fn axis() -> impl Strategy<Value = (u64, Option<AxisRange>)> {
        (0_u64..7).prop_flat_map(|length| {
            let range = (0..=length, 0..=length, 1..5_u64).prop_map(|(a, b, step)| {
                let range = AxisRange::from(a.min(b)..a.max(b));
                Some(range.step(step))
            });
            let index = (0..length.max(1)).prop_map(move |i| match i < length {
                true => Some(AxisRange::Index(i)),
                false => Some(AxisRange::ALL),
            });
            let open = (0..=length).prop_map(|start| Some((start..).into()));
            let asked = prop_oneof![
                4 => range,
                2 => index,
                1 => open,
                2 => Just(Some(AxisRange::ALL)),
                1 => Just(None),
            ];
            (Just(length), asked)
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_indices_lead_to(
            axes in prop::collection::vec(axis(), 0..=6),
            dtype in prop::sample::select(vec!["|u1", "<i2", "|V3", "<f4", "<f8", "<c16", "|V0"]),
        ) {
            let shape: Vec<u64> = axes.iter().map(|(length, _)| *length).collect();
            let asked: Vec<AxisRange> = axes.iter().map_while(|(_, asked)| *asked).collect();
            let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
            let reader = Remembering::new(spec);
            let selection = Selection::new(asked);
            let cuts = selection.of(reader.spec()).unwrap();
            let limits = Limits::default().with_max_bytes(cuts.spec.bytes());
            let values = read(&reader, &selection, &limits).unwrap();
            prop_assert_eq!(values.spec(), &selection.spec(reader.spec()).unwrap());
            prop_assert_eq!(values.bytes(), naive(&reader.array, &cuts));
            let mut pieces = Vec::new();
            let part = Part::new(Arc::new(Remembering::new(reader.spec().clone())), &selection).unwrap();
            for row in 0..part.spec().rows() {
                let mut piece = vec![0; part.spec().row_bytes() as usize];
                part.read_rows_into(row..row + 1, &mut piece).unwrap();
                pieces.extend(piece);
            }
            prop_assert_eq!(&pieces, values.bytes());
            let rows = cuts.axes.first().map_or(0..1, |rows| rows.span());
            for asked in reader.asked.lock().unwrap().iter() {
                let is_needed = rows.start <= asked.start && asked.end <= rows.end;
                prop_assert!(is_needed, "{:?} of {:?}", asked, rows);
            }
            if !values.bytes().is_empty() {
                prop_assert!(read(&reader, &selection, &Limits::default().with_max_bytes(cuts.spec.bytes() - 1)).is_err());
            }
            let mut short = vec![0; values.bytes().len() + 1];
            prop_assert!(read_into(&reader, &selection, &mut short).is_err());
        }
    }

    #[test]
    fn rows_far_apart_are_read_alone_unless_a_page_holds_both() {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [40, 20_000]).unwrap();
        let rows_of = |selection: Selection| {
            let reader = Remembering::new(spec.clone());
            read(&reader, &selection, &Limits::default()).unwrap();
            reader.asked.into_inner().unwrap()
        };
        assert_eq!(
            rows_of((1..).step(10).into()),
            [1..2, 11..12, 21..22, 31..32]
        );
        assert_eq!(rows_of((4..12).step(3).into()), [4..8, 10..11]);
        // Neighbours make windows.
        assert_eq!(rows_of((2..40, 7).into()), std::slice::from_ref(&(2..40)));
        assert_eq!(rows_of((3, 5..9).into()), std::slice::from_ref(&(3..4)));
    }

    #[test]
    fn windows_are_bounded_and_whole_rows_need_none() {
        let spec = ArraySpec::new("<f8".parse().unwrap(), [12, 1 << 17]).unwrap();
        let reader = Remembering::new(spec);
        let selection = Selection::from((1.., (..).step(1000)));
        read(&reader, &selection, &Limits::default()).unwrap();
        let rows_of_a_window = WINDOW_BYTES >> 20;
        let asked = std::mem::take(&mut *reader.asked.lock().unwrap());
        assert!(
            asked
                .iter()
                .all(|rows| rows.end - rows.start <= rows_of_a_window)
        );
        assert_eq!((asked.len(), asked[2].end), (3, 12));
        read(&reader, &Selection::from(2..9), &Limits::default()).unwrap();
        assert_eq!(
            reader.asked.lock().unwrap().as_slice(),
            std::slice::from_ref(&(2..9))
        );
    }
}
