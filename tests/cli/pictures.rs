//! Files of pictures under every verb: they are taken as files of arrays, by the one table of formats.

use std::path::Path;

use paginum::container::npy;
use paginum::{Array, ArraySpec, Order};
use serde_json::Value;

use crate::arrays::{array, save, save_new};
use crate::run::{fails, names, paginum, run, stderr};

/// Six frames, as an array and as an animation.
fn clip(folder: &Path) -> Array {
    let clip = save_new(folder, "clip.npy", "|u1", &[6, 5, 4, 3]);
    paginum(folder, "convert clip.npy clip.pzp");
    clip
}

#[test]
fn every_verb_takes_an_animation() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let clip = clip(folder);
    let list: Value = serde_json::from_str(&paginum(folder, "ls clip.pzp --json")).unwrap();
    let arrays = list["arrays"].as_array().unwrap();
    let shown: Vec<_> = arrays
        .iter()
        .map(|array| array["name"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["clip", "clip/delays", "clip/loop_count"]);
    assert_eq!(arrays[0]["shape"], serde_json::json!([6, 5, 4, 3]));
    assert!(paginum(folder, "ls clip.pzp").contains("byte-delta+zstd"));
    assert!(paginum(folder, "inspect clip.pzp").contains("delays"));
    assert!(paginum(folder, "verify clip.pzp").contains("clip.pzp"));
    assert!(paginum(folder, "advise clip.pzp").contains("clip"));
    paginum(folder, "cat clip.pzp clip --rows 2..3 -o row.bin");
    let frame = &clip.bytes()[2 * 60..3 * 60];
    assert_eq!(std::fs::read(folder.join("row.bin")).unwrap(), frame);
    paginum(folder, "unpack clip.pzp -o parts");
    let parts = names(&folder.join("parts"));
    assert!(parts.contains(&"clip.npy".to_owned()), "{parts:?}");
    paginum(folder, "cp clip.pzp copy.pzp.gz");
    paginum(folder, "diff clip.pzp copy.pzp.gz");
}

#[test]
fn an_animation_goes_through_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    clip(folder);
    // All chunks of a .png are under checksums, those of delays too.
    paginum(folder, "convert clip.pzp d.png");
    let said = paginum(folder, "verify d.png");
    assert!(said.contains("3 arrays, with their checksums"), "{said}");
    for (there, back) in [("a.npz", "a.pzp"), ("b.pv", "b.pzp"), ("c.png", "c.pzp")] {
        paginum(folder, &format!("convert clip.pzp {there}"));
        paginum(folder, &format!("convert {there} {back} --best"));
        paginum(folder, &format!("convert {back} {back}.npz"));
        let read = |name: &str| {
            let file = paginum::open(folder.join(name).to_str().unwrap()).unwrap();
            file.array_at(0).read().unwrap()
        };
        assert!(read(back) == read("clip.pzp"), "{there}");
        let file = paginum::open(folder.join(back).to_str().unwrap()).unwrap();
        assert_eq!(file.read("delays").unwrap().spec().shape(), [6], "{there}");
    }
}

