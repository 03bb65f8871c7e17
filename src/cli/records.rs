//! Columns put together to records again: `unpack --records`.
//!
//! Arrays `NAME/FIELD` of equally many rows are one array `NAME` of records. The leading axes that all fields share are
//! those of the array; what a field has beyond is its own. A field `OUTER/INNER` belongs to a record within the record.

use std::collections::{HashMap, HashSet};

use super::source::Source;
use super::windows;
use crate::array::{ArraySpec, Order};
use crate::container::{Container, ContainerWriter, NewArray};
use crate::error::{Error, Result};
use crate::record::{Column, Element, Field, Record};

/// An array of a file and its name.
pub(super) type Numbered = (usize, String);

/// What becomes one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// An array as it is.
    Plain(Numbered),
    /// Fields, named behind the name of what they are fields of.
    Records { name: String, fields: Vec<Numbered> },
}

impl Saved {
    /// What the file is to be called.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Plain((_, name)) | Self::Records { name, .. } => name,
        }
    }
}

/// Puts arrays that may be fields of one record together.
pub(super) fn gather(container: &dyn Container, arrays: Vec<Numbered>) -> Result<Vec<Saved>> {
    let mut saved = Vec::new();
    let mut candidates = Vec::new();
    for (index, name) in arrays {
        // Fields of records stand among what was given a name, and never among the geometry of a mesh.
        let given = container.given_name(index);
        let start = given.map(|given| name.len().saturating_sub(given.len()));
        let has_nulls = container.validity(index)?.is_some();
        match start.filter(|&start| !has_nulls && name[start..].contains('/')) {
            Some(start) => {
                let shape = container.entry(index)?.shape;
                candidates.push((start, shape.first().copied(), (index, name)));
            }
            None => saved.push(Saved::Plain((index, name))),
        }
    }
    gather_from(candidates, &mut saved);
    Ok(saved)
}

/// Where in its name a field is looked for, how many rows it has, and which it is.
type Candidate = (usize, Option<u64>, Numbered);

fn gather_from(candidates: Vec<Candidate>, saved: &mut Vec<Saved>) {
    /// Names of more parts than anybody nests records are names, and no more.
    const MAX_PARTS: usize = 32;
    let is_deep = |(_, _, (_, name)): &Candidate| name.split('/').nth(MAX_PARTS).is_some();
    let (deep, candidates): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_deep);
    saved.extend(deep.into_iter().map(|one| Saved::Plain(one.2)));
    let mut waiting = vec![candidates];
    while let Some(candidates) = waiting.pop() {
        for (prefix, group) in by_prefix(candidates) {
            let is_field = |(_, _, (_, name)): &Candidate| name.len() > prefix.len();
            let rows = group[0].1;
            let has_equal_rows = group.iter().all(|one| is_field(one) && one.1 == rows);
            if has_equal_rows && are_fields(&group, prefix.len() + 1) {
                let fields = group.into_iter().map(|(_, _, (index, name))| {
                    let field = name[prefix.len() + 1..].to_owned();
                    (index, field)
                });
                saved.push(Saved::Records {
                    fields: fields.collect(),
                    name: prefix,
                });
                continue;
            }
            let (fields, plain): (Vec<_>, Vec<_>) = group.into_iter().partition(is_field);
            let plain = plain.into_iter().map(|(_, _, numbered)| numbered);
            saved.extend(plain.map(Saved::Plain));
            let deeper = fields.into_iter();
            let deeper = deeper.map(|(_, rows, numbered)| (prefix.len() + 1, rows, numbered));
            waiting.push(deeper.collect());
        }
    }
}

