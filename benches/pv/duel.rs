//! The same task for both sides, in turn.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arrays::Generated;
use crate::child::{Cost, Side};

/// Both sides, with as many threads.
pub(crate) struct Duel {
    pub(crate) ours: Side,
    pub(crate) theirs: Side,
}

/// Medians of both sides.
pub(crate) struct Outcome {
    pub(crate) ours: Cost,
    pub(crate) theirs: Cost,
}

impl Duel {
    pub(crate) fn new(python: &Path, n_threads: usize) -> Result<Self, String> {
        Ok(Self {
            ours: Side::ours(n_threads)?,
            theirs: Side::theirs(python, n_threads)?,
        })
    }

    /// Gives both sides an array.
    pub(crate) fn load(&mut self, array: &Generated, folder: &Path) -> Result<(), String> {
        let path = folder.join("array.bin");
        std::fs::write(&path, &array.bytes).map_err(|e| e.to_string())?;
        let (path, shape) = (path.display().to_string(), array.shape());
        for side in [&mut self.ours, &mut self.theirs] {
            side.does(&["load", &array.name, &path, array.dtype, &shape])?;
        }
        Ok(())
    }

    /// Takes all arrays away.
    pub(crate) fn forget(&mut self) -> Result<(), String> {
        self.ours.does(&["forget"])?;
        self.theirs.does(&["forget"])?;
        Ok(())
    }

    /// Measures a task, which may differ between the sides and from round to round. The first round does not count.
    pub(crate) fn measure(
        &mut self,
        rounds: usize,
        our_task: impl Fn(usize) -> Vec<String>,
        their_task: impl Fn(usize) -> Vec<String>,
    ) -> Result<Outcome, String> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (our_task, their_task) = (our_task(round), their_task(round));
            settle(&our_task)?;
            ours.push(self.ours.does(&words(&our_task))?);
            settle(&their_task)?;
            theirs.push(self.theirs.does(&words(&their_task))?);
        }
        Ok(Outcome {
            ours: median(&ours[1..]),
            theirs: median(&theirs[1..]),
        })
    }
}

/// Lets the system write what it still has to: a task must not pay for the one before it. What is to be written is
/// removed: of a large file, to keep the old one until the new one is whole costs memory that only one side needs.
fn settle(task: &[String]) -> Result<(), String> {
    if let [verb, path, ..] = task
        && verb == "write"
    {
        // The first time there is none.
        let _ = std::fs::remove_file(path);
    }
    let status = Command::new("sync").status().map_err(|e| e.to_string())?;
    status
        .success()
        .then_some(())
        .ok_or("sync failed".to_owned())
}

fn words(task: &[String]) -> Vec<&str> {
    task.iter().map(String::as_str).collect()
}

fn median(costs: &[Cost]) -> Cost {
    let of = |field: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(field).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        seconds: of(|cost| cost.seconds),
        cpu_seconds: of(|cost| cost.cpu_seconds),
        extra_kib: of(|cost| cost.extra_kib),
    }
}

/// A file of each side.
pub(crate) struct Files {
    pub(crate) ours: PathBuf,
    pub(crate) theirs: PathBuf,
}

impl Files {
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        Self {
            ours: folder.join(format!("ours_{name}.pv")),
            theirs: folder.join(format!("theirs_{name}.pv")),
        }
    }
}
