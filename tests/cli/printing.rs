//! Words that nobody can take: a reader that went away ends them and not the work; a full standard output is status 6.
#![cfg(target_os = "linux")]

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::arrays::save_new;
use crate::run::{paginum, stderr};

/// Lines that succeed in what [`stage`] makes, at least one a verb, and whether they print results.
const LINES: [(&str, bool); 22] = [
    ("compress a.npy -o new.pco", false),
    ("decompress a.pco -o new.npy", false),
    ("cat a.npy", true),
    ("ls w.pv", true),
    ("ls w.pv --json", true),
    ("inspect a.pco", true),
    ("inspect w.pv", true),
    ("verify a.pco w.pv", true),
    ("pack a.npy b.npy -o new.pv", false),
    ("unpack w.pv a -o new", false),
    ("append w.pv c.npy", false),
    ("rm w.pv b", false),
    ("compact w.pv", false),
    ("repair w.pv", false),
    ("convert w.pv new.npz", false),
    ("cp a.npy new.npy", false),
    ("advise c.npy", true),
    ("bench c.npy --rounds 1", true),
    ("view b.npy --plot -", true),
    ("completions bash", true),
    ("man new", false),
    ("--help", true),
];

fn stage(folder: &Path) {
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", "<i4", &[500, 3]);
    save_new(folder, "c.npy", "<i4", &[100]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "pack a.npy b.npy -o w.pv");
}

/// Standard output that says that the disk is full.
fn full() -> Stdio {
    Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap())
}

/// Standard output whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Stdio::from(writer)
}

fn run_into(folder: &Path, arguments: &str, stdout: Stdio) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .unwrap()
}

#[test]
fn every_verb_is_in_the_list() {
    let help = paginum(Path::new("."), "--help");
    let commands = help.split("Commands:").nth(1).unwrap();
    let commands = commands.split("\n\n").next().unwrap();
    for line in commands.lines().filter(|line| line.starts_with("  ")) {
        let Some(verb) = line[2..].split(' ').next().filter(|verb| !verb.is_empty()) else {
            continue;
        };
        // What diff prints is that files differ, which is no success; see below.
        assert!(
            ["diff", "help"].contains(&verb)
                || LINES
                    .iter()
                    .any(|(line, _)| line.split(' ').next() == Some(verb)),
            "{verb} is not tried"
        );
    }
}

#[test]
fn a_full_standard_output_is_status_6_and_no_panic() {
    for (arguments, prints) in LINES {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path());
        let output = run_into(folder.path(), arguments, full());
        let expected = if prints { 6 } else { 0 };
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(expected), "{arguments}: {said}");
        assert_eq!(
            said.contains("standard output: "),
            prints,
            "{arguments}: {said}"
        );
    }
}

#[test]
fn a_reader_that_went_away_is_met_with_silence() {
    for (arguments, _) in LINES {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path());
        let output = run_into(folder.path(), &format!("-q {arguments}"), closed());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments}: {said}");
        assert_eq!(said, "", "{arguments}");
    }
}

#[test]
fn the_work_goes_on_where_the_words_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    fs::write(folder.join("bad.pco"), b"pco!").unwrap();
    for stdout in [closed(), full()] {
        let output = run_into(folder, "verify a.pco bad.pco w.pv", stdout);
        assert!(stderr(&output).contains("bad.pco: "), "{output:?}");
        assert!([3, 6].contains(&output.status.code().unwrap()));
    }
    assert_eq!(
        run_into(folder, "verify a.pco bad.pco", closed())
            .status
            .code(),
        Some(3)
    );
    assert_eq!(
        run_into(folder, "diff a.npy b.npy", closed()).status.code(),
        Some(1)
    );
    assert_eq!(
        run_into(folder, "diff a.npy b.npy", full()).status.code(),
        Some(6)
    );
}

#[test]
fn standard_error_that_fails_changes_nothing() {
    for (arguments, status) in [
        ("compress a.npy -o new.pco", 0),
        ("unpack w.pv -o new", 0),
        ("verify nowhere.pco", 6),
        ("nonsense", 2),
    ] {
        for stderr in [full(), closed()] {
            let folder = tempfile::tempdir().unwrap();
            stage(folder.path());
            let output = Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
                .args(arguments.split_whitespace())
                .current_dir(folder.path())
                .stderr(stderr)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(status), "{arguments}");
        }
    }
}

#[test]
fn quiet_success_says_nothing() {
    let writers = LINES.iter().filter(|(_, prints)| !prints);
    for arguments in writers.map(|line| line.0).chain(["verify a.pco w.pv"]) {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path());
        let output = run_into(folder.path(), &format!("{arguments} -q"), Stdio::piped());
        assert_eq!(output.status.code(), Some(0), "{arguments}");
        assert!(output.stdout.is_empty(), "{arguments}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments}: {output:?}");
    }
}

#[test]
fn who_wrote_a_file_says_so_in_one_line() {
    for (arguments, _) in LINES.iter().filter(|(_, prints)| !prints) {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path());
        let output = run_into(folder.path(), arguments, Stdio::piped());
        let said = stderr(&output);
        assert!(output.stdout.is_empty(), "{arguments}: {output:?}");
        assert_eq!(said.lines().count(), 1, "{arguments}: {said}");
        let written = match arguments.contains("new") {
            true => "new",
            false => "w.pv",
        };
        assert!(said.contains(written), "{arguments}: {said}");
    }
}
