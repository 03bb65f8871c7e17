//! `inspect`: versions, chunks and bins, in words and as pictures.

use paginum::Array;
use serde_json::Value;

use crate::arrays::{save, save_new};
use crate::run::{fails, paginum};

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
    assert!(svg.matches("class=\"bin\"").count() > 1);
    for part in [
        "a.pco, chunk 0: 1000 numbers",
        "bits per latent",
        "(logarithmic scale)</text>",
        "primary latents",
    ] {
        assert!(svg.contains(part), "{part:?} is missing in\n{svg}");
    }
    paginum(folder, "inspect a.pco --plot a.png");
    let png = std::fs::read(folder.join("a.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xaeB`\x82"));
    fails(folder, "inspect a.pco --plot a.pdf", 2, ".svg, .png");
    fails(folder, "inspect a.pco --plot a", 2, ".svg, .png");
    assert!(!folder.join("a.pdf").exists() && !folder.join("a").exists());
    fails(folder, "inspect a.pco --plot a.svg", 2, "exists");
    fails(folder, "inspect a.pco --chunk 1 --plot b.svg", 2, "1 chunk");
    fails(folder, "inspect a.npy --plot b.svg", 2, "no bins");
}

#[test]
fn a_single_bin_is_a_bar_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save(
        folder,
        "a.npy",
        &Array::from_numbers(&[7.5_f64; 1000]).unwrap(),
    );
    paginum(
        folder,
        "compress a.npy -o a.pco --mode classic --delta none",
    );
    paginum(folder, "inspect a.pco --plot a.svg");
    let svg = std::fs::read_to_string(folder.join("a.svg")).unwrap();
    assert_eq!(svg.matches("class=\"bin\"").count(), 1);
    let width = svg.split("width=\"").nth(3).unwrap();
    let width: f64 = width.split('"').next().unwrap().parse().unwrap();
    assert!(width > 20.0, "{svg}");
    let words = paginum(folder, "inspect a.pco");
    assert!(
        words.contains("1 bin,") && words.contains("  7.5    7.5  "),
        "{words}"
    );
}

#[test]
fn bounds_of_bins_are_in_the_numbers_own_units() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let bins = |options: &str| {
        paginum(folder, &format!("compress a.npy -o a.pco -f {options}"));
        let value: Value = serde_json::from_str(&paginum(folder, "inspect a.pco --json")).unwrap();
        value["chunks"][0]["latent_variables"][0].clone()
    };
    let ends = |var: &Value| {
        let bins = var["bins"].as_array().unwrap();
        (
            bins[0]["lower"].clone(),
            bins.last().unwrap()["upper"].clone(),
        )
    };
    // Steps of -300, 0 and 300.
    let numbers: Vec<i64> = (0..3000)
        .map(|i| [0, 300, 300, 0][i % 4] + (1 << 60))
        .collect();
    save(folder, "a.npy", &Array::from_numbers(&numbers).unwrap());
    let var = bins("--mode classic --delta consecutive:1");
    assert_eq!(var["unit"], "differences");
    assert_eq!(
        ends(&var),
        (serde_json::json!(-300), serde_json::json!(300))
    );
    let var = bins("--mode int-mult:100 --delta consecutive:1");
    assert_eq!(var["unit"], "differences, multiples of 100");
    assert_eq!(
        ends(&var),
        (serde_json::json!(-300), serde_json::json!(300))
    );
    let var = bins("--mode classic --delta none");
    assert_eq!(var["unit"], "numbers");
    assert_eq!(ends(&var).0, ((1_u64 << 60).to_string()));
    assert_eq!(ends(&var).1, (((1_u64 << 60) + 300).to_string()));
    assert!(var["bins"][0]["lower_latent"].is_string());

    let numbers: Vec<f64> = (0..3000).map(|i| f64::from(i % 9 - 4) * 0.25).collect();
    save(folder, "a.npy", &Array::from_numbers(&numbers).unwrap());
    let var = bins("--mode float-mult:0.25 --delta none");
    assert_eq!(var["unit"], "numbers, multiples of 0.25");
    assert_eq!(
        ends(&var),
        (serde_json::json!(-1.0), serde_json::json!(1.0))
    );
}

#[test]
fn bins_of_numeric_arrays_in_a_pv_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save(
        folder,
        "a.npy",
        &Array::from_numbers(&(0..5000).map(|i| i * i % 97).collect::<Vec<i32>>()).unwrap(),
    );
    save_new(folder, "b.npy", "<f8", &[5000]);
    save_new(folder, "c.npy", "|S3", &[10]);
    paginum(
        folder,
        "pack a.npy c.npy -o one.pv --compat native --filter a=numeric",
    );
    let words = paginum(folder, "inspect one.pv");
    for part in [
        "chunks of a",
        "primary latent variable",
        "bounds are",
        "document of",
    ] {
        assert!(words.contains(part), "{part:?} is missing in\n{words}");
    }
    paginum(folder, "inspect one.pv --plot one.svg");
    let value: Value = serde_json::from_str(&paginum(folder, "inspect one.pv --json")).unwrap();
    let arrays = value["arrays"].as_array().unwrap();
    let chunks_of = |name: &str| {
        let found = arrays
            .iter()
            .find(|a| a["path"] == format!("field_data/{name}"));
        found.unwrap()["chunks"].clone()
    };
    assert_eq!(chunks_of("a")[0]["numbers"], 5000);
    assert!(chunks_of("c").is_null());

    paginum(
        folder,
        "pack a.npy b.npy -o two.pv --compat native --filter numeric",
    );
    fails(folder, "inspect two.pv --plot two.svg", 2, "--array");
    paginum(folder, "inspect two.pv --plot two.png --array b");
    let words = paginum(folder, "inspect two.pv --array b");
    assert!(words.contains("chunks of b") && !words.contains("chunks of a"));
    fails(folder, "inspect two.pv --array nowhere", 2, "nowhere");
    fails(folder, "inspect two.pv --chunk 1", 2, "1 chunk");
}
