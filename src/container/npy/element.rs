//! What the `descr` of a header means: text for one dtype, a list of fields for a record.
//!
//! ```text
//! '<f8'   [('a', '<i4'), ('', '|V4'), (('title', 'b'), '<f8', (3,)), ('c', [('d', '<i4')])]
//! ```
//! numpy's own two ways of nesting are read: a field with a shape, and a pair of a type and a shape in place of a type.

use super::literal::Literal;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::record::{Element, Field, Record};

/// Lengths of axes, if a value is a tuple of them. `True` is a number to Python, and no length to numpy.
pub(super) fn shape(value: &Literal) -> Option<Vec<u64>> {
    let Literal::Tuple(axes) = value else {
        return None;
    };
    let length = |axis: &Literal| match axis {
        // What does not fit is too large for any array, and refused as such.
        Literal::Int(n) if *n >= 0 => Some(u64::try_from(*n).unwrap_or(u64::MAX)),
        _ => None,
    };
    axes.iter().map(length).collect()
}

/// What a `descr` means.
pub(super) fn parse(descr: &Literal) -> Result<Element> {
    match descr {
        Literal::Str(text) => Ok(Element::Plain(text.parse()?)),
        Literal::List(fields) => Ok(Element::Record(record(fields)?)),
        _ => Err(unknown(descr)),
    }
}

fn unknown(descr: &Literal) -> Error {
    Error::unsupported(format!("dtype {descr}"))
}

fn record(fields: &[Literal]) -> Result<Record> {
    let field = |(i, field): (usize, &Literal)| {
        let Literal::Tuple(parts) = field else {
            return Err(unknown(field));
        };
        let (name, descr, outer) = match parts.as_slice() {
            [name, descr] => (name, descr, Vec::new()),
            [name, descr, axes] => (name, descr, axes_of(axes).ok_or_else(|| unknown(field))?),
            _ => return Err(unknown(field)),
        };
        let (title, name) = match name {
            Literal::Str(name) => (None, name),
            Literal::Tuple(names) => match names.as_slice() {
                [Literal::Str(title), Literal::Str(name)] => (Some(title.clone()), name),
                _ => return Err(unknown(field)),
            },
            _ => return Err(unknown(field)),
        };
        let (element, inner) = with_shape(descr, 0)?;
        let is_opaque = matches!(&element, Element::Plain(dtype) if dtype.kind() == Kind::Void);
        let name = match name.is_empty() {
            // Padding has no name. numpy numbers other fields that have none.
            true if !is_opaque => format!("f{i}"),
            _ => name.clone(),
        };
        let axes = [outer, inner].concat();
        Ok(Field::new(name, element, axes).with_title(title))
    };
    let fields = fields.iter().enumerate().map(field);
    Record::new(fields.collect::<Result<_>>()?)
}

/// A type, or a pair of a type and the shape of an array of it.
fn with_shape(descr: &Literal, depth: u32) -> Result<(Element, Vec<u64>)> {
    /// More axes than an array may have, one a pair.
    const MAX_DEPTH: u32 = 64;
    match descr {
        Literal::Tuple(pair) if depth < MAX_DEPTH => {
            let [inner, axes] = pair.as_slice() else {
                return Err(unknown(descr));
            };
            let mut axes = axes_of(axes).ok_or_else(|| unknown(descr))?;
            let (element, inner_axes) = with_shape(inner, depth + 1)?;
            axes.extend(inner_axes);
            Ok((element, axes))
        }
        _ => Ok((parse(descr)?, Vec::new())),
    }
}

/// The shape of a field: a tuple, or a number for one axis.
fn axes_of(axes: &Literal) -> Option<Vec<u64>> {
    match axes {
        Literal::Int(_) => shape(&Literal::Tuple(vec![axes.clone()])),
        axes => shape(axes),
    }
}

/// How numpy spells it.
pub(super) fn descr(element: &Element) -> Literal {
    match element {
        Element::Plain(dtype) => Literal::Str(dtype.to_string()),
        Element::Record(record) => Literal::List(fields(record)),
    }
}

fn fields(record: &Record) -> Vec<Literal> {
    let text = |text: &str| Literal::Str(text.to_owned());
    let padding = |n: u64| Literal::Tuple(vec![text(""), text(&format!("|V{n}"))]);
    let mut list = Vec::new();
    let mut end = 0;
    for field in record.fields() {
        if field.offset() > end {
            list.push(padding(field.offset() - end));
        }
        let name = match field.title() {
            Some(title) => Literal::Tuple(vec![text(title), text(field.name())]),
            None => text(field.name()),
        };
        let mut parts = vec![name, descr(field.element())];
        if !field.shape().is_empty() {
            let axes = field.shape().iter();
            parts.push(Literal::Tuple(
                axes.map(|&axis| Literal::Int(axis.into())).collect(),
            ));
        }
        list.push(Literal::Tuple(parts));
        let elements: u64 = field.shape().iter().product();
        end = field.offset() + elements * field.element().item_bytes();
    }
    if record.item_bytes() > end {
        list.push(padding(record.item_bytes() - end));
    }
    list
}

/// The dtype of the bytes of an element.
pub(super) fn dtype(element: &Element) -> Result<DType> {
    match element {
        Element::Plain(dtype) => Ok(*dtype),
        Element::Record(record) => record.dtype(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn parse_text(text: &str) -> Result<Element> {
        parse(&Literal::parse(text, false).unwrap())
    }

    #[test]
    fn records_come_back_as_numpy_spells_them() {
        for text in [
            "'<f8'",
            "[('a', '<i4'), ('b', '<f8')]",
            "[('a', '<i4'), ('', '|V4'), ('b', '<f8'), ('', '|V2')]",
            "[(('title', 'a'), '<i4'), ('c', [('d', '<i4', (2, 3))], (5,))]",
            "[(\"a'b\", '<i4'), ('c\"d\\\\', '<M8[ns]')]",
        ] {
            let element = parse_text(text).unwrap();
            assert_eq!(descr(&element).to_string(), text);
        }
    }

    #[test]
    fn other_spellings_mean_the_same() {
        for (text, same) in [
            ("'float64'", "'<f8'"),
            ("[('c', ('<f8', (5,)), (2,))]", "[('c', '<f8', (2, 5))]"),
            (
                "[('a', 'i4', 3), ('', '<f4')]",
                "[('a', '<i4', (3,)), ('f1', '<f4')]",
            ),
        ] {
            assert_eq!(
                parse_text(text).unwrap(),
                parse_text(same).unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_numpy_has_not_is_unsupported() {
        for text in [
            "'O'",
            "[('a', '<i4'), ('b', 'O')]",
            "[('a',)]",
            "['a']",
            "[('a', '<i4', (-1,))]",
            "[('a', '<i4'), ('a', '<i4')]",
            "('<f8', (2,))",
            "3",
            "[(1, '<i4')]",
        ] {
            let error = parse_text(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{text}: {error}");
        }
    }
}
