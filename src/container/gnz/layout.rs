//! Where arrays lie in a file that is written, and the header that says so.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::python::{dumps, name_of};
use super::{FIRST_BYTES, MAGIC, PAGE_BYTES};
use crate::array::ArraySpec;
use crate::container::json::{Json, Object};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Arrays in the order in which they lie in the file.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    arrays: Vec<(String, ArraySpec)>,
    names: HashSet<String>,
    metadata: Json,
}

/// A layout that is settled.
#[derive(Debug)]
pub(super) struct Placed {
    /// Magic number, length and JSON.
    pub(super) header: Vec<u8>,
    /// Where each array starts, in the order in which they lie.
    pub(super) offsets: Vec<u64>,
    /// Of the file.
    pub(super) n_bytes: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            arrays: Vec::new(),
            names: HashSet::new(),
            metadata: Json::Object(Object::default()),
        }
    }
}

impl Layout {
    pub(super) fn arrays(&self) -> &[(String, ArraySpec)] {
        &self.arrays
    }

    pub(super) fn set_metadata(&mut self, metadata: Json) {
        self.metadata = metadata;
    }

    /// Adds an array behind the others.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is there; `LimitExceeded` for more arrays than are read again.
    pub(super) fn add(&mut self, name: &str, spec: &ArraySpec) -> Result<()> {
        if !self.names.insert(name.to_owned()) {
            return Err(Error::invalid(format!(
                "there is an array {name:?} already"
            )));
        }
        Limits::default().check_arrays(self.arrays.len() as u64 + 1)?;
        self.arrays.push((name.to_owned(), spec.clone()));
        Ok(())
    }

    /// Settles where everything lies. The header says where the arrays start, and they start behind it: as long as it
    /// comes out longer than the room that was left for it, there is to be more room. Offsets only grow thereby.
    ///
    /// # Errors
    /// `InvalidArgument` for a file of more than 2^63 bytes; `LimitExceeded` for a header that would not be read again.
    pub(super) fn place(&self) -> Result<Placed> {
        let mut data_start = PAGE_BYTES;
        loop {
            let (offsets, n_bytes) = self.offsets(data_start)?;
            let json = self.json(&offsets);
            Limits::default().check_metadata_bytes(json.len() as u64)?;
            let needed = (FIRST_BYTES + json.len() as u64).next_multiple_of(PAGE_BYTES);
            if needed <= data_start {
                // What is not read again is not written.
                Json::parse(json.as_bytes())?;
                let n_json = json.len() as u32;
                return Ok(Placed {
                    header: [MAGIC, &n_json.to_le_bytes()[..], json.as_bytes()].concat(),
                    offsets,
                    n_bytes,
                });
            }
            data_start = needed;
        }
    }

    /// Where the arrays start if the first one does at `data_start`, and the bytes of the file.
    fn offsets(&self, data_start: u64) -> Result<(Vec<u64>, u64)> {
        let mut end = data_start;
        let mut offsets = Vec::with_capacity(self.arrays.len());
        for (name, spec) in &self.arrays {
            offsets.push(end);
            let next = end.checked_add(spec.bytes());
            let next = next.and_then(|next| next.checked_next_multiple_of(PAGE_BYTES));
            end = next
                .filter(|&next| i64::try_from(next).is_ok())
                .ok_or_else(|| Error::invalid("a file of more than 2^63 bytes").in_array(name))?;
        }
        Ok((offsets, end))
    }

    fn json(&self, offsets: &[u64]) -> String {
        let placed: BTreeMap<&str, (&ArraySpec, u64)> = self
            .arrays
            .iter()
            .zip(offsets)
            .map(|((name, spec), &offset)| (name.as_str(), (spec, offset)))
            .collect();
        let mut json = "{\"arrays\": {".to_owned();
        for (i, (name, (spec, offset))) in placed.iter().enumerate() {
            json.push_str(if i == 0 { "" } else { ", " });
            name_of(name, &mut json);
            let (dtype, shape) = (spec.dtype(), spec.shape());
            write!(
                json,
                "{{\"dtype\": \"{dtype}\", \"offset\": {offset}, \"order\": \"C\", \"shape\": {shape:?}}}"
            )
            .expect("writing to a string does not fail");
        }
        json.push_str("}, \"metadata\": ");
        dumps(&self.metadata, &mut json);
        json.push_str(", \"version\": 1}");
        json
    }
}

/// Writes the zeroes that lead from byte `from` of a file to byte `to`, which is at most some pages on.
pub(super) fn pad(out: &mut dyn Write, from: u64, to: u64) -> io::Result<()> {
    const ZEROES: [u8; PAGE_BYTES as usize] = [0; PAGE_BYTES as usize];
    let mut n_left = to - from;
    while n_left > 0 {
        let n = n_left.min(PAGE_BYTES);
        out.write_all(&ZEROES[..n as usize])?;
        n_left -= n;
    }
    Ok(())
}
