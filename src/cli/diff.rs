//! `diff`: whether two files hold the same arrays.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::columns::{Column, Columns};
use super::differences::{Differences, Rule};
use super::failure::{self, Failure, Outcome, Tally};
use super::listing;
use super::number::Tolerance;
use super::opening;
use super::printable::printable;
use super::session::Session;
use super::source;
use super::{called, stdio};

use crate::container::{Container, File, ONLY};
use crate::error::ResultExt;

/// Compare the arrays of two files, of any formats
///
/// Arrays are paired by path, or by bare name where only one has it; files of one array each are compared whatever it is
/// called. Says how many elements differ, and shows the first ten. Bits are compared: NaNs by payload, and -0.0 is not 0.0.
/// With --rtol or --atol values are compared, whatever their number types. Ends with 1 if something differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum diff weather.pv weather.npz
  paginum diff temperature.npy temperature.pco && echo the same
  paginum diff before.npz after.npz --rtol 1e-6 --atol 1e-9
  paginum diff before.npz after.npz --names")]
pub(super) struct Diff {
    /// A file of arrays
    a: PathBuf,
    /// Another
    b: PathBuf,
    /// Numbers x of A and y of B are the same if |x - y| <= ATOL + RTOL * |y|, as in numpy's allclose; NaN is NaN
    #[arg(long, value_name = "RTOL", value_parser = tolerance, allow_hyphen_values = true)]
    rtol: Option<f64>,
    /// See --rtol; what is not given is 0
    #[arg(long, value_name = "ATOL", value_parser = tolerance, allow_hyphen_values = true)]
    atol: Option<f64>,
    /// Print only the names of the arrays that differ, one a line
    #[arg(long)]
    names: bool,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let is_one = |&number: &f64| number >= 0.0 && number.is_finite();
    let number = text.parse().ok().filter(is_one);
    number.ok_or_else(|| "a finite number of at least 0 was expected".to_owned())
}

/// One of the two files.
struct Side<'a> {
    file: &'a Path,
    container: File,
    names: Vec<String>,
}

impl Diff {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let [a, b] = [&self.a, &self.b].map(|file| {
            let container = opening::open(session, file)?;
            let names = called::shown(&*container);
            Ok::<_, Failure>(Side {
                file,
                container,
                names,
            })
        });
        let (a, b) = (a?, b?);
        let arrays_of_a = listing::plain_arrays(&*a.container).in_file(a.file)?;
        let arrays_of_b = listing::plain_arrays(&*b.container).in_file(b.file)?;
        let (pairs, only_a, only_b) =
            paired(&*a.container, &arrays_of_a, &*b.container, &arrays_of_b);
        let mut tally = Tally::default();
        for (side, only) in [(&a, only_a), (&b, only_b)] {
            for index in only {
                let words = format!("only in {}", side.file.display());
                tally.add(self.differs(&side.name(index), words));
            }
        }
        for (i, j) in pairs {
            tally.add(self.compare(&a, i, &b, j));
        }
        match tally.status() {
            0 => Ok(()),
            status => Err(Failure::Said(status)),
        }
    }

    fn compare(&self, a: &Side<'_>, i: usize, b: &Side<'_>, j: usize) -> Outcome {
        let name = match called::has_names(&*a.container) {
            false if called::has_names(&*b.container) => b.name(j),
            _ => a.name(i),
        };
        let specs = [
            a.container
                .entry(i)
                .and_then(|entry| entry.spec())
                .in_file(a.file)?,
            b.container
                .entry(j)
                .and_then(|entry| entry.spec())
                .in_file(b.file)?,
        ];
        let rule = self.rule();
        if !rule.fits(&specs[0], &specs[1]) {
            let values = Rule::Close(Tolerance {
                relative: 0.0,
                absolute: 0.0,
            });
            let hint = match values.fits(&specs[0], &specs[1]) {
                true => "; --atol 0 compares values, whatever their types",
                false => "",
            };
            return self.differs(&name, format_args!("{} and {}{hint}", specs[0], specs[1]));
        }
        let pair = Columns::new(vec![a.column(i)?, b.column(j)?])?;
        match Differences::between(&pair, rule)? {
            found if found.n == 0 => Ok(()),
            found => self.differs(&name, found),
        }
    }

    fn rule(&self) -> Rule {
        match (self.rtol, self.atol) {
            (None, None) => Rule::Bits,
            (relative, absolute) => Rule::Close(Tolerance {
                relative: relative.unwrap_or(0.0),
                absolute: absolute.unwrap_or(0.0),
            }),
        }
    }

    /// Prints what is different about an array.
    fn differs(&self, name: &str, what: impl std::fmt::Display) -> Outcome {
        match self.names {
            true => stdio::line(name),
            false => stdio::lines(format_args!("{name}: {what}")),
        }
        Err(Failure::Said(failure::DIFFERS))
    }
}

