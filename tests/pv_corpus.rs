//! Files that pyvista-zstd wrote, and crafted ones, against what is known of them.
//!
//! The corpus is not part of the repository: it is looked for in `PAGINUM_PV_CORPUS`, then in `../shared/corpus/pv`.
//! Where it is absent, each test says so and passes. A manifest beside a file gives dtype, shape, filter and the
//! SHA-256 of the decoded bytes of each of its arrays.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "support/counting.rs"]
mod counting;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use paginum::container::pv::{FilterChoice, Json, Reader, Target, WriteOptions, copy};
use paginum::container::{Container, OpenOptions};
use paginum::filter::Registry;
use paginum::storage::{FileStore, MemoryStore, Store};
use paginum::{Array, ErrorKind, Result};
use sha2::{Digest, Sha256};

use counting::Counting;

fn corpus(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PAGINUM_PV_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/pv"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no corpus of .pv files at {}", path.display());
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_file = |path: &PathBuf| path.extension().is_some_and(|e| e == "pv" || e == "zvtk");
    let mut files: Vec<_> = entries.filter(is_file).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn open(path: &Path) -> Result<Reader> {
    let options = OpenOptions::default().with_name(path.display().to_string());
    Reader::open(FileStore::new(path).open()?, &options)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// dtype, shape, filter and digest.
type Description = (String, Vec<u64>, String, String);

/// Every array of a file by the name of its frame: shared blocks give one array several paths.
fn read_all(reader: &Reader) -> Result<BTreeMap<String, Description>> {
    let mut arrays = BTreeMap::new();
    for index in 0..reader.placeholders().end {
        let entry = reader.entry(index)?;
        let digest = sha256(reader.open_array(index)?.read(reader.limits())?.bytes());
        let name = reader.frame_name(index).to_owned();
        arrays.insert(name, (entry.dtype, entry.shape, entry.filter, digest));
    }
    Ok(arrays)
}

fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.as_object()?.get(name)
}

fn text(json: &Json, name: &str) -> String {
    member(json, name)
        .and_then(Json::as_text)
        .unwrap_or_else(|| panic!("no {name}"))
}

/// By the name of the frame.
fn manifest(json: &Json) -> BTreeMap<String, Description> {
    let arrays = member(json, "arrays")
        .map(Json::elements)
        .unwrap_or_default();
    let described = arrays.iter().map(|array| {
        let shape = member(array, "shape").unwrap().elements();
        let shape = shape.iter().map(|axis| axis.as_u64().unwrap()).collect();
        let filter = match member(array, "filter_id").and_then(Json::as_u64) {
            Some(0) => "none",
            Some(1) => "shuffle",
            other => panic!("filter {other:?}"),
        };
        let description = (
            text(array, "dtype"),
            shape,
            filter.to_owned(),
            text(array, "sha256"),
        );
        (text(array, "name"), description)
    });
    described
        .filter(|(name, _)| name != "__thumbnail")
        .collect()
}

#[test]
fn every_array_of_every_manifest_reads_as_it_was_written() {
    for release in ["v0.2.4", "v0.7.0"] {
        let Some(folder) = corpus(release) else {
            return;
        };
        let (mut n_files, mut n_arrays) = (0, 0);
        for path in files(&folder) {
            let json = Json::parse(&fs::read(path.with_extension("json")).unwrap()).unwrap();
            if member(&json, "raw_parse_error").is_some() {
                continue;
            }
            let reader = open(&path).unwrap();
            let arrays = read_all(&reader).unwrap();
            assert_eq!(arrays, manifest(&json), "{}", path.display());
            assert!(
                reader.notes().is_empty(),
                "{}: {:?}",
                path.display(),
                reader.notes()
            );
            n_files += 1;
            n_arrays += arrays.len();
        }
        eprintln!("{release}: {n_arrays} arrays of {n_files} files");
        assert!(n_files > 90 && n_arrays > 500);
    }
}

