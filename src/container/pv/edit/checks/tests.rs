//! Edits of meshes, alone and as a block, that fit their dataset and that do not.

use crate::array::{Array, ArraySpec};
use crate::container::pv::document::FIRST_UID;
use crate::container::pv::handmade::Handmade;
use crate::container::pv::json::Json;
use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
use crate::container::pv::names::{Association, CellArray, MULTIBLOCK_METADATA, Role};
use crate::container::pv::{Edit, EditOptions, Reader, WriteOptions, Writer};
use crate::container::{Container, OpenOptions};
use crate::error::ErrorKind;
use crate::storage::{MemoryStore, Store};

fn points(n: usize, columns: usize) -> Array {
    let values: Vec<f64> = (0..n * columns).map(|i| i as f64).collect();
    let spec = ArraySpec::new("<f8".parse().unwrap(), [n as u64, columns as u64]).unwrap();
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

fn ids(ids: &[i32]) -> Array {
    Array::from_numbers(ids).unwrap()
}

/// Two tetrahedra of eight points.
fn mesh(has_offsets: bool) -> Vec<(Role, Array)> {
    let mut arrays = vec![
        (Role::Points, points(8, 3)),
        (Role::CellTypes, Array::from_numbers(&[10_u8; 2]).unwrap()),
    ];
    if has_offsets {
        arrays.push((Role::Offset(CellArray::Cells), ids(&[0, 4, 8])));
    }
    let connectivity = ids(&[0, 1, 2, 3, 4, 5, 6, 7]);
    arrays.push((Role::Connectivity(CellArray::Cells), connectivity));
    arrays.push((Role::Data(Association::Point, "a".to_owned()), ids(&[5; 8])));
    arrays
}

fn template(has_offsets: bool) -> DatasetMetadata {
    let template = DatasetMetadata::new(DatasetType::UnstructuredGrid);
    match has_offsets {
        true => template,
        false => template.with_fixed_cell_size(CellArray::Cells, 4),
    }
}

fn dataset(has_offsets: bool) -> MemoryStore {
    let store = MemoryStore::new();
    let options = WriteOptions::default();
    let mut writer = Writer::create_dataset(&store, &template(has_offsets), options).unwrap();
    for (role, array) in mesh(has_offsets) {
        writer.write(&role.to_string(), &array).unwrap();
    }
    writer.commit().unwrap();
    store
}

/// The same as block 0 of a MultiBlock, and as block 1 once more.
fn blocks(has_offsets: bool) -> MemoryStore {
    const CHILD: &str = "0000000000000001";
    let mut file = Handmade::new(0, WriteOptions::default());
    let root = format!(
        r#"{{"uid":"{FIRST_UID}","children":["{CHILD}","{CHILD}"],"children_keys":["a","b"],"children_ds":null}}"#
    );
    let name = format!("{FIRST_UID}{MULTIBLOCK_METADATA}");
    file.add_bytes(&name, root.as_bytes());
    let mut template = template(has_offsets);
    template.set_uid(CHILD);
    file.add_dataset(&template, mesh(has_offsets));
    file.finish()
}

fn verify(store: &MemoryStore) {
    let reader = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
    reader.verify_structure().unwrap();
    for i in 0..reader.placeholders().end {
        reader.open_array(i).unwrap().verify().unwrap();
    }
}

type Change = fn(&mut Edit<'_>, &str);

/// Every file of the mesh, with the prefix of its paths, changed in place and staged.
fn on_every_file(change: Change, see: &mut dyn FnMut(bool, crate::Result<()>, bool)) {
    for has_offsets in [true, false] {
        for (store, prefix) in [
            (dataset(has_offsets), ""),
            (blocks(has_offsets), "blocks/0/"),
            (blocks(has_offsets), "blocks/1/"),
            (blocks(has_offsets), "blocks/01/"),
        ] {
            verify(&store);
            for is_staged in [false, true] {
                let before = store.bytes().unwrap();
                let mut edit = Edit::new();
                change(&mut edit, prefix);
                let options = EditOptions::default().with_staged(is_staged);
                let result = edit.apply(&store, &options).map(|_| ());
                let is_untouched = store.bytes().unwrap() == before;
                verify(&store);
                see(has_offsets, result, is_untouched);
            }
        }
    }
}

#[test]
fn what_readers_would_refuse_is_not_written() {
    let refused: [(&str, Change); 12] = [
        ("3 rows where the dataset states 8", |edit, prefix| {
            edit.replace(format!("{prefix}points"), points(3, 3));
        }),
        ("[8, 2] where the dataset has 3 a point", |edit, prefix| {
            edit.replace(format!("{prefix}points"), points(8, 2));
        }),
        ("coordinates of shape [8] where", |edit, prefix| {
            edit.replace(format!("{prefix}points"), ids(&[0; 8]));
        }),
        ("the id 1000, of 8 there are", |edit, prefix| {
            let connectivity = ids(&[0, 1, 2, 1000, 4, 5, 6, 7]);
            edit.replace(format!("{prefix}cells/connectivity"), connectivity);
        }),
        ("the id -1, of 8 there are", |edit, prefix| {
            let connectivity = ids(&[0, 1, 2, 3, 4, 5, 6, -1]);
            edit.replace(format!("{prefix}cells/connectivity"), connectivity);
        }),
        ("ids of type and shape", |edit, prefix| {
            edit.replace(format!("{prefix}cells/connectivity"), points(8, 1));
        }),
        ("", |edit, prefix| {
            edit.replace(format!("{prefix}cells/connectivity"), ids(&[0; 12]));
        }),
        ("", |edit, prefix| {
            edit.replace(format!("{prefix}cells/connectivity"), ids(&[]));
        }),
        ("5 rows where the dataset states 2", |edit, prefix| {
            let types = Array::from_numbers(&[10_u8; 5]).unwrap();
            edit.replace(format!("{prefix}celltypes"), types);
        }),
        ("7 rows where the dataset states 8", |edit, prefix| {
            edit.replace(format!("{prefix}point_data/a"), ids(&[1; 7]));
        }),
        ("9 rows where the dataset states 8", |edit, prefix| {
            edit.add(format!("{prefix}point_data/b"), ids(&[1; 9]));
        }),
        ("3 rows where the dataset states 2", |edit, prefix| {
            edit.add(format!("{prefix}cell_data/b"), ids(&[1; 3]));
        }),
    ];
    for (what, change) in refused {
        on_every_file(change, &mut |_, result, is_untouched| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{what}: {error}");
            assert!(error.to_string().contains(what), "{what}: {error}");
            assert!(is_untouched, "{what}");
        });
    }
}

#[test]
fn offsets_are_held_against_the_ids_that_will_be_there() {
    let refused: [Change; 4] = [
        |edit, prefix| edit.replace(format!("{prefix}cells/offset"), ids(&[0, 4, 9])),
        |edit, prefix| edit.replace(format!("{prefix}cells/offset"), ids(&[0, 9, 8])),
        |edit, prefix| edit.replace(format!("{prefix}cells/offset"), ids(&[0, 8])),
        |edit, prefix| {
            edit.replace(format!("{prefix}cells/offset"), ids(&[0, 3, 8]));
            edit.replace(format!("{prefix}cells/connectivity"), ids(&[1; 7]));
        },
    ];
    for change in refused {
        on_every_file(change, &mut |_, result, is_untouched| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            assert!(is_untouched);
        });
    }
}

