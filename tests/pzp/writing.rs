//! What was written comes back, whatever the settings; what no reader takes is not written.

use std::sync::Arc;

use paginum::container::pzp::PzpOptions;
use paginum::container::{Formats, OpenOptions};
use paginum::{Array, ArraySpec, Limits};

use crate::files::{every_setting, numbers, open, scene, write, write_all};

#[test]
fn every_setting_gives_back_what_was_written() {
    let shapes: [&[u64]; 7] = [
        &[1, 1],
        &[17, 13],
        &[13, 17, 3],
        &[5, 6, 4],
        &[4, 11, 7, 1],
        &[5, 9, 8, 2],
        &[3, 16, 16, 3],
    ];
    for (number, options) in every_setting().into_iter().enumerate() {
        for shape in shapes {
            for dtype in ["|u1", "<u2", ">u2"] {
                let array = scene(shape, dtype);
                let written = write(&[("a", &array)], options, &format!("setting-{number}"));
                let file = match written {
                    Ok(bytes) => open(bytes, Limits::default()).unwrap(),
                    Err(error) => {
                        assert_eq!(error.kind(), paginum::ErrorKind::Unsupported, "{error}");
                        continue;
                    }
                };
                let read = file.read("array").unwrap();
                let expected: Vec<u8> = match dtype {
                    ">u2" => array
                        .bytes()
                        .chunks(2)
                        .flat_map(|pair| [pair[1], pair[0]])
                        .collect(),
                    _ => array.bytes().to_vec(),
                };
                assert!(read.bytes() == expected, "{options:?} {shape:?} {dtype}");
                let rows = read.spec().rows();
                let last = file.read_rows("array", rows - 1..rows).unwrap();
                assert!(
                    expected.ends_with(last.bytes()),
                    "{options:?} {shape:?} {dtype}"
                );
            }
        }
    }
}

#[test]
fn what_belongs_to_an_animation_is_kept() {
    let (first, second) = (scene(&[3, 5, 4, 3], "|u1"), scene(&[2, 6, 4], "<u2"));
    let delays = Array::from_numbers(&[0_u32, 40, u32::MAX, 7]).unwrap();
    let loops = Array::from_vec(vec![3_u32], []).unwrap();
    let metadata = Array::from_numbers(b"{\"a\": 1}").unwrap();
    let audio = Array::from_numbers(b"RIFF....WAVE").unwrap();
    let arrays = [
        ("clip/frames0", &first),
        ("frames1", &second),
        ("clip/delays", &delays),
        ("loop_count", &loops),
        ("metadata", &metadata),
        ("audio", &audio),
    ];
    let bytes = write(&arrays, PzpOptions::default(), "belongs").unwrap();
    let file = open(bytes.clone(), Limits::default()).unwrap();
    assert_eq!(file.read("frames0").unwrap(), first);
    assert_eq!(file.read("frames1").unwrap().bytes(), second.bytes());
    for (name, array) in [
        ("delays", &delays),
        ("metadata", &metadata),
        ("audio", &audio),
    ] {
        assert_eq!(&file.read(name).unwrap(), array, "{name}");
    }
    assert_eq!(numbers(&file, "loop_count"), [3]);
    let index = file.find("audio").unwrap();
    assert_eq!(file.entry(index).unwrap().file_extension, Some("wav"));
    assert_eq!(
        write_all(&file, PzpOptions::default(), "belongs-again").unwrap(),
        bytes
    );
}

#[test]
fn what_no_reader_takes_is_not_written() {
    use paginum::ErrorKind::{InvalidArgument, Unsupported};
    let default = PzpOptions::default();
    let palette = default.with_palette(true);
    let picture = scene(&[4, 4], "|u1");
    let delays = Array::from_numbers(&[1_u32, 2]).unwrap();
    let noise = Array::from_numbers(b"no sound").unwrap();
    let kind = |arrays: &[(&str, &Array)], options| {
        write(arrays, options, "refused")
            .map(|_| ())
            .unwrap_err()
            .kind()
    };
    for (array, options) in [
        (scene(&[10_000, 10_001], "|u1"), default),
        (scene(&[4, 4, 9], "|u1"), palette),
        (scene(&[4, 4, 5], "<u2"), palette),
        (scene(&[4, 4, 9], "<u2"), default.with_groups(true)),
        (scene(&[4, 4], "<i2"), default),
        (scene(&[4], "|u1"), default),
    ] {
        assert_eq!(
            kind(&[("a", &array)], options),
            Unsupported,
            "{}",
            array.spec()
        );
    }
    assert_eq!(
        kind(&[("a", &picture), ("delays", &delays)], default),
        InvalidArgument
    );
    assert_eq!(
        kind(&[("a", &picture), ("audio", &noise)], default),
        Unsupported
    );
    assert_eq!(kind(&[("delays", &delays)], default), InvalidArgument);
}

/// The length of a match is told by so many bytes that they do not fit what is read of a frame to list it.
#[test]
fn long_matches_of_lz4_are_read() {
    let spec = ArraySpec::new("|u1".parse().unwrap(), [6000, 6000]).unwrap();
    let array = Array::zeroed(spec, &Limits::default()).unwrap();
    let options = PzpOptions::default().with_lz4(true);
    let file = write(&[("x", &array)], options, "long-matches").unwrap();
    assert!(file.len() < 300_000, "{} bytes", file.len());
    let file = open(file, Limits::default()).unwrap();
    assert!(file.array_at(0).read().unwrap() == array);
}

/// The number of bytes that stand as they are takes more bytes than what is read of a frame at first.
#[test]
fn long_literals_of_lz4_are_listed() {
    let spec = ArraySpec::new("|u1".parse().unwrap(), [6200, 6200]).unwrap();
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let pixels: Vec<u8> = (0..spec.bytes()).map(|_| next()).collect();
    let array = Array::from_bytes(spec, &pixels).unwrap();
    let options = PzpOptions::default().with_lz4(true);
    let file = write(&[("x", &array)], options, "long-literals").unwrap();
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let bare = &file[word(48)..][..word(52)];
    let folder = tempfile::tempdir().unwrap();
    // Read by position, and by a slice of all.
    for (name, bytes) in [("container.pzp", &file[..]), ("bare.pzp", bare)] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let on_disk = paginum::open(path.to_str().unwrap()).unwrap();
        assert_eq!(on_disk.array_at(0).spec().unwrap(), *array.spec(), "{name}");
        let in_memory = open(bytes.to_vec(), Limits::default()).unwrap();
        assert_eq!(in_memory.array_at(0).spec().unwrap(), *array.spec());
        assert!(in_memory.array_at(0).read().unwrap() == array, "{name}");
    }
    // A bare frame of thousands of such bytes does not show its first ones at the head of the file.
    for side in [20, 60, 200] {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [side, side]).unwrap();
        let array = Array::from_bytes(spec.clone(), &pixels[..spec.bytes() as usize]).unwrap();
        let file = write(&[("x", &array)], options, "literals").unwrap();
        let file = Formats::default()
            .open(Arc::new(file[64..].to_vec()), &OpenOptions::default())
            .unwrap();
        assert!(file.array_at(0).read().unwrap() == array, "{side}");
    }
}
