//! Row indexes: a side structure that lets a decoder start in the middle of a page.
//!
//! A page can be decoded only from its start, because tANS states, deltas and bit positions run through it. A row index
//! keeps checkpoints: the state of decoding at every `spacing`-th number. It is never a part of the page's bytes; it
//! is built while encoding or in one pass over any page, and stored by whoever stores the page.
//!
//! Stored form, little endian, bit-packed and padded to a whole byte: version (8 bits, 1), logarithm of the spacing (8),
//! number of checkpoints (32), width of a bit position (8), number of latent variables (8), for each its latents' bits,
//! its tANS table's logarithm and its stated latents (8 each); then for each checkpoint its bit position and for each
//! variable four tANS states and its stated latents.

use crate::bits::{BitReader, BitWriter};
use crate::config::MAX_CHUNK_N;
use crate::entropy::{MAX_SIZE_LOG, N_STATES};
use crate::error::{Error, Result};

/// Finest spacing of checkpoints, as a power of two.
pub(crate) const MIN_SPACING_LOG: u32 = 10;
/// Version of the stored form.
const VERSION: u64 = 1;
/// Share of the compressed page that an index may take: 1.5 %.
const MAX_SHARE: (u64, u64) = (3, 200);

/// What a checkpoint keeps of one latent variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VarShape {
    pub(crate) latent_bits: u32,
    pub(crate) ans_size_log: u32,
    pub(crate) state_n: usize,
}

impl VarShape {
    fn bits(self) -> u64 {
        (N_STATES as u64) * u64::from(self.ans_size_log)
            + self.state_n as u64 * u64::from(self.latent_bits)
    }

    fn read(reader: &mut BitReader<'_>) -> Result<Self> {
        let shape = Self {
            latent_bits: reader.read_u32(8)?,
            ans_size_log: reader.read_u32(8)?,
            state_n: reader.read_u32(8)? as usize,
        };
        if ![8, 16, 32, 64].contains(&shape.latent_bits)
            || shape.ans_size_log > MAX_SIZE_LOG
            || shape.state_n > 32
        {
            return Err(reader.corrupt("row index of an impossible latent variable"));
        }
        Ok(shape)
    }
}

/// Checkpoints of one page.
///
/// Their spacing is the smallest power of two of at least 1,024 numbers that keeps the stored index within 1.5 % of the
/// compressed page; there are none where even one would not fit, nor in pages of the lookback encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowIndex {
    shapes: Vec<VarShape>,
    spacing_log: u32,
    bits: Vec<u64>,
    /// For each checkpoint and variable, four tANS states and then the stated latents.
    values: Vec<u64>,
}

/// The state of decoding at one number.
pub(crate) struct Checkpoint<'a> {
    /// The number that comes next.
    pub(crate) row: usize,
    /// Position in the page, in bits.
    pub(crate) bit: u64,
    values: &'a [u64],
}

impl<'a> Checkpoint<'a> {
    /// Takes the tANS states and the stated latents of the next variable.
    pub(crate) fn take_var(&mut self, shape: VarShape) -> ([u32; N_STATES], &'a [u64]) {
        let (var, rest) = self.values.split_at(N_STATES + shape.state_n);
        self.values = rest;
        let (ans, latents) = var.split_at(N_STATES);
        (std::array::from_fn(|i| ans[i] as u32), latents)
    }
}