#[test]
fn the_array_that_stays_and_would_no_longer_fit_is_named() {
    let store = dataset(true);
    let mut edit = Edit::new();
    edit.replace("cells/connectivity", ids(&[0; 12]));
    let error = edit.apply(&store, &EditOptions::default()).unwrap_err();
    let words = error.to_string();
    assert!(words.contains("stays, and then"), "{words}");
}

#[test]
fn geometry_that_fits_is_replaced() {
    let taken: [(bool, Change); 4] = [
        (true, |edit, prefix| {
            edit.replace(format!("{prefix}points"), points(8, 3));
        }),
        (true, |edit, prefix| {
            edit.replace(format!("{prefix}cells/connectivity"), ids(&[7; 8]));
        }),
        (false, |edit, prefix| {
            edit.replace(format!("{prefix}cells/offset"), ids(&[0, 3, 8]));
        }),
        // Another number of ids, where the offsets come with them.
        (false, |edit, prefix| {
            edit.replace(format!("{prefix}cells/offset"), ids(&[0, 4, 7]));
            edit.replace(format!("{prefix}cells/connectivity"), ids(&[1; 7]));
        }),
    ];
    for (takes_widths, change) in taken {
        on_every_file(change, &mut |has_offsets, result, _| {
            assert_eq!(result.is_ok(), has_offsets || takes_widths, "{result:?}");
        });
    }
}

#[test]
fn the_document_states_the_type_of_replaced_points() {
    let store = blocks(true);
    let spec = ArraySpec::new("<f4".parse().unwrap(), [8, 3]).unwrap();
    let array = Array::zeroed(spec, &Default::default()).unwrap();
    let mut edit = Edit::new();
    edit.replace("blocks/0/points", array);
    edit.apply(&store, &EditOptions::default()).unwrap();
    let reader = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
    let document = &reader.documents()[2];
    assert_eq!(document.path, "blocks/0/");
    assert!(document.json.contains(r#""points_dtype":"float32""#));
    assert!(Json::parse(document.json.as_bytes()).is_ok());
}

#[test]
fn a_new_file_that_readers_would_refuse_is_not_committed() {
    let refused: [(&str, Role, Array); 5] = [
        (
            "states 8",
            Role::Data(Association::Point, "b".to_owned()),
            ids(&[1; 7]),
        ),
        (
            "states 2",
            Role::Data(Association::Cell, "b".to_owned()),
            ids(&[1; 3]),
        ),
        ("a point", Role::Points, points(8, 2)),
        (
            "of 8 there are",
            Role::Connectivity(CellArray::Cells),
            ids(&[8; 8]),
        ),
        (
            "from 0 to 8",
            Role::Offset(CellArray::Cells),
            ids(&[0, 5, 7]),
        ),
    ];
    for (what, role, array) in refused {
        let store = MemoryStore::new();
        let options = WriteOptions::default();
        let mut writer = Writer::create_dataset(&store, &template(true), options).unwrap();
        let others = mesh(true).into_iter().filter(|(other, _)| *other != role);
        for (role, array) in others.chain([(role.clone(), array)]) {
            writer.write(&role.to_string(), &array).unwrap();
        }
        let error = writer.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert!(store.bytes().is_none());
    }
}
