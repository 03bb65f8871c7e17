//! Images: what a header says of the array behind it.

use super::hdu::stored_dtype;
use super::header::Header;
use super::meaning::{Meaning, Values};
use super::place::{Place, Source};
use super::tiles;
use crate::array::ArraySpec;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The array of an image. `None` for a header without data.
///
/// # Errors
/// `Corrupt` and `Unsupported` for what is no array.
pub(super) fn described(header: &Header, values: Values) -> Result<Option<Place>> {
    let shape = header.shape("NAXIS")?;
    if shape.is_empty() {
        return Ok(None);
    }
    let stored = stored_dtype(header.integer("BITPIX")?.unwrap_or(0))?;
    placed(header, stored, shape, values, "BLANK", Source::Image).map(Some)
}

/// The array of an image in tiles.
///
/// # Errors
/// `Corrupt` and `Unsupported` for what is no such image.
pub(super) fn in_tiles(header: &Header, values: Values) -> Result<Place> {
    let bitpix = header.integer("ZBITPIX")?;
    let stored = stored_dtype(bitpix.unwrap_or(0))?;
    let shape = header.shape("ZNAXIS")?;
    if shape.is_empty() {
        return Err(Error::corrupt("an image in tiles without axes"));
    }
    let layout = tiles::layout(header, &shape, stored.kind() == Kind::Float)?;
    // Its size is held against the bytes of a number before it is held against anything else.
    ArraySpec::stored(stored, shape.as_slice())?;
    // The blank of whole numbers has the name of compressed ones where it does not have its own.
    let blank = match header.integer("BLANK")? {
        Some(_) => "BLANK",
        None => "ZBLANK",
    };
    let source = Source::Tiles(Box::new(layout));
    placed(header, stored, shape, values, blank, source)
}

/// The array of stored numbers of this type and shape, by what the header says of their meaning. `blank` is the keyword of
/// numbers that are none.
///
/// # Errors
/// `Corrupt` and `Unsupported` for what is no array.
fn placed(
    header: &Header,
    stored: DType,
    shape: Vec<u64>,
    values: Values,
    blank: &str,
    source: Source,
) -> Result<Place> {
    let meaning = match values {
        Values::Physical => Meaning::of(header, ["BZERO", "BSCALE", blank], stored)?,
        Values::Stored => Meaning::AsStored,
    };
    Ok(Place {
        spec: ArraySpec::stored(meaning.dtype(stored)?, shape.as_slice())?,
        stored: ArraySpec::stored(stored, shape)?,
        meaning,
        null: None,
        source,
    })
}
