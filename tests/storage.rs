//! Stores seen through their traits: what is not asked for by `storage::conformance`, and that it can fail.

#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use paginum::ErrorKind;
use paginum::storage::{
    Drivers, Durability, FileStore, MemoryStore, PositionedStage, ReadAt, Store, WriteAt,
    conformance,
};

#[test]
fn bytes_in_memory_conform_and_are_there_at_once() {
    conformance::check_read(&|bytes| Ok(Arc::new(bytes.to_vec())));
    let bytes: &dyn ReadAt = &vec![1_u8, 2];
    assert_eq!(bytes.as_slice(), Some(&[1, 2][..]));
    assert!(!bytes.is_empty());
    assert!(!bytes.has_changed());
}

fn fails(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

#[test]
fn what_does_not_conform_is_told() {
    let shorter = |bytes: &[u8]| Vec::from(&bytes[..bytes.len().saturating_sub(1)]);
    let longer = |bytes: &[u8]| [bytes, &[0]].concat();
    let other = |bytes: &[u8]| bytes.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>();
    for wrong in [shorter, longer, other] {
        assert!(fails(|| {
            conformance::check_read(&|bytes| Ok(Arc::new(wrong(bytes))));
        }));
    }
    // There is something already.
    let full = || MemoryStore::with_bytes(b"full".to_vec());
    assert!(fails(|| conformance::check_stage(&full())));
    assert!(fails(|| conformance::check_update(&full())));
}

#[test]
fn a_scheme_is_of_letters_and_what_else_stands_before_a_colon_is_a_path() {
    for (url, kind) in [
        ("git+nowhere://host/a", ErrorKind::Unsupported),
        ("gopher7://host/a", ErrorKind::Unsupported),
        ("no such/folder://a", ErrorKind::NotFound),
        ("no.such://a", ErrorKind::Unsupported),
    ] {
        let opened = Drivers::default().open(url);
        assert_eq!(opened.unwrap_err().kind(), kind, "{url}");
    }
}

#[test]
fn a_file_has_changed_if_its_length_or_its_time_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "0123").unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    let reader = FileStore::new(&path).open().unwrap();
    assert!(!reader.has_changed());
    file.set_modified(modified + Duration::from_secs(3))
        .unwrap();
    assert!(reader.has_changed(), "written at another time");
    file.set_len(5).unwrap();
    file.set_modified(modified).unwrap();
    assert!(reader.has_changed(), "longer");
    file.set_len(4).unwrap();
    file.set_modified(modified).unwrap();
    assert!(!reader.has_changed());
}

#[test]
fn two_files_of_one_length_and_one_time_are_two_versions() {
    let folder = tempfile::tempdir().unwrap();
    let version = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, "0123").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000))
            .unwrap();
        FileStore::new(path).open().unwrap().version()
    };
    let one = version("a").unwrap();
    assert_eq!(version("a").unwrap(), one);
    // An inode of its own is what Unix tells them apart by.
    assert_eq!(version("b").unwrap() != one, cfg!(unix));
}

#[test]
fn a_shared_store_has_the_siblings_of_the_store() {
    let store = Arc::new(FileStore::new("a"));
    let beside = Store::sibling(&store, ".lock").unwrap();
    assert_eq!(beside.url().path(), Some("a.lock".as_ref()));
}

#[test]
fn a_stage_of_a_file_is_written_at_any_place_and_knows_how_far() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("a"));
    let stage = store.stage().unwrap();
    assert!(stage.at().is_some(), "nothing waits elsewhere");
    let stage = PositionedStage::new(&store).unwrap();
    assert!(stage.is_empty());
    stage.write_all_at(b"a", 3).unwrap();
    assert!(!stage.is_empty());
}

#[test]
fn what_others_append_is_behind_the_end_of_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "0123").unwrap();
    let reader = FileStore::new(&path).open().unwrap();
    fs::write(&path, "01234567").unwrap();
    let error = reader.read_exact_at(&mut [0; 3], 2).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn bytes_of_a_store_in_memory_are_there_at_once() {
    let store = MemoryStore::with_bytes(b"here".to_vec());
    assert_eq!(store.open().unwrap().as_slice(), Some(&b"here"[..]));
}

#[test]
fn a_file_that_cannot_be_is_refused_when_its_stage_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let stage = |name: &str| FileStore::new(folder.path().join(name)).stage();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let kind = |name: &str| stage(name).unwrap_err().kind();
    assert_eq!(kind("folder"), io::ErrorKind::IsADirectory);
    assert_eq!(kind("nowhere/a"), io::ErrorKind::NotFound);
    assert!(stage(&"n".repeat(300)).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// So nothing stays of a program that is killed.
#[cfg(target_os = "linux")]
#[test]
fn a_stage_has_no_name_where_files_can_be_without_one() {
    use rustix::fs::{Mode, OFlags, open};

    let folder = tempfile::tempdir().unwrap();
    if open(folder.path(), OFlags::TMPFILE | OFlags::RDWR, Mode::RUSR).is_err() {
        eprintln!("skipped: all files have names here");
        return;
    }
    let stage = FileStore::new(folder.path().join("a")).stage().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    drop(stage);
}

#[test]
fn standard_output_gets_what_is_written_to_a_stage_of_it() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["in_the_child", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{words}");
    assert!(words.contains("two pieces"), "{words}");
}

#[test]
#[ignore = "the test above runs it, in a process of its own"]
fn in_the_child() {
    use std::io::Write;

    let store = Drivers::default().store("-").unwrap();
    assert!(store.update().unwrap().is_none());
    let mut stage = store.stage().unwrap();
    stage.write_all(b"two ").unwrap();
    stage.write_all(b"pieces").unwrap();
    stage.commit(Durability::Synced).unwrap();
}
