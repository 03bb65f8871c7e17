//! Binary tables: what a header says of their columns.

use super::header::Header;
use super::meaning::{Meaning, Values};
use super::place::{Place, Source};
use super::rooms::{Form, Room, rooms};
use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// A column, before it is known whether it can be read.
#[derive(Debug)]
pub(super) struct Described {
    /// Its name, which need not be the only one.
    pub(super) name: String,
    /// How its elements are spelled: for columns that cannot be read.
    pub(super) form: String,
    pub(super) place: Result<Place>,
}

/// The columns of a table.
///
/// # Errors
/// `Corrupt` for a table whose columns cannot be told.
pub(super) fn described(header: &Header, values: Values) -> Result<Vec<Described>> {
    let bits = header.integer("BITPIX")?;
    if bits != Some(8) || header.count("NAXIS")? != 2 {
        return Err(Error::corrupt("a table that is no rows of bytes"));
    }
    let n_rows = header.count("NAXIS2")?;
    let column = |(i, room): (usize, Room)| {
        let i = i + 1;
        let name = header.text(&format!("TTYPE{i}"));
        let form = header.text(&format!("TFORM{i}")).unwrap_or_default();
        Described {
            name: name.map_or_else(|| format!("col{i}"), str::to_owned),
            form: form.trim().to_owned(),
            place: place(header, i, room, n_rows, values),
        }
    };
    Ok(rooms(header)?.into_iter().enumerate().map(column).collect())
}

fn place(header: &Header, i: usize, room: Room, n_rows: u64, values: Values) -> Result<Place> {
    let text = header.text(&format!("TFORM{i}")).unwrap_or_default();
    let Some(form) = Form::parse(text.trim()) else {
        return Err(Error::corrupt("a column without a form"));
    };
    let n = room.repeat;
    let (stored, stored_axes, meaning, axes) = match form.letter {
        b'P' | b'Q' => {
            return Err(Error::unsupported(format!(
                "a column whose rows have arrays of any length ({}{})",
                char::from(form.letter),
                form.rest
            )));
        }
        b'X' => (
            form.dtype()?,
            vec![n.div_ceil(8)],
            Meaning::Bits { n },
            axes_of(n, None),
        ),
        b'A' => {
            let (dtype, axes) = text_of(header, i, n)?;
            (dtype, axes.clone(), Meaning::AsStored, axes)
        }
        _ => {
            let axes = axes_of(n, dimensions(header, i));
            let stored = form.dtype()?;
            let keywords = ["TZERO", "TSCAL", "TNULL"].map(|keyword| format!("{keyword}{i}"));
            let [zero, scale, null] = keywords.each_ref().map(String::as_str);
            // A row without a value is told by the mask, where a row is one element.
            let blank = if axes.is_empty() { "" } else { null };
            let meaning = match form.letter {
                b'L' => Meaning::Logical,
                _ => Meaning::of(header, [zero, scale, blank], stored)?,
            };
            (stored, axes.clone(), meaning, axes)
        }
    };
    let with_rows = |axes: Vec<u64>| [vec![n_rows], axes].concat();
    let (meaning, axes) = match values {
        Values::Physical => (meaning, axes),
        Values::Stored => (Meaning::AsStored, stored_axes.clone()),
    };
    let is_integer = matches!(form.letter, b'B' | b'I' | b'J' | b'K');
    let null = match values == Values::Physical && is_integer && axes.is_empty() {
        true => header.integer(&format!("TNULL{i}"))?,
        false => None,
    };
    let stored = ArraySpec::stored(stored, with_rows(stored_axes))?;
    Ok(Place {
        spec: ArraySpec::stored(meaning.dtype(stored.dtype())?, with_rows(axes))?,
        stored,
        meaning,
        null,
        source: Source::Column {
            row_bytes: header.count("NAXIS1")?,
            bytes: room.bytes,
        },
    })
}

/// The axes behind that of the rows: those that the header says, or one, which a single element does not have.
fn axes_of(n: u64, dimensions: Option<Vec<u64>>) -> Vec<u64> {
    match dimensions {
        Some(axes) if axes.iter().try_fold(1_u64, |n, &axis| n.checked_mul(axis)) == Some(n) => {
            axes
        }
        _ if n == 1 => Vec::new(),
        _ => vec![n],
    }
}