#[test]
fn names_that_no_release_can_read_are_recovered() {
    let Some(folder) = corpus("v0.2.4") else {
        return;
    };
    for name in ["names_unicode", "names_unicode_shuffle", "append_unicode"] {
        let path = folder.join(name).with_extension("pv");
        let json = Json::parse(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let reader = open(&path).unwrap();
        let mut n_checked = 0;
        for (association, member_name) in [
            ("point_data", "source"),
            ("field_data", "source"),
            ("field_data", "appended"),
        ] {
            let source = member(&json, member_name).unwrap();
            let source = if member_name == "source" {
                member(source, association).unwrap()
            } else {
                source
            };
            for (key, array) in source.as_object().unwrap().members() {
                let index = reader.find(&format!("{association}/{key}")).unwrap();
                let read = reader.open_array(index).unwrap();
                let read = read.read(reader.limits()).unwrap();
                assert_eq!(sha256(read.bytes()), text(array, "sha256"), "{name}: {key}");
                n_checked += 1;
            }
        }
        assert!(n_checked > 0, "{name}");
    }
}

#[test]
fn thumbnails_are_read_and_known_to_be_stale() {
    let Some(folder) = corpus("v0.7.0") else {
        return;
    };
    let mut n_thumbnails = 0;
    for path in files(&folder) {
        let json = Json::parse(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let thumbnail = open(&path).unwrap().thumbnail().unwrap();
        let expected = member(&json, "thumbnail");
        assert_eq!(
            thumbnail.is_some(),
            expected.is_some(),
            "{}",
            path.display()
        );
        if let (Some(thumbnail), Some(expected)) = (thumbnail, expected) {
            assert_eq!(sha256(&thumbnail.png), text(expected, "sha256"));
            let width = member(expected, "width").and_then(Json::as_u64);
            assert_eq!(Some(u64::from(thumbnail.width)), width);
            let is_stale = path.to_string_lossy().contains("stale");
            assert_eq!(thumbnail.is_stale, is_stale, "{}", path.display());
            n_thumbnails += 1;
        }
    }
    assert_eq!(n_thumbnails, 4);
}

/// What a crafted file is for, by the words of its description.
#[derive(Debug, PartialEq)]
enum Intent {
    /// Reads, every array.
    Reads,
    /// Opening or reading some array is an error; the others read.
    Refused,
    /// Either: nothing in the file tells.
    Either,
}

fn intent(name: &str, description: &str) -> Intent {
    match name {
        // Damage without a checksum may pass.
        "payload_bitflip.pv" => Intent::Either,
        // Nothing refers to the array: the file reads, the array is refused.
        "extra_pair_unknown_filter_unreferenced.pv" | "size_mismatch_unknown_filter.pv" => {
            Intent::Refused
        }
        "header_two_trailing_bytes.pv" | "name_bad_utf8.pv" => Intent::Refused,
        // Zeroes behind a whole file are what an interrupted append leaves: read, and said.
        "garbage_appended.pv" => Intent::Reads,
        // As if shuffled: other values, and no error.
        "filter_id_1.pv" => Intent::Reads,
        _ if description.contains("refuse") && !description.contains("0.7.0 refuses") => {
            Intent::Refused
        }
        _ => Intent::Reads,
    }
}

#[test]
fn crafted_files_get_what_they_are_meant_to() {
    for folder in ["crafted", "crafted-from-0.2.4"] {
        let Some(folder) = corpus(folder) else { return };
        let expected = Json::parse(&fs::read(folder.join("expect.json")).unwrap()).unwrap();
        let expected: BTreeMap<_, _> = expected
            .as_object()
            .unwrap()
            .members()
            .map(|(name, description)| (name, description.as_text().unwrap()))
            .collect();
        for path in files(&folder) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let description = expected.get(&name).map_or("refuse", String::as_str);
            let result =
                open(&path).and_then(|reader| Ok((read_all(&reader)?, reader.notes().len())));
            match intent(&name, description) {
                Intent::Reads => assert!(result.is_ok(), "{name} ({description}): {result:?}"),
                Intent::Refused => {
                    let error = result.expect_err(&format!("{name}: {description}"));
                    assert!(error.to_string().contains(&name), "{error}");
                    assert_ne!(error.kind(), ErrorKind::Io, "{name}: {error}");
                }
                Intent::Either => {}
            }
        }
    }
}

#[test]
fn an_unknown_filter_refuses_its_array_alone() {
    let Some(folder) = corpus("crafted") else {
        return;
    };
    for name in [
        "filter_id_2.pv",
        "filter_id_64.pv",
        "extra_pair_unknown_filter_unreferenced.pv",
    ] {
        let reader = open(&folder.join(name)).unwrap();
        let results: Vec<_> = (0..reader.placeholders().end)
            .map(|index| reader.open_array(index)?.read(reader.limits()))
            .collect();
        let refused: Vec<_> = results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .collect();
        assert_eq!(refused.len(), 1, "{name}");
        assert_eq!(refused[0].kind(), ErrorKind::Unsupported, "{name}");
        assert!(reader.entry(0).is_ok(), "{name}");
    }
}

#[test]
fn probes_and_fixtures_read() {
    let unsupported = [
        "filter_id_128",
        "pcoA",
        "pcoB",
        "pco_over_ratio",
        "file_version_4",
        "header_two_trailing_bytes",
    ];
    for folder in ["interop-probes", "upstream-fixtures"] {
        let Some(folder) = corpus(folder) else { return };
        for path in files(&folder) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let result = open(&path).and_then(|reader| read_all(&reader));
            let is_refused = unsupported.iter().any(|start| name.starts_with(start));
            assert_eq!(result.is_err(), is_refused, "{name}: {result:?}");
        }
    }
}