impl Side<'_> {
    /// What an array is called here.
    fn name(&self, index: usize) -> String {
        printable(&self.names[index])
    }

    fn column(&self, index: usize) -> Result<Column, Failure> {
        let array = source::array_of(&*self.container, index, self.file)?;
        let validity = self.container.validity(index).in_file(self.file)?;
        Ok(Column::new(self.name(index), array, validity))
    }
}

/// The arrays that both have, and those that only one has, by number.
fn paired(
    a: &dyn Container,
    arrays_of_a: &[usize],
    b: &dyn Container,
    arrays_of_b: &[usize],
) -> (Vec<(usize, usize)>, Vec<usize>, Vec<usize>) {
    if let ([i], [j]) = (arrays_of_a, arrays_of_b) {
        return (vec![(*i, *j)], Vec::new(), Vec::new());
    }
    let mut rest: HashSet<usize> = arrays_of_b.iter().copied().collect();
    let (mut pairs, mut only_a) = (Vec::new(), arrays_of_a.to_vec());
    let is_path = |i: usize, j: &usize| a.path(i) == b.path(*j);
    // As the other file's paths are understood here.
    let found_here: LazyCell<HashMap<usize, usize>, _> = LazyCell::new(|| {
        let found = |&j: &usize| Some((a.find(b.path(j)).ok()?, j));
        arrays_of_b.iter().filter_map(found).collect()
    });
    let bare_of_a = LazyCell::new(|| by_bare_name(a, arrays_of_a));
    let bare_of_b = LazyCell::new(|| by_bare_name(b, arrays_of_b));
    let of_bare = |i: usize| {
        let name = bare(a, i);
        bare_of_a.get(name).copied().flatten()?;
        bare_of_b.get(name).copied().flatten()
    };
    // What is called like its file is called otherwise in another.
    let is_only = |i: usize| a.find(ONLY).is_ok_and(|only| only == i);
    // The surest first, for all arrays: else a bare name takes what another array means by its path.
    let ways: [&dyn Fn(usize) -> Option<usize>; 5] = [
        &|i| b.find(a.path(i)).ok().filter(|j| is_path(i, j)),
        &|i| b.find(a.path(i)).ok(),
        &|i| found_here.get(&i).copied(),
        &of_bare,
        &|i| b.find(ONLY).ok().filter(|_| is_only(i)),
    ];
    for find in ways {
        only_a.retain(|&i| match find(i).filter(|j| rest.remove(j)) {
            Some(j) => {
                pairs.push((i, j));
                false
            }
            None => true,
        });
    }
    pairs.sort_unstable();
    let mut only_b: Vec<usize> = rest.into_iter().collect();
    only_b.sort_unstable();
    (pairs, only_a, only_b)
}

/// The last part of an array's path.
fn bare(container: &dyn Container, index: usize) -> &str {
    let path = container.path(index);
    path.rsplit('/').next().unwrap_or(path)
}

/// The array of each bare name, none where several have it.
fn by_bare_name<'a>(
    container: &'a dyn Container,
    arrays: &[usize],
) -> HashMap<&'a str, Option<usize>> {
    let mut named = HashMap::new();
    for &index in arrays {
        let array = named.entry(bare(container, index));
        array
            .and_modify(|known| *known = None)
            .or_insert(Some(index));
    }
    named
}
