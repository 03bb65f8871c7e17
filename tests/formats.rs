//! Every format that is written: through one door, whole or not at all, and to every other format.

#![cfg(all(feature = "npz", feature = "zstd"))]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use paginum::container::{
    ContainerWriter, ConvertOptions, File, Format, FormatInfo, Formats, NewArray, OpenOptions,
    RawFormat, Trait, convert,
};
use paginum::storage::{Drivers, Store};
use paginum::{Array, ErrorKind, Result, Validity};

fn numbers(n: i32) -> Array {
    Array::from_vec((0..2 * n).map(f64::from).collect(), [n as u64, 2]).unwrap()
}

/// An array that a format can hold, whose rows have 16 bytes.
fn fitting(n: i32, info: &FormatInfo) -> Array {
    if !info.has(Trait::Pictures) {
        return numbers(n);
    }
    let pixels: Vec<u8> = (0..16 * n).map(|i| (i * i / 7) as u8).collect();
    Array::from_vec(pixels, [n as u64, 16]).unwrap()
}

/// A place of its own for each test.
fn store(test: &str, format: &dyn Format) -> Arc<dyn Store> {
    let name = format!("mem://{test}.{}", format.info().extension());
    Drivers::default().store(&name).unwrap()
}

/// All formats, raw bytes as what they are to hold.
fn formats(array: &Array) -> Formats {
    Formats::default().with(Arc::new(RawFormat::new(array.spec().clone())))
}

fn write(writer: &mut dyn ContainerWriter, name: &str, array: &Array) -> Result<()> {
    let mut sink = writer.begin(NewArray::new(name, array.spec()))?;
    for row in array.bytes().chunks(array.spec().row_bytes() as usize) {
        sink.push_rows(row)?;
    }
    sink.finish()
}

fn open(format: &dyn Format, store: &dyn Store) -> File {
    let options = OpenOptions::default().with_name(store.url().to_string());
    File::of(format.open(store.open().unwrap(), &options).unwrap())
}

/// Lines of the sources in a folder, tests left out, that hold one of `names` as a string.
fn lines_that_hold(names: &[String], folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("src/container") {
            lines_that_hold(names, &path, found);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if !is_source || path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // Features are called like formats.
        let lines = code.lines().filter(|line| {
            !line.contains("feature = ") && names.iter().any(|name| line.contains(name))
        });
        found.extend(lines.map(|line| format!("{}: {line}", path.display())));
    }
}

