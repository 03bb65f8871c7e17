//! Reading a file while it is changed in place: never an error that says it is damaged.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paginum::container::pv::{Edit, EditOptions, Reader, WriteOptions, Writer};
use paginum::container::{Container, OpenOptions};
use paginum::storage::faulty::{Fault, FaultyStore};
use paginum::storage::{MemoryStore, Part, ReadAt, check_parts};
use paginum::{Array, ErrorKind, Result};

/// A file that becomes another one after some reads, as one does whose writer is quicker than its reader.
#[derive(Debug)]
struct Changing {
    before: Arc<Vec<u8>>,
    after: Arc<Vec<u8>>,
    reads_left: AtomicUsize,
}

impl ReadAt for Changing {
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        let take = |left: usize| left.checked_sub(1);
        let is_before = self
            .reads_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok();
        let bytes = if is_before { &self.before } else { &self.after };
        // A reader sees no more than what was there when it came.
        check_parts(parts, self.len())?;
        bytes.read_many(parts)
    }
    fn len(&self) -> u64 {
        self.before.len() as u64
    }
    fn has_changed(&self) -> bool {
        true
    }
}

fn numbers(n: i32, step: i32) -> Array {
    let values: Vec<i32> = (0..n).map(|i| i * step % 997).collect();
    Array::from_numbers(&values).unwrap()
}

fn edit() -> Edit<'static> {
    let mut edit = Edit::new();
    edit.add("field_data/new", numbers(300, 7));
    edit.replace("field_data/b", numbers(400, 5));
    edit.remove("field_data/c");
    edit
}

/// The bytes of a file before, during and after an edit in place.
fn states() -> Vec<Arc<Vec<u8>>> {
    let store = MemoryStore::new();
    let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
    for name in ["a", "b", "c", "d"] {
        writer.write(name, &numbers(500, 3)).unwrap();
    }
    writer.commit().unwrap();
    let old = store.bytes().unwrap();
    let whole = FaultyStore::new(old.to_vec());
    assert!(
        edit()
            .apply(&whole, &EditOptions::default())
            .unwrap()
            .is_in_place
    );
    let n_calls = whole.calls().len();
    let killed = (0..n_calls).map(|call| {
        let store = FaultyStore::new(old.to_vec());
        store.inject(Fault::Kill, call);
        edit().apply(&store, &EditOptions::default()).unwrap_err();
        store.after_kill().bytes().unwrap()
    });
    let mut states: Vec<_> = killed
        .chain([whole.after_kill().bytes().unwrap()])
        .collect();
    states.dedup();
    states
}

/// Everything that can be read.
fn read(store: Arc<dyn ReadAt>) -> Result<()> {
    let reader = Reader::open(store, &OpenOptions::default().with_name("a.pv"))?;
    for index in 0..reader.placeholders().end {
        reader.entry(index)?;
        reader.open_array(index)?.read(reader.limits())?;
        reader.validity(index)?;
    }
    for index in 0..reader.placeholders().end {
        reader.open_array(index)?.verify()?;
    }
    reader.dead_bytes()?;
    reader.verify_structure()
}

#[test]
fn a_file_that_changes_under_its_reader_is_not_called_damaged() {
    let states = states();
    assert!(states.len() > 4, "{} states", states.len());
    let mut n_changed = 0;
    for (i, before) in states.iter().enumerate() {
        for after in &states[i..] {
            for n_reads in 0..400 {
                let store = Arc::new(Changing {
                    before: before.clone(),
                    after: after.clone(),
                    reads_left: n_reads.into(),
                });
                match read(store.clone()) {
                    Ok(()) => {}
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
                        let place = error.place().unwrap();
                        assert_eq!(place.file.as_deref(), Some("a.pv"), "{error}");
                        n_changed += 1;
                    }
                }
                if store.reads_left.load(Ordering::Relaxed) > 0 {
                    break;
                }
            }
        }
    }
    assert!(n_changed > 0, "the seal changed nothing");
    // What is left when the writer is done is whole.
    read(states.last().unwrap().clone()).unwrap();
    // And of a file that nobody changed, the same bytes are damage.
    let interrupted = &states[states.len() - 2];
    assert_eq!(
        read(interrupted.clone()).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
}
