//! `.pv` files that lost their end: repaired to a version that verifies, or left as they are; and what is saved of them.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::collections::BTreeMap;

use paginum::container::pv::{
    CellArray, DatasetMetadata, DatasetType, Edit, EditOptions, FilterChoice, Reader, Salvage,
    Target, WriteOptions, Writer, repair,
};
use paginum::container::{Container, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ErrorKind, Result};

fn numbers(n: usize, seed: u64) -> Array {
    let values: Vec<f64> = (0..n)
        .map(|i| ((i as f64 + seed as f64) * 0.37).sin())
        .collect();
    Array::from_numbers(&values).unwrap()
}

fn verify(store: &MemoryStore) -> Result<()> {
    let reader = Reader::open(store.open()?, &OpenOptions::default())?;
    reader.verify_structure()?;
    for i in 0..reader.n_arrays() {
        reader.open_array(i)?.verify()?;
    }
    assert!(reader.notes().is_empty(), "{:?}", reader.notes());
    Ok(())
}

fn edit(store: &MemoryStore, change: impl FnOnce(&mut Edit<'_>)) {
    let mut edit = Edit::new();
    change(&mut edit);
    edit.apply(store, &EditOptions::default()).unwrap();
}

/// A file of each target with a name of what was done to it.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for target in Target::ALL {
        let options = WriteOptions::default().with_target(target);
        let store = MemoryStore::new();
        let mut writer = Writer::create(&store, options).unwrap();
        writer.write("first", &numbers(30, 1)).unwrap();
        writer.write("last", &numbers(60, 2)).unwrap();
        writer.commit().unwrap();
        let mut keep = |store: &MemoryStore, name: &str| {
            let bytes = store.bytes().unwrap().to_vec();
            files.push((format!("{target} {name}"), bytes));
        };
        keep(&store, "new");
        edit(&store, |edit| edit.add("next", numbers(40, 3)));
        keep(&store, "appended");
        edit(&store, |edit| edit.replace("last", numbers(50, 4)));
        keep(&store, "replaced");
        edit(&store, |edit| edit.remove("first"));
        keep(&store, "removed");
        edit(&store, |edit| {
            edit.replace(
                "points",
                Array::zeroed(
                    paginum::ArraySpec::new("<f4".parse().unwrap(), [0, 3]).unwrap(),
                    &Default::default(),
                )
                .unwrap(),
            )
        });
        keep(&store, "points replaced");
    }
    let options = WriteOptions::default()
        .with_target(Target::Native)
        .with_filter(FilterChoice::named("numeric"));
    let store = MemoryStore::new();
    let mut writer = Writer::create(&store, options.clone()).unwrap();
    writer.write("a", &numbers(300, 1)).unwrap();
    writer.commit().unwrap();
    edit(&store, |edit| edit.add("b", numbers(30, 1)));
    files.push(("numeric".to_owned(), store.bytes().unwrap().to_vec()));
    files
}

#[test]
fn a_file_that_lost_its_end_is_repaired_to_a_version_that_verifies_or_left_alone() {
    let (mut n_repaired, mut n_left) = (0, 0);
    for (name, whole) in files() {
        for len in 0..whole.len() {
            let store = MemoryStore::with_bytes(whole[..len].to_vec());
            let place = format!("{name}: {len} of {} bytes", whole.len());
            match repair(&store, &EditOptions::default()) {
                Ok(_) => {
                    verify(&store).unwrap_or_else(|error| panic!("{place}: {error}"));
                    n_repaired += 1;
                }
                Err(error) => {
                    let is_damage =
                        matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Truncated);
                    assert!(is_damage, "{place}: {error}");
                    assert_eq!(store.bytes().unwrap()[..], whole[..len], "{place}");
                    n_left += 1;
                }
            }
            // An append puts right what it finds, by the same rule.
            let store = MemoryStore::with_bytes(whole[..len].to_vec());
            let mut edit = Edit::new();
            edit.add("another", numbers(5, 5));
            match edit.apply(&store, &EditOptions::default()) {
                Ok(_) => verify(&store).unwrap_or_else(|error| panic!("{place}: {error}")),
                Err(_) => assert_eq!(store.bytes().unwrap()[..], whole[..len], "{place}"),
            }
        }
    }
    eprintln!("{n_repaired} repaired, {n_left} left");
    assert!(n_left > 1000);
}