/// Whoever needs the name of a format has its value, so that a name stands in one place.
#[test]
fn no_format_is_named_by_a_string_outside_of_its_folder() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let formats = Formats::default();
    let infos = formats.iter().map(|format| format.info());
    let names: Vec<String> = infos
        .filter(|info| !info.has(Trait::Bare))
        .map(|info| format!("{:?}", info.name))
        .collect();
    let mut found = Vec::new();
    lines_that_hold(&names, &sources.join("container/pv"), &mut found);
    assert!(!found.is_empty(), "the format itself says its name");
    found.clear();
    lines_that_hold(&names, &sources, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_format_gives_back_what_was_written() {
    for format in formats(&numbers(1)).iter() {
        let array = fitting(1000, format.info());
        let format = formats(&array).by_name(format.info().name).unwrap().clone();
        let (info, store) = (format.info(), store("back", &*format));
        let mut writer = format.create(&*store).unwrap();
        write(&mut *writer, "a", &array).unwrap();
        assert!(
            store.open().is_err(),
            "{}: before it is committed",
            info.name
        );
        let report = writer.commit().unwrap();
        assert_eq!(report.n_bytes, store.open().unwrap().len(), "{}", info.name);
        let file = open(&*format, &*store);
        assert_eq!(file.format(), info);
        assert_eq!(file.array_at(0).read().unwrap(), array, "{}", info.name);
        if info.has(Trait::Names) {
            assert_eq!(info.bare(file.path(0)), "a", "{}", info.name);
        }
    }
}

#[test]
fn what_is_not_whole_is_never_there() {
    for format in formats(&numbers(1)).iter() {
        let array = fitting(10, format.info());
        let format = formats(&array).by_name(format.info().name).unwrap().clone();
        let (name, store) = (format.info().name, store("whole", &*format));
        let refused = |work: &dyn Fn(&mut dyn ContainerWriter) -> Result<()>| {
            let mut writer = format.create(&*store).unwrap();
            let outcome = work(&mut *writer).and_then(|()| writer.commit().map(|_| ()));
            assert!(store.open().is_err(), "{name}");
            outcome.expect_err(name).kind()
        };
        let begin = |writer: &mut dyn ContainerWriter, n: usize| {
            let mut sink = writer.begin(NewArray::new("a", array.spec()))?;
            sink.push_rows(&array.bytes().repeat(2)[..n * 16])?;
            sink.finish()
        };
        let kinds = [
            refused(&|writer| begin(writer, 9)),
            refused(&|writer| begin(writer, 11)),
            // Dropped, and the file committed nevertheless.
            refused(&|writer| {
                let mut sink = writer.begin(NewArray::new("a", array.spec()))?;
                sink.push_rows(&array.bytes()[..16])
            }),
        ];
        assert_eq!(kinds, [ErrorKind::InvalidArgument; 3], "{name}");
        drop(format.create(&*store).unwrap());
        assert!(store.open().is_err(), "{name}");
    }
}

/// A mesh is more than its arrays.
#[test]
fn a_copy_keeps_what_is_beside_the_arrays() {
    for format in formats(&numbers(1)).iter() {
        let array = fitting(10, format.info());
        let format = formats(&array).by_name(format.info().name).unwrap().clone();
        let (info, first) = (format.info(), store("copied", &*format));
        let mut writer = format.create(&*first).unwrap();
        write(&mut *writer, "a", &array).unwrap();
        writer.commit().unwrap();
        let second = store("copy", &*format);
        let bytes = first.open().unwrap();
        let report = format.copy(bytes, &OpenOptions::default(), &*second);
        let report = report.unwrap();
        assert_eq!(
            report.is_some(),
            info.has(Trait::Documents),
            "{}",
            info.name
        );
        if let Some(report) = report {
            assert_eq!(report.n_bytes, second.open().unwrap().len());
            let file = open(&*format, &*second);
            assert_eq!(file.array_at(0).read().unwrap(), array);
            assert!(!file.documents().is_empty());
        }
    }
}

#[test]
fn files_of_one_array_hold_no_second_one_and_not_none() {
    for format in formats(&numbers(1)).iter() {
        let array = fitting(10, format.info());
        let format = formats(&array).by_name(format.info().name).unwrap().clone();
        let (info, store) = (format.info(), store("one", &*format));
        let mut writer = format.create(&*store).unwrap();
        write(&mut *writer, "a", &array).unwrap();
        let second = write(&mut *writer, "b", &array);
        assert_eq!(second.is_err(), info.has(Trait::OneArray), "{}", info.name);
        if info.has(Trait::OneArray) {
            let empty = format.create(&*store).unwrap();
            assert!(empty.commit().is_err(), "{}", info.name);
        }
    }
}

#[test]
fn rows_without_a_value_are_kept_or_refused() {
    for format in formats(&numbers(1)).iter() {
        let array = fitting(3, format.info());
        let format = formats(&array).by_name(format.info().name).unwrap().clone();
        let (info, store) = (format.info(), store("nulls", &*format));
        let validity: Validity = [true, false, true].into_iter().collect();
        let mut writer = format.create(&*store).unwrap();
        let mut sink = writer.begin(NewArray::new("a", array.spec())).unwrap();
        let pushed = sink.push_rows_with_nulls(array.bytes(), &validity);
        assert_eq!(pushed.is_ok(), info.has(Trait::Nulls), "{}", info.name);
        if pushed.is_ok() {
            sink.finish().unwrap();
            writer.commit().unwrap();
            let read = open(&*format, &*store).array_at(0).validity().unwrap();
            assert_eq!(*read.unwrap(), validity, "{}", info.name);
        }
    }
}

#[test]
fn arrays_go_from_every_format_to_every_other() {
    let names = |formats: Formats| -> Vec<&'static FormatInfo> {
        formats.iter().map(|format| format.info()).collect()
    };
    for from in names(formats(&numbers(1))) {
        for to in names(formats(&numbers(1))) {
            let is_picture = from.has(Trait::Pictures) || to.has(Trait::Pictures);
            // Text does not say how many bits a number has.
            if is_picture && (from.has(Trait::Columns) || to.has(Trait::Columns)) {
                continue;
            }
            let array = fitting(500, if from.has(Trait::Pictures) { from } else { to });
            let formats = formats(&array);
            let [from, to] = [from, to].map(|info| formats.by_name(info.name).unwrap());
            let names = [from.info().name, to.info().name];
            let first = store(&format!("from-{}", names[1]), &**from);
            let mut writer = from.create(&*first).unwrap();
            write(&mut *writer, "a", &array).unwrap();
            writer.commit().unwrap();
            let file = open(&**from, &*first);
            let second = store(&format!("to-from-{}", names[0]), &**to);
            let mut writer = to.create(&*second).unwrap();
            let converted = convert(&file, &mut *writer, &ConvertOptions::default()).unwrap();
            writer.commit().unwrap();
            assert_eq!(
                (converted.n_arrays, converted.n_bytes),
                (1, 8000),
                "{names:?}"
            );
            let read = open(&**to, &*second).array_at(0).read().unwrap();
            assert_eq!(read, array, "{names:?}");
        }
    }
}