impl RowIndex {
    /// An index without checkpoints yet.
    pub(crate) fn new(shapes: Vec<VarShape>) -> Self {
        Self {
            shapes,
            spacing_log: MIN_SPACING_LOG,
            bits: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds the checkpoint at the next multiple of `2^MIN_SPACING_LOG` numbers; `push_var` follows for each variable.
    pub(crate) fn push(&mut self, bit: u64) {
        self.bits.push(bit);
    }

    /// Adds one variable's part of the last checkpoint.
    pub(crate) fn push_var(&mut self, ans: [u32; N_STATES], latents: impl Iterator<Item = u64>) {
        self.values.extend(ans.map(u64::from));
        self.values.extend(latents);
    }

    /// Widens the spacing until the stored index is small beside a page of `page_bytes`.
    pub(crate) fn thin_for(mut self, page_bytes: usize) -> Self {
        let most = page_bytes as u64 * MAX_SHARE.0 / MAX_SHARE.1;
        while !self.bits.is_empty() && self.size_bytes() as u64 > most {
            // The checkpoint at `k * spacing` stands at place `k - 1`: every second one stays.
            let n_values = self.values_per_checkpoint();
            let mut place = 0;
            self.bits.retain(|_| {
                place += 1;
                place % 2 == 0
            });
            let kept = self.values.chunks(n_values.max(1)).skip(1).step_by(2);
            self.values = kept.flatten().copied().collect();
            self.spacing_log += 1;
        }
        self
    }

    fn values_per_checkpoint(&self) -> usize {
        self.shapes
            .iter()
            .map(|shape| N_STATES + shape.state_n)
            .sum()
    }

    /// Whether the index was made for variables of these shapes.
    pub(crate) fn fits(&self, shapes: &[VarShape]) -> bool {
        let is_alike = |(a, b): (&VarShape, &VarShape)| {
            // Where no latents are kept, their width says nothing.
            let same_width = a.latent_bits == b.latent_bits || a.state_n == 0;
            same_width && a.ans_size_log == b.ans_size_log && a.state_n == b.state_n
        };
        self.bits.is_empty()
            || self.shapes.len() == shapes.len() && self.shapes.iter().zip(shapes).all(is_alike)
    }

    /// The last checkpoint at or before `row`, if there is one.
    pub(crate) fn before(&self, row: usize) -> Option<Checkpoint<'_>> {
        let place = (row >> self.spacing_log)
            .min(self.bits.len())
            .checked_sub(1)?;
        let n_values = self.values_per_checkpoint();
        Some(Checkpoint {
            row: (place + 1) << self.spacing_log,
            bit: self.bits[place],
            values: &self.values[place * n_values..][..n_values],
        })
    }

    /// Numbers between checkpoints.
    #[must_use]
    pub fn spacing(&self) -> usize {
        1 << self.spacing_log
    }

    /// Number of checkpoints.
    #[must_use]
    pub fn n_checkpoints(&self) -> usize {
        self.bits.len()
    }

    /// Bits that hold any of the bit positions.
    fn position_width(&self) -> u32 {
        self.bits
            .last()
            .map_or(0, |bit| u64::BITS - bit.leading_zeros())
    }

    /// Size of the stored form.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let var_bits: u64 = self.shapes.iter().map(|shape| shape.bits()).sum();
        let checkpoint_bits = u64::from(self.position_width()) + var_bits;
        let header_bits = 64 + 24 * self.shapes.len() as u64;
        (header_bits + checkpoint_bits * self.bits.len() as u64).div_ceil(8) as usize
    }

    /// Appends the stored form.
    pub fn write(&self, dst: &mut Vec<u8>) {
        let writer = &mut BitWriter::new(dst);
        writer.write(VERSION, 8);
        writer.write(u64::from(self.spacing_log), 8);
        writer.write(self.bits.len() as u64, 32);
        writer.write(u64::from(self.position_width()), 8);
        writer.write(self.shapes.len() as u64, 8);
        for shape in &self.shapes {
            writer.write(u64::from(shape.latent_bits), 8);
            writer.write(u64::from(shape.ans_size_log), 8);
            writer.write(shape.state_n as u64, 8);
        }
        let mut values = self.values.iter().copied();
        for &bit in &self.bits {
            writer.write(bit, self.position_width());
            for shape in &self.shapes {
                let states = values.by_ref().take(N_STATES);
                states.for_each(|state| writer.write(state, shape.ans_size_log));
                let latents = values.by_ref().take(shape.state_n);
                latents.for_each(|latent| writer.write(latent, shape.latent_bits));
            }
        }
        writer.align();
    }

