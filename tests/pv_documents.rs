//! Documents that are larger than one zstd frame: files of long names, or of very many arrays.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::sync::Arc;

use paginum::container::pv::{
    DatasetMetadata, DatasetType, Edit, EditOptions, Reader, Target, WriteOptions, Writer, compact,
};
use paginum::container::{Container, Formats, OpenOptions};
use paginum::storage::MemoryStore;
use paginum::{Array, ArraySpec, ErrorKind, Result};

const SEEK_TABLE_MAGIC: [u8; 4] = 0x184D_2A5E_u32.to_le_bytes();

fn verify(bytes: Vec<u8>) -> Result<()> {
    let reader = Reader::open(Arc::new(bytes), &OpenOptions::default())?;
    reader.verify_structure()?;
    for i in 0..reader.placeholders().end {
        reader.open_array(i)?.verify()?;
    }
    assert!(reader.notes().is_empty(), "{:?}", reader.notes());
    Ok(())
}

fn bytes(store: &MemoryStore) -> Vec<u8> {
    store.bytes().unwrap().to_vec()
}

/// A file whose documents list this many names of so many letters.
fn named(n_names: usize, n_letters: usize, target: Target) -> MemoryStore {
    let store = MemoryStore::new();
    let options = WriteOptions::default().with_target(target);
    let mut writer = Writer::create(&store, options).unwrap();
    let letters: String = (0..n_letters)
        .map(|i| char::from(b'a' + (i * i % 23) as u8))
        .collect();
    for i in 0..n_names {
        let path = format!("field_data/{i}{letters}");
        writer
            .write(&path, &Array::from_numbers(&[i as i32]).unwrap())
            .unwrap();
    }
    writer.commit().unwrap();
    store
}

#[test]
fn a_file_of_long_names_verifies_and_stays_so_when_it_changes() {
    for target in Target::ALL {
        let store = named(18, 60_000, target);
        verify(bytes(&store)).unwrap_or_else(|error| panic!("{target}: {error}"));
        for round in 0..2 {
            let mut edit = Edit::new();
            edit.add(
                format!("field_data/added{round}"),
                Array::from_numbers(&[1_u8]).unwrap(),
            );
            let report = edit.apply(&store, &EditOptions::default()).unwrap();
            assert!(report.is_in_place);
            verify(bytes(&store)).unwrap_or_else(|error| panic!("{target}, {round}: {error}"));
        }
        compact(&store, &EditOptions::default()).unwrap();
        verify(bytes(&store)).unwrap_or_else(|error| panic!("{target}, compact: {error}"));
    }
}

#[test]
fn a_damaged_seek_table_of_a_document_is_noticed() {
    let good = bytes(&named(18, 60_000, Target::V0_7));
    let tables: Vec<usize> = (0..good.len() - 4)
        .filter(|at| good[*at..].starts_with(&SEEK_TABLE_MAGIC))
        .collect();
    assert_eq!(tables.len(), 2, "one behind each document");
    for table in tables {
        let body = u32::from_le_bytes(good[table + 4..table + 8].try_into().unwrap());
        for byte in table..table + 8 + body as usize {
            let mut bad = good.clone();
            bad[byte] ^= 1 << (byte % 8);
            let error = verify(bad).expect_err("a flipped bit");
            let is_known = [ErrorKind::Corrupt, ErrorKind::Truncated].contains(&error.kind());
            assert!(is_known, "byte {byte}: {error}");
        }
    }
}

/// Eight cells in a cube, of three points along each side.
#[test]
fn no_grid_is_written_whose_dimensions_do_not_describe_its_cells() {
    let write = |dimensions: [u64; 3]| {
        let template = DatasetMetadata::new(DatasetType::ExplicitStructuredGrid)
            .with_dimensions(dimensions)
            .with_fixed_cell_size(paginum::container::pv::CellArray::Cells, 8);
        let store = MemoryStore::new();
        let mut writer = Writer::create_dataset(&store, &template, WriteOptions::default())?;
        let points = ArraySpec::new("<f8".parse()?, [27, 3])?;
        writer.write("points", &Array::from_bytes(points, &[0; 27 * 24])?)?;
        let ids: Vec<i64> = (0..64).map(|i| i % 27).collect();
        writer.write("cells/connectivity", &Array::from_numbers(&ids)?)?;
        writer.commit()?;
        verify(bytes(&store))
    };
    write([3, 3, 3]).unwrap();
    for dimensions in [[0, 0, 0], [3, 3, 2], [9, 2, 1], [0, 3, 3]] {
        let error = write(dimensions).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

/// Offsets that cells of one width imply have no number among the arrays, and are read by their path all the same.
#[test]
fn implied_offsets_are_read_by_their_path() {
    let cells = paginum::container::pv::CellArray::Cells;
    let template =
        DatasetMetadata::new(DatasetType::UnstructuredGrid).with_fixed_cell_size(cells, 4);
    let store = MemoryStore::new();
    let mut writer = Writer::create_dataset(&store, &template, WriteOptions::default()).unwrap();
    let points = ArraySpec::new("<f8".parse().unwrap(), [5, 3]).unwrap();
    let points = Array::from_bytes(points, &[0; 5 * 24]).unwrap();
    writer.write("points", &points).unwrap();
    let ids = Array::from_numbers(&[0_i64, 1, 2, 3, 1, 2, 3, 4]).unwrap();
    writer.write("cells/connectivity", &ids).unwrap();
    let types = Array::from_numbers(&[10_u8, 10]).unwrap();
    writer.write("celltypes", &types).unwrap();
    writer.commit().unwrap();
    let file = Formats::default()
        .open_store(&store, &OpenOptions::default())
        .unwrap();
    let offsets = file.array("cells/offset").unwrap().read().unwrap();
    assert_eq!(offsets.to_vec::<i32>().unwrap(), [0, 4, 8]);
    assert_eq!(
        file.read_rows("cells/offset", 1..2).unwrap().bytes(),
        [4, 0, 0, 0]
    );
}
