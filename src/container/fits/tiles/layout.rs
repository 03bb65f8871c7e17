//! What a header says of an image in tiles.

use std::ops::Range;

use super::codec::Codec;
use super::dither::Noise;
use crate::container::fits::header::Header;
use crate::container::fits::rooms::{Room, rooms};
use crate::error::{Error, Result};
use crate::text::counted;

/// The tiles of an image, and how its table describes them.
#[derive(Clone, Debug)]
pub(in crate::container::fits) struct Layout {
    /// Lengths of the axes of a tile, in the order of the image's.
    pub(super) tile: Vec<u64>,
    /// Tiles along each axis.
    pub(super) grid: Vec<u64>,
    pub(super) codec: Codec,
    pub(super) noise: Noise,
    pub(super) seed: u64,
    /// Bytes of a row of the table.
    pub(super) row_bytes: u64,
    /// Where what the rows lead to begins, behind the start of the data, and its bytes.
    pub(super) heap: Range<u64>,
    pub(super) compressed: Arrays,
    pub(super) gzipped: Option<Arrays>,
    pub(super) plain: Option<Arrays>,
    pub(super) scale: Number,
    pub(super) zero: Number,
    pub(super) blank: Number,
    /// Whether there are floats that were rounded.
    pub(super) is_rounded: bool,
}

/// A column whose rows lead to bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrays {
    pub(super) at: u64,
    /// Descriptors of 64 bits.
    pub(super) is_wide: bool,
    pub(super) item_bytes: u64,
}

/// A number that each row has, or all have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    None,
    Same(f64),
    Column { at: u64, letter: u8 },
}

impl Layout {
    /// What the tiles are compressed by.
    pub(in crate::container::fits) fn name(&self) -> &'static str {
        self.codec.name()
    }

    /// Bytes of all tiles in the file.
    pub(in crate::container::fits) fn stored_bytes(&self) -> u64 {
        self.heap.end
    }
}

/// Lengths of the axes of a tile, and tiles along each axis.
fn tiles_of(header: &Header, shape: &[u64]) -> Result<(Vec<u64>, Vec<u64>)> {
    let n_axes = shape.len();
    let tile_axis = |i: usize| match header.integer(&format!("ZTILE{}", n_axes - i))? {
        // Without, a tile is a row of numbers.
        None if i + 1 == n_axes => Ok(shape[i].max(1)),
        None => Ok(1),
        Some(_) => match header.count(&format!("ZTILE{}", n_axes - i))? {
            0 => Err(Error::corrupt("tiles without a length")),
            n => Ok(n.min(shape[i].max(1))),
        },
    };
    let tile = (0..n_axes).map(tile_axis).collect::<Result<Vec<_>>>()?;
    let grid: Vec<u64> = shape
        .iter()
        .zip(&tile)
        .map(|(n, tile)| n.div_ceil(*tile))
        .collect();
    let n_tiles = grid.iter().try_fold(1_u64, |n, &axis| n.checked_mul(axis));
    let n_rows = header.count("NAXIS2")?;
    match n_tiles {
        Some(n) if n <= n_rows => {}
        _ => {
            return Err(Error::corrupt(format!(
                "{} for the tiles of {shape:?} by {tile:?}",
                counted(n_rows, "row")
            )));
        }
    }
    Ok((tile, grid))
}

/// What the rows lead to, behind the start of the data.
fn heap_of(header: &Header) -> Result<Range<u64>> {
    let rows = header.count("NAXIS1")?.checked_mul(header.count("NAXIS2")?);
    let rows = rows.ok_or_else(|| Error::corrupt("a table of more than 2^64 bytes"))?;
    let heap = match header.integer("THEAP")? {
        None => rows,
        Some(_) => header.count("THEAP")?,
    };
    let end = rows.checked_add(match header.integer("PCOUNT")? {
        None => 0,
        Some(_) => header.count("PCOUNT")?,
    });
    match end {
        Some(end) if (rows..=end).contains(&heap) => Ok(heap..end),
        _ => Err(Error::corrupt("a heap that is not behind the rows")),
    }
}

/// What the header says of the tiles of an image of this shape.
///
/// # Errors
/// `Corrupt` and `Unsupported` for what is no such image.
pub(in crate::container::fits) fn layout(
    header: &Header,
    shape: &[u64],
    is_float: bool,
) -> Result<Layout> {
    let (tile, grid) = tiles_of(header, shape)?;
    let columns = Columns::of(header)?;
    if columns.find("NULL_PIXEL_MASK").is_some() {
        return Err(Error::unsupported("an image in tiles with masks of blanks"));
    }
    let compressed = columns.arrays("COMPRESSED_DATA")?;
    let compressed =
        compressed.ok_or_else(|| Error::corrupt("an image in tiles without COMPRESSED_DATA"))?;
    let (scale, zero) = (columns.number("ZSCALE")?, columns.number("ZZERO")?);
    let is_rounded = is_float
        && header.text("ZQUANTIZ") != Some("NONE")
        && !matches!((scale, zero), (Number::None, _) | (_, Number::None));
    let seed = header.integer("ZDITHER0")?.unwrap_or(1).max(1);
    Ok(Layout {
        codec: codec(header)?,
        noise: match header.text("ZQUANTIZ") {
            None | Some("NO_DITHER" | "NONE") => Noise::None,
            Some("SUBTRACTIVE_DITHER_1") => Noise::Subtractive,
            Some("SUBTRACTIVE_DITHER_2") => Noise::SubtractiveButZero,
            Some(other) => return Err(Error::unsupported(format!("the rounding {other:?}"))),
        },
        seed: seed as u64 - 1,
        gzipped: columns.arrays("GZIP_COMPRESSED_DATA")?,
        plain: columns.arrays("UNCOMPRESSED_DATA")?,
        blank: columns.number("ZBLANK")?,
        tile,
        grid,
        row_bytes: header.count("NAXIS1")?,
        heap: heap_of(header)?,
        compressed,
        scale,
        zero,
        is_rounded,
    })
}

