//! Reading an image by the tiles that a selection touches.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::codec::{Codec, Decoded, gunzip, room};
use super::dither::Rounding;
use super::layout::{Arrays, Layout, Number};
use super::place::{Place, of_tile};
use crate::array::{Array, ArraySpec, Cut, Selection};
use crate::container::windows;
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::{Part, ReadAt};

/// So many tiles are decoded at once, or fewer where they are large.
const BATCH_TILES: u64 = 64;
/// What such tiles have when they are decoded, and what is fetched of them at once, unless one alone is larger.
const BATCH_BYTES: u64 = 32 << 20;
/// Numbers of a tile: what is larger would take gigabytes to decode.
const MAX_TILE: u64 = 1 << 27;
/// Decoded tiles are kept for the next rows as long as they are no more.
const KEPT_BYTES: usize = 16 << 20;

/// The numbers of an image in tiles, as an image that is not compressed would store them.
#[derive(Debug)]
pub(in crate::container::fits) struct Tiled {
    store: Arc<dyn ReadAt>,
    /// Where the table begins.
    data: u64,
    layout: Layout,
    spec: ArraySpec,
    /// So many tiles are decoded at once.
    batch: u64,
    /// The tiles that were decoded last.
    kept: Mutex<HashMap<u64, Arc<Vec<u8>>>>,
}

/// Where the bytes of a tile lie, and what else its row says.
struct Found {
    tile: u64,
    column: Column,
    bytes: Range<u64>,
    scale: Option<f64>,
    zero: Option<f64>,
    blank: Option<i64>,
}

/// The column that has the bytes of a tile.
enum Column {
    Compressed,
    Gzipped,
    Plain,
}

impl Tiled {
    /// The image of the stored numbers `spec` whose table begins at `data`. The caller saw that the store is long enough.
    ///
    /// # Errors
    /// `LimitExceeded` for tiles that are too large.
    pub(in crate::container::fits) fn new(
        store: Arc<dyn ReadAt>,
        data: u64,
        layout: Layout,
        spec: ArraySpec,
    ) -> Result<Self> {
        let n = layout
            .tile
            .iter()
            .try_fold(1_u64, |n, &axis| n.checked_mul(axis));
        let n = n.unwrap_or(u64::MAX);
        if n > MAX_TILE {
            return Err(Error::limit("numbers of a tile", MAX_TILE, n));
        }
        let tile_bytes = n * spec.dtype().item_bytes();
        Ok(Self {
            store,
            data,
            layout,
            spec,
            batch: (BATCH_BYTES / tile_bytes.max(1)).clamp(1, BATCH_TILES),
            kept: Mutex::default(),
        })
    }

    fn item_bytes(&self) -> usize {
        self.spec.dtype().item_bytes() as usize
    }

    /// What is wanted, in C order.
    fn read_axes(&self, axes: &[Cut], out: &mut [u8]) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        let mut before = std::mem::take(&mut *self.lock());
        let (mut kept, mut n_kept) = (HashMap::new(), 0);
        let mut take = |place: &Place, tile: Arc<Vec<u8>>| {
            place.copy(&tile, self.item_bytes(), out);
            n_kept += tile.len();
            if n_kept > KEPT_BYTES {
                // The last one stays, however large: rows that come next begin in it.
                kept.clear();
                n_kept = tile.len();
            }
            kept.insert(place.tile, tile);
        };
        let mut batch = Vec::new();
        let mut next = Some(vec![0; axes.len()]);
        while let Some(at) = next {
            let (place, further) = of_tile(&self.layout, self.spec.shape(), axes, at);
            next = further;
            if let Some(place) = place {
                match before.remove(&place.tile) {
                    Some(tile) => take(&place, tile),
                    None => batch.push(place),
                }
            }
            if batch.len() as u64 == self.batch || next.is_none() {
                for (place, tile) in batch.iter().zip(self.decoded(&batch)?) {
                    take(place, Arc::new(tile));
                }
                batch.clear();
            }
        }
        *self.lock() = kept;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Vec<u8>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches and decodes tiles.
    fn decoded(&self, places: &[Place]) -> Result<Vec<Vec<u8>>> {
        let row_bytes = self.layout.row_bytes as usize;
        let mut rows = Vec::new();
        windows::fit(
            &mut rows,
            self.layout.row_bytes.saturating_mul(places.len() as u64),
        )?;
        let row = |place: &Place| self.data + place.tile * self.layout.row_bytes;
        let parts = places.iter().zip(rows.chunks_exact_mut(row_bytes));
        let mut parts: Vec<Part<'_>> = parts
            .map(|(place, buf)| Part::new(row(place), buf))
            .collect();
        self.store.read_many(&mut parts)?;
        let found = places.iter().zip(rows.chunks_exact(row_bytes));
        let found = found.map(|(place, row)| self.find(place.tile, row).on_page(place.tile));
        let found = found.collect::<Result<Vec<_>>>()?;
        let mut decoded = Vec::with_capacity(found.len());
        let mut rest = found.as_slice();
        let mut places = places;
        while !rest.is_empty() {
            let mut n_bytes = 0_u64;
            let fits = |found: &Found| {
                n_bytes = n_bytes.saturating_add(found.bytes.end - found.bytes.start);
                n_bytes <= BATCH_BYTES
            };
            let n = rest
                .iter()
                .map(fits)
                .take_while(|&fits| fits)
                .count()
                .max(1);
            let (these, behind) = rest.split_at(n);
            decoded.extend(self.fetched(these, &places[..n])?);
            rest = behind;
            places = &places[n..];
        }
        Ok(decoded)
    }