#[test]
fn a_version_that_is_not_whole_is_not_gone_back_to() {
    // An append was interrupted, and one byte of what was there before is damaged.
    let store = MemoryStore::new();
    let options = WriteOptions::default();
    let mut writer = Writer::create(&store, options).unwrap();
    writer.write("first", &numbers(3000, 1)).unwrap();
    writer.commit().unwrap();
    let mut bytes = store.bytes().unwrap().to_vec();
    let n_old = bytes.len();
    bytes.extend_from_slice(&0xFD2F_B528_u32.to_le_bytes());
    let good = MemoryStore::with_bytes(bytes.clone());
    let report = repair(&good, &EditOptions::default()).unwrap();
    assert!(report.notes[0].contains("4 bytes"), "{:?}", report.notes);
    assert_eq!(good.bytes().unwrap().len(), n_old);
    bytes[n_old / 2] ^= 1;
    let bad = MemoryStore::with_bytes(bytes.clone());
    let error = repair(&bad, &EditOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains("stays as it is"), "{error}");
    assert_eq!(bad.bytes().unwrap()[..], bytes);
}

fn read_all(store: &MemoryStore) -> BTreeMap<String, Array> {
    let reader = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
    (0..reader.n_arrays())
        .map(|i| {
            let array = reader.open_array(i).unwrap();
            let array = array.read(reader.limits()).unwrap();
            (reader.path(i).to_owned(), array)
        })
        .collect()
}

/// What is saved of some bytes, and what is said to be lost.
fn salvage(bytes: &[u8]) -> Option<(MemoryStore, Salvage)> {
    let source = MemoryStore::with_bytes(bytes.to_vec());
    let salvage = Salvage::find(source.open().unwrap(), &EditOptions::default()).ok()?;
    let store = MemoryStore::new();
    salvage.write(&store).unwrap();
    verify(&store).unwrap();
    Some((store, salvage))
}

#[test]
fn whatever_is_whole_of_a_file_without_its_end_is_saved() {
    for (name, whole) in files() {
        let expected = read_all(&MemoryStore::with_bytes(whole.clone()));
        let is_named = |path: &String| path.starts_with("field_data/");
        let mut n_before = 0;
        let near_the_end = whole.len() - 60..whole.len();
        for len in (0..whole.len() - 60).step_by(11).chain(near_the_end) {
            let place = format!("{name}: {len} of {} bytes", whole.len());
            let Some((store, _)) = salvage(&whole[..len]) else {
                assert_eq!(n_before, 0, "{place}");
                continue;
            };
            let mut n_saved = 0;
            for (path, array) in read_all(&store) {
                if is_named(&path) {
                    // One that was replaced or removed since is what it was before.
                    let is_old = array == numbers(30, 1) || array == numbers(60, 2);
                    assert!(
                        is_old || expected.get(&path) == Some(&array),
                        "{place}: {path}"
                    );
                    n_saved += usize::from(expected.get(&path) == Some(&array));
                }
            }
            assert!(n_saved >= n_before, "{place}");
            n_before = n_saved;
        }
        // Without its last byte, nothing is lost.
        let n_named = expected.keys().filter(|path| is_named(path)).count();
        assert_eq!(n_before, n_named, "{name}");
    }
}

/// Five tetrahedra of eight points, and named arrays.
fn mesh(target: Target) -> MemoryStore {
    let store = MemoryStore::new();
    let has_widths = !matches!(target, Target::V0_2 | Target::V0_4);
    let mut template = DatasetMetadata::new(DatasetType::UnstructuredGrid);
    if has_widths {
        template = template.with_fixed_cell_size(CellArray::Cells, 4);
    }
    let options = WriteOptions::default().with_target(target);
    let mut writer = Writer::create_dataset(&store, &template, options).unwrap();
    let spec = paginum::ArraySpec::new("<f8".parse().unwrap(), [8, 3]).unwrap();
    let points = Array::from_bytes(spec, numbers(24, 7).bytes()).unwrap();
    writer.write("points", &points).unwrap();
    writer
        .write("celltypes", &Array::from_numbers(&[10_u8; 5]).unwrap())
        .unwrap();
    if !has_widths {
        let offsets = Array::from_numbers(&[0_i32, 4, 8, 12, 16, 20]).unwrap();
        writer.write("cells/offset", &offsets).unwrap();
    }
    let ids: Vec<i32> = (0..20).map(|i| i % 8).collect();
    writer
        .write("cells/connectivity", &Array::from_numbers(&ids).unwrap())
        .unwrap();
    writer.write("point_data/heat", &numbers(8, 8)).unwrap();
    writer.write("cell_data/stress", &numbers(5, 9)).unwrap();
    writer.write("field_data/note", &numbers(3, 10)).unwrap();
    writer.commit().unwrap();
    store
}

