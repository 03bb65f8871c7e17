//! An object store: moto's S3, where a Python has it.
//!
//! Credentials come from the environment, so what asks for them runs in a process of its own.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use paginum::container::pv::{self, Edit, EditOptions};
use paginum::container::{Formats, OpenOptions};
use paginum::storage::{Drivers, Durability, Store, StoreOptions, Url, conformance};
use paginum::{Array, Error, ErrorKind};

use crate::command::{Running, here, python_with};

/// Where the child finds the server.
const ENDPOINT: &str = "PAGINUM_TEST_S3";

#[test]
fn objects_are_read_and_written() {
    let Some(python) = python_with("moto.server") else {
        return;
    };
    let mut command = Command::new(python);
    command.arg(here("cloud_server.py")).stderr(Stdio::null());
    let (_server, port) = Running::start(&mut command).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["cloud::in_the_child", "--exact", "--ignored", "--nocapture"])
        .env(ENDPOINT, format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}");
}

fn store(key: &str) -> Arc<dyn Store> {
    let mut options = StoreOptions::default();
    options.endpoint = std::env::var(ENDPOINT).ok();
    options.max_retries = 1;
    Drivers::default()
        .with_options(options)
        .store(&format!("s3://bucket/{key}"))
        .unwrap()
}

fn put(store: &dyn Store, bytes: &[u8]) -> paginum::Result<()> {
    let mut stage = store.stage()?;
    stage.write_all(bytes)?;
    Ok(stage.commit(Durability::Synced)?)
}

#[test]
#[ignore = "the test above runs it, with a server"]
fn in_the_child() {
    let number = Mutex::new(0);
    conformance::check_read(&|bytes| {
        let mut number = number.lock().unwrap();
        *number += 1;
        let store = store(&format!("read/{number}"));
        put(&*store, bytes)?;
        store.open()
    });
    every_container_is_kept();
    large_objects_come_in_parts();
    of_two_writers_one_is_told();
    files_are_edited();
    folders_are_listed();
}

fn every_container_is_kept() {
    let array = crate::matrix::array(7);
    for &(extension, make) in crate::matrix::CONTAINERS {
        for ending in ["", ".gz"] {
            let store = store(&format!("matrix/x.{extension}{ending}"));
            make(&*store, &array).unwrap();
            crate::matrix::check(&*store, extension, &array);
        }
    }
}

fn large_objects_come_in_parts() {
    let bytes: Vec<u8> = (0..40_000_000_u32).map(|i| (i >> 9) as u8).collect();
    let large = store("large");
    put(&*large, &bytes).unwrap();
    let reader = large.open().unwrap();
    let mut read = vec![0; bytes.len()];
    reader.read_exact_at(&mut read, 0).unwrap();
    assert!(read == bytes);
    // One that is dropped leaves what was there.
    let mut stage = large.stage().unwrap();
    stage.write_all(&bytes[..20_000_000]).unwrap();
    drop(stage);
    assert_eq!(large.open().unwrap().len(), 40_000_000);
}

fn of_two_writers_one_is_told() {
    let (one, other) = (store("shared"), store("shared"));
    let long = [7; 20_000];
    put(&*one, &long).unwrap();
    let reader = one.open().unwrap();
    other.open().unwrap();
    put(&*other, b"second").unwrap();
    assert!(reader.has_changed());
    let error = reader.read_exact_at(&mut [0; 5], 19_000).unwrap_err();
    assert_eq!(Error::from(error).kind(), ErrorKind::Changed);
    let error = put(&*one, b"third").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    let missing = Error::from(store("missing").open().unwrap_err());
    assert_eq!(missing.kind(), ErrorKind::NotFound, "{missing}");
}

fn files_are_edited() {
    let array = |step: i64| {
        Array::from_numbers(&(0..1000).map(|i| i * step).collect::<Vec<i64>>()).unwrap()
    };
    let store = store("folder/x.pv");
    let mut writer = pv::Writer::create(&*store, pv::WriteOptions::default()).unwrap();
    writer.write("x", &array(3)).unwrap();
    writer.commit().unwrap();
    let mut edit = Edit::new();
    edit.add("field_data/y", array(5));
    let report = edit.apply(&*store, &EditOptions::default()).unwrap();
    assert!(!report.is_in_place);
    let file = Formats::default()
        .open_store(&*store, &OpenOptions::default())
        .unwrap();
    assert_eq!(file.read("x").unwrap(), array(3));
    assert_eq!(file.read("y").unwrap(), array(5));
}

/// A name with a blank and a percent sign comes back as one that opens.
fn folders_are_listed() {
    let mut options = StoreOptions::default();
    options.endpoint = std::env::var(ENDPOINT).ok();
    let drivers = Drivers::default().with_options(options);
    for key in [
        "list/b.pv",
        "list/a%20%251.npy",
        "list/deep/c.npy",
        "listless",
    ] {
        put(&*store(key), key.as_bytes()).unwrap();
    }
    let folder = Url::parse("s3://bucket/list/").unwrap();
    let found = drivers.list(&folder).unwrap();
    assert_eq!(found.files, ["a%20%251.npy", "b.pv"]);
    assert_eq!(found.folders, ["deep"]);
    let first = drivers.store_of(&folder.child(&found.files[0])).unwrap();
    assert_eq!(
        first.open().unwrap().len(),
        "list/a%20%251.npy".len() as u64
    );
    let http = Url::parse("http://127.0.0.1/folder/").unwrap();
    let error = Drivers::default().list(&http).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}
