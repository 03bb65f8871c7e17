//! `repair` of a file that lost its end.

use std::fs;
use std::path::Path;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum, run, stderr};

/// Three arrays, the last one appended.
fn download(folder: &Path) -> Vec<u8> {
    for (name, n) in [("a", 1200), ("b", 400), ("c", 600)] {
        let bytes: Vec<u8> = (0..n as u32).flat_map(u32::to_le_bytes).collect();
        fs::write(folder.join(format!("{name}.bin")), bytes).unwrap();
    }
    paginum(folder, "pack a.bin b.bin --dtype <u4 -o whole.pv");
    paginum(folder, "append whole.pv c.bin --dtype <u4");
    fs::read(folder.join("whole.pv")).unwrap()
}

#[test]
fn a_cut_download_stays_as_it_is_and_is_salvaged() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let whole = download(folder);
    for n_lost in [1, 8, 40, 300] {
        let cut = &whole[..whole.len() - n_lost];
        fs::write(folder.join("cut.pv"), cut).unwrap();
        let output = run(folder, "repair cut.pv");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("field_data/a"), "{said}");
        assert!(said.contains("stays as it is"), "{said}");
        assert_eq!(fs::read(folder.join("cut.pv")).unwrap(), cut);
        let output = run(folder, "repair --salvage cut.pv -o new.pv -f");
        let said = stderr(&output);
        // The document that lists the arrays is whole, and they are.
        assert_eq!(output.status.code(), Some(0), "{n_lost}: {said}");
        assert!(!said.contains("may have been more"), "{said}");
        assert_eq!(fs::read(folder.join("cut.pv")).unwrap(), cut);
        paginum(folder, "verify new.pv");
        for array in ["a", "b"] {
            paginum(folder, &format!("cat new.pv {array} -o out.bin -f"));
            let bin = fs::read(folder.join(format!("{array}.bin"))).unwrap();
            assert_eq!(
                fs::read(folder.join("out.bin")).unwrap(),
                bin,
                "{n_lost} {array}"
            );
        }
    }
}

#[test]
fn what_salvage_loses_or_cannot_know_is_its_status() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let whole = download(folder);
    // All of the arrays' ends, and what lists them.
    for len in [whole.len() / 2, whole.len() * 3 / 4] {
        fs::write(folder.join("cut.pv"), &whole[..len]).unwrap();
        let words = "may have been more";
        fails(folder, "repair --salvage cut.pv -o new.pv -f", 3, words);
        paginum(folder, "verify new.pv");
    }
    let mut damaged = whole;
    damaged[150] ^= 1;
    fs::write(folder.join("damaged.pv"), damaged).unwrap();
    fails(folder, "verify damaged.pv", 3, "damaged.pv");
    fails(
        folder,
        "repair --salvage damaged.pv -o new.pv -f",
        3,
        "1 lost",
    );
}

#[test]
fn salvage_wants_an_output_of_its_own() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    download(folder);
    fails(folder, "repair --salvage whole.pv", 2, "--output");
    fails(folder, "repair whole.pv -o new.pv", 2, "--salvage");
    fails(
        folder,
        "repair --salvage whole.pv -o new.bin",
        2,
        "extension",
    );
    fails(folder, "repair --salvage a.bin -o new.pv", 3, "no array");
    assert!(!names(folder).contains(&"new.pv".to_owned()));
    paginum(folder, "repair --salvage whole.pv -o new.pv");
    paginum(folder, "diff whole.pv new.pv");
}

#[test]
fn a_file_that_cannot_be_opened_says_what_saves_its_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3000]);
    paginum(folder, "pack a.npy -o a.pv");
    let whole = fs::read(folder.join("a.pv")).unwrap();
    fs::write(folder.join("cut.pv"), &whole[..whole.len() - 100]).unwrap();
    for verb in ["ls", "cat", "verify", "inspect"] {
        let words = "repair --salvage cut.pv -o NEW.pv";
        fails(folder, &format!("{verb} cut.pv"), 3, words);
    }
    paginum(folder, "repair --salvage cut.pv -o new.pv");
    paginum(folder, "diff a.npy new.pv");
}

#[test]
fn damage_is_no_change_by_another_program() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", "<f8", &[3000]);
    paginum(folder, "pack a.npy b.npy -o a.pv --filter numeric");
    let mut bytes = fs::read(folder.join("a.pv")).unwrap();
    let at = bytes.windows(8).position(|window| window == b"PGNMDIR1");
    bytes[at.unwrap() - 30] ^= 1;
    fs::write(folder.join("a.pv"), &bytes).unwrap();
    let output = run(folder, "repair a.pv");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("stays as it is"), "{said}");
    assert!(said.contains("  field_data/b\n"), "{said}");
    assert!(!said.contains("another program"), "{said}");
    assert_eq!(fs::read(folder.join("a.pv")).unwrap(), bytes);
}

#[test]
fn a_copy_that_fails_names_what_is_damaged() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    save_new(folder, "a.npy", "<f8", &[3000]);
    paginum(folder, "pack a.npy -o a.pv");
    let mut bytes = fs::read(folder.join("a.pv")).unwrap();
    // In the header of the first pair.
    bytes[12] ^= 0xff;
    fs::write(folder.join("a.pv"), &bytes).unwrap();
    fails(folder, "convert a.pv b.pv", 3, "paginum: a.pv: array ");
    save_new(folder, "b.npy", "<i4", &[3000]);
    for name in ["a.fits", "a.gnz"] {
        paginum(folder, &format!("convert b.npy {name}"));
        let bytes = fs::read(folder.join(name)).unwrap();
        fs::write(folder.join(name), &bytes[..bytes.len() - 9000]).unwrap();
        let words = format!("paginum: {name}: array ");
        fails(folder, &format!("convert {name} new-{name}"), 3, &words);
    }
}