#[test]
fn opening_reads_as_often_for_many_arrays_as_for_few() {
    let Some(folder) = corpus("v0.7.0") else {
        return;
    };
    let n_reads = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        let counted = Counting::new(bytes);
        let reader = Reader::open(counted.clone(), &OpenOptions::default()).unwrap();
        (reader.n_arrays(), counted.cost().0)
    };
    let (few, reads_of_few) = n_reads("image_offset_direction.pv");
    let (many, reads_of_many) = n_reads("append_20x.pv");
    assert!(many >= few + 19);
    assert_eq!(reads_of_few, reads_of_many);
    assert!(reads_of_few <= 6, "{reads_of_few}");
}

/// The dtype and shape of an array, and the array.
type Described = (String, Vec<u64>, Array);

/// Every stored array by its path.
fn by_path(reader: &Reader) -> Result<BTreeMap<String, Described>> {
    (0..reader.placeholders().end)
        .map(|index| {
            let entry = reader.entry(index)?;
            Ok((
                entry.path,
                (
                    entry.dtype,
                    entry.shape,
                    reader.open_array(index)?.read(reader.limits())?,
                ),
            ))
        })
        .collect()
}

#[test]
fn every_file_is_written_again_for_every_target_that_can_hold_it() {
    let mut n_copies = BTreeMap::<&str, (usize, usize)>::new();
    for release in ["v0.2.4", "v0.7.0", "upstream-fixtures"] {
        let Some(folder) = corpus(release) else {
            return;
        };
        for path in files(&folder) {
            let reader = open(&path).unwrap();
            let arrays = by_path(&reader).unwrap();
            for target in [Target::V0_2, Target::V0_4, Target::V0_7, Target::Native] {
                let store = MemoryStore::new();
                let options = WriteOptions::default().with_target(target);
                let place = format!("{} for {target}", path.display());
                let (n_good, n_refused) = n_copies.entry(target.name()).or_default();
                match copy(&reader, &store, options) {
                    Ok(_) => *n_good += 1,
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{place}: {error}");
                        assert_ne!(target, Target::Native, "{place}: {error}");
                        assert!(error.to_string().contains("--compat"), "{place}: {error}");
                        *n_refused += 1;
                        continue;
                    }
                }
                let copied = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
                let copied_arrays = by_path(&copied).unwrap();
                for (name, array) in &arrays {
                    assert_eq!(copied_arrays.get(name), Some(array), "{place}: {name}");
                }
                assert_eq!(copied.notes(), [""; 0], "{place}");
                let n_blocks = |reader: &Reader| reader.documents().len();
                assert_eq!(n_blocks(&copied), n_blocks(&reader), "{place}");
                copied.verify_structure().unwrap();
            }
        }
    }
    eprintln!("written and refused: {n_copies:?}");
    assert!(n_copies["0.2"].0 > 150 && n_copies["0.7"].0 > 190);
}

#[test]
fn documents_with_members_that_nobody_knows_are_written_again() {
    let Some(folder) = corpus("crafted") else {
        return;
    };
    for name in ["ds_meta_unknown_member.pv", "file_meta_unknown_member.pv"] {
        let reader = open(&folder.join(name)).unwrap();
        let store = MemoryStore::new();
        // Another filter would be another version in the document.
        let options = WriteOptions::default().with_filter(FilterChoice::named("none"));
        copy(&reader, &store, options).unwrap();
        let copied = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
        assert_eq!(copied.documents(), reader.documents(), "{name}");
    }
}

#[test]
fn files_of_0_7_0_are_reproduced_byte_by_byte() {
    let Some(folder) = corpus("v0.7.0") else {
        return;
    };
    let (mut n_same, mut different) = (0, Vec::new());
    for path in files(&folder) {
        let json = Json::parse(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let reader = open(&path).unwrap();
        let level = reader.metadata().compression_level().unwrap();
        let mut options = WriteOptions::default()
            .with_target(Target::Reproduce0_7)
            .with_filters(Registry::default().with_zstd_level(i32::try_from(level).unwrap()));
        for index in 0..reader.placeholders().end {
            let entry = reader.entry(index).unwrap();
            options = options.with_array_filter(entry.path, FilterChoice::named(entry.filter));
        }
        let store = MemoryStore::new();
        match copy(&reader, &store, options) {
            Ok(_) if *store.bytes().unwrap() == fs::read(&path).unwrap() => n_same += 1,
            result => different.push((
                path.file_stem().unwrap().to_owned(),
                text_of(&json, "options"),
                result.err(),
            )),
        }
    }
    for case in &different {
        eprintln!("not the same: {case:?}");
    }
    eprintln!("{n_same} files are the same, {} are not", different.len());
    // Not those that were appended to, whose documents are spelled in two ways, and what the target refuses.
    assert!(n_same >= 100);
}

fn text_of(json: &Json, name: &str) -> String {
    member(json, name).map(Json::to_string).unwrap_or_default()
}
