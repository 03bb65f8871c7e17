//! Files of ours read by pyvista-zstd, and its files read by us.
//!
//! Where there is no environment, each test says so and passes. `make peers` makes one of every release and prints the
//! table of docs/FORMAT.md.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[path = "peers/mod.rs"]
mod peers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Json, Reader, Target, WriteOptions, Writer, compact, copy,
};
use paginum::container::{Container, OpenOptions};
use paginum::storage::{FileStore, Store};
use paginum::{Array, ArraySpec, ErrorKind, Order, Validity};
use peers::{environment, python, releases};
use sha2::{Digest, Sha256};

/// Path of an array to the digest of its bytes.
type Digests = BTreeMap<String, String>;

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What the scripts say a file holds.
fn digests(described: &Json) -> Digests {
    let arrays = described.as_object().unwrap().members();
    arrays
        .map(|(path, array)| {
            (
                path,
                array
                    .as_object()
                    .unwrap()
                    .get("sha256")
                    .unwrap()
                    .as_text()
                    .unwrap(),
            )
        })
        .collect()
}

fn offsets_of(reader: &Reader, path: &str) -> Array {
    let offsets = reader.open_array(reader.find(path).unwrap()).unwrap();
    offsets.read(reader.limits()).unwrap()
}

/// The same of our reader: ids as int64, geometry only where there is some, offsets also where they are implied.
fn our_digests(path: &Path) -> Digests {
    let options = OpenOptions::default().with_name(path.display().to_string());
    let reader = Reader::open(FileStore::new(path).open().unwrap(), &options).unwrap();
    let mut digests = Digests::new();
    for index in 0..reader.placeholders().end {
        let name = reader.path(index).to_owned();
        let array = reader.open_array(index).unwrap();
        let array = array.read(reader.limits()).unwrap();
        match name.strip_suffix("/connectivity") {
            Some(_) if array.spec().rows() == 0 => {}
            Some(list) => {
                let offsets = format!("{list}/offset");
                digests.insert(
                    offsets.clone(),
                    sha256(&as_i64(&offsets_of(&reader, &offsets))),
                );
                digests.insert(name, sha256(&as_i64(&array)));
            }
            None if name.ends_with("/offset") => {}
            None if array.spec().bytes() == 0 && !name.contains("_data/") => {}
            None => {
                digests.insert(name, sha256(array.bytes()));
            }
        }
    }
    digests
}

fn as_i64(array: &Array) -> Vec<u8> {
    match array.numbers::<i32>() {
        Ok(ids) => ids
            .iter()
            .flat_map(|id| i64::from(*id).to_le_bytes())
            .collect(),
        Err(_) => array.bytes().to_vec(),
    }
}

#[test]
fn what_they_write_reads_as_they_hold_it() {
    let Some(peers) = environment() else { return };
    for release in releases(&peers) {
        let folder = tempfile::tempdir().unwrap();
        python(&peers, &release, "write.py", &[folder.path().to_owned()]);
        let (mut n_files, mut n_arrays) = (0, 0);
        for path in files(folder.path()) {
            let described = Json::parse(&fs::read(path.with_extension("json")).unwrap()).unwrap();
            let theirs = digests(&described);
            assert_eq!(our_digests(&path), theirs, "{release}: {}", path.display());
            (n_files, n_arrays) = (n_files + 1, n_arrays + theirs.len());
        }
        eprintln!("{release}: {n_arrays} arrays of {n_files} files");
        assert!(n_files >= 10 && n_arrays > 100);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "pv"))
        .collect();
    files.sort();
    files
}

fn numbers(n: usize) -> Array {
    let values: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() * 100.0).collect();
    Array::from_numbers(&values).unwrap()
}

fn array(dtype: &str, shape: &[u64], bytes: &[u8]) -> Array {
    Array::from_bytes(
        ArraySpec::new(dtype.parse().unwrap(), shape).unwrap(),
        bytes,
    )
    .unwrap()
}