/// The parameter of a codec, by its name.
fn parameter(header: &Header, name: &str) -> Result<Option<i64>> {
    for i in 1..=99 {
        match header.text(&format!("ZNAME{i}")) {
            None => return Ok(None),
            Some(found) if found == name => {
                let value = header.float(&format!("ZVAL{i}"))?;
                return Ok(value.map(|value| value as i64));
            }
            Some(_) => {}
        }
    }
    Ok(None)
}

fn codec(header: &Header) -> Result<Codec> {
    let known = header.text("ZCMPTYPE");
    match known.ok_or_else(|| Error::corrupt("an image in tiles without ZCMPTYPE"))? {
        "RICE_1" | "RICE_ONE" => {
            let block = parameter(header, "BLOCKSIZE")?.unwrap_or(32);
            let value_bytes = parameter(header, "BYTEPIX")?.unwrap_or(4);
            match (1..=1 << 20).contains(&block) && matches!(value_bytes, 1 | 2 | 4) {
                true => Ok(Codec::Rice {
                    block: block as usize,
                    value_bytes: value_bytes as u64,
                }),
                false => Err(Error::unsupported(format!(
                    "RICE_1 of {value_bytes} bytes in blocks of {block}"
                ))),
            }
        }
        "GZIP_1" => Ok(Codec::Gzip),
        "GZIP_2" => Ok(Codec::ShuffledGzip),
        "HCOMPRESS_1" => Ok(Codec::Hcompress {
            smooth: parameter(header, "SMOOTH")?.unwrap_or(0) != 0,
        }),
        "PLIO_1" => {
            // cfitsio lists numbers without sign as they are, since there are no negative ones in a list.
            let half = header.float("BZERO")?.unwrap_or(0.0);
            let is_unsigned = header.integer("ZBITPIX")? == Some(16) && half == 32_768.0;
            Ok(Codec::Plio {
                offset: if is_unsigned { -32_768 } else { 0 },
            })
        }
        "NOCOMPRESS" => Ok(Codec::None),
        other => Err(Error::unsupported(format!("tiles compressed by {other:?}"))),
    }
}

/// The columns of the table by name.
struct Columns<'a> {
    header: &'a Header,
    names: Vec<(String, u64, String)>,
}

impl<'a> Columns<'a> {
    fn of(header: &'a Header) -> Result<Self> {
        let column = |(i, room): (usize, Room)| {
            let text = |keyword: &str| {
                header
                    .text(&format!("{keyword}{}", i + 1))
                    .unwrap_or_default()
            };
            let name = text("TTYPE").trim().to_ascii_uppercase();
            (name, room.bytes.start, text("TFORM").trim().to_owned())
        };
        Ok(Self {
            header,
            names: rooms(header)?.into_iter().enumerate().map(column).collect(),
        })
    }

    fn find(&self, name: &str) -> Option<(u64, &str)> {
        let found = self.names.iter().find(|(known, ..)| known == name)?;
        Some((found.1, found.2.trim_start_matches('1')))
    }

    /// A column of arrays of bytes or 16-bit numbers.
    fn arrays(&self, name: &str) -> Result<Option<Arrays>> {
        let Some((at, form)) = self.find(name) else {
            return Ok(None);
        };
        let item_bytes = match form.as_bytes().get(1) {
            Some(b'B') => 1,
            Some(b'I') => 2,
            Some(b'J' | b'E') => 4,
            Some(b'D' | b'K') => 8,
            _ => return Err(Error::corrupt(format!("{name} of the form {form:?}"))),
        };
        match form.as_bytes()[0] {
            letter @ (b'P' | b'Q') => Ok(Some(Arrays {
                at,
                is_wide: letter == b'Q',
                item_bytes,
            })),
            _ => Err(Error::corrupt(format!("{name} of the form {form:?}"))),
        }
    }

    /// A number by a column, or by a keyword for all.
    fn number(&self, name: &str) -> Result<Number> {
        match self.find(name) {
            None => Ok(self.header.float(name)?.map_or(Number::None, Number::Same)),
            Some((at, form @ ("D" | "E" | "K" | "J" | "I"))) => Ok(Number::Column {
                at,
                letter: form.as_bytes()[0],
            }),
            Some((_, form)) => Err(Error::corrupt(format!("{name} of the form {form:?}"))),
        }
    }
}
