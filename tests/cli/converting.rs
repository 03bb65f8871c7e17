//! `convert`: which arrays, and what the other format has no place for.

use std::fs;
use std::path::Path;

use paginum::container::gnz::GnzWriter;
use paginum::container::npy;
use paginum::storage::FileStore;
use paginum::{Array, ArraySpec};

use crate::arrays::{array, npy_of, save_new};
use crate::run::{fails, names, paginum, run, stderr};

/// Three arrays and metadata.
fn gnz(folder: &Path) {
    let store = FileStore::new(folder.join("w.gnz"));
    let mut writer = GnzWriter::new();
    for name in ["a", "b", "c"] {
        writer.add_array(name, array("<f8", &[40])).unwrap();
    }
    let metadata = r#"{"station": 7, "units": "K"}"#;
    writer.set_metadata(metadata).unwrap();
    writer.write(&store).unwrap().finalize().unwrap();
}

#[test]
fn only_the_arrays_that_are_named_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    gnz(folder);
    paginum(folder, "convert w.gnz two.npz --select c,a");
    let listed = paginum(folder, "ls two.npz");
    let (c, a) = (listed.find("\nc ").unwrap(), listed.find("\na ").unwrap());
    assert!(c < a && !listed.contains("\nb "), "{listed}");
    paginum(folder, "convert w.gnz few.gnz --select b");
    assert!(!paginum(folder, "ls few.gnz").contains("\na "));
    paginum(folder, "convert w.gnz a.npy --select a");
    for (arguments, words) in [
        ("--select a,a", "\"a\" twice"),
        ("--select a,nope", "there is no array \"nope\""),
        ("--select a --array b", "cannot be used with"),
    ] {
        fails(
            folder,
            &format!("convert w.gnz x.npz {arguments}"),
            2,
            words,
        );
    }
    fails(folder, "convert w.gnz x.npy", 2, "a .npy holds one");
    // What a format cannot hold is left out by naming the rest.
    save_new(folder, "p.npy", "|u1", &[5, 4]);
    paginum(folder, "pack w.gnz p.npy -o all.pv");
    fails(folder, "convert all.pv p.png", 4, "--select");
    paginum(folder, "convert all.pv p.png --select p");
}

#[test]
fn what_the_other_format_has_no_place_for_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    gnz(folder);
    for output in ["w.npz", "w.csv", "w.pv"] {
        let said = stderr(&run(folder, &format!("convert w.gnz {output}")));
        let words = "w.gnz: metadata of \"station\", \"units\" stays behind";
        assert!(said.contains(words), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
    }
    let said = stderr(&run(folder, "convert w.gnz same.gnz"));
    assert!(!said.contains("behind"), "{said}");
    let words = "w.gnz: metadata of \"station\", \"units\" stays behind";
    save_new(folder, "p.npy", "|u1", &[5]);
    for verb in [
        "pack w.gnz p.npy -o packed.pv",
        "append packed2.pv w.gnz --into more",
        "compress w.gnz -o folder",
        "compress one.gnz",
    ] {
        if verb.starts_with("append") {
            paginum(folder, "pack p.npy -o packed2.pv");
        }
        if verb.ends_with("one.gnz") {
            paginum(folder, "convert w.gnz one.gnz --select a");
        }
        let said = stderr(&run(folder, verb));
        let n = said.matches(words).count();
        assert_eq!(n, usize::from(!verb.ends_with("one.gnz")), "{verb}: {said}");
    }
    let said = stderr(&run(folder, "advise w.gnz"));
    assert!(!said.contains("behind"), "nothing is written: {said}");
    save_new(folder, "p.npy", "|u1", &[5, 4]);
    let delay = Array::from_numbers(&[40_u32]).unwrap();
    fs::write(folder.join("delays.npy"), npy::to_bytes(&delay)).unwrap();
    paginum(folder, "pack p.npy delays.npy -o p.pv");
    paginum(folder, "convert p.pv p.pzp");
    let said = stderr(&run(folder, "convert p.pzp p.png"));
    assert!(said.contains("no delay: 40 ms are left out"), "{said}");
}

