//! The files of the reference implementation, where they are at hand, and files of every kind of our own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use paginum::container::gnz::{GnzFormat, GnzReader, GnzWriter};
use paginum::container::{Container, Format, OpenOptions};
use paginum::storage::{MemoryStore, Part, ReadAt};
use paginum::{Array, Limits};
use sha2::{Digest, Sha256};

use super::{array, open, reader, written};

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/gnz");
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/gnz");
    [folder, beside].into_iter().find(|folder| folder.is_dir())
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name.ends_with(".gnz"))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// The fields of a line of comma-separated values.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut is_quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().unwrap();
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[test]
fn arrays_of_the_corpus_are_those_of_its_manifest() {
    let Some(folder) = corpus() else { return };
    let files = files(&folder);
    let manifest = fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let mut n_arrays: BTreeMap<String, usize> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let fields: [String; 6] = fields(line).try_into().unwrap();
        let [file, name, dtype, shape, offset, digest] = fields;
        let gnz = reader(files[&file].clone()).unwrap();
        let place = format!("{file}: {name:?}");
        let read = gnz.get_array(&name).unwrap();
        assert_eq!(hex(read.bytes()), digest, "{place}");
        let spec = gnz.spec(&name).unwrap();
        assert_eq!(spec.dtype().to_string(), dtype, "{place}");
        assert_eq!(format!("{:?}", spec.shape()), shape, "{place}");
        assert_eq!(gnz.offset(&name).unwrap().to_string(), offset, "{place}");
        *n_arrays.entry(file).or_default() += 1;
    }
    for (file, n) in n_arrays {
        let gnz = reader(files[&file].clone()).unwrap();
        assert_eq!((gnz.keys().len(), gnz.notes().len()), (n, 0), "{file}");
    }
}

/// The file of the same arrays, in the order in which they lie.
fn rebuilt(gnz: &GnzReader) -> Vec<u8> {
    let mut names: Vec<(u64, bool, usize, &str)> = gnz
        .keys()
        .enumerate()
        .map(|(i, name)| {
            let is_there = gnz.spec(name).unwrap().bytes() > 0;
            (gnz.offset(name).unwrap(), is_there, i, name)
        })
        .collect();
    names.sort_unstable();
    let mut writer = GnzWriter::new();
    writer.set_metadata(&gnz.metadata().to_string()).unwrap();
    for (_, _, _, name) in names {
        let array = gnz.get_array(name).unwrap();
        writer.add_array(name, array).unwrap();
    }
    written(&writer)
}

#[test]
fn files_of_the_corpus_come_back_byte_by_byte() {
    let Some(folder) = corpus() else { return };
    for (name, file) in files(&folder) {
        let gnz = reader(file.clone()).unwrap();
        assert_eq!(hex(&rebuilt(&gnz)), hex(&file), "{name}");
        let store = MemoryStore::new();
        let bytes: Arc<dyn ReadAt> = Arc::new(file.clone());
        GnzFormat
            .copy(bytes, &OpenOptions::default(), &store)
            .unwrap();
        assert_eq!(hex(&store.bytes().unwrap()), hex(&file), "a copy of {name}");
    }
}

#[test]
fn every_dtype_and_shape_comes_back() {
    let mut writer = GnzWriter::new();
    let mut arrays: Vec<(String, Array)> = Vec::new();
    for dtype in [
        "|b1", "|u1", ">i2", "<f8", "<c16", "<U3", "|S5", "|V8", "<M8[ns]", "<f16", ">f4",
    ] {
        for shape in [&[][..], &[0], &[5], &[3, 0], &[2, 3, 4]] {
            let name = format!("{dtype} {shape:?} é\"\\");
            writer.add_array(&name, array(dtype, shape)).unwrap();
            arrays.push((name, array(dtype, shape)));
        }
    }
    let file = written(&writer);
    let gnz = reader(file.clone()).unwrap();
    assert!(gnz.keys().is_sorted());
    for (name, array) in &arrays {
        assert_eq!(&gnz.get_array(name).unwrap(), array, "{name}");
        assert!(gnz.offset(name).unwrap().is_multiple_of(4096));
        let bytes = gnz.bytes_of(name).unwrap();
        assert_eq!(bytes, Some(array.bytes()), "as it lies in memory: {name}");
    }
    assert!(rebuilt(&gnz) == file, "a file of the same arrays differs");
}