#[test]
fn a_mesh_without_its_end_stays_a_mesh() {
    for target in Target::ALL {
        let store = mesh(target);
        let expected = read_all(&store);
        let whole = store.bytes().unwrap();
        let (mut n_meshes, mut n_plain) = (0, 0);
        for len in 0..whole.len() {
            let Some((store, salvage)) = salvage(&whole[..len]) else {
                continue;
            };
            let saved = read_all(&store);
            let place = format!("{target}: {len} of {} bytes", whole.len());
            for path in salvage.saved() {
                let plain = format!("field_data/{path}");
                let array = saved.get(&plain).or(saved.get(path));
                assert_eq!(array, expected.get(path), "{place}: {path}");
            }
            match saved.contains_key("cells/connectivity") {
                true => n_meshes += 1,
                false => n_plain += 1,
            }
            if salvage.saved().len() == expected.len() {
                assert_eq!(saved, expected, "{place}");
            }
        }
        assert!(
            n_meshes > 300 && n_plain > 30,
            "{target}: {n_meshes}, {n_plain}"
        );
    }
}

#[test]
fn damage_costs_the_array_that_it_is_in() {
    let store = MemoryStore::new();
    let options = WriteOptions::default().with_target(Target::Native);
    let mut writer = Writer::create(&store, options).unwrap();
    for (i, key) in ["a", "b", "c"].into_iter().enumerate() {
        writer.write(key, &numbers(3000, i as u64)).unwrap();
    }
    writer.commit().unwrap();
    let whole = store.bytes().unwrap().to_vec();
    let expected = read_all(&store);
    for is_cut in [false, true] {
        for at in (whole.len() / 3..whole.len() * 2 / 3).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at..at + 40].fill(0xA5);
            bytes.truncate(whole.len() - if is_cut { 5 } else { 0 });
            let (store, salvage) = salvage(&bytes).unwrap();
            let saved = read_all(&store);
            assert!(saved.len() >= 2, "byte {at}: {:?}", saved.keys());
            for (path, array) in &saved {
                assert_eq!(Some(array), expected.get(path), "byte {at}: {path}");
            }
            let n_lost = expected
                .keys()
                .filter(|path| !saved.contains_key(*path))
                .count();
            assert_eq!(
                salvage.lost().len(),
                n_lost,
                "byte {at}: {:?}",
                salvage.lost()
            );
        }
    }
}

#[test]
fn nothing_to_save_is_an_error() {
    for bytes in [
        vec![],
        vec![0; 100],
        0xFD2F_B528_u32.to_le_bytes().repeat(50),
    ] {
        let source = MemoryStore::with_bytes(bytes);
        let error = Salvage::find(source.open().unwrap(), &EditOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    }
}

/// Files of other programs do not say whom they were written for, which their headers tell otherwise.
#[test]
fn a_damaged_header_of_a_file_of_another_program_is_salvaged_around() {
    let options = WriteOptions::default().with_target(Target::Reproduce0_7);
    let store = MemoryStore::new();
    let mut writer = Writer::create(&store, options).unwrap();
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        writer.write(name, &numbers(60, seed)).unwrap();
    }
    writer.commit().unwrap();
    let mut bytes = store.bytes().unwrap().to_vec();
    let name = b"b__field_data";
    let at = bytes.windows(name.len()).position(|window| window == name);
    bytes[at.unwrap()] ^= 1;
    let salvage = Salvage::find(std::sync::Arc::new(bytes), &EditOptions::default()).unwrap();
    assert_eq!(salvage.saved(), ["field_data/a", "field_data/c"]);
    let new = MemoryStore::new();
    salvage.write(&new).unwrap();
    verify(&new).unwrap();
}
