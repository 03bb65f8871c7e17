//! `.pzp` files: those of the corpus by its manifest, damaged ones by their verdicts, and files that are made here.

#![cfg(feature = "pzp")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses the rest")]
#[path = "fuzzed/pzp.rs"]
mod fuzzed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use paginum::container::pzp::{PzpFormat, PzpOptions};
use paginum::container::{
    ConvertOptions, File, Format as _, Formats, NewArray, OpenOptions, convert,
};
use paginum::filter::{ByteDelta, Filter, FilterOptions, Gradient, Palette};
use paginum::storage::Drivers;
use paginum::{Array, ArraySpec, Limits, Result};
use sha2::{Digest, Sha256};

/// A folder of the corpus beside the checkout, if it is there.
fn corpus(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpus")
        .join(name);
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn open(bytes: Vec<u8>, limits: Limits) -> Result<File> {
    let options = OpenOptions::default()
        .with_limits(limits)
        .with_name("x.pzp");
    Formats::default().open(Arc::new(bytes), &options)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

/// The cells of a line, of which one may be quoted.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}

/// The frames of a file with the shapes of their arrays, in order.
fn frames(file: &File) -> Vec<(String, Vec<u64>, Vec<u8>)> {
    let mut frames = Vec::new();
    for array in file.arrays() {
        let path = array.path();
        if path != "array" && !path.starts_with("frames") {
            continue;
        }
        let values = array.read().unwrap();
        let (dtype, shape) = (values.spec().dtype().to_string(), values.spec().shape());
        if shape.len() < 4 {
            frames.push((dtype, shape.to_vec(), values.bytes().to_vec()));
            continue;
        }
        // As the manifest has it, a picture of one channel has no axis for that.
        let shape = if shape[3] == 1 {
            &shape[1..3]
        } else {
            &shape[1..]
        };
        for frame in values.bytes().chunks(values.spec().row_bytes() as usize) {
            frames.push((dtype.clone(), shape.to_vec(), frame.to_vec()));
        }
    }
    frames
}

fn numbers(file: &File, name: &str) -> Vec<u32> {
    file.read(name)
        .map_or_else(|_| Vec::new(), |array| array.to_vec::<u32>().unwrap())
}

#[test]
fn the_corpus_reads_as_its_manifest_says() {
    let Some(folder) = corpus("pzp") else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let mut files: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let cells = cells(line);
        files.entry(cells[0].clone()).or_default().push(cells);
    }
    assert!(files.len() > 80);
    for (name, lines) in files {
        let file = open(
            std::fs::read(folder.join(&name)).unwrap(),
            Limits::default(),
        );
        let file = file.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (frames, delays) = (frames(&file), numbers(&file, "delays"));
        for cells in &lines {
            let number: usize = cells[1].parse().unwrap();
            let (dtype, shape, pixels) = &frames[number];
            assert_eq!(
                (dtype, &format!("{shape:?}")),
                (&cells[4], &cells[5]),
                "{name}"
            );
            assert_eq!(sha256(pixels), cells[6], "{name}, frame {number}");
            if let Ok(delay) = cells[7].parse::<u32>() {
                let is = delays.get(number).copied().unwrap_or(0);
                assert_eq!(is, delay, "{name}, frame {number}");
            }
            if let Ok(loops) = cells[8].parse::<u32>() {
                let is = numbers(&file, "loop_count").first().copied().unwrap_or(1);
                assert_eq!(is, loops, "{name}");
            }
            for (blob, digest) in [("metadata", &cells[9]), ("audio", &cells[10])] {
                let is = file
                    .read(blob)
                    .map_or(String::new(), |bytes| sha256(bytes.bytes()));
                assert_eq!(&is, digest, "{name}: {blob}");
            }
        }
    }
}

#[test]
fn a_frame_alone_is_as_among_all() {
    let Some(folder) = corpus("pzp") else { return };
    for name in ["v02_cont_300_delta.pzp", "v03_gray16_idelta_c9.pzp"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let all = open(bytes.clone(), Limits::default())
            .unwrap()
            .read("array")
            .unwrap();
        let (n, row_bytes) = (all.spec().rows(), all.spec().row_bytes() as usize);
        for frame in [0, 1, n - 1, n / 2, n / 2, n / 2 + 1] {
            let file = open(bytes.clone(), Limits::default()).unwrap();
            let expected = &all.bytes()[frame as usize * row_bytes..][..row_bytes];
            for _ in 0..2 {
                let one = file.read_rows("array", frame..frame + 1).unwrap();
                assert!(one.bytes() == expected, "{name}, frame {frame}");
            }
        }
    }
}

#[test]
fn damaged_files_are_refused_as_their_verdicts_say() {
    let Some(folder) = corpus("pzp-bad") else {
        return;
    };
    let verdicts = std::fs::read_to_string(folder.join("expected.csv")).unwrap();
    let limits = Limits::default().with_max_bytes(128 << 20);
    let mut n = 0;
    for line in verdicts.lines().skip(1) {
        let cells = cells(line);
        let (name, verdict) = (&cells[0], &cells[2]);
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let read = || -> Result<Vec<u8>> {
            let file = open(bytes, limits)?;
            let mut pixels = Vec::new();
            for array in file.arrays() {
                let values = array.read()?;
                if array.path() == "array" || array.path().starts_with("frames") {
                    pixels.extend_from_slice(values.bytes());
                }
            }
            Ok(pixels)
        };
        match (read(), verdict.strip_prefix("accept ")) {
            (Ok(pixels), Some(digest)) => {
                assert!(sha256(&pixels).starts_with(digest), "{name}: {verdict}");
            }
            (Err(_), None) => {}
            (Err(error), Some(words)) if words.contains("budget") => {
                assert_eq!(
                    error.kind(),
                    paginum::ErrorKind::LimitExceeded,
                    "{name}: {error}"
                );
            }
            (Ok(_), None) => panic!("{name} is read: {verdict}"),
            (Err(error), Some(_)) => panic!("{name}: {error}, but {verdict}"),
        }
        n += 1;
    }
    assert!(n > 190);
}

/// The frames of a container as they lie in it, decompressed.
fn payloads(file: &[u8]) -> Vec<Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let ranges: Vec<_> = match file.starts_with(b"0PZP") {
        true => (0..word(12))
            .map(|i| (word(48 + 16 * i), word(52 + 16 * i)))
            .collect(),
        false => vec![(0, file.len())],
    };
    let payload = |(start, n): (usize, usize)| {
        let (prefix, bytes) = (word(start) as u32, &file[start + 4..start + n]);
        let n_bytes = (prefix & 0x7fff_ffff) as usize;
        match prefix >> 31 {
            0 => zstd::bulk::decompress(bytes, n_bytes).unwrap(),
            _ => lz4_flex::block::decompress(bytes, n_bytes).unwrap(),
        }
    };
    ranges.into_iter().map(payload).collect()
}