/// The reference goes wrong where the header grows over the room that its first round left.
#[test]
fn headers_of_any_length_leave_room_for_themselves() {
    let mut last_start = 0;
    for n in (0..9000).step_by(7).chain(3960..4060).chain(8040..8170) {
        let mut writer = GnzWriter::new();
        writer
            .set_metadata(&format!(r#"{{"x": "{}"}}"#, "x".repeat(n)))
            .unwrap();
        for i in 0..40_u64 {
            writer
                .add_array(&format!("a{i}"), Array::from_numbers(&[i]).unwrap())
                .unwrap();
        }
        let file = written(&writer);
        let gnz = reader(file.clone()).unwrap();
        assert!(gnz.notes().is_empty(), "{n}: {:?}", gnz.notes());
        for i in 0..40_u64 {
            let array = gnz.get_array(&format!("a{i}")).unwrap();
            assert_eq!(array.numbers::<u64>().unwrap(), [i], "{n}");
        }
        let n_header = u64::from(u32::from_le_bytes(file[4..8].try_into().unwrap()));
        let start = gnz.offset("a0").unwrap();
        assert_eq!(start, (n_header + 8).next_multiple_of(4096), "{n}");
        last_start = last_start.max(start);
    }
    assert!(last_start > 8192);
}

#[test]
fn views_are_of_the_machine_s_numbers_alone() {
    let mut writer = GnzWriter::new();
    writer
        .add_array("x", Array::from_numbers(&[1.5_f64, 2.5]).unwrap())
        .unwrap();
    writer.add_array("big", array(">f8", &[2])).unwrap();
    let file = written(&writer);
    let gnz = reader(file.clone()).unwrap();
    // Whether memory is aligned for the numbers, the allocator decides.
    if let Some(numbers) = gnz.numbers_of::<f64>("x").unwrap() {
        assert_eq!(numbers, [1.5, 2.5]);
    }
    assert!(gnz.numbers_of::<f32>("x").is_err());
    assert!(gnz.numbers_of::<f64>("big").is_err());
    assert!(gnz.bytes_of("y").is_err());
    let gnz = open(file).unwrap();
    assert_eq!(gnz.documents()[0].json, "{}");
}

/// A file in memory that is aligned to words, as a map is to pages.
#[derive(Debug)]
struct Words(Vec<u64>);

impl ReadAt for Words {
    fn len(&self) -> u64 {
        8 * self.0.len() as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> std::io::Result<()> {
        let bytes: Vec<u8> = bytemuck::cast_slice(&self.0).to_vec();
        bytes.read_many(parts)
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(bytemuck::cast_slice(&self.0))
    }
}

#[test]
fn what_is_in_memory_is_looked_at_without_a_copy() {
    let mut writer = GnzWriter::new();
    let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
    let array = Array::from_numbers(&numbers).unwrap();
    writer.add_array("x", array).unwrap();
    let words = bytemuck::pod_collect_to_vec(&written(&writer));
    let file: Arc<dyn ReadAt> = Arc::new(Words(words));
    let place = file.as_slice().unwrap().as_ptr_range();
    let gnz = GnzReader::open(file.clone(), &Limits::default()).unwrap();
    let seen = gnz.numbers_of::<f64>("x").unwrap();
    let seen = seen.expect("pages are aligned");
    assert_eq!(seen, numbers);
    assert!(place.contains(&seen.as_ptr().cast()));
}
