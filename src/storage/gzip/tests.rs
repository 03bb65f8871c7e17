use super::*;
use crate::storage::{FileStore, MemoryStore, PositionedStage, WriteAt, conformance};
use crate::{Error, ErrorKind};

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn over(store: impl Store + 'static) -> GzipStore {
    GzipStore::new(Arc::new(store), &StoreOptions::default())
}

fn contents(file: Vec<u8>) -> crate::Result<Vec<u8>> {
    let reader = over(MemoryStore::with_bytes(file)).open()?;
    let mut bytes = vec![0; reader.len() as usize];
    reader.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

#[test]
fn compressed_files_conform() {
    conformance::check_read(&|bytes| over(MemoryStore::with_bytes(compressed(bytes))).open());
    let folder = tempfile::tempdir().unwrap();
    conformance::check_stage(&over(FileStore::new(folder.path().join("a.gz"))));
    // What is not compressed is not touched.
    conformance::check_stage(&over(FileStore::new(folder.path().join("a"))));
    conformance::check_update(&over(FileStore::new(folder.path().join("b"))));
}

#[test]
fn members_follow_one_another_and_zeroes_end_them() {
    let members = [compressed(b"one "), compressed(b""), compressed(b"two")].concat();
    for padding in [0, 1, 511, 100_000] {
        let file = [members.clone(), vec![0; padding]].concat();
        assert_eq!(contents(file).unwrap(), b"one two", "{padding}");
    }
    for (rest, kind) in [
        (&b"junk"[..], ErrorKind::Corrupt),
        (b"\0\0junk", ErrorKind::Corrupt),
        (&[0x1f, 0x8b, 8], ErrorKind::Truncated),
    ] {
        let error = contents([&members[..], rest].concat()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[test]
fn damage_is_refused() {
    let plain: Vec<u8> = (0..1_500_u32).flat_map(u32::to_le_bytes).collect();
    let file = compressed(&plain);
    for cut in [18, 100, file.len() - 8, file.len() - 1] {
        let error = contents(file[..cut].to_vec()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated, "{cut}: {error}");
    }
    let mut damaged = file.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    let error = contents(damaged).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
    let mut no_block = file.clone();
    no_block[10] = 7;
    let error = contents(no_block).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    let mut n_harmless = 0;
    for at in 10..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        if let Ok(bytes) = contents(damaged) {
            assert_eq!(bytes, plain, "byte {at}");
            n_harmless += 1;
        }
    }
    // The bits between the last block and the trailer mean nothing.
    assert!(n_harmless <= 1, "{n_harmless}");
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let options = StoreOptions {
        max_stream_bytes: 1 << 20,
        ..StoreOptions::default()
    };
    let bomb = MemoryStore::with_bytes(compressed(&vec![0; (1 << 20) + 1]));
    let error: Error = GzipStore::new(Arc::new(bomb), &options)
        .open()
        .unwrap_err()
        .into();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}

#[cfg(unix)]
#[test]
fn what_did_not_change_is_not_written_and_the_rest_keeps_mode_and_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("a.gz"), folder.path().join("link"));
    std::fs::write(&path, compressed(b"old")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.gz", &link).unwrap();
    let store = over(FileStore::new(&link));
    let before = std::fs::metadata(&path).unwrap();
    for (bytes, is_same) in [(&b"old"[..], true), (b"olds", false), (b"ol", false)] {
        assert!(store.update().unwrap().is_none(), "it is staged");
        store.open().unwrap();
        let stage = PositionedStage::new(&store).unwrap();
        stage.write_all_at(bytes, 0).unwrap();
        stage.commit(Durability::Synced).unwrap();
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(
            after.ino() == before.ino() && after.mtime_nsec() == before.mtime_nsec(),
            is_same
        );
        assert_eq!(after.mode() & 0o777, 0o640);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let raw = std::fs::read(&path).unwrap();
        assert_eq!(contents(raw.clone()).unwrap(), bytes);
        if !is_same {
            // Flags, time, and system of a header that tells nothing but that it is one.
            assert_eq!(raw[3..10], [0, 0, 0, 0, 0, 0, 255], "{raw:?}");
        }
    }
}

#[test]
fn of_two_edits_of_one_file_the_second_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    let file = |bytes: &[u8]| -> Arc<dyn Store> {
        std::fs::write(&path, compressed(bytes)).unwrap();
        Arc::new(FileStore::new(&path))
    };
    let memory =
        |bytes: &[u8]| -> Arc<dyn Store> { Arc::new(MemoryStore::with_bytes(compressed(bytes))) };
    for place in [file(b"old"), memory(b"old")] {
        let (one, other) = (over(place.clone()), over(place.clone()));
        one.open().unwrap();
        other.open().unwrap();
        let (mut first, mut second) = (one.stage().unwrap(), other.stage().unwrap());
        first.write_all(b"first").unwrap();
        second.write_all(b"other").unwrap();
        first.commit(Durability::Synced).unwrap();
        let error = Error::from(second.commit(Durability::Synced).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(whole(&one), b"first");
        // Opened again, it is the one that is replaced.
        other.open().unwrap();
        replace(&other, b"second").unwrap();
        assert_eq!(whole(&other), b"second");
        // Nobody else came.
        replace(&other, b"third").unwrap();
    }
}

#[test]
fn a_file_system_without_locks_does_for_compressed_files() {
    use crate::storage::system::{Call, seam};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    std::fs::write(&path, compressed(b"old")).unwrap();
    let store = over(FileStore::new(&path));
    seam::watch(&[Call::Lock], || {
        assert!(store.update().unwrap().is_none(), "it is staged");
        replace(&store, b"new").unwrap();
        assert_eq!(whole(&store), b"new");
        // Versions are compared all the same.
        let mut stage = store.stage().unwrap();
        stage.write_all(b"second").unwrap();
        std::fs::write(&path, compressed(b"of another")).unwrap();
        let error = Error::from(stage.commit(Durability::Synced).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        // In place nothing is changed without a lock.
        std::fs::write(&path, b"plain, and not compressed").unwrap();
        let error = store.update().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
    });
}

#[test]
fn an_edit_does_not_undo_what_another_program_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    std::fs::write(&path, compressed(b"old")).unwrap();
    let store = over(FileStore::new(&path));
    let reader = store.open().unwrap();
    assert!(!reader.has_changed());
    let version = reader.version().unwrap();
    let mut stage = store.stage().unwrap();
    // Even one that would write what was there before.
    stage.write_all(b"old").unwrap();
    std::fs::write(&path, compressed(b"of another")).unwrap();
    assert!(reader.has_changed());
    let error = Error::from(stage.commit(Durability::Synced).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert_ne!(store.open().unwrap().version().unwrap(), version);
    assert_eq!(whole(&store), b"of another");
    let stage = store.stage().unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = Error::from(stage.commit(Durability::Synced).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert!(!path.exists());
}

#[test]
fn what_is_compressed_no_more_is_not_compressed_again() {
    let place: Arc<dyn Store> = Arc::new(MemoryStore::with_bytes(compressed(b"old")));
    let store = over(place.clone());
    store.open().unwrap();
    let mut stage = place.stage().unwrap();
    stage.write_all(b"plain, of another").unwrap();
    stage.commit(Durability::Synced).unwrap();
    replace(&store, b"plain and new").unwrap();
    assert_eq!(whole(&*place), b"plain and new");
}

fn whole(store: &dyn Store) -> Vec<u8> {
    let reader = store.open().unwrap();
    let mut bytes = vec![0; reader.len() as usize];
    reader.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

#[test]
fn what_may_not_be_written_may_not_be_edited_compressed() {
    let memory = MemoryStore::from_bytes(&compressed(b"old"));
    let error = over(memory).update().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    let missing = over(MemoryStore::new()).update().unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    std::fs::write(&path, compressed(b"old")).unwrap();
    let mut mode = std::fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    std::fs::set_permissions(&path, mode).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // Root may write every file.
        return;
    }
    let store = over(FileStore::new(&path));
    let error = store.update().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    // Nor by who asks for no leave.
    store.open().unwrap();
    let error = replace(&store, b"new").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(whole(&store), b"old");
}

#[test]
fn what_stands_beside_a_file_and_in_memory_is_reached_through_gzip() {
    let store = over(FileStore::new("a.gz"));
    let beside = store.sibling(".lock").unwrap();
    assert_eq!(beside.url().path(), Some("a.gz.lock".as_ref()));
    let store = over(MemoryStore::with_bytes(compressed(b"small")));
    assert_eq!(store.open().unwrap().as_slice(), Some(&b"small"[..]));
}

#[test]
fn a_commit_that_fails_leaves_the_old_file() {
    use crate::storage::faulty::{Fault, FaultyStore};
    let n_calls = {
        let calm = FaultyStore::new(compressed(b"old"));
        replace(&over(calm.clone()), b"new").unwrap();
        calm.calls().len()
    };
    for at in 0..n_calls {
        let disk = FaultyStore::new(compressed(b"old"));
        disk.inject(Fault::Kill, at);
        let _ = replace(&over(disk.clone()), b"new");
        let after = contents(disk.after_kill().bytes().unwrap().to_vec()).unwrap();
        assert!(after == b"old" || after == b"new", "call {at}");
    }
}

fn replace(store: &GzipStore, bytes: &[u8]) -> io::Result<()> {
    store.open()?;
    let stage = PositionedStage::new(store)?;
    stage.write_all_at(bytes, 0)?;
    stage.commit(Durability::Synced)
}
