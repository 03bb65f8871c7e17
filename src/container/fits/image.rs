//! Images: what a header says of the array behind it.

use super::contents::{Place, Source};
use super::hdu::stored_dtype;
use super::header::Header;
use super::meaning::{Meaning, Values};
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::Result;

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

/// The array of stored numbers of this type and shape, by what the header says of their meaning. `blank` is the keyword of
/// numbers that are none.
///
/// # Errors
/// `Corrupt` and `Unsupported` for what is no array.
pub(super) fn placed(
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