/// A folder of arrays, one of them of several frames; only what every target can hold.
fn pack(store: &FileStore, options: WriteOptions) {
    let mut writer = Writer::create(store, options).unwrap();
    let matrix: Vec<u8> = (0..24).collect();
    writer.write("numbers", &numbers(1000)).unwrap();
    writer.write("large", &numbers(400_000)).unwrap();
    writer
        .write(
            "ids",
            &Array::from_numbers(&(0..500_000).collect::<Vec<i32>>()).unwrap(),
        )
        .unwrap();
    writer
        .write("bytes", &Array::from_numbers(&[1_u8, 2, 3]).unwrap())
        .unwrap();
    writer
        .write("flags", &array("|b1", &[4], &[0, 1, 1, 0]))
        .unwrap();
    writer
        // Readers that know nothing of the order see rows.
        .write(
            "matrix",
            &array("<f4", &[2, 3], &matrix).with_order(Order::F),
        )
        .unwrap();
    writer
        .write(
            "text",
            &array(
                "<U2",
                &[2],
                &['a', 'b', 'c', '\0']
                    .map(|c| c as u32)
                    .map(u32::to_le_bytes)
                    .concat(),
            ),
        )
        .unwrap();
    writer
        .write("same", &array("<i8", &[20_000], &[0; 160_000]))
        .unwrap();
    writer.commit().unwrap();
}

/// Files of ours of every kind, in the folder of their target; some targets cannot hold some of them.
fn write_ours(folder: &Path, theirs: &Path) -> BTreeMap<&'static str, Vec<PathBuf>> {
    let mut written = BTreeMap::<&str, Vec<PathBuf>>::new();
    for target in [
        Target::V0_2,
        Target::V0_4,
        Target::V0_7,
        Target::Native,
        Target::Reproduce0_7,
    ] {
        let folder = folder.join(target.name());
        fs::create_dir(&folder).unwrap();
        let known = written.entry(target.name()).or_default();
        for filter in ["none", "shuffle", "auto"] {
            // What numeric and delta do to other readers is a test of its own.
            if target == Target::Native && filter == "auto" {
                continue;
            }
            let path = folder.join(format!("pack_{filter}.pv"));
            let filter = FilterChoice::parse(filter).unwrap();
            pack(
                &FileStore::new(&path),
                WriteOptions::default()
                    .with_target(target)
                    .with_filter(filter),
            );
            known.push(path);
        }
        for source in files(theirs) {
            let path = folder.join(source.file_name().unwrap());
            let reader = Reader::open(
                FileStore::new(&source).open().unwrap(),
                &OpenOptions::default(),
            )
            .unwrap();
            let options = WriteOptions::default()
                .with_target(target)
                .with_filter(FilterChoice::named("shuffle"));
            match copy(&reader, &FileStore::new(&path), options) {
                Ok(_) => known.push(path),
                Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
            }
        }
        for path in known.clone() {
            let edited = path.with_file_name(format!(
                "edited_{}",
                path.file_name().unwrap().to_string_lossy()
            ));
            fs::copy(&path, &edited).unwrap();
            edit(&edited, target);
            known.push(edited.clone());
            let compacted = path.with_file_name(format!(
                "compacted_{}",
                path.file_name().unwrap().to_string_lossy()
            ));
            fs::copy(&edited, &compacted).unwrap();
            compact(&FileStore::new(&compacted), &edit_options(target)).unwrap();
            known.push(compacted);
        }
    }
    written
}

fn edit_options(target: Target) -> EditOptions {
    let write = WriteOptions::default().with_filter(FilterChoice::named("none"));
    EditOptions::default().with_write(write).with_target(target)
}

/// Three edits in place: appended, replaced, removed.
fn edit(path: &Path, target: Target) {
    let store = FileStore::new(path);
    let prefix = if path.to_string_lossy().contains("multiblock") {
        "blocks/0/"
    } else {
        ""
    };
    for round in 0..3 {
        let mut edit = Edit::new();
        edit.add(
            format!("{prefix}field_data/added{round}"),
            numbers(100 + round),
        );
        if round > 0 {
            edit.replace(format!("{prefix}field_data/added0"), numbers(50 * round));
        }
        if round > 1 {
            edit.remove(format!("{prefix}field_data/added1"));
        }
        edit.apply(&store, &edit_options(target)).unwrap();
    }
}

