//! The data of a `.npy` file, in the order of the array.

use std::fmt;
use std::io::{self, Write};

use crate::array::{ArraySpec, Order, in_fortran_order};

/// Takes the bytes of an array in C order, and writes them in the array's own order.
///
/// What is in C order passes through. What is in Fortran order begins with the last row before the second element of the
/// first one: it is gathered in memory, and written when its last byte has come.
///
/// ```
/// use std::io::Write;
/// use paginum::{ArraySpec, Order, container::npy};
/// let spec = ArraySpec::new("|u1".parse()?, [2, 2])?.with_order(Order::F);
/// let mut file = npy::header(&spec);
/// npy::Elements::new(&spec, &mut file).write_all(&[1, 2, 3, 4])?;
/// assert!(file.ends_with(&[1, 3, 2, 4]));
/// # Ok::<(), paginum::Error>(())
/// ```
pub struct Elements<'a> {
    out: &'a mut dyn Write,
    spec: ArraySpec,
    /// Bytes that are still to come.
    missing: u64,
    gathered: Vec<u8>,
}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = f.debug_struct("Elements");
        words
            .field("spec", &self.spec)
            .field("missing", &self.missing);
        words.finish_non_exhaustive()
    }
}

impl<'a> Elements<'a> {
    /// The data of an array, to be written behind its header.
    pub fn new(spec: &ArraySpec, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            missing: spec.bytes(),
            spec: spec.clone(),
            gathered: Vec::new(),
        }
    }

    /// Bytes that are still to come.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    fn gather(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // It grows with what has come, not with what the header says.
        self.gathered
            .try_reserve(bytes.len())
            .map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() as u64 == self.spec.bytes() {
            let columns = in_fortran_order(&self.gathered, &self.spec)?;
            self.gathered = Vec::new();
            self.out.write_all(&columns)?;
        }
        Ok(bytes.len())
    }
}

impl Write for Elements<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.missing {
            let what = "more bytes than the array has";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let is_gathered = self.spec.order() == Order::F && self.spec.shape().len() > 1;
        let n = match is_gathered {
            true => self.gather(bytes)?,
            false => self.out.write(bytes)?,
        };
        self.missing -= n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pieces_make_the_same_columns() {
        let spec = ArraySpec::new("<u2".parse().unwrap(), [2, 3])
            .unwrap()
            .with_order(Order::F);
        let rows: Vec<u8> = (0..6_u16).flat_map(u16::to_le_bytes).collect();
        let columns: Vec<u8> = [0_u16, 3, 1, 4, 2, 5].map(u16::to_le_bytes).concat();
        for size in 1..=12 {
            let mut out = Vec::new();
            let mut elements = Elements::new(&spec, &mut out);
            for piece in rows.chunks(size) {
                elements.write_all(piece).unwrap();
            }
            assert!(elements.write_all(&[0]).is_err());
            assert_eq!(out, columns, "{size}");
        }
    }
}
