//! Running the command, and what a test wants to know of it.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;

/// The command, in `folder`.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = cargo_bin_cmd!("paginum");
    command.current_dir(folder);
    command
}

/// Runs it with arguments split at spaces; returns its standard output, and fails the test unless it ends with 0.
pub(crate) fn paginum(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it with arguments split at spaces.
pub(crate) fn run(folder: &Path, arguments: &str) -> Output {
    command(folder)
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

/// Runs it, and fails the test unless it ends with `status` and words that hold `words`, which are one line.
pub(crate) fn fails(folder: &Path, arguments: &str, status: i32, words: &str) {
    let output = run(folder, arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
    assert!(
        said.contains(words),
        "{arguments}: {said:?} does not say {words:?}"
    );
    assert!(!said.contains("panicked"), "{arguments}: {said}");
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The names in a folder, hidden ones included, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What `ls --json` says of an array.
pub(crate) fn listed(folder: &Path, file: &str, path: &str) -> Value {
    let output = run(folder, &format!("ls {file} --json"));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let arrays = value["arrays"].as_array().unwrap().iter();
    arrays
        .filter(|array| array["path"] == path)
        .map(Value::clone)
        .next()
        .unwrap_or_else(|| panic!("{path} is not listed: {value}"))
}