/// Those of one prefix, in the order in which these come.
fn by_prefix(candidates: Vec<Candidate>) -> Vec<(String, Vec<Candidate>)> {
    let mut groups: Vec<(String, Vec<Candidate>)> = Vec::new();
    let mut numbers = HashMap::new();
    for candidate in candidates {
        let (start, _, (_, name)) = &candidate;
        let end = name[*start..].find('/').map_or(name.len(), |at| start + at);
        let number = *numbers
            .entry(name[..end].to_owned())
            .or_insert(groups.len());
        if number == groups.len() {
            groups.push((name[..end].to_owned(), Vec::new()));
        }
        groups[number].1.push(candidate);
    }
    groups
}

/// Whether what is behind `start` in each name can be a field: each part of it has a name, and no other field is one of its
/// outer parts.
fn are_fields(group: &[Candidate], start: usize) -> bool {
    let mut names = group.iter().map(|(_, _, (_, name))| &name[start..]);
    let all: HashSet<&str> = names.clone().collect();
    names.all(|name| {
        let mut outer = name.match_indices('/').map(|(at, _)| &name[..at]);
        let has_names = name.split('/').all(|part| !part.is_empty());
        has_names && !outer.any(|outer| all.contains(outer))
    })
}

/// Columns that are written as records.
pub(super) struct Records {
    record: Record,
    shape: Vec<u64>,
    /// That of the fields, where they are of one.
    order: Order,
    columns: Vec<(Column, Source)>,
}

impl Records {
    /// Puts columns together, each under the name of its field.
    pub(super) fn new(fields: Vec<(String, Source)>) -> Result<Self> {
        let mut shape = fields[0].1.spec().shape().to_vec();
        for (_, source) in &fields {
            let common = shape.iter().zip(source.spec().shape());
            let n_common = common.take_while(|(x, y)| x == y).count();
            shape.truncate(n_common);
        }
        // A field of axes of its own lies in the records row by row, whatever their order.
        let specs = fields.iter().map(|(_, source)| source.spec());
        let mut plain = specs.filter(|spec| spec.shape().len() == shape.len());
        let order = match plain.next().map(ArraySpec::order) {
            Some(Order::F) if plain.all(|spec| spec.order() == Order::F) => Order::F,
            _ => Order::C,
        };
        let leaves = fields.iter().map(|(name, source)| {
            let spec = source.spec();
            let own = Field::new(
                "",
                Element::Plain(spec.dtype()),
                &spec.shape()[shape.len()..],
            );
            (name.as_str(), own)
        });
        let record = record_of(leaves.collect())?;
        let mut sources: HashMap<String, Source> = fields.into_iter().collect();
        let mut columns = Vec::new();
        for column in record.columns() {
            let source = sources.remove(column.name());
            let source = source.ok_or_else(|| Error::invalid("a field of an empty name"))?;
            columns.push((column, source));
        }
        Ok(Self {
            record,
            shape,
            order,
            columns,
        })
    }

    /// Bytes of all records.
    pub(super) fn bytes(&self) -> Result<u64> {
        Ok(self.spec()?.bytes())
    }

    fn spec(&self) -> Result<ArraySpec> {
        let spec = ArraySpec::new(self.record.dtype()?, self.shape.as_slice())?;
        Ok(spec.with_order(self.order))
    }

    /// Writes them as an array of records, and says how many bytes each piece had.
    pub(super) fn write(&self, to: &mut dyn ContainerWriter, done: impl Fn(u64)) -> Result<()> {
        let spec = self.spec()?;
        let array = NewArray::new("", &spec).with_record(Some(&self.record));
        let mut sink = to.begin(array)?;
        let item_bytes = spec.dtype().item_bytes() as usize;
        let (mut column_bytes, mut records) = (Vec::new(), Vec::new());
        for window in windows::of(0..spec.rows(), spec.row_bytes()) {
            let n_bytes = (window.end - window.start) * spec.row_bytes();
            records.clear();
            records.resize(n_bytes as usize, 0);
            let n_records = records.len() / item_bytes;
            for (column, source) in &self.columns {
                // One record has all rows of its fields.
                let rows = match self.shape.as_slice() {
                    [] => 0..source.spec().rows(),
                    _ => window.clone(),
                };
                windows::read(source, rows, &mut column_bytes)?;
                let each = column_bytes.len() / n_records;
                for (i, record) in records.chunks_exact_mut(item_bytes).enumerate() {
                    column.put(&column_bytes[i * each..(i + 1) * each], record);
                }
            }
            sink.push_rows(&records)?;
            done(n_bytes);
        }
        sink.finish()
    }
}