#[test]
fn several_arrays_of_any_format_go_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    gnz(folder);
    paginum(folder, "compress w.gnz -o out/");
    assert_eq!(names(&folder.join("out")), ["a.pco", "b.pco", "c.pco"]);
    paginum(folder, "convert w.gnz w.csv");
    paginum(folder, "compress w.csv");
    assert_eq!(names(&folder.join("w")), ["a.pco", "b.pco", "c.pco"]);
    save_new(folder, "clip.npy", "|u1", &[3, 5, 4, 3]);
    paginum(folder, "convert clip.npy clip.png");
    paginum(folder, "compress clip.png -o clip/");
    assert_eq!(names(&folder.join("clip")).len(), 2);
    assert!(folder.join("clip/clip.pco").exists());
}

#[test]
fn help_lists_the_formats_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["compress", "pack", "append", "advise", "convert"] {
        let help = paginum(folder.path(), &format!("{verb} --help"));
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for format in paginum::container::Formats::default().iter() {
            let info = format.info();
            let is_bare = info.has(paginum::container::Trait::Bare);
            let is_listed = help.contains(&format!(".{}", info.extension()));
            assert!(is_bare || is_listed, "{verb}: .{}", info.extension());
        }
    }
}

#[test]
fn errors_name_arrays_as_ls_does() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", "<f8", &[3000]);
    paginum(folder, "pack a.npy b.npy -o w.pv --filter none");
    let mut bytes = fs::read(folder.join("w.pv")).unwrap();
    bytes[400] ^= 1;
    fs::write(folder.join("w.pv"), bytes).unwrap();
    for arguments in [
        "verify w.pv",
        "cat w.pv a",
        "convert w.pv w.npz",
        "unpack w.pv -o out",
        "diff w.pv w.pv",
    ] {
        let output = run(folder, arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{arguments}: {said}");
        let said = said.lines().next().unwrap();
        assert!(
            said.contains("w.pv: array \"a\": ") && !said.contains("field_data"),
            "{said}"
        );
    }
}

#[test]
fn spans_of_time_come_back_from_text() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = ArraySpec::new("<m8[ms]".parse().unwrap(), [4]).unwrap();
    let numbers = [0_i64, -75, i64::MIN, 86_400_000]
        .map(i64::to_le_bytes)
        .concat();
    let spans = Array::from_bytes(spec, &numbers).unwrap();
    fs::write(folder.join("t.npy"), npy::to_bytes(&spans)).unwrap();
    paginum(folder, "convert t.npy t.csv");
    paginum(folder, "convert t.csv back.npy");
    paginum(folder, "diff t.npy back.npy");
    assert!(fs::read(folder.join("t.npy")).unwrap() == fs::read(folder.join("back.npy")).unwrap());
}

#[test]
fn a_table_without_rows_says_what_becomes_of_its_types() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "e.npy", "<f4", &[0]);
    let said = stderr(&run(folder, "convert e.npy e.csv"));
    assert!(said.contains("--dtype has to say <f4"), "{said}");
    let said = stderr(&run(folder, "convert e.csv back.npy"));
    assert!(said.contains("nothing tells the types"), "{said}");
    paginum(folder, "convert e.csv f4.npy --dtype f4");
    paginum(folder, "diff e.npy f4.npy");
}

/// A header that numpy reads only if it is told to is said to be one.
#[test]
fn records_of_many_fields_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let fields: Vec<String> = (0..600).map(|i| format!("('field{i}', '|u1')")).collect();
    let file = npy_of(&format!("[{}]", fields.join(", ")), "(1,)", &[7; 600]);
    fs::write(folder.join("wide.npy"), file).unwrap();
    let converted = run(folder, "--max-bytes 1G convert wide.npy again.npy");
    let said = stderr(&converted);
    assert!(converted.status.success(), "{said}");
    assert!(said.contains("max_header_size"), "{said}");
}
