//! Every container on every store: those that can be written, web servers, and what is compressed whole on them.

use std::io::Write;
use std::sync::Arc;

use paginum::container::pv::{self, Edit, EditOptions};
use paginum::container::{Formats, NewArray, OpenOptions, gnz, npy, npz, pco};
use paginum::storage::{Drivers, Durability, FileStore, Store, StoreOptions, conformance};
use paginum::{Array, ErrorKind, Result};

/// Numbers that every container can hold, be it one of pictures.
pub(crate) fn array(step: u32) -> Array {
    let values = (0..60_000).map(|i| (i * step % 7919) as u16).collect();
    Array::from_vec(values, [30_000, 2]).unwrap()
}

/// A container writes one array.
pub(crate) type Make = fn(&dyn Store, &Array) -> Result<()>;

/// Writes an array by the one way that all formats have.
fn create(store: &dyn Store, array: &Array) -> Result<()> {
    let mut writer = Formats::default().create(store)?;
    let mut sink = writer.begin(NewArray::new("x", array.spec()))?;
    sink.push_rows(array.bytes())?;
    sink.finish()?;
    writer.commit().map(drop)
}

fn stage(store: &dyn Store, bytes: &[u8]) -> Result<()> {
    let mut stage = store.stage()?;
    stage.write_all(bytes)?;
    Ok(stage.commit(Durability::Synced)?)
}

pub(crate) const CONTAINERS: &[(&str, Make)] = &[
    ("gnz", |store, array| {
        let mut writer = gnz::GnzWriter::new();
        writer.add_array("x", array.clone())?;
        writer.write(store)?.finalize()?;
        Ok(())
    }),
    ("npy", |store, array| stage(store, &npy::to_bytes(array))),
    ("npz", |store, array| {
        let mut file = Vec::new();
        let mut writer = npz::NpzWriter::new(&mut file);
        writer
            .begin_array("x", array.spec())?
            .write_all(array.bytes())?;
        writer.finish()?;
        stage(store, &file)
    }),
    ("pco", |store, array| {
        let mut file = Vec::new();
        let mut writer = pco::PcoWriter::new(array.spec().clone(), Default::default(), &mut file)?;
        writer.push(array.bytes())?;
        writer.finish()?;
        stage(store, &file)
    }),
    ("pv", |store, array| {
        let mut writer = pv::Writer::create(store, pv::WriteOptions::default())?;
        writer.write("x", array)?;
        writer.commit()
    }),
    #[cfg(feature = "fits")]
    ("fits", create),
    #[cfg(feature = "pzp")]
    ("pzp", create),
    #[cfg(feature = "png")]
    ("png", create),
    ("csv", create),
    ("tsv", create),
];

