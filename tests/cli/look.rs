//! What is shown: tables for people, documents for programs, drawings.

use serde_json::Value;

use crate::arrays::{array, save_new};
use crate::run::{paginum, run};

#[test]
fn inspect_names_versions_chunks_and_bins() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<u2", &[1000, 2]);
    paginum(
        folder,
        "compress a.npy -o a.pco --chunk-n 1000 --delta consecutive:1",
    );
    let words = paginum(folder, "inspect a.pco");
    for part in [
        "wire format 4.1",
        "<u2 [1000, 2]",
        "Consecutive(1)",
        "primary latent variable",
        "offset bits",
    ] {
        assert!(words.contains(part), "{part:?} is missing in\n{words}");
    }
    let value: Value = serde_json::from_str(&paginum(folder, "inspect a.pco --json")).unwrap();
    assert_eq!(value["version"], "4.1");
    assert_eq!(value["shape"], serde_json::json!([1000, 2]));
    let chunks = value["chunks"].as_array().unwrap();
    assert_eq!(chunks.len(), 2);
    let weights: u64 = chunks[1]["latent_variables"][0]["bins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bin| bin["weight"].as_u64().unwrap())
        .sum();
    let size_log = chunks[1]["latent_variables"][0]["ans_size_log"]
        .as_u64()
        .unwrap();
    assert_eq!(weights, 1 << size_log);
}

#[test]
fn bins_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<u2", &[1000]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "inspect a.pco --plot a.svg");
    let svg = std::fs::read_to_string(folder.join("a.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.matches("<rect").count() > 1);
}

#[test]
fn ls_lists_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", ">f8", &[3, 2]);
    let words = paginum(folder, "ls a.npy");
    assert!(
        words
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("array  >f8    3x2"),
        "{words}"
    );
    let value: Value = serde_json::from_str(&paginum(folder, "ls a.npy --json")).unwrap();
    assert_eq!(value["arrays"][0]["bytes"], 48);
}

#[test]
fn text_is_a_line_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers = paginum::Array::from_numbers(&[0.1f32, -2.0, f32::NAN, f32::INFINITY]).unwrap();
    crate::arrays::save(folder, "a.npy", &numbers);
    assert_eq!(paginum(folder, "cat a.npy"), "0.1\n-2\nNaN\ninf\n");
}

#[test]
fn results_and_words_go_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<u2", &[1000]);
    let output = run(folder, "compress a.npy -o a.pco");
    assert!(output.stdout.is_empty());
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(
        line.contains("2000 -> ") && line.contains("ratio") && line.contains("MB/s"),
        "{line}"
    );
    // The array goes to standard output: the line does not.
    let output = run(folder, "compress a.npy -o -");
    assert!(output.stdout.starts_with(b"pco!"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("ratio"));
    assert!(run(folder, "compress a.npy -o - --quiet").stderr.is_empty());
}

#[test]
fn completions_and_help_are_there_for_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(paginum(folder, &format!("completions {shell}")).contains("paginum"));
    }
    let help = paginum(folder, "--help");
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for verb in verbs
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
    {
        assert!(paginum(folder, &format!("help {verb}")).contains("Usage"));
    }
    assert!(array("<f4", &[1]).bytes().len() == 4);
}