    /// Fetches and decodes tiles whose rows are known.
    fn fetched(&self, found: &[Found], places: &[Place]) -> Result<Vec<Vec<u8>>> {
        let mut buffers = Vec::new();
        for found in found {
            let mut buffer = Vec::new();
            windows::fit(&mut buffer, found.bytes.end - found.bytes.start)?;
            buffers.push(buffer);
        }
        let parts = found.iter().zip(&mut buffers);
        let mut parts: Vec<Part<'_>> = parts
            .map(|(found, buffer)| Part::new(found.bytes.start, buffer))
            .collect();
        self.store.read_many(&mut parts)?;
        let decode = |i: usize| {
            let decoded = self.decode(&found[i], &buffers[i], &places[i]);
            decoded.on_page(found[i].tile)
        };
        paginum_wrapped::parallel::map((0..found.len()).collect(), decode)
    }

    /// More than a tile takes in any encoding: else a file could have all its tiles read one large heap.
    fn most_bytes(&self) -> u64 {
        /// Bytes of a number, and those of heads and trailers.
        const MOST: (u64, u64) = (16, 4096);
        let n_numbers: u64 = self.layout.tile.iter().product();
        n_numbers.saturating_mul(MOST.0).saturating_add(MOST.1)
    }

    /// What the row of a tile says.
    fn find(&self, tile: u64, row: &[u8]) -> Result<Found> {
        let layout = &self.layout;
        let number = |number: Number| number.of(row);
        let columns = [
            (Some(layout.compressed), Column::Compressed),
            (layout.gzipped, Column::Gzipped),
            (layout.plain, Column::Plain),
        ];
        for (arrays, column) in columns {
            let Some(arrays) = arrays else { continue };
            let bytes = arrays.of(row)?;
            if bytes.is_empty() {
                continue;
            }
            if bytes.end - bytes.start > self.most_bytes() {
                return Err(Error::corrupt("a tile of more bytes than it can need"));
            }
            let start = layout.heap.start.checked_add(bytes.start);
            let end = layout.heap.start.checked_add(bytes.end);
            let (Some(start), Some(end)) = (start, end.filter(|&end| end <= layout.heap.end))
            else {
                return Err(Error::corrupt("a tile that lies outside of the table"));
            };
            return Ok(Found {
                tile,
                column,
                bytes: self.data + start..self.data + end,
                scale: number(layout.scale),
                zero: number(layout.zero),
                blank: number(layout.blank).map(|blank| blank as i64),
            });
        }
        Err(Error::corrupt("a tile without bytes"))
    }

