//! Rows as JSON: a list with a row a line, which `json.loads` and `jq` take whole and `grep` line by line.
//!
//! A row of one array is its value, or the nested lists that its shape makes; of several arrays, an object with a member
//! each. What JSON has no number for is a string: integers beyond 2^53, which most readers would round, and `NaN`,
//! `Infinity`, `-Infinity`. A row without a value is null, complex numbers are lists of two.

use std::io::Write;

use super::columns::{Cells, Piece};
use crate::error::Result;
use crate::text::{self, Notation};

/// What has been written so far of a list of rows.
#[derive(Debug, Default)]
pub(super) struct JsonRows {
    has_rows: bool,
}

impl JsonRows {
    /// Adds the rows of a piece.
    pub(super) fn write(&mut self, piece: &Piece<'_>, out: &mut dyn Write) -> Result<()> {
        let mut line = String::new();
        for i in 0..piece.n_rows() {
            line.clear();
            line += if self.has_rows { ",\n" } else { "[\n" };
            self.has_rows = true;
            let mut cells: Vec<Cells<'_>> = piece.row(i).collect();
            match cells.as_mut_slice() {
                [only] => push_value(only, &mut line),
                all => {
                    let mut before = '{';
                    for cells in all {
                        line.push(before);
                        before = ',';
                        text::push_json_string(cells.name, &mut line);
                        line.push(':');
                        push_value(cells, &mut line);
                    }
                    line.push('}');
                }
            }
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// Ends the list.
    pub(super) fn finish(self, out: &mut dyn Write) -> Result<()> {
        out.write_all(if self.has_rows { b"\n]\n" } else { b"[]\n" })?;
        Ok(())
    }
}

fn push_value(cells: &Cells<'_>, line: &mut String) {
    let Some(mut bytes) = cells.bytes else {
        *line += "null";
        return;
    };
    // No list of 2^60 empty lists.
    if cells.spec.row_elements() == 0 {
        *line += "[]";
        return;
    }
    let item_bytes = cells.spec.dtype().item_bytes() as usize;
    let mut next = |line: &mut String| {
        let (item, rest) = bytes.split_at(item_bytes);
        bytes = rest;
        text::push(Notation::Json, cells.spec.dtype(), item, line);
    };
    push_nested(cells.spec.shape().get(1..).unwrap_or(&[]), &mut next, line);
}

/// Lists in lists, as deep as there are axes.
fn push_nested(axes: &[u64], next: &mut impl FnMut(&mut String), line: &mut String) {
    let Some((&length, inner)) = axes.split_first() else {
        next(line);
        return;
    };
    let mut before = '[';
    for _ in 0..length {
        line.push(before);
        before = ',';
        push_nested(inner, next, line);
    }
    line.push(']');
}
