//! Damaged and hostile files are errors, or harmless.

use std::sync::Arc;

use paginum::container::pzp::PzpOptions;
use paginum::container::{Formats, OpenOptions};
use paginum::{Array, Limits};

use crate::files::{every_setting, hash, open, payloads, scene, write};
use crate::fuzzed;

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
