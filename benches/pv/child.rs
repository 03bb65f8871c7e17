//! One side of the bench: a process that does what it is told, line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What one task cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// Of all threads, in the kernel too.
    pub(crate) cpu_seconds: f64,
    /// By how much memory grew at most, beyond what was in use before.
    pub(crate) extra_kib: f64,
}

/// A process at work.
pub(crate) struct Side {
    child: Child,
    tasks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Side {
    /// This program as a worker, with so many threads.
    pub(crate) fn ours(n_threads: usize) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut command = on_processors(n_threads);
        command
            .arg(program)
            .arg("--worker")
            .env("RAYON_NUM_THREADS", n_threads.to_string());
        Self::start(command)
    }

    /// pyvista-zstd, in an interpreter that imports it.
    pub(crate) fn theirs(python: &Path, n_threads: usize) -> Result<Self, String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/pv/peer.py");
        let mut command = on_processors(n_threads);
        command.arg(python).args([script, &n_threads.to_string()]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{:?}: {e}", command.get_program()))?;
        let tasks = child.stdin.take().expect("it was piped");
        let answers = BufReader::new(child.stdout.take().expect("it was piped"));
        Ok(Self {
            child,
            tasks,
            answers,
        })
    }

    /// Has a task done.
    pub(crate) fn does(&mut self, task: &[&str]) -> Result<Cost, String> {
        writeln!(self.tasks, "{}", task.join("\t")).map_err(|e| e.to_string())?;
        self.tasks.flush().map_err(|e| e.to_string())?;
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .map_err(|e| e.to_string())?;
        let numbers: Vec<f64> = answer
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        match numbers[..] {
            [seconds, cpu_seconds, extra_kib] => Ok(Cost {
                seconds,
                cpu_seconds,
                extra_kib,
            }),
            _ => Err(format!("{task:?}: {}", answer.trim_end())),
        }
    }
}

/// A command that will be given what it is to run: on the first processors alone, since pyvista-zstd reads single arrays
/// with as many threads as it likes.
fn on_processors(n: usize) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &format!("0-{}", n - 1)]);
    command
}

impl Drop for Side {
    fn drop(&mut self) {
        // It ends where its input does, and has nothing to save.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