/// Writes what a file holds with the settings that `flags` names.
fn written_again(file: &File, flags: u32, grouped: bool) -> Vec<u8> {
    let options = PzpOptions::default()
        .with_left_delta(flags & 2 != 0)
        .with_palette(flags & 4 != 0)
        .with_inter_delta(flags & 8 != 0)
        .with_lz4(flags & 16 != 0)
        .with_groups(grouped);
    write_all(file, options, "again").unwrap()
}

fn write_all(file: &File, options: PzpOptions, name: &str) -> Result<Vec<u8>> {
    let store = Drivers::default().store(&format!("mem://{name}.pzp"))?;
    let mut writer = PzpFormat::new(options).create(&*store)?;
    convert(file, &mut *writer, &ConvertOptions::default())?;
    writer.commit()?;
    let bytes = store.open()?;
    let mut all = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut all, 0)?;
    Ok(all)
}

#[test]
fn what_is_written_is_byte_for_byte_what_others_write() {
    let Some(folder) = corpus("pzp") else { return };
    let (mut n_same, mut n_files) = (0, 0);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Files of several settings, and of groups of both kinds, are not written by one call.
        if !name.ends_with(".pzp") || name.contains("mixed") || name.contains("label_depth") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let theirs = payloads(&bytes);
        // The first frame of differences says that it is none.
        let flags = theirs.last().map(|payload| payload[32]).unwrap();
        let file = open(bytes.clone(), Limits::default()).unwrap();
        let again = written_again(&file, flags.into(), name.starts_with("v03"));
        let ours = payloads(&again);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let at = ours.iter().zip(theirs).position(|(a, b)| a != b);
            assert!(
                ours == theirs,
                "{name}: frame {i} of {flags} differs at {at:?}"
            );
        }
        n_files += 1;
        n_same += usize::from(again == bytes);
    }
    println!("{n_same} of {n_files} files are the same to the last byte");
    assert!(n_files > 80);
}

/// A picture or an animation of samples that are like their neighbours.
fn scene(shape: &[u64], dtype: &str) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let bytes: Vec<u8> = (0..spec.bytes())
        .map(|i| ((i / 3) ^ (i >> 7)) as u8)
        .collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