    /// The numbers of a tile as an image stores them.
    fn decode(&self, found: &Found, bytes: &[u8], place: &Place) -> Result<Vec<u8>> {
        let (n, width) = (place.n_numbers(), place.width());
        let item = self.item_bytes();
        let is_wide = self.spec.dtype().item_bytes() > 2;
        let decoded = match found.column {
            Column::Compressed => self.layout.codec.decode(bytes, n, width, is_wide)?,
            Column::Gzipped => gunzip(bytes, n).map(|(bytes, item)| Decoded::Bytes(bytes, item))?,
            Column::Plain => Codec::None.decode(bytes, n, width, is_wide)?,
        };
        let is_rounded = self.layout.is_rounded && matches!(found.column, Column::Compressed);
        if is_rounded && let (Some(scale), Some(zero)) = (found.scale, found.zero) {
            let rounding = Rounding {
                scale,
                zero,
                blank: found.blank,
                noise: self.layout.noise,
                seed: self.layout.seed.wrapping_add(found.tile),
            };
            let mut out = room(n.saturating_mul(item))?;
            rounding.undo(&decoded.into_numbers()?, |value| match item {
                4 => out.extend((value as f32).to_be_bytes()),
                _ => out.extend(value.to_be_bytes()),
            });
            return Ok(out);
        }
        match decoded {
            Decoded::Bytes(bytes, found) if found == item => Ok(bytes),
            _ if self.spec.dtype().kind() == crate::dtype::Kind::Float => Err(Error::corrupt(
                "whole numbers in a tile of floats without a scale",
            )),
            decoded => {
                let mut out = room(n.saturating_mul(item))?;
                for number in decoded.into_numbers()? {
                    out.extend(&number.to_be_bytes()[8 - item..]);
                }
                Ok(out)
            }
        }
    }
}

impl Arrays {
    /// The bytes that a row leads to, behind the start of the heap.
    fn of(self, row: &[u8]) -> Result<Range<u64>> {
        let at = self.at as usize;
        let width = if self.is_wide { 8 } else { 4 };
        let number = |at: usize| {
            let bytes = row.get(at..at + width)?;
            Some(
                bytes
                    .iter()
                    .fold(0_u64, |n, &byte| n << 8 | u64::from(byte)),
            )
        };
        let (n, start) = (number(at), number(at + width));
        let bytes = n.zip(start).and_then(|(n, start)| {
            let end = n.checked_mul(self.item_bytes)?.checked_add(start)?;
            Some(start..end)
        });
        bytes.ok_or_else(|| Error::corrupt("a tile that lies outside of the table"))
    }
}

impl Number {
    /// The number of a row.
    fn of(self, row: &[u8]) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Same(number) => Some(number),
            Self::Column { at, letter } => {
                let bytes = row.get(at as usize..)?;
                Some(match letter {
                    b'D' => f64::from_be_bytes(*bytes.first_chunk()?),
                    b'E' => f32::from_be_bytes(*bytes.first_chunk()?).into(),
                    b'J' => i32::from_be_bytes(*bytes.first_chunk()?).into(),
                    b'I' => i16::from_be_bytes(*bytes.first_chunk()?).into(),
                    _ => i64::from_be_bytes(*bytes.first_chunk()?) as f64,
                })
            }
        }
    }
}

impl ArrayReader for Tiled {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn held_bytes(&self) -> u64 {
        self.lock().values().map(|tile| tile.len() as u64).sum()
    }

    /// The rows of the table: where they lead, they say.
    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let (Some(&height), Some(&n)) = (self.layout.tile.first(), self.layout.grid.first()) else {
            return Vec::new();
        };
        if rows.is_empty() || n == 0 {
            return Vec::new();
        }
        let per_band = self.layout.grid.iter().skip(1).product::<u64>() * self.layout.row_bytes;
        let start = self.data + rows.start / height * per_band;
        let end = self.data + rows.end.div_ceil(height) * per_band;
        let descriptors = start..end;
        vec![descriptors]
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        let axis = |(i, &length): (usize, &u64)| match i {
            0 => Cut {
                start: rows.start,
                step: 1,
                n: rows.end - rows.start,
                length,
            },
            _ => Cut {
                start: 0,
                step: 1,
                n: length,
                length,
            },
        };
        let axes: Vec<Cut> = self.spec.shape().iter().enumerate().map(axis).collect();
        self.read_axes(&axes, out)
    }

    fn select(&self, selection: &Selection, limits: &Limits) -> Result<Array> {
        let mut values = Array::zeroed(selection.spec(&self.spec)?, limits)?;
        self.select_into(selection, values.bytes_mut())?;
        Ok(values)
    }

    fn select_into(&self, selection: &Selection, out: &mut [u8]) -> Result<()> {
        let cuts = selection.of(&self.spec)?;
        cuts.spec.check_bytes(out.len())?;
        self.read_axes(&cuts.axes, out)
    }
}