/// The record of fields whose names may have several parts.
fn record_of(leaves: Vec<(&str, Field)>) -> Result<Record> {
    let mut groups: Vec<(&str, Vec<(&str, Field)>)> = Vec::new();
    let mut numbers = HashMap::new();
    for (path, field) in leaves {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let number = *numbers.entry(name).or_insert(groups.len());
        if number == groups.len() {
            groups.push((name, Vec::new()));
        }
        groups[number].1.push((rest, field));
    }
    let field = |(name, mut group): (&str, Vec<(&str, Field)>)| {
        if let [("", _)] = group.as_slice() {
            let (_, field) = group.remove(0);
            return Ok(Field::new(name, field.element().clone(), field.shape()));
        }
        Ok(Field::new(name, Element::Record(record_of(group)?), []))
    };
    Record::new(groups.into_iter().map(field).collect::<Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(arrays: &[(&str, u64)]) -> Vec<Saved> {
        let candidate =
            |(i, (name, rows)): (usize, &(&str, u64))| (0, Some(*rows), (i, (*name).to_owned()));
        let mut saved = Vec::new();
        gather_from(
            arrays.iter().enumerate().map(candidate).collect(),
            &mut saved,
        );
        saved
    }

    #[test]
    fn fields_of_equally_many_rows_are_records() {
        let named = |pairs: &[(usize, &str)]| -> Vec<Numbered> {
            pairs
                .iter()
                .map(|(i, name)| (*i, (*name).to_owned()))
                .collect()
        };
        let records = |name: &str, fields: &[(usize, &str)]| Saved::Records {
            name: name.to_owned(),
            fields: named(fields),
        };
        let found = gathered(&[("r/a", 3), ("s/x", 4), ("r/in/b", 3)]);
        assert_eq!(
            found,
            [
                records("r", &[(0, "a"), (2, "in/b")]),
                records("s", &[(1, "x")])
            ]
        );
        // Where rows differ, what is deeper may be a record.
        let found = gathered(&[("t/0", 3), ("t/1/x", 2), ("t/1/y", 2)]);
        let expected = [
            Saved::Plain((0, "t/0".to_owned())),
            records("t/1", &[(1, "x"), (2, "y")]),
        ];
        assert!(expected.iter().all(|one| found.contains(one)), "{found:?}");
        assert_eq!(found.len(), 2);
    }

    /// The first ended the program when it was to be a record within itself.
    #[test]
    fn what_can_be_no_field_stays_what_it_is() {
        let deep = format!("d{}", "/x".repeat(30_000));
        for names in [
            &["e/", "e//"][..],
            &["/", "//", ""],
            &["r/a", "r/a/b"],
            &[deep.as_str(), "d/y"],
        ] {
            let arrays: Vec<_> = names.iter().map(|name| (*name, 3)).collect();
            let found = gathered(&arrays);
            let n: usize = found
                .iter()
                .map(|one| match one {
                    Saved::Plain(_) => 1,
                    Saved::Records { fields, .. } => fields.len(),
                })
                .sum();
            assert_eq!(n, names.len(), "{found:?}");
            for one in &found {
                if let Saved::Records { fields, .. } = one {
                    let field = |(_, name): &Numbered| {
                        let own = Field::new("", Element::Plain("<f8".parse().unwrap()), []);
                        (name.clone(), own)
                    };
                    let fields: Vec<_> = fields.iter().map(field).collect();
                    let fields = fields
                        .iter()
                        .map(|(name, own)| (name.as_str(), own.clone()));
                    record_of(fields.collect()).unwrap();
                }
            }
        }
    }
}