#[test]
fn what_a_picture_has_no_place_for_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let fortran = array("|u1", &[5, 4]).with_order(Order::F);
    for (array, words) in [
        (
            array("|u1", &[5, 4, 1]),
            Some("\"a\", |u1 [5, 4, 1], is read back from a .F as |u1 [5, 4]"),
        ),
        (
            array("|u1", &[1, 5, 4, 3]),
            Some("|u1 [1, 5, 4, 3], is read back from a .F as |u1 [5, 4, 3]"),
        ),
        (
            array(">u2", &[5, 4]),
            Some(">u2 [5, 4], is read back from a .F as <u2 [5, 4]"),
        ),
        (
            fortran,
            Some("|u1 [5, 4] in Fortran order, is read back from a .F as |u1 [5, 4]"),
        ),
        (array("|u1", &[5, 4]), None),
        (array("<u2", &[5, 4, 3]), None),
        (array("<u2", &[2, 5, 4, 1]), None),
    ] {
        save(folder, "a.npy", &array);
        for format in ["png", "pzp"] {
            let said = stderr(&run(folder, &format!("convert a.npy a.{format} -f")));
            match words {
                Some(words) => assert!(
                    said.contains(&words.replace(".F", &format!(".{format}"))),
                    "{said}"
                ),
                None => assert_eq!(said.lines().count(), 1, "{said}"),
            }
        }
    }
    // A name that a file has for its array, unless the picture is called so.
    save_new(folder, "b.npy", "|u1", &[5, 4]);
    paginum(folder, "pack b.npy -o b.pv");
    for format in ["png", "pzp"] {
        let said = stderr(&run(folder, &format!("convert b.pv x.{format}")));
        let words = format!("\"b\" is read back from a .{format} without its name\n");
        assert!(said.starts_with(&words), "{said}");
        for input in ["b.pv", "b.npy", &format!("x.{format}")] {
            let said = stderr(&run(folder, &format!("convert {input} b.{format} -f")));
            assert_eq!(said.lines().count(), 1, "{input}: {said}");
        }
        let said = stderr(&run(folder, &format!("convert b.npy y.{format}")));
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    // Where one array ends and the next begins is lost, too.
    save_new(folder, "c.npy", "|u1", &[2, 5, 4, 1]);
    paginum(folder, "pack b.npy c.npy -o two.pv");
    let said = stderr(&run(folder, "convert two.pv two.png"));
    assert!(
        said.contains("\"b\" and 1 more are read back from a .png as one array, |u1 [3, 5, 4, 1]"),
        "{said}"
    );
}

#[test]
fn what_is_no_picture_is_refused_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[5, 4]);
    fails(
        folder,
        "convert a.npy a.pzp",
        4,
        "pictures are arrays of u8 or u16",
    );
    fails(
        folder,
        "convert a.npy a.png",
        4,
        "pictures are arrays of u8 or u16",
    );
    assert_eq!(names(folder), ["a.npy"]);
    std::fs::write(folder.join("x.pzpd"), b"anything").unwrap();
    let said = run(folder, "ls x.pzpd");
    assert!(String::from_utf8_lossy(&said.stderr).contains(".pzpd"));
    assert!(!said.status.success());
}

#[test]
fn a_view_of_numbers_is_a_picture_with_holes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers = [0.0, 1.0, f64::NAN, 0.5, 0.25, 1.0];
    let table = Array::from_vec(numbers.to_vec(), [2, 3]).unwrap();
    save(folder, "t.npy", &table);
    paginum(folder, "view t.npy -o t.png");
    let picture = paginum::open(folder.join("t.png").to_str().unwrap()).unwrap();
    let picture = picture.array_at(0).read().unwrap();
    assert_eq!(picture.spec().shape()[..2], [2, 3]);
    let channels = picture.spec().row_bytes() as usize / 3;
    let alpha: Vec<u8> = picture
        .bytes()
        .chunks(channels)
        .map(|pixel| pixel[channels - 1])
        .collect();
    assert_eq!(alpha, [255, 255, 0, 255, 255, 255]);
    assert!(!paginum(folder, "view t.npy --plot -").is_empty());
    // A picture is drawn as it is.
    let spec = ArraySpec::new("|u1".parse().unwrap(), [2, 3, 3]).unwrap();
    let colours = Array::from_bytes(spec, &(0..18).collect::<Vec<u8>>()).unwrap();
    std::fs::write(folder.join("c.npy"), npy::to_bytes(&colours)).unwrap();
    paginum(folder, "view c.npy -o c.png");
    let drawn = paginum::open(folder.join("c.png").to_str().unwrap()).unwrap();
    assert!(drawn.array_at(0).read().unwrap() == colours);
}
