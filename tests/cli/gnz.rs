//! Every verb over a `.gnz` file.

use std::fs;
use std::path::Path;

use crate::arrays::save_new;
use crate::run::{fails, paginum, run, stderr};

/// Two arrays in a `.gnz`.
fn converted(folder: &Path) {
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", ">i4", &[500, 3]);
    paginum(folder, "pack a.npy b.npy -o w.pv --compat native");
    paginum(folder, "convert w.pv w.gnz");
}

fn same(folder: &Path, one: &str, other: &str) {
    let [x, y] = [one, other].map(|name| fs::read(folder.join(name)).unwrap());
    assert!(x == y, "{one} and {other} differ");
}

#[test]
fn every_verb_takes_a_gnz() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    converted(folder);
    let listed = paginum(folder, "ls w.gnz");
    assert!(listed.contains("a ") && listed.contains("500"), "{listed}");
    assert!(paginum(folder, "inspect w.gnz").contains('b'));
    let rows = paginum(folder, "cat w.gnz b --rows 7..9");
    assert_eq!(rows, paginum(folder, "cat b.npy --rows 7..9"));
    assert!(paginum(folder, "verify w.gnz").starts_with("w.gnz: ok"));
    paginum(folder, "diff w.gnz w.pv");
    paginum(folder, "unpack w.gnz -o out");
    same(folder, "a.npy", "out/a.npy");
    same(folder, "b.npy", "out/b.npy");
    paginum(folder, "advise w.gnz");
    paginum(folder, "cp w.gnz copy.gnz");
    same(folder, "w.gnz", "copy.gnz");
    paginum(folder, "convert w.gnz again.gnz");
    same(folder, "w.gnz", "again.gnz");
    paginum(folder, "convert w.gnz w.npz");
    paginum(folder, "diff w.npz w.gnz");
    paginum(folder, "convert w.gnz b2.npy --array b");
    same(folder, "b.npy", "b2.npy");
    fails(folder, "convert w.npz w.gnz", 2, "exists");
    fails(folder, "rm w.gnz a", 2, "gnz");
}

#[test]
fn what_is_wrong_with_one_array_costs_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    converted(folder);
    let path = folder.join("w.gnz");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 8192]).unwrap();
    let rows = paginum(folder, "cat w.gnz a --rows 0..9");
    assert_eq!(rows, paginum(folder, "cat a.npy --rows 0..9"));
    let output = run(folder, "verify w.gnz");
    assert!(!output.status.success(), "{}", stderr(&output));
    fs::write(&path, [b"GNZ~", &whole[4..]].concat()).unwrap();
    fails(folder, "ls w.gnz", 3, "never finalised");
}