fn write(arrays: &[(&str, &Array)], options: PzpOptions, name: &str) -> Result<Vec<u8>> {
    let store = Drivers::default().store(&format!("mem://{name}.pzp"))?;
    let mut writer = PzpFormat::new(options).create(&*store)?;
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec()))?;
        sink.push_rows(array.bytes())?;
        sink.finish()?;
    }
    writer.commit()?;
    let bytes = store.open()?;
    let mut all = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut all, 0)?;
    Ok(all)
}

fn every_setting() -> Vec<PzpOptions> {
    let mut all = Vec::new();
    for bits in 0..32_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        let options = PzpOptions::default()
            .with_left_delta(on(0))
            .with_palette(on(1))
            .with_inter_delta(on(2))
            .with_lz4(on(3))
            .with_groups(on(4));
        all.push(options.with_level(Some(1)));
    }
    all.push(PzpOptions::default().with_best(true));
    all
}

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

/// Frames are verified some at a time, and differences go on from one time to the next.
#[test]
fn verifying_notices_damage_of_any_frame() {
    const FRAME_BYTES: usize = 1500 * 1000 * 4;
    let pixels: Vec<u8> = (0..4 * FRAME_BYTES)
        .map(|i| (i / FRAME_BYTES * 31 + i % 4 + i / 100_000) as u8)
        .collect();
    let movie = Array::from_vec(pixels, [4, 1500, 1000, 4]).unwrap();
    for options in [
        PzpOptions::default(),
        PzpOptions::default().with_inter_delta(true),
    ] {
        let bytes = write(&[("array", &movie)], options, "verified").unwrap();
        let verify = |bytes: Vec<u8>| {
            let file = open(bytes, Limits::default())?;
            file.open_array(0)?.verify()
        };
        verify(bytes.clone()).unwrap();
        for frame in 0..4 {
            // The index says where frames lie and how long they are: the end of each is pixels.
            let entry = 48 + 16 * frame;
            let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            let end = (word(entry) + word(entry + 4)) as usize;
            // Some bits of what zstd wrote may mean nothing.
            let is_noticed = |back: usize| {
                let mut damaged = bytes.clone();
                damaged[end - back] ^= 0x40;
                verify(damaged).is_err()
            };
            assert!([2, 5, 9].into_iter().any(is_noticed), "frame {frame}");
        }
    }
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

#[test]
fn every_flip_and_every_end_is_an_error_or_harmless() {
    let array = scene(&[3, 5, 4, 3], "|u1");
    for options in [
        PzpOptions::default().with_inter_delta(true),
        PzpOptions::default().with_lz4(true).with_groups(true),
    ] {
        let bytes = write(&[("a", &array)], options, "flips").unwrap();
        let limits = Limits::default().with_max_bytes(1 << 20);
        let read = |bytes: Vec<u8>| open(bytes, limits)?.array_at(0).read();
        for len in 0..bytes.len() {
            assert!(read(bytes[..len].to_vec()).is_err(), "{len} bytes");
        }
        for bit in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // What no checksum covers may change what is said of the pixels, not lead out of bounds.
            drop(read(bytes));
        }
    }
}

/// A few bytes of file name thousands of differences.
#[test]
fn chains_of_differences_are_bounded_by_the_limits() {
    let array = scene(&[2, 64, 64, 4], "|u1");
    let bytes = write(
        &[("a", &array)],
        PzpOptions::default().with_inter_delta(true),
        "chain",
    );
    let bytes = bytes.unwrap();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let n = 4000_u32;
    let mut file = bytes[..48].to_vec();
    file[12..16].copy_from_slice(&n.to_le_bytes());
    let more = 16 * (n - 2);
    for i in 0..n as usize {
        let at = 48 + 16 * i.min(1);
        let entry = [word(at) + more, word(at + 4), 0, 0];
        entry
            .iter()
            .for_each(|word| file.extend(word.to_le_bytes()));
    }
    file.extend_from_slice(&bytes[80..]);
    let checksum = hash(&file[..40]);
    file[40..44].copy_from_slice(&checksum.to_le_bytes());
    let limits = Limits::default().with_max_bytes(32 << 20);
    let file = open(file, limits).unwrap();
    assert_eq!(file.entry(0).unwrap().shape, [4000, 64, 64, 4]);
    assert_eq!(
        file.read("array").unwrap_err().kind(),
        paginum::ErrorKind::LimitExceeded
    );
}

