//! What goes in comes out: files, streams, every dtype, any rows.

use std::fs;

use paginum::container::npy;

use crate::arrays::{NUMERIC, save_new};
use crate::run::{command, paginum};

#[test]
fn every_dtype_comes_back_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut names = Vec::new();
    for (i, dtype) in NUMERIC.into_iter().enumerate() {
        save_new(folder, &format!("{i}.npy"), dtype, &[30, 4]);
        names.push(format!("{i}.npy"));
    }
    paginum(folder, &format!("compress {} -o out", names.join(" ")));
    for (i, dtype) in NUMERIC.into_iter().enumerate() {
        paginum(
            folder,
            &format!("decompress out/{i}.pco -o back.npy --force"),
        );
        let original = fs::read(folder.join(format!("{i}.npy"))).unwrap();
        assert!(
            fs::read(folder.join("back.npy")).unwrap() == original,
            "{dtype}"
        );
    }
}

#[test]
fn shapes_come_back_empty_and_scalar_ones_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for shape in [&[][..], &[0], &[1], &[0, 3], &[3, 0], &[2, 3, 4, 5]] {
        save_new(folder, "a.npy", "<f4", shape);
        paginum(folder, "compress a.npy -o a.pco --force");
        paginum(folder, "decompress a.pco -o b.npy --force");
        let [a, b] = ["a.npy", "b.npy"].map(|name| fs::read(folder.join(name)).unwrap());
        assert!(a == b, "{shape:?}");
    }
}

#[test]
fn every_level_mode_and_delta_is_lossless() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "i.npy", "<i4", &[3000]);
    save_new(folder, "f.npy", "<f8", &[3000]);
    let levels = (0..=13).map(|level| format!("i --level {level}"));
    let options = [
        "i --mode classic",
        "i --mode dict",
        "i --mode int-mult:7",
        "f --mode float-mult:0.1",
        "f --mode float-quant:12",
        "i --delta none",
        "i --delta lookback",
        "i --delta consecutive:3",
        "i --delta conv1:4",
        "i --chunk-n 100",
        "i --row-index --chunk-n 1500",
    ];
    for case in levels.chain(options.map(str::to_owned)) {
        let (name, options) = case.split_once(' ').unwrap();
        paginum(
            folder,
            &format!("compress {name}.npy -o a.pco --force {options}"),
        );
        paginum(folder, "decompress a.pco -o b.npy --force");
        let [a, b] =
            [&format!("{name}.npy"), "b.npy"].map(|name| fs::read(folder.join(name)).unwrap());
        assert!(a == b, "{case}");
        paginum(folder, "verify a.pco");
    }
}

#[test]
fn streams_go_through_standard_input_and_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = save_new(folder, "a.npy", "<u2", &[5000]);
    let compress = command(folder)
        .args(["compress", "-", "--dtype", "u16", "-o", "-"])
        .write_stdin(array.bytes())
        .output()
        .unwrap();
    assert!(compress.status.success());
    assert!(compress.stdout.len() < array.bytes().len());
    for (form, expected) in [
        (vec!["--raw"], array.bytes().to_vec()),
        (vec![], npy::to_bytes(&array)),
    ] {
        let decompress = command(folder)
            .args(["decompress", "-", "-o", "-"])
            .args(form)
            .write_stdin(compress.stdout.as_slice())
            .output()
            .unwrap();
        assert!(decompress.stdout == expected);
    }
}

#[test]
fn raw_binary_takes_its_shape_from_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = save_new(folder, "a.npy", ">f4", &[20, 3]);
    fs::write(folder.join("a.bin"), array.bytes()).unwrap();
    paginum(folder, "compress a.bin --dtype >f4 --shape 20,3 -o a.pco");
    paginum(folder, "decompress a.pco -o b.npy");
    assert!(fs::read(folder.join("b.npy")).unwrap() == npy::to_bytes(&array));
    paginum(folder, "decompress a.pco -o b.bin");
    assert!(fs::read(folder.join("b.bin")).unwrap() == array.bytes());
}

#[test]
fn rows_are_those_of_the_array() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = save_new(folder, "a.npy", "<i8", &[1000, 3]);
    paginum(folder, "compress a.npy -o a.pco --chunk-n 500");
    paginum(
        folder,
        "compress a.npy -o foreign.pco --chunk-n 500 --plain",
    );
    paginum(folder, "cat a.pco --rows 333..335 -o rows.npy");
    let rows = fs::read(folder.join("rows.npy")).unwrap();
    assert!(rows.ends_with(&array.bytes()[333 * 24..335 * 24]));
    // A foreign file has one axis.
    paginum(folder, "cat foreign.pco --rows 999..1005 -o rows.bin");
    let rows = fs::read(folder.join("rows.bin")).unwrap();
    assert!(rows == array.bytes()[999 * 8..1005 * 8]);
    assert_eq!(paginum(folder, "cat a.pco --rows 5..5"), "");
    let first = paginum(folder, "decompress a.pco --first 2 --text");
    assert_eq!(first, paginum(folder, "cat a.pco --rows ..2"));
    assert_eq!(first.lines().count(), 2);
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[9000]);
    for n in 1..=3 {
        paginum(
            folder,
            &format!("compress a.npy -o {n}.pco --chunk-n 1000 --threads {n}"),
        );
    }
    let [one, two, three] = [1, 2, 3].map(|n| fs::read(folder.join(format!("{n}.pco"))).unwrap());
    assert!(one == two && two == three);
}
