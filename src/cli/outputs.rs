//! Which file each input becomes: the one that was named, one in a folder, or one beside the input.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::address;
use super::failure::{Failure, Outcome};
use super::format::{Format, is_stream};
use super::raw_options;
use super::target::{Target, check_distinct};
use super::walk::{self, Input};
use crate::error::ResultExt;

/// An array that becomes a file.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// The file it lies in.
    pub(super) input: Input,
    /// Its number there and a safe relative path for it, where the input holds several.
    pub(super) member: Option<(usize, PathBuf)>,
}

/// Where outputs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// Beside their inputs.
    Beside,
    /// Into a folder.
    Folder(&'a Path),
    /// To this name: there is one.
    Named(&'a Path),
}

impl<'a> Place<'a> {
    /// What `-o` means for these jobs. What comes from standard input has no place beside it, and goes to standard
    /// output.
    pub(super) fn of(output: Option<&'a Path>, jobs: &[Job]) -> Result<Self, Failure> {
        let is_one = jobs.len() == 1;
        let Some(output) = output else {
            let is_stdin = |job: &Job| job.input.path.as_os_str() == "-";
            return match jobs.iter().any(is_stdin) {
                true if is_one => Ok(Self::Named(Path::new("-"))),
                true => Err(Failure::usage(
                    "-o is needed where standard input is one of several",
                )),
                false => Ok(Self::Beside),
            };
        };
        if !is_stream(output) && (walk::is_folder(output) || ends_in_slash(output)) {
            return Ok(Self::Folder(output));
        }
        if is_one {
            return Ok(Self::Named(output));
        }
        if is_stream(output) || Format::of(output).is_some() {
            let (output, n) = (output.display(), jobs.len());
            return Err(Failure::usage(format!(
                "{output} is one output, and there are {n} arrays: -o takes a folder for them"
            )));
        }
        Ok(Self::Folder(output))
    }

    /// What outputs become: what a name that was given says, or else `default`.
    pub(super) fn decide<T>(
        self,
        by_name: impl FnOnce(&Path) -> Result<T, Failure>,
        default: T,
    ) -> Result<T, Failure> {
        let Self::Named(path) = self else {
            return Ok(default);
        };
        by_name(path).map_err(|refused| match path.extension() {
            Some(_) => refused,
            None => Failure::usage(format!("{refused}; the name of a folder ends in /")),
        })
    }

    /// The output of each job. Two of one name are refused before the first is written. One that exists, unless `force`,
    /// is refused alone.
    pub(super) fn targets(
        self,
        jobs: &[Job],
        extension: &str,
        force: bool,
    ) -> Result<Vec<Result<Target, Failure>>, Failure> {
        let is_one_input = jobs.iter().all(|job| job.input == jobs[0].input);
        let paths: Vec<PathBuf> = jobs
            .iter()
            .map(|job| self.path(job, extension, is_one_input))
            .collect();
        let inputs: Vec<PathBuf> = jobs.iter().map(|job| job.input.path.clone()).collect();
        check_distinct(&inputs, &paths)?;
        let target = |(path, input): (&PathBuf, &PathBuf)| {
            if self == Self::Beside && path == input {
                let path = path.display();
                return Err(Failure::usage(format!(
                    "{path} is a .{extension} file already: -o names another"
                )));
            }
            Target::new(path, force)
        };
        Ok(paths.iter().zip(&inputs).map(target).collect())
    }

    fn path(self, job: &Job, extension: &str, is_one_input: bool) -> PathBuf {
        let input = &job.input;
        let from_address = address::is_address(&input.path);
        let (folder, is_in_own_folder) = match self {
            Self::Named(path) => return path.to_owned(),
            // Beside an address nothing can be written: then it is here.
            Self::Beside if from_address => (PathBuf::new(), true),
            Self::Beside => {
                let folder = input.path.parent().unwrap_or(Path::new(""));
                (folder.to_owned(), true)
            }
            Self::Folder(folder) => (
                address::join(folder, &input.below, from_address),
                !is_one_input,
            ),
        };
        let stem = raw_options::stem(&input.path);
        match &job.member {
            Some((_, member)) if is_in_own_folder => {
                let folder = address::join(&folder, &stem, from_address);
                address::join(&folder, member, false)
            }
            Some((_, member)) => address::join(&folder, member, false),
            None => {
                let mut name = stem.into_os_string();
                name.extend([OsString::from("."), extension.into()]);
                address::join(&folder, Path::new(&name), from_address)
            }
        }
    }

    /// Makes the folder that an output of this place needs. Those of a name that was given must be there.
    pub(super) fn make_folder_of(self, target: &Target) -> Outcome {
        if let (Self::Beside | Self::Folder(_), Target::File { path, .. }) = (self, target) {
            let folder = path.parent().unwrap_or(Path::new(""));
            std::fs::create_dir_all(folder).in_file(folder)?;
        }
        Ok(())
    }
}

/// `path/` says that it is a folder, even if there is none yet.
pub(super) fn ends_in_slash(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes
        .last()
        .is_some_and(|&byte| std::path::is_separator(byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(path: &str, below: &str, member: Option<&str>) -> Job {
        Job {
            input: Input {
                path: path.into(),
                below: below.into(),
            },
            member: member.map(|member| (0, member.into())),
        }
    }

    fn paths(output: Option<&str>, jobs: &[Job]) -> Vec<String> {
        let place = Place::of(output.map(Path::new), jobs).unwrap();
        let targets = place.targets(jobs, "pco", false).unwrap();
        let name = |target: Result<Target, _>| target.unwrap().name();
        targets.into_iter().map(name).collect()
    }

    #[test]
    fn without_a_name_outputs_stand_beside_inputs() {
        assert_eq!(paths(None, &[job("a.npy", "", None)]), ["a.pco"]);
        let jobs = [
            job("x/a.b.npy", "", None),
            job("c.npz", "", Some("d.pco")),
            job("c.npz", "", Some("e/f.pco")),
        ];
        assert_eq!(paths(None, &jobs), ["x/a.b.pco", "c/d.pco", "c/e/f.pco"]);
        assert_eq!(paths(None, &[job("-", "", None)]), ["standard output"]);
    }

    #[test]
    fn a_folder_keeps_what_lies_below_it() {
        let jobs = [job("a.npy", "", None), job("in/x/b.npy", "x", None)];
        assert_eq!(paths(Some("out"), &jobs), ["out/a.pco", "out/x/b.pco"]);
        assert_eq!(paths(Some("out/"), &jobs[..1]), ["out/a.pco"]);
        let members = [
            job("c.npz", "", Some("d.pco")),
            job("c.npz", "", Some("e.pco")),
        ];
        assert_eq!(paths(Some("out"), &members), ["out/d.pco", "out/e.pco"]);
    }

    #[test]
    fn several_do_not_become_one() {
        let jobs = [job("a.npy", "", None), job("b.npy", "", None)];
        for output in ["out.pco", "-", "out.npz"] {
            assert!(Place::of(Some(Path::new(output)), &jobs).is_err());
        }
        let with_stdin = [job("a.npy", "", None), job("-", "", None)];
        assert!(Place::of(None, &with_stdin).is_err());
        let of_one_name = [job("x/a.npy", "", None), job("y/a.npy", "", None)];
        let place = Place::of(Some(Path::new("out")), &of_one_name).unwrap();
        assert!(place.targets(&of_one_name, "pco", false).is_err());
    }

    #[test]
    fn an_input_is_not_its_own_output() {
        let jobs = [job("a.pco", "", None)];
        let targets = Place::Beside.targets(&jobs, "pco", true).unwrap();
        assert!(targets[0].is_err());
    }
}
