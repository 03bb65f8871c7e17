//! Whose readers a file was written for: an edit keeps to that.

use paginum::container::Container;
use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Target, WriteOptions, Writer, compact, target_of,
};
use paginum::storage::MemoryStore;

use crate::files::{base, numbers, open, options, targets};

#[test]
fn a_filter_of_ours_needs_native() {
    let store = MemoryStore::new();
    let options = WriteOptions::default()
        .with_target(Target::V0_7)
        .with_filter(FilterChoice::named("delta"));
    let mut writer = Writer::create(&store, options).unwrap();
    let error = writer.write("a", &numbers(10, 1)).unwrap_err();
    assert!(error.to_string().contains("--compat native"), "{error}");
}

#[test]
fn a_file_keeps_the_target_that_it_was_written_for() {
    for target in targets() {
        let store = MemoryStore::new();
        let plain = options(target).with_filter(FilterChoice::named("none"));
        base(&store, plain.clone());
        let expected = match target {
            // Such a file is as if another program had written it.
            Target::Reproduce0_7 => Target::V0_7,
            target => target,
        };
        let recorded = || target_of(&open(&store).unwrap()).unwrap();
        assert_eq!(recorded(), expected);
        let edit_options = EditOptions::default().with_write(plain.clone());
        let mut edit = Edit::new();
        edit.add("next", numbers(10, 3));
        edit.apply(&store, &edit_options).unwrap();
        assert_eq!(recorded(), expected);
        compact(&store, &edit_options).unwrap();
        assert_eq!(recorded(), expected);
        // Without a single array of ours, the file takes some if it was written for our readers.
        let mut edit = Edit::new();
        edit.add("numeric", numbers(10, 4));
        let numeric = plain.with_filter(FilterChoice::named("numeric"));
        let edit_options = edit_options.with_write(numeric);
        let result = edit.apply(&store, &edit_options);
        assert_eq!(
            result.is_ok(),
            target == Target::Native,
            "{target}: {result:?}"
        );
        // An older target is one for what is added; what is there stays what it is.
        let mut edit = Edit::new();
        edit.add("shuffled", numbers(10, 5));
        let edit_options = EditOptions::default().with_target(Target::V0_4);
        edit.apply(&store, &edit_options).unwrap();
        let expected = match target {
            Target::V0_2 => Target::V0_4,
            _ => expected,
        };
        assert_eq!(recorded(), expected);
    }
}

#[test]
fn a_native_file_of_many_arrays_takes_numeric_ones_whichever_have_it() {
    let store = MemoryStore::new();
    let plain = options(Target::Native)
        .with_filter(FilterChoice::named("none"))
        .with_array_filter("399", FilterChoice::named("numeric"));
    let mut writer = Writer::create(&store, plain).unwrap();
    for i in 0..400 {
        writer.write(&i.to_string(), &numbers(2, i)).unwrap();
    }
    writer.commit().unwrap();
    let numeric = WriteOptions::default().with_filter(FilterChoice::named("numeric"));
    let mut edit = Edit::new();
    edit.add("next", numbers(10, 3));
    edit.apply(&store, &EditOptions::default().with_write(numeric))
        .unwrap();
    let reader = open(&store).unwrap();
    let next = reader.find("next").unwrap();
    assert_eq!(reader.entry(next).unwrap().filter, "numeric");
}
