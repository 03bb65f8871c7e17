//! `diff`: whether two files hold the same arrays, bit by bit.

use std::collections::HashSet;
use std::path::PathBuf;

use super::convert::plain_arrays;
use super::failure::{self, Failure, Outcome};
use super::session::Session;
use super::source::{self, Source};
use super::table::printable;
use super::{stdio, text, windows};
use crate::container::Container;
use crate::error::ResultExt;

/// Compare the arrays of two files, of any formats
///
/// Arrays are paired by path, or by bare name where only one has it; files of one array each are compared whatever it is
/// called. Bits are compared: NaNs by payload, and -0.0 is not 0.0. Ends with 1 if something differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum diff weather.pv weather.npz
  paginum diff temperature.npy temperature.pco && echo the same")]
pub(super) struct Diff {
    /// A file of arrays
    a: PathBuf,
    /// Another
    b: PathBuf,
}

impl Diff {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let a = source::open(session, &self.a)?;
        let b = source::open(session, &self.b)?;
        let (pairs, mut only_a, mut only_b) = paired(&*a, &*b);
        for (only, this, other) in [(&mut only_a, &a, &b), (&mut only_b, &b, &a)] {
            // Other formats have no place for the empty geometry of a `.pv`, and `convert` leaves it out.
            if other.format() != "pv" {
                let plain = plain_arrays(&**this)?;
                only.retain(|index| plain.contains(index));
            }
        }
        let mut n_differences = only_a.len() + only_b.len();
        for (file, container, only) in [(&self.a, &a, only_a), (&self.b, &b, only_b)] {
            for index in only {
                stdio::line(format_args!(
                    "{}: only in {}",
                    printable(container.path(index)),
                    file.display()
                ));
            }
        }
        for (i, j) in pairs {
            let one = source::array_of(&*a, i, &self.a)?;
            let other = source::array_of(&*b, j, &self.b)?;
            let validity = [
                a.validity(i).in_file(&self.a)?,
                b.validity(j).in_file(&self.b)?,
            ];
            let difference = match first_difference(&one, &other)? {
                None if validity[0] != validity[1] => Some("other rows are null".to_owned()),
                difference => difference,
            };
            if let Some(difference) = difference {
                stdio::line(format_args!("{}: {difference}", printable(a.path(i))));
                n_differences += 1;
            }
        }
        if n_differences > 0 {
            Err(Failure::Said(failure::DIFFERS))
        } else {
            Ok(())
        }
    }
}

/// The arrays that both have, and those that only one has, by number.
fn paired(a: &dyn Container, b: &dyn Container) -> (Vec<(usize, usize)>, Vec<usize>, Vec<usize>) {
    if a.n_arrays() == 1 && b.n_arrays() == 1 {
        return (vec![(0, 0)], Vec::new(), Vec::new());
    }
    let mut rest: HashSet<usize> = (0..b.n_arrays()).collect();
    let (mut pairs, mut only_a) = (Vec::new(), Vec::new());
    for i in 0..a.n_arrays() {
        let path = a.path(i);
        let bare = path.rsplit('/').next().unwrap_or(path);
        let found = b
            .find(path)
            .or_else(|_| b.find(bare))
            .ok()
            .filter(|j| rest.contains(j));
        match found {
            Some(j) => {
                rest.remove(&j);
                pairs.push((i, j));
            }
            None => only_a.push(i),
        }
    }
    let mut only_b: Vec<usize> = rest.into_iter().collect();
    only_b.sort_unstable();
    (pairs, only_a, only_b)
}

/// What differs first, in words.
fn first_difference(a: &Source, b: &Source) -> Result<Option<String>, Failure> {
    let spec = a.spec();
    if spec != b.spec() {
        return Ok(Some(format!("{spec} and {}", b.spec())));
    }
    let row_bytes = spec.row_bytes();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    if row_bytes == 0 {
        return Ok(None);
    }
    for window in windows::of(0..spec.rows(), row_bytes) {
        windows::read(a, window.clone(), &mut one)?;
        windows::read(b, window.clone(), &mut other)?;
        let Some(byte) = one.iter().zip(&other).position(|(x, y)| x != y) else {
            continue;
        };
        let item_bytes = spec.dtype().item_bytes() as usize;
        let item = byte / item_bytes * item_bytes..(byte / item_bytes + 1) * item_bytes;
        let row = window.start + byte as u64 / row_bytes;
        let [x, y] = [&one, &other].map(|bytes| text::element(spec.dtype(), &bytes[item.clone()]));
        let column = byte as u64 % row_bytes / spec.dtype().item_bytes();
        return Ok(Some(format!(
            "row {row}, element {column} of it: {x} and {y}"
        )));
    }
    Ok(None)
}
