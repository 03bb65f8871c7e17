//! Completions and manual pages, made from the arguments themselves.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::arrays::save_new;
use crate::run::{command, fails, names, paginum};

/// The candidates for the last of these words.
fn candidates(folder: &Path, words: &[&str]) -> Vec<String> {
    let output = command(folder)
        .args(["complete", "--"])
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let lines = String::from_utf8(output.stdout).unwrap();
    let text = |line: &str| line.split('\t').next().unwrap().to_owned();
    lines.lines().map(text).collect()
}

fn packed(folder: &Path) {
    for name in ["rain.npy", "rate.npy", "two words.npy"] {
        save_new(folder, name, "<f4", &[30]);
    }
    let output = command(folder)
        .args([
            "pack",
            "rain.npy",
            "rate.npy",
            "two words.npy",
            "-o",
            "w.pv",
        ])
        .output()
        .unwrap();
    assert!(output.status.success());
}

#[test]
fn arrays_of_the_file_are_candidates() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    paginum(folder, "convert w.pv w.npz");
    for file in ["w.pv", "w.npz"] {
        for verb in ["cat", "unpack", "rm"] {
            assert_eq!(candidates(folder, &[verb, file, "ra"]), ["rain", "rate"]);
        }
        assert_eq!(
            candidates(folder, &["cat", "--first", "3", file, "rain", "t"]),
            ["two words"]
        );
    }
    assert_eq!(
        candidates(folder, &["cat", "w.pv", "field_data/rat"]),
        ["field_data/rate"]
    );
    let filters = candidates(folder, &["pack", "w.pv", "-o", "x.pv", "--filter", "ra"]);
    assert_eq!(filters, ["rain=", "rate="]);
    let filters = candidates(folder, &["pack", "w.pv", "--filter", "rain=shu"]);
    assert_eq!(filters, ["rain=shuffle"]);
    let compat = candidates(folder, &["pack", "w.pv", "--compat", ""]);
    assert_eq!(compat, ["native", "0.7", "0.4", "0.2"]);
    // What cannot be read, or would make the shell wait, has no names.
    fs::write(folder.join("bad.npz"), b"PK\x03\x04 and nothing else").unwrap();
    for file in ["nowhere.pv", "bad.npz", "rain.npy", ".", "-"] {
        assert_eq!(candidates(folder, &["cat", file, ""]), [""; 0], "{file}");
    }
}

/// What the script for bash completes these words to, where there is a bash.
fn in_bash(folder: &Path, words: &str) -> Option<String> {
    let program = Path::new(assert_cmd::cargo::cargo_bin!("paginum"));
    let path = std::env::join_paths(
        std::iter::once(program.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH")?)),
    );
    let script = format!(
        "source <(paginum completions bash); COMP_WORDS=(paginum {words}); \
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _paginum; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .output();
    let Ok(output) = output else {
        println!("skipped: there is no bash");
        return None;
    };
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn bash_completes_what_the_program_knows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    fs::rename(folder.join("w.pv"), folder.join("my w.pv")).unwrap();
    for (words, completed) in [
        ("compr", "compress\n"),
        ("compress a.npy --mode int", "int-mult:\n"),
        // As bash splits them.
        ("compress a.npy --mode = int", "int-mult:\n"),
        (r"cat 'my\ w.pv' r", "rain\nrate\n"),
        (r"cat 'my\ w.pv' t", "two\\ words\n"),
        ("compress ''", "\n"),
    ] {
        if let Some(found) = in_bash(folder, words) {
            assert_eq!(found, completed, "{words}");
        }
    }
}

#[test]
fn every_verb_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    paginum(folder, "man pages");
    let pages = names(&folder.join("pages"));
    let help = paginum(folder, "--help");
    let verbs = help.split("Commands:").nth(1).unwrap().lines();
    let verbs = verbs.skip(1).take_while(|line| !line.is_empty());
    let verbs = verbs.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    for verb in verbs.filter(|verb| !verb.is_empty() && *verb != "help") {
        assert!(pages.contains(&format!("paginum-{verb}.1")), "{verb}");
    }
    assert!(!pages.iter().any(|page| page.contains("complete.1")));
    let page = fs::read_to_string(folder.join("pages/paginum-compress.1")).unwrap();
    for part in [".TH paginum-compress 1", ".SH OPTIONS", "Examples:"] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    fails(folder, "man pages", 2, "exists");
    paginum(folder, "man pages --force");
}
