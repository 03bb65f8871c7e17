//! One HDU: a header and the data behind it.

use super::checksum::padded;
use super::header::Header;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// A header, and where its data lie.
#[derive(Debug)]
pub(super) struct Hdu {
    pub(super) header: Header,
    /// Where the header begins.
    pub(super) start: u64,
    /// Where the data begin.
    pub(super) data: u64,
    /// Bytes of data, without what fills the last block.
    pub(super) n_bytes: u64,
}

/// What the data are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Table,
    /// A table of compressed tiles.
    TiledImage,
    /// What is not read, and why.
    Other(&'static str),
}

impl Hdu {
    /// What a header at an offset says of its data.
    ///
    /// # Errors
    /// `Corrupt` where the size of the data is none.
    pub(super) fn of(header: Header, start: u64) -> Result<Self> {
        let n_bytes = data_bytes(&header)?;
        let data = start + header.n_bytes;
        let too_far = || Error::corrupt(format!("{n_bytes} bytes of data"));
        // Where the next header begins is a number, too.
        n_bytes
            .checked_next_multiple_of(super::BLOCK_BYTES)
            .and_then(|n| n.checked_add(data))
            .filter(|&end| i64::try_from(end).is_ok())
            .ok_or_else(too_far)?;
        Ok(Self {
            header,
            start,
            data,
            n_bytes,
        })
    }

    /// Where the next HDU begins.
    pub(super) fn end(&self) -> u64 {
        self.data + padded(self.n_bytes)
    }

    pub(super) fn kind(&self) -> Kind {
        let header = &self.header;
        let is = |keyword| header.logical(keyword) == Some(true);
        match header.text("XTENSION") {
            None if is("GROUPS") => Kind::Other("random groups"),
            None | Some("IMAGE" | "IUEIMAGE") => Kind::Image,
            Some("BINTABLE" | "A3DTABLE") if is("ZIMAGE") => Kind::TiledImage,
            Some("BINTABLE" | "A3DTABLE") if is("ZTABLE") => Kind::Other("a compressed table"),
            Some("BINTABLE" | "A3DTABLE") => Kind::Table,
            Some("TABLE") => Kind::Other("a table of text"),
            Some(_) => Kind::Other("an extension of another kind"),
        }
    }
}

/// The type of stored numbers.
///
/// # Errors
/// `Corrupt` for a BITPIX that the standard does not have.
pub(super) fn stored_dtype(bitpix: i64) -> Result<DType> {
    match bitpix {
        8 => "|u1",
        16 => ">i2",
        32 => ">i4",
        64 => ">i8",
        -32 => ">f4",
        -64 => ">f8",
        _ => return Err(Error::corrupt(format!("BITPIX is {bitpix}"))),
    }
    .parse()
}

fn data_bytes(header: &Header) -> Result<u64> {
    let bitpix = header.integer("BITPIX")?;
    let bitpix = bitpix.ok_or_else(|| Error::corrupt("a header without BITPIX"))?;
    let item_bytes = stored_dtype(bitpix)?.item_bytes();
    let mut axes = header.shape("NAXIS")?;
    if axes.is_empty() {
        return Ok(0);
    }
    if header.logical("GROUPS") == Some(true) && axes.last() == Some(&0) {
        axes.pop();
    }
    let of = |keyword| match header.integer(keyword)? {
        None => Ok(None),
        Some(_) => header.count(keyword).map(Some),
    };
    let (n_more, n_groups) = (of("PCOUNT")?.unwrap_or(0), of("GCOUNT")?.unwrap_or(1));
    let product = match axes.contains(&0) {
        true => Some(0),
        false => axes
            .iter()
            .try_fold(1_u64, |product, &n| product.checked_mul(n)),
    };
    let n_bytes = product
        .and_then(|n| n.checked_add(n_more))
        .and_then(|n| n.checked_mul(n_groups))
        .and_then(|n| n.checked_mul(item_bytes));
    n_bytes.ok_or_else(|| Error::corrupt("more data than 64 bits can count"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(cards: &[&str]) -> Option<u64> {
        let hdu = Hdu::of(Header::of_cards(cards), 0);
        hdu.map(|hdu| hdu.n_bytes).ok()
    }

    #[test]
    fn the_size_of_data_follows_from_the_header() {
        let axes = ["NAXIS = 2", "NAXIS1  = 0", "NAXIS2  = 3"];
        let axes: Vec<String> = axes.map(|card| card.replace("NAXIS =", "NAXIS   =")).into();
        let axes: Vec<&str> = axes.iter().map(String::as_str).collect();
        let with = |more: &[&'static str]| {
            let mut cards = axes.clone();
            cards.extend(more);
            bytes(&cards)
        };
        assert_eq!(with(&["BITPIX  = -64"]), Some(0));
        assert_eq!(with(&["BITPIX  = -64", "PCOUNT  = 2"]), Some(16));
        assert_eq!(
            with(&["BITPIX  = 16", "GROUPS  = T", "GCOUNT  = 5"]),
            Some(30)
        );
        assert_eq!(with(&["BITPIX  = 12"]), None);
        assert_eq!(with(&["BITPIX  = 8", "PCOUNT  = -1"]), None);
        assert_eq!(
            with(&["BITPIX  = 8", "PCOUNT  = 9223372036854775807"]),
            None
        );
        assert_eq!(
            with(&["BITPIX  = 64", "PCOUNT  = 9223372036854775807"]),
            None
        );
        assert_eq!(
            bytes(&["BITPIX  = 8", "NAXIS   = 0", "PCOUNT  = 9"]),
            Some(0)
        );
        assert_eq!(bytes(&["BITPIX  = 8", "NAXIS   = 1000"]), None);
    }
}