    /// Reads the stored form, and the number of bytes it took.
    ///
    /// # Errors
    /// `Truncated`; `Corrupt` for what no index holds; `Unsupported` for a later version.
    pub fn read(src: &[u8]) -> Result<(Self, usize)> {
        let reader = &mut BitReader::new(src, "row index");
        let version = reader.read(8)?;
        if version != VERSION {
            return Err(Error::unsupported(format!(
                "row index of version {version}"
            )));
        }
        let spacing_log = reader.read_u32(8)?;
        let n_checkpoints = reader.read(32)?;
        let position_width = reader.read_u32(8)?;
        let n_vars = reader.read(8)?;
        if !(MIN_SPACING_LOG..48).contains(&spacing_log) || position_width > 64 || n_vars > 2 {
            return Err(reader.corrupt("row index header"));
        }
        let shapes = (0..n_vars).map(|_| VarShape::read(reader));
        let shapes = shapes.collect::<Result<Vec<_>>>()?;
        let var_bits: u64 = shapes.iter().map(|shape| shape.bits()).sum();
        let checkpoint_bits = u64::from(position_width) + var_bits;
        if n_checkpoints * checkpoint_bits > reader.remaining_bits()
            || checkpoint_bits == 0 && n_checkpoints > 0
        {
            return Err(Error::truncated("row index").at(src.len() as u64));
        }
        // One bit may stand for a position and eight states, in memory words: more than a page has are not read.
        if n_checkpoints > (MAX_CHUNK_N as u64 - 1) >> spacing_log {
            return Err(reader.corrupt("a row index of more checkpoints than a page has"));
        }
        let mut index = Self {
            shapes,
            spacing_log,
            bits: Vec::new(),
            values: Vec::new(),
        };
        for _ in 0..n_checkpoints {
            index.bits.push(reader.read(position_width)?);
            for i in 0..index.shapes.len() {
                let shape = index.shapes[i];
                for _ in 0..N_STATES {
                    index.values.push(reader.read(shape.ans_size_log)?);
                }
                for _ in 0..shape.state_n {
                    index.values.push(reader.read(shape.latent_bits)?);
                }
            }
        }
        Ok((index, reader.align()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(n: u64) -> RowIndex {
        let shapes = vec![
            VarShape {
                latent_bits: 64,
                ans_size_log: 9,
                state_n: 1,
            },
            VarShape {
                latent_bits: 64,
                ans_size_log: 0,
                state_n: 0,
            },
        ];
        let mut index = RowIndex::new(shapes);
        for k in 1..=n {
            index.push(k * 1000);
            index.push_var([1, 2, 3, 511], [u64::MAX - k].into_iter());
            index.push_var([0; 4], [].into_iter());
        }
        index
    }

    #[test]
    fn the_stored_form_comes_back_and_its_prefixes_do_not() {
        let index = index(9);
        let mut bytes = Vec::new();
        index.write(&mut bytes);
        assert_eq!(bytes.len(), index.size_bytes());
        assert_eq!(RowIndex::read(&bytes).unwrap(), (index, bytes.len()));
        for end in 0..bytes.len() {
            assert!(RowIndex::read(&bytes[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn thinning_keeps_every_second_checkpoint() {
        let index = index(9).thin_for(8000);
        assert_eq!((index.spacing(), index.n_checkpoints()), (2048, 4));
        assert!(index.size_bytes() <= 120);
        let mut checkpoint = index.before(5000).unwrap();
        assert_eq!((checkpoint.row, checkpoint.bit), (4096, 4000));
        let shape = index.shapes[0];
        assert_eq!(
            checkpoint.take_var(shape),
            ([1, 2, 3, 511], &[u64::MAX - 4][..])
        );
        assert!(index.before(2047).is_none());
        assert_eq!(index.before(usize::MAX).unwrap().row, 8192);
    }

    #[test]
    fn an_index_is_thinned_until_it_fits_and_no_further() {
        let whole = index(9);
        // The shortest page of which the index is no more than 1.5 %.
        let fitting = (whole.size_bytes() * 200).div_ceil(3);
        assert_eq!(whole.clone().thin_for(fitting), whole);
        let thinned = whole.thin_for(fitting - 1);
        assert_eq!((thinned.spacing(), thinned.n_checkpoints()), (2048, 4));
        let none = thinned.thin_for(0);
        assert_eq!(none.n_checkpoints(), 0);
        assert!(none.before(usize::MAX).is_none());
    }

    #[test]
    fn an_index_fits_the_variables_that_it_was_made_for() {
        let whole = index(2);
        let [primary, secondary] = whole.shapes[..] else {
            panic!("two variables");
        };
        assert!(whole.fits(&[primary, secondary]));
        let change = |change: fn(&mut VarShape)| {
            let mut changed = primary;
            change(&mut changed);
            [changed, secondary]
        };
        assert!(!whole.fits(&change(|shape| shape.latent_bits = 32)));
        assert!(!whole.fits(&change(|shape| shape.ans_size_log = 8)));
        assert!(!whole.fits(&change(|shape| shape.state_n = 2)));
        assert!(!whole.fits(&[primary]));
        // The second variable states no latents: their width is nobody's.
        let narrow = VarShape {
            latent_bits: 8,
            ..secondary
        };
        assert!(whole.fits(&[primary, narrow]));
        assert!(RowIndex::new(vec![primary]).fits(&[]));
    }

    /// The stored form of an index, all of whose checkpoints are zeros.
    fn stored(spacing_log: u8, n: u32, position_width: u8, shapes: &[[u8; 3]]) -> Vec<u8> {
        let mut bytes = vec![1, spacing_log];
        bytes.extend(n.to_le_bytes());
        bytes.extend([position_width, shapes.len() as u8]);
        let mut bits = u64::from(position_width);
        for &[latent_bits, ans_size_log, state_n] in shapes {
            bytes.extend([latent_bits, ans_size_log, state_n]);
            bits += 4 * u64::from(ans_size_log) + u64::from(state_n) * u64::from(latent_bits);
        }
        let body_bytes = (u64::from(n) * bits).div_ceil(8);
        bytes.resize(bytes.len() + body_bytes as usize, 0);
        bytes
    }

    #[test]
    fn every_field_is_read_up_to_its_bound() {
        let widest = [64, MAX_SIZE_LOG as u8, 32];
        for (bytes, expected) in [
            (stored(10, 3, 64, &[widest, widest]), Some((1 << 10, 3))),
            (stored(47, 0, 0, &[]), Some((1 << 47, 0))),
            (stored(10, 2, 1, &[[8, 0, 0]]), Some((1 << 10, 2))),
            // A checkpoint of nothing but a position, and of nothing but a latent.
            (stored(12, 8, 8, &[]), Some((1 << 12, 8))),
            (stored(12, 8, 0, &[[16, 0, 1]]), Some((1 << 12, 8))),
            // As many as the largest page has, and one more.
            (stored(10, 16_383, 1, &[]), Some((1 << 10, 16_383))),
            (stored(23, 1, 1, &[]), Some((1 << 23, 1))),
            (stored(10, 16_384, 1, &[]), None),
            (stored(24, 1, 1, &[]), None),
            (stored(9, 0, 0, &[]), None),
            (stored(48, 0, 0, &[]), None),
            (stored(10, 1, 65, &[]), None),
            (stored(10, 1, 1, &[[8, 0, 0]; 3]), None),
            (stored(10, 1, 1, &[[7, 0, 0]]), None),
            (stored(10, 1, 1, &[[8, MAX_SIZE_LOG as u8 + 1, 0]]), None),
            (stored(10, 1, 1, &[[8, 0, 33]]), None),
            // Any number of checkpoints of no bits.
            (stored(10, 1, 0, &[[64, 0, 0]]), None),
        ] {
            let read = RowIndex::read(&bytes);
            match expected {
                Some(expected) => {
                    let (index, n_bytes) = read.unwrap();
                    assert_eq!((index.spacing(), index.n_checkpoints()), expected);
                    assert_eq!(n_bytes, bytes.len());
                }
                None => assert!(read.is_err(), "{bytes:?}"),
            }
        }
        let mut later = stored(10, 1, 1, &[]);
        later[0] = 2;
        assert!(matches!(
            RowIndex::read(&later),
            Err(Error::Unsupported { .. })
        ));
    }
}