/// Opens the file of a store, and holds what it says against the array that was written.
pub(crate) fn check(store: &dyn Store, extension: &str, array: &Array) {
    let name = store.url().to_string();
    let file = Formats::default()
        .open_store(store, &OpenOptions::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(file.format().name, extension, "{name}");
    let check = |read: &Array, bytes: &[u8]| match extension {
        // Text says that they are whole numbers, and not how wide.
        "csv" | "tsv" => {
            let numbers = bytes.as_chunks::<2>().0.iter();
            let numbers: Vec<i64> = numbers
                .map(|pair| u16::from_le_bytes(*pair).into())
                .collect();
            assert!(read.numbers::<i64>().unwrap() == numbers, "{name}");
        }
        _ => assert!(read.bytes() == bytes, "{name}"),
    };
    let read = file.array_at(0).read().unwrap();
    assert_eq!(read.spec().shape(), array.spec().shape(), "{name}");
    check(&read, array.bytes());
    let rows = file.read_rows(file.path(0), 20_000..20_100).unwrap();
    check(&rows, &array.bytes()[80_000..80_400]);
    file.verify_structure().unwrap();
    file.array_at(0).verify().unwrap();
}

/// What writes files of an extension.
fn make(extension: &str) -> Make {
    let mut known = CONTAINERS.iter();
    let found = known.find(|(known, _)| *known == extension);
    found.expect("a container of that extension").1
}

/// The stores of this build, each with a name of its own for a file.
fn stores(folder: &std::path::Path, file: &str) -> Vec<Arc<dyn Store>> {
    let path = folder.join(file);
    let path = path.to_str().unwrap();
    let folder = folder.to_str().unwrap();
    let mut addresses = vec![
        path.to_owned(),
        format!("file://{folder}/2-{file}"),
        format!("mem://matrix/{file}"),
        format!("memkeep://matrix2/{file}"),
    ];
    if cfg!(feature = "gzip") {
        addresses.extend([format!("{path}.gz"), format!("mem://matrix/{file}.gz")]);
    }
    let drivers = Drivers::default();
    addresses
        .iter()
        .map(|address| drivers.store(address).unwrap())
        .collect()
}

#[test]
fn every_container_is_read_from_every_store() {
    let folder = tempfile::tempdir().unwrap();
    for &(extension, make) in CONTAINERS {
        for store in stores(folder.path(), &format!("x.{extension}")) {
            let name = store.url().to_string();
            let missing = Formats::default()
                .open_store(&*store, &OpenOptions::default())
                .unwrap_err();
            assert_eq!(missing.kind(), ErrorKind::NotFound, "{name}");
            for array in [array(7), array(11)] {
                make(&*store, &array).unwrap();
                check(&*store, extension, &array);
            }
        }
    }
}

/// Writes a file of every container to a folder, plain and in gzip, and visits each by its path, its name and its container.
#[cfg(any(feature = "http", feature = "ftp"))]
pub(crate) fn for_each_file(
    folder: &std::path::Path,
    visit: impl Fn(&std::path::Path, &str, &str),
) {
    for &(extension, make) in CONTAINERS {
        for ending in ["", ".gz"] {
            if ending == ".gz" && !cfg!(feature = "gzip") {
                continue;
            }
            let name = format!("x.{extension}{ending}");
            let path = folder.join(&name);
            make(
                &*Drivers::default().store_of_path(&path).unwrap(),
                &array(7),
            )
            .unwrap();
            visit(&path, &name, extension);
        }
    }
}

#[cfg(feature = "http")]
#[test]
fn every_container_is_read_from_a_web_server() {
    let folder = tempfile::tempdir().unwrap();
    for_each_file(folder.path(), |path, name, extension| {
        let server = crate::server::good(std::fs::read(path).unwrap());
        let store = Drivers::default().store(&server.url(name)).unwrap();
        check(&*store, extension, &array(7));
    });
}

#[test]
fn files_are_edited_on_every_store() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path(), "edited.pv") {
        let name = store.url().to_string();
        make("pv")(&*store, &array(3)).unwrap();
        let mut edit = Edit::new();
        edit.add("field_data/y", array(5));
        edit.replace("field_data/x", array(9));
        let report = edit.apply(&*store, &EditOptions::default()).unwrap();
        assert_eq!(report.is_in_place, !name.ends_with(".gz"), "{name}");
        let file = Formats::default()
            .open_store(&*store, &OpenOptions::default())
            .unwrap();
        assert_eq!(file.read("x").unwrap(), array(9), "{name}");
        assert_eq!(file.read("y").unwrap(), array(5), "{name}");
        pv::compact(&*store, &EditOptions::default()).unwrap();
        let file = Formats::default()
            .open_store(&*store, &OpenOptions::default())
            .unwrap();
        assert_eq!(file.read("y").unwrap(), array(5), "{name}");
    }
}

#[test]
fn every_store_conforms() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path(), "staged") {
        conformance::check_stage(&*store);
    }
    for store in stores(folder.path(), "updated") {
        if !store.url().to_string().ends_with(".gz") {
            conformance::check_update(&*store);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn shared_memory_conforms() {
    if !std::path::Path::new("/dev/shm").is_dir() {
        eprintln!("skipped: there is no shared memory here");
        return;
    }
    let address = |what: &str| format!("shmem://paginum-test-{}-{what}", std::process::id());
    let drivers = Drivers::default();
    let (staged, updated) = (
        drivers.store(&address("a")).unwrap(),
        drivers.store(&address("b")).unwrap(),
    );
    conformance::check_stage(&*staged);
    conformance::check_update(&*updated);
    for store in [staged, updated] {
        std::fs::remove_file(store.url().path().unwrap()).unwrap();
    }
}

#[cfg(feature = "gzip")]
#[test]
fn content_tells_what_is_compressed_and_names_what_will_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let drivers = Drivers::default();
    let compressed = drivers
        .store_of_path(&path.with_extension("npy.gz"))
        .unwrap();
    make("npy")(&*compressed, &array(3)).unwrap();
    let raw = FileStore::new(path.with_extension("npy.gz"))
        .open()
        .unwrap();
    assert!(raw.len() < 120_000);
    // Under a name that does not tell.
    std::fs::rename(path.with_extension("npy.gz"), &path).unwrap();
    let store = drivers.store_of_path(&path).unwrap();
    let file = Formats::default()
        .open_store(&*store, &OpenOptions::default())
        .unwrap();
    assert_eq!(file.array_at(0).read().unwrap(), array(3));
    // And plain under one that says otherwise.
    let plain = path.with_extension("gz");
    std::fs::write(&plain, npy::to_bytes(&array(3))).unwrap();
    let file = Formats::default().open_store(
        &*drivers.store_of_path(&plain).unwrap(),
        &OpenOptions::default(),
    );
    assert_eq!(file.unwrap().array_at(0).read().unwrap(), array(3));
    // Whoever does not want this says so.
    let mut options = StoreOptions::default();
    options.inflates = false;
    let store = drivers.with_options(options).store_of_path(&path).unwrap();
    let error = Formats::default()
        .open_store(&*store, &OpenOptions::default())
        .unwrap_err();
    assert!(
        error.kind().is_damage() || error.kind() == ErrorKind::Unsupported,
        "{error}"
    );
}
