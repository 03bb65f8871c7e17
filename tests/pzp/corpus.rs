//! Files that others wrote: what they hold, what is wrong with damaged ones, and the same bytes again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use paginum::container::File;
use paginum::container::pzp::PzpOptions;
use paginum::{Limits, Result};
use sha2::{Digest, Sha256};

use crate::files::{numbers, open, payloads, write_all};

/// A folder of the corpus beside the checkout, if it is there.
fn corpus(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpus")
        .join(name);
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

/// The cells of a line, of which one may be quoted.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

/// The frames of a file with the shapes of their arrays, in order.
fn frames(file: &File) -> Vec<(String, Vec<u64>, Vec<u8>)> {
    let mut frames = Vec::new();
    for array in file.arrays() {
        let path = array.path();
        if path != "array" && !path.starts_with("frames") {
            continue;
        }
        let values = array.read().unwrap();
        let (dtype, shape) = (values.spec().dtype().to_string(), values.spec().shape());
        if shape.len() < 4 {
            frames.push((dtype, shape.to_vec(), values.bytes().to_vec()));
            continue;
        }
        // As the manifest has it, a picture of one channel has no axis for that.
        let shape = if shape[3] == 1 {
            &shape[1..3]
        } else {
            &shape[1..]
        };
        for frame in values.bytes().chunks(values.spec().row_bytes() as usize) {
            frames.push((dtype.clone(), shape.to_vec(), frame.to_vec()));
        }
    }
    frames
}

#[test]
fn the_corpus_reads_as_its_manifest_says() {
    let Some(folder) = corpus("pzp") else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let mut files: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let cells = cells(line);
        files.entry(cells[0].clone()).or_default().push(cells);
    }
    assert!(files.len() > 80);
    for (name, lines) in files {
        let file = open(
            std::fs::read(folder.join(&name)).unwrap(),
            Limits::default(),
        );
        let file = file.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (frames, delays) = (frames(&file), numbers(&file, "delays"));
        for cells in &lines {
            let number: usize = cells[1].parse().unwrap();
            let (dtype, shape, pixels) = &frames[number];
            assert_eq!(
                (dtype, &format!("{shape:?}")),
                (&cells[4], &cells[5]),
                "{name}"
            );
            assert_eq!(sha256(pixels), cells[6], "{name}, frame {number}");
            if let Ok(delay) = cells[7].parse::<u32>() {
                let is = delays.get(number).copied().unwrap_or(0);
                assert_eq!(is, delay, "{name}, frame {number}");
            }
            if let Ok(loops) = cells[8].parse::<u32>() {
                let is = numbers(&file, "loop_count").first().copied().unwrap_or(1);
                assert_eq!(is, loops, "{name}");
            }
            for (blob, digest) in [("metadata", &cells[9]), ("audio", &cells[10])] {
                let is = file
                    .read(blob)
                    .map_or(String::new(), |bytes| sha256(bytes.bytes()));
                assert_eq!(&is, digest, "{name}: {blob}");
            }
        }
    }
}

#[test]
fn a_frame_alone_is_as_among_all() {
    let Some(folder) = corpus("pzp") else { return };
    for name in ["v02_cont_300_delta.pzp", "v03_gray16_idelta_c9.pzp"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let all = open(bytes.clone(), Limits::default())
            .unwrap()
            .read("array")
            .unwrap();
        let (n, row_bytes) = (all.spec().rows(), all.spec().row_bytes() as usize);
        for frame in [0, 1, n - 1, n / 2, n / 2, n / 2 + 1] {
            let file = open(bytes.clone(), Limits::default()).unwrap();
            let expected = &all.bytes()[frame as usize * row_bytes..][..row_bytes];
            for _ in 0..2 {
                let one = file.read_rows("array", frame..frame + 1).unwrap();
                assert!(one.bytes() == expected, "{name}, frame {frame}");
            }
        }
    }
}

#[test]
fn damaged_files_are_refused_as_their_verdicts_say() {
    let Some(folder) = corpus("pzp-bad") else {
        return;
    };
    let verdicts = std::fs::read_to_string(folder.join("expected.csv")).unwrap();
    let limits = Limits::default().with_max_bytes(128 << 20);
    let mut n = 0;
    for line in verdicts.lines().skip(1) {
        let cells = cells(line);
        let (name, verdict) = (&cells[0], &cells[2]);
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let read = || -> Result<Vec<u8>> {
            let file = open(bytes, limits)?;
            let mut pixels = Vec::new();
            for array in file.arrays() {
                let values = array.read()?;
                if array.path() == "array" || array.path().starts_with("frames") {
                    pixels.extend_from_slice(values.bytes());
                }
            }
            Ok(pixels)
        };
        match (read(), verdict.strip_prefix("accept ")) {
            (Ok(pixels), Some(digest)) => {
                assert!(sha256(&pixels).starts_with(digest), "{name}: {verdict}");
            }
            (Err(_), None) => {}
            (Err(error), Some(words)) if words.contains("budget") => {
                assert_eq!(
                    error.kind(),
                    paginum::ErrorKind::LimitExceeded,
                    "{name}: {error}"
                );
            }
            (Ok(_), None) => panic!("{name} is read: {verdict}"),
            (Err(error), Some(_)) => panic!("{name}: {error}, but {verdict}"),
        }
        n += 1;
    }
    assert!(n > 190);
}

/// Writes what a file holds with the settings that `flags` names.
fn written_again(file: &File, flags: u32, grouped: bool) -> Vec<u8> {
    let options = PzpOptions::default()
        .with_left_delta(flags & 2 != 0)
        .with_palette(flags & 4 != 0)
        .with_inter_delta(flags & 8 != 0)
        .with_lz4(flags & 16 != 0)
        .with_groups(grouped);
    write_all(file, options, "again").unwrap()
}

#[test]
fn what_is_written_is_byte_for_byte_what_others_write() {
    let Some(folder) = corpus("pzp") else { return };
    let (mut n_same, mut n_files) = (0, 0);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Files of several settings, and of groups of both kinds, are not written by one call.
        if !name.ends_with(".pzp") || name.contains("mixed") || name.contains("label_depth") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let theirs = payloads(&bytes);
        // The first frame of differences says that it is none.
        let flags = theirs.last().map(|payload| payload[32]).unwrap();
        let file = open(bytes.clone(), Limits::default()).unwrap();
        let again = written_again(&file, flags.into(), name.starts_with("v03"));
        let ours = payloads(&again);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let at = ours.iter().zip(theirs).position(|(a, b)| a != b);
            assert!(
                ours == theirs,
                "{name}: frame {i} of {flags} differs at {at:?}"
            );
        }
        n_files += 1;
        n_same += usize::from(again == bytes);
    }
    println!("{n_same} of {n_files} files are the same to the last byte");
    assert!(n_files > 80);
}
