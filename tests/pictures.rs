//! Pictures on the command line: `view`, and what every verb makes of `.png` and `.pzp` files.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::path::Path;
use std::process::Output;

use paginum::container::npy;
use paginum::{Array, ArraySpec};

fn run(folder: &Path, arguments: &str) -> Output {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("paginum");
    let command = command.current_dir(folder);
    command.args(arguments.split_whitespace()).output().unwrap()
}

/// Standard output of a call that has to succeed, and what it said.
fn paginum(folder: &Path, arguments: &str) -> (String, String) {
    let output = run(folder, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments}: {said}");
    (String::from_utf8_lossy(&output.stdout).into_owned(), said)
}

fn save(folder: &Path, name: &str, array: &Array) {
    std::fs::write(folder.join(name), npy::to_bytes(array)).unwrap();
}

fn scene(shape: &[u64], dtype: &str) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let bytes: Vec<u8> = (0..spec.bytes())
        .map(|i| ((i / 3) ^ (i >> 7)) as u8)
        .collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

fn read(folder: &Path, name: &str) -> Array {
    let file = paginum::open(folder.join(name).to_str().unwrap()).unwrap();
    file.array_at(0).read().unwrap()
}

#[test]
fn pictures_go_from_format_to_format_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (number, (shape, dtype)) in [
        (&[7, 9][..], "|u1"),
        (&[7, 9, 2], "|u1"),
        (&[7, 9, 3], "|u1"),
        (&[7, 9, 4], "<u2"),
        (&[7, 9], "<u2"),
        (&[3, 7, 9, 4], "|u1"),
        (&[3, 7, 9, 1], "<u2"),
    ]
    .into_iter()
    .enumerate()
    {
        let array = scene(shape, dtype);
        save(folder, &format!("a{number}.npy"), &array);
        paginum(folder, &format!("convert a{number}.npy a{number}.pzp"));
        paginum(folder, &format!("convert a{number}.pzp a{number}.png"));
        paginum(
            folder,
            &format!("convert a{number}.png b{number}.pzp --best"),
        );
        for name in ["a.pzp", "a.png", "b.pzp"] {
            let name = name.replace('.', &format!("{number}."));
            assert_eq!(read(folder, &name), array, "{name}");
            paginum(folder, &format!("verify {name}"));
            paginum(folder, &format!("ls {name}"));
            paginum(folder, &format!("inspect {name}"));
        }
        paginum(folder, &format!("diff a{number}.pzp b{number}.pzp"));
        paginum(folder, &format!("convert b{number}.pzp b{number}.npz"));
    }
}

#[test]
fn sound_comes_out_as_the_file_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sound = Array::from_numbers(b"fLaC and so on").unwrap();
    save(folder, "frames.npy", &scene(&[2, 5, 4, 3], "|u1"));
    save(folder, "audio.npy", &sound);
    save(
        folder,
        "delays.npy",
        &Array::from_numbers(&[40_u32, 70_000]).unwrap(),
    );
    paginum(folder, "pack frames.npy audio.npy delays.npy -o all.pv");
    paginum(folder, "convert all.pv clip.pzp");
    paginum(folder, "unpack clip.pzp -o out");
    assert_eq!(
        std::fs::read(folder.join("out/clip/audio.flac")).unwrap(),
        sound.bytes()
    );
    let delays = read(folder, "out/clip/delays.npy");
    assert_eq!(delays.numbers::<u32>().unwrap(), [40, 70_000]);
    // A .png has no sound.
    assert!(!run(folder, "convert clip.pzp clip.png").status.success());
}

#[test]
fn numbers_are_drawn_with_their_extremes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut values: Vec<f64> = (0..60).map(f64::from).collect();
    values[7] = f64::NAN;
    save(
        folder,
        "field.npy",
        &Array::from_vec(values, [6, 10]).unwrap(),
    );
    let (_, said) = paginum(folder, "view field.npy -o field.png");
    assert!(said.contains("from 0 to 59"), "{said}");
    let picture = read(folder, "field.png");
    assert_eq!(picture.spec().shape(), [6, 10, 4]);
    assert_eq!(picture.bytes()[..4], [0, 0, 0, 255]);
    assert_eq!(picture.bytes()[28..32], [0; 4]);
    assert!(picture.bytes().ends_with(&[255; 4]));
    paginum(
        folder,
        "view field.npy -o field.png --colors viridis --force",
    );
    assert_eq!(read(folder, "field.png").bytes()[..4], [68, 1, 84, 255]);
    let (drawn, _) = paginum(folder, "view field.npy --plot -");
    assert!(drawn.contains('█') && !drawn.contains('·'), "{drawn}");
    let gaps = Array::from_vec(vec![0.0, f64::NAN, f64::NAN, 1.0], [2, 2]).unwrap();
    save(folder, "gaps.npy", &gaps);
    // Two rows are one line: a letter is twice as high as it is wide.
    let (drawn, _) = paginum(folder, "view gaps.npy --plot -");
    assert_eq!(drawn, " █\n");
    save(
        folder,
        "none.npy",
        &Array::from_vec(vec![f64::NAN; 2], [1, 2]).unwrap(),
    );
    assert_eq!(paginum(folder, "view none.npy --plot -").0, "··\n");

    save(
        folder,
        "line.npy",
        &Array::from_numbers(&[1.0, 2.5, f64::NAN, -3.0]).unwrap(),
    );
    let (_, said) = paginum(folder, "view line.npy -o line.svg");
    assert!(said.contains("from -3 to 2.5"), "{said}");
    paginum(folder, "view line.npy -o line.png");
    assert_eq!(read(folder, "line.png").spec().shape()[2], 3);
    let (drawn, _) = paginum(folder, "view line.npy --plot -");
    assert_eq!(drawn.lines().count(), 8);
}

#[test]
fn an_animation_is_drawn_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let frames = scene(&[4, 6, 5, 3], "|u1");
    save(folder, "clip.npy", &frames);
    paginum(folder, "convert clip.npy clip.pzp");
    paginum(folder, "view clip.pzp -o clip.png");
    // Without an output the first channel of the first frame, in letters.
    let (drawn, _) = paginum(folder, "view clip.npy");
    assert_eq!(drawn.lines().count(), 3, "{drawn}");
    assert!(
        drawn.lines().all(|line| line.chars().count() == 5),
        "{drawn}"
    );
    assert_eq!(read(folder, "clip.png"), frames);
    for arguments in [
        "view clip.npy -o clip.svg",
        "view clip.npy -o clip.png",
        "view absent.npy -o b.png",
    ] {
        let output = run(folder, arguments);
        assert_ne!(output.status.code(), Some(0), "{arguments}");
        assert_ne!(output.status.code(), Some(101), "{arguments}");
    }
}