/// The checksum as the format describes it, lane by lane.
fn hash(bytes: &[u8]) -> u32 {
    let lane = |lane: usize, seed: u32, factor: u32| {
        let bytes = bytes.iter().skip(lane).step_by(4);
        bytes.fold(seed, |h, &byte| (h ^ u32::from(byte)).wrapping_mul(factor))
    };
    let (a, b) = (lane(0, 0x1234_5678, 31), lane(1, 0x9abc_def0, 37));
    let (c, d) = (lane(2, 0xfedc_ba98, 41), lane(3, 0x8765_4321, 43));
    (a ^ (b >> 3)).wrapping_add(c ^ (d << 5))
}

#[test]
fn a_pack_of_files_is_refused_by_its_name() {
    for name in ["x.pzpd", "a/x.PZPD.gz"] {
        let options = OpenOptions::default().with_name(name);
        let error = Formats::default()
            .open(Arc::new(b"any bytes".to_vec()), &options)
            .unwrap_err();
        assert!(error.to_string().contains(".pzpd"), "{error}");
    }
}

#[test]
fn inputs_of_the_fuzzer_are_errors_or_arrays() {
    let array = scene(&[2, 5, 4, 3], "|u1");
    for (number, options) in every_setting().into_iter().enumerate() {
        let name = format!("fuzzed-{number}");
        let bytes = write(&[("a", &array)], options, &name).unwrap();
        fuzzed::open_pzp(&bytes);
        let payload = payloads(&bytes).remove(0);
        for bit in 0..8 * 80 {
            let mut input = [&fuzzed::PAYLOAD[..], &payload].concat();
            input[4 + bit / 8] ^= 1 << (bit % 8);
            fuzzed::open_pzp(&input);
        }
    }
}

/// A table for each of millions of palettes would take gigabytes of a file of some kilobytes.
#[test]
fn palettes_of_more_bytes_than_eight_a_pixel_are_refused() {
    for (channels, is_read) in [(8_u32, true), (9, false), (1 << 20, false)] {
        let pixels = vec![0; channels as usize];
        let palette = vec![0; 2 * channels as usize];
        let mut payload = b"0PZP".to_vec();
        let (checksum, n_bytes) = (hash(&pixels), palette.len() as u32);
        let words = [8, channels, 1, 1, 8, channels, checksum, 1 | 4, n_bytes];
        words
            .iter()
            .for_each(|word| payload.extend(word.to_le_bytes()));
        payload.extend(palette);
        payload.extend(pixels);
        let mut file = (payload.len() as u32).to_le_bytes().to_vec();
        file.extend(zstd::bulk::compress(&payload, 1).unwrap());
        let read = open(file, Limits::default()).and_then(|file| file.read("array"));
        assert_eq!(read.is_ok(), is_read, "{channels}: {read:?}");
    }
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

/// What the payload of a filter decodes to.
fn filtered(filter: &dyn Filter, array: &Array) -> Vec<u8> {
    let mut payload = Vec::new();
    let options = FilterOptions::default();
    let mut encoder = filter.encoder(array.spec(), &options).unwrap();
    encoder.push_rows(array.bytes(), &mut payload).unwrap();
    encoder.finish(&mut payload).unwrap();
    zstd::decode_all(&payload[..]).unwrap()
}

/// The steps of frames are the filters of arrays: the same bytes, whichever of the two took them.
#[test]
fn filters_of_arrays_are_the_steps_of_frames() {
    let default = PzpOptions::default();
    for channels in 1..=4 {
        let bytes = scene(&[20, 30, channels], "|u1");
        // Big-endian, as frames have samples.
        let samples = scene(&[20, 30, channels], ">u2");
        let frame = |array: &Array, options| {
            payloads(&write(&[("a", array)], options, "steps").unwrap()).remove(0)
        };
        for array in [&bytes, &samples] {
            let left = frame(array, default);
            assert!(left[40..] == filtered(&ByteDelta, array), "{channels}");
            let palette = frame(array, default.with_left_delta(false).with_palette(true));
            let n_list = u32::from_le_bytes(palette[36..40].try_into().unwrap()) as usize;
            let (list, places) = palette[40..].split_at(n_list);
            let filtered = filtered(&Palette, array);
            let (table, block) = filtered.split_at(filtered.len() - places.len());
            assert!(block == places && table.starts_with(list), "{channels}");
            assert!(table[n_list..].iter().all(|&byte| byte == 0));
        }
        let gradient = frame(&samples, default.with_groups(true));
        let pixels = 41 + 4 * channels as usize;
        assert!(
            gradient[pixels..] == filtered(&Gradient, &samples),
            "{channels}"
        );
    }
}
