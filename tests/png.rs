//! `.png` files: animations are read once from front to back, and damage is never shown as pixels.

#![cfg(feature = "png")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "support/counting.rs"]
mod counting;

use std::sync::Arc;

use paginum::container::png::PngFormat;
use paginum::container::{File, Format as _, Formats, NewArray, OpenOptions};
use paginum::storage::{MemoryStore, ReadAt, Store};
use paginum::{Array, ArraySpec, Result};

use counting::Counting;

fn open(bytes: Arc<dyn ReadAt>) -> Result<File> {
    Formats::default().open(bytes, &OpenOptions::default().with_name("x.png"))
}

/// Frames that deflate cannot make small.
fn noise(shape: &[u64]) -> Array {
    let spec = ArraySpec::new("|u1".parse().unwrap(), shape).unwrap();
    let mut state = 1_u32;
    let mut next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let bytes: Vec<u8> = (0..spec.bytes()).map(&mut next).collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

fn write(arrays: &[(&str, &Array)]) -> Vec<u8> {
    written(arrays).unwrap()
}

fn written(arrays: &[(&str, &Array)]) -> Result<Vec<u8>> {
    let store = MemoryStore::new();
    let mut writer = PngFormat.create(&store).unwrap();
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec())).unwrap();
        sink.push_rows(array.bytes()).unwrap();
        sink.finish().unwrap();
    }
    writer.commit()?;
    let bytes = store.open()?;
    let mut all = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut all, 0)?;
    Ok(all)
}

/// Numbers of a `.png` have 31 bits: readers take more for damage.
#[test]
fn more_rounds_than_a_file_can_tell_are_refused() {
    let frames = noise(&[2, 3, 4, 3]);
    let count = |n: u32| Array::from_vec(vec![n], []).unwrap();
    let most = written(&[("a", &frames), ("loop_count", &count(i32::MAX as u32))]).unwrap();
    assert!(everything(most).is_ok());
    let more = written(&[("a", &frames), ("loop_count", &count(1 << 31))]).unwrap_err();
    assert_eq!(more.kind(), paginum::ErrorKind::Unsupported);
}

#[test]
fn windows_of_frames_go_through_the_file_once() {
    let frames = noise(&[60, 40, 50, 3]);
    let bytes = Counting::new(write(&[("clip", &frames)]));
    let len = bytes.len();
    let file = open(bytes.clone()).unwrap();
    let clip = file.array_at(0);
    bytes.taken();
    for frame in 0..60 {
        let part = clip.read_rows(frame..frame + 1).unwrap();
        let at = frame as usize * 6000;
        assert!(part.bytes() == &frames.bytes()[at..at + 6000], "{frame}");
    }
    let taken = bytes.taken();
    assert!(taken <= 2 * len, "{taken} bytes of a file of {len}");
    // The last frame is known, one after it goes on, one before it starts anew.
    for (frame, most) in [(59, 0), (30, len), (30, 0), (31, len / 10)] {
        let part = clip.read_rows(frame..frame + 1).unwrap();
        let at = frame as usize * 6000;
        assert!(part.bytes() == &frames.bytes()[at..at + 6000], "{frame}");
        let taken = bytes.taken();
        assert!(taken <= most, "{taken} bytes for frame {frame}");
    }
}

#[test]
fn a_window_that_fails_spoils_no_other() {
    let frames = noise(&[8, 10, 10, 3]);
    let mut bytes = write(&[("clip", &frames)]);
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    let file = open(Arc::new(bytes)).unwrap();
    let clip = file.array_at(0);
    assert!(clip.read_rows(0..8).is_err());
    for frame in [6, 0, 3] {
        let part = clip.read_rows(frame..frame + 1).unwrap();
        assert!(part.bytes() == &frames.bytes()[frame as usize * 300..][..300]);
        assert!(clip.read_rows(7..8).is_err());
    }
}

/// A chunk of a file.
fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = (body.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let crc = crc32(&chunk[4..]);
    chunk.extend(crc.to_be_bytes());
    chunk
}

/// The checksum of chunks, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

/// A file whose animation has one frame is a picture; what is behind `IHDR` is inserted.
fn inserted(bytes: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    const BEHIND_HEADER: usize = 8 + 25;
    [
        &bytes[..BEHIND_HEADER],
        &chunks.concat(),
        &bytes[BEHIND_HEADER..],
    ]
    .concat()
}

#[test]
fn an_animation_of_one_frame_is_a_picture() {
    let picture = noise(&[3, 4, 3]);
    let mut control = vec![0; 26];
    (control[7], control[11], control[21]) = (4, 3, 1);
    let chunks = [
        chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
        chunk(b"fcTL", &control),
    ];
    let bytes = inserted(&write(&[("a", &picture)]), &chunks);
    let file = open(Arc::new(bytes)).unwrap();
    assert!(file.array_at(0).read().unwrap() == picture);
}

/// Arrays with their names, or what is wrong.
fn everything(bytes: Vec<u8>) -> Result<Vec<(String, Array)>> {
    let file = open(Arc::new(bytes))?;
    let read = |array: paginum::container::ArrayHandle| {
        let name = array.path().to_owned();
        Ok((name, array.read()?))
    };
    file.arrays().map(read).collect()
}

#[test]
fn no_flipped_bit_and_no_end_gives_other_pixels_or_delays() {
    let frames = noise(&[3, 3, 4, 3]);
    let delays = Array::from_numbers(&[10_u32, 20, 70_000]).unwrap();
    let count = Array::from_vec(vec![3_u32], []).unwrap();
    let clip = write(&[("a", &frames), ("delays", &delays), ("loop_count", &count)]);
    // A colour that is transparent.
    let transparent = chunk(b"tRNS", &[0, 1, 0, 2, 0, 3]);
    let picture = inserted(&write(&[("a", &noise(&[3, 4, 3]))]), &[transparent]);
    for bytes in [clip, picture] {
        let whole = everything(bytes.clone()).unwrap();
        // The last chunk says that the file ends there.
        for len in 0..bytes.len() - 12 {
            assert!(everything(bytes[..len].to_vec()).is_err(), "{len} bytes");
        }
        for bit in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = everything(bytes) {
                assert!(read == whole, "bit {bit}");
            }
        }
    }
}