/// Reads files with a release, and says what is wrong with each that does not hold what we read from it.
fn read_by(peers: &Path, release: &str, paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let output = python(peers, release, "read.py", paths);
    let results = Json::parse(&output).unwrap();
    let mut wrong = Vec::new();
    for (path, result) in results.as_object().unwrap().members() {
        let path = PathBuf::from(path);
        let result = result.as_object().unwrap();
        if let Some(error) = result.get("error") {
            wrong.push((path, error.as_text().unwrap()));
            continue;
        }
        let (ours, theirs) = (our_digests(&path), digests(result.get("arrays").unwrap()));
        if ours != theirs {
            let differ = |a: &Digests, b: &Digests| -> Vec<String> {
                a.iter()
                    .filter(|(name, digest)| b.get(*name) != Some(digest))
                    .map(|(name, _)| name.clone())
                    .collect()
            };
            wrong.push((
                path,
                format!(
                    "ours {:?}, theirs {:?}",
                    differ(&ours, &theirs),
                    differ(&theirs, &ours)
                ),
            ));
        }
    }
    wrong
}

/// Whether a release is among the readers that a target is for.
fn is_for(target: &str, release: &str) -> bool {
    match target {
        "0.2" => true,
        "0.4" => release >= "0.4",
        _ => release >= "0.7",
    }
}

#[test]
fn what_we_write_reads_in_the_releases_that_it_is_for() {
    let Some(peers) = environment() else { return };
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    python(&peers, "0.7.0", "write.py", std::slice::from_ref(&theirs));
    let written = write_ours(folder.path(), &theirs);
    let mut table = String::new();
    let mut failures = Vec::new();
    for release in releases(&peers) {
        for (target, paths) in &written {
            let wrong = read_by(&peers, &release, paths);
            table += &format!(
                "| {release} | {target} | {} of {} |\n",
                paths.len() - wrong.len(),
                paths.len()
            );
            // 0.2.0 to 0.2.3 ignore filters, as formats before 0.2.4 had none.
            let is_for = is_for(target, &release) && (release.as_str() >= "0.2.4");
            if is_for {
                failures.extend(
                    wrong
                        .into_iter()
                        .map(|(path, what)| format!("{release} {}: {what}", path.display())),
                );
            }
        }
    }
    eprintln!("| release | target | read as written |\n|---|---|---|\n{table}");
    assert!(
        failures.is_empty(),
        "{} files:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn what_they_wrote_stays_readable_for_them_when_we_edit_it() {
    let Some(peers) = environment() else { return };
    for release in releases(&peers) {
        let folder = tempfile::tempdir().unwrap();
        python(&peers, &release, "write.py", &[folder.path().to_owned()]);
        let paths = files(folder.path());
        for path in &paths {
            let prefix = if path.to_string_lossy().contains("multiblock") {
                "blocks/0/"
            } else {
                ""
            };
            for round in 0..2 {
                let mut edit = Edit::new();
                edit.add(format!("{prefix}field_data/added{round}"), numbers(2000));
                edit.apply(&FileStore::new(path), &EditOptions::default())
                    .unwrap();
            }
        }
        let wrong = read_by(&peers, &release, &paths);
        assert!(wrong.is_empty(), "{release}: {wrong:#?}");
    }
}

#[test]
fn arrays_of_our_filters_are_refused_and_never_wrong() {
    let Some(peers) = environment() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for filter in ["delta", "numeric"] {
        let path = folder.path().join(format!("{filter}.pv"));
        let options = WriteOptions::default()
            .with_target(Target::Native)
            .with_filter(FilterChoice::named(filter));
        if options.filters.by_name(filter).is_err() {
            continue;
        }
        let mut writer = Writer::create(&FileStore::new(&path), options).unwrap();
        writer.write("ours", &numbers(10_000)).unwrap();
        writer
            .write("zeroes", &array("<i8", &[4_000_000], &vec![0; 32_000_000]))
            .unwrap();
        writer
            .write_with_nulls(
                "nulls",
                &numbers(3),
                &[true, false, true].into_iter().collect::<Validity>(),
            )
            .unwrap();
        writer.commit().unwrap();
        paths.push(path);
    }
    for release in releases(&peers) {
        let wrong = read_by(&peers, &release, &paths);
        assert_eq!(wrong.len(), paths.len(), "{release}");
        for (path, what) in wrong {
            let is_refusal = !what.starts_with("ours");
            assert!(is_refusal, "{release} {}: {what}", path.display());
            let says_why = release.as_str() < "0.4" || what.contains("filter");
            assert!(says_why, "{release} {}: {what}", path.display());
        }
    }
}