/// The axes that `TDIM` states, the slowest first. What it says is taken where it fits alone, as other readers do.
fn dimensions(header: &Header, i: usize) -> Option<Vec<u64>> {
    let text = header.text(&format!("TDIM{i}"))?.trim();
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let axes = inner.split(',').rev().map(|axis| axis.trim().parse().ok());
    let axes: Option<Vec<u64>> = axes.collect();
    axes.filter(|axes| axes.len() < ArraySpec::MAX_AXES)
}

/// Text of `n` characters a row, which is one string or an array of equally long ones.
fn text_of(header: &Header, i: usize, n: u64) -> Result<(DType, Vec<u64>)> {
    let mut axes = dimensions(header, i).unwrap_or_default();
    let length = match axes.iter().try_fold(1_u64, |n, &axis| n.checked_mul(axis)) {
        Some(product) if product == n && !axes.is_empty() => axes.pop().unwrap_or(n),
        _ => {
            axes.clear();
            n
        }
    };
    let dtype = format!("|S{length}").parse();
    dtype
        .map(|dtype| (dtype, axes))
        .map_err(|_| Error::corrupt(format!("strings of {length} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn table(row_bytes: u64, columns: &[&str]) -> Result<Vec<Described>> {
        let mut cards = vec![
            "BITPIX  = 8".to_owned(),
            "NAXIS   = 2".to_owned(),
            format!("NAXIS1  = {row_bytes}"),
            "NAXIS2  = 5".to_owned(),
            format!("TFIELDS = {}", columns.len()),
        ];
        for (i, column) in columns.iter().enumerate() {
            for part in column.split(';') {
                let (keyword, value) = part.split_once('=').unwrap();
                cards.push(format!("{:8}= {value}", format!("{keyword}{}", i + 1)));
            }
        }
        let cards: Vec<&str> = cards.iter().map(String::as_str).collect();
        described(&Header::of_cards(&cards), Values::Physical)
    }

    #[test]
    fn forms_are_types_and_shapes() {
        let columns = table(
            1 + 4 + 48 + 2 + 8 + 12 + 16 + 2,
            &[
                "TFORM='L'",
                "TFORM='1J';TZERO=2147483648;TTYPE='u'",
                "TFORM='6D';TDIM='(3,2)'",
                "TFORM='11X'",
                "TFORM='8A'",
                "TFORM='12A';TDIM='(4,3)'",
                "TFORM='PE(7)';TTYPE='v'",
                "TFORM='I';TNULL=-1",
                "TFORM='0A'",
            ],
        );
        // A descriptor has eight bytes, of the sixteen that it is given here.
        let columns = columns.unwrap();
        let specs: Vec<String> = columns
            .iter()
            .map(|column| match &column.place {
                Ok(place) => place.spec.to_string(),
                Err(error) => format!("{}: {}", column.form, error.kind()),
            })
            .collect();
        let expected = [
            "|b1 [5]",
            "<u4 [5]",
            "<f8 [5, 2, 3]",
            "|b1 [5, 11]",
            "|S8 [5]",
            "|S4 [5, 3]",
            "PE(7): unsupported",
            "<i2 [5]",
            "|S0 [5]",
        ];
        assert_eq!(specs, expected);
        assert_eq!(
            (columns[0].name.as_str(), columns[1].name.as_str()),
            ("col1", "u")
        );
        let null = |i: usize| columns[i].place.as_ref().unwrap().null;
        assert_eq!((null(7), null(1)), (Some(-1), None));
    }

    #[test]
    fn columns_that_do_not_fit_their_rows_are_corrupt() {
        for (row_bytes, column) in [
            (3, "TFORM='J'"),
            (8, "TFORM='Z'"),
            (8, "TFORM='99999999999999999999J'"),
            (8, "TFORM='9223372036854775807J'"),
            (8, "TTYPE='x'"),
        ] {
            let error = table(row_bytes, &[column]).expect_err(column);
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{column}");
        }
    }
}
