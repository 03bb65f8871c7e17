//! Reading frames: any rows, windows, and what they cost.

use zstd::bulk;
use zstd::zstd_safe::CParameter;

use super::*;

const N_BYTES: u64 = 40 << 20;

fn values() -> Vec<u8> {
    (0..N_BYTES).map(|i| (i / 1000 * 7) as u8).collect()
}

/// A payload of one frame, in a store that does not have its bytes in memory.
fn one_frame(values: &[u8], has_checksum: bool) -> FrameReader {
    let mut encoder = bulk::Compressor::new(1).unwrap();
    encoder
        .set_parameter(CParameter::ChecksumFlag(has_checksum))
        .unwrap();
    let frame = encoder.compress(values).unwrap();
    let end = frame.len() as u64;
    let payload = Payload::new(Arc::new(frame), 0..end).unwrap();
    FrameReader::new(payload, values.len() as u64, &Limits::default())
}

fn read_windows(reader: &FrameReader, values: &[u8], window: usize) {
    let mut out = vec![0; window];
    for (i, expected) in values.chunks(window).enumerate() {
        let out = &mut out[..expected.len()];
        reader.read((i * window) as u64, out).unwrap();
        assert!(out == expected, "window {i} of {window} bytes");
    }
}

#[test]
fn ascending_windows_decode_a_frame_once() {
    let values = values();
    for (has_checksum, passes) in [(false, 1), (true, 2)] {
        for window in [1 << 20, (3 << 20) + 1, 39 << 20] {
            let reader = one_frame(&values, has_checksum);
            read_windows(&reader, &values, window);
            let work = reader.work.load(Ordering::Relaxed);
            assert!(
                work <= passes * N_BYTES,
                "{work} bytes in windows of {window}, checksum {has_checksum}"
            );
        }
    }
}

#[test]
fn a_window_before_the_last_one_starts_again() {
    let values = values();
    let reader = one_frame(&values, false);
    let mut out = vec![0; 1000];
    for start in [20 << 20, 30 << 20, 10 << 20, 10 << 20, 39 << 20] {
        reader.read(start as u64, &mut out).unwrap();
        assert!(out == values[start..start + 1000], "{start}");
    }
}

#[test]
fn nothing_is_given_out_of_a_frame_whose_checksum_is_wrong() {
    let values = values();
    let good = one_frame(&values, true);
    let mut frame = good.payload.bytes(0..good.payload.len()).unwrap().to_vec();
    *frame.last_mut().unwrap() ^= 1;
    let end = frame.len() as u64;
    let payload = Payload::new(Arc::new(frame), 0..end).unwrap();
    let reader = FrameReader::new(payload, N_BYTES, &Limits::default());
    for start in [0, 1 << 20] {
        assert!(reader.read(start, &mut [0; 1000]).is_err(), "{start}");
    }
}

/// As the planes of a shuffled array lie in one frame.
#[test]
fn parts_of_one_frame_decode_it_once_for_all_windows() {
    let values = values();
    let reader = one_frame(&values, false);
    let (plane, window) = (values.len() / 4, 1 << 20);
    for start in (0..plane).step_by(window) {
        let mut parts = vec![vec![0; window]; 4];
        let at = |p: usize| p * plane + start;
        let wanted = parts.iter_mut().enumerate();
        let wanted = wanted.map(|(p, part)| (at(p) as u64, &mut part[..]));
        reader.read_parts(wanted.collect()).unwrap();
        for (p, part) in parts.iter().enumerate() {
            assert!(*part == values[at(p)..at(p) + window], "plane {p}");
        }
    }
    assert_eq!(reader.work.load(Ordering::Relaxed), N_BYTES);
}

/// Hostile: 32,768 bytes for each of its own, and the size left out.
#[test]
fn few_bytes_that_decode_to_many_are_decoded_twice_at_most() {
    let n_blocks = (N_BYTES >> 17) as usize;
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88];
    for i in 0..n_blocks {
        let header = (1 << 17 << 3) | 2 | u32::from(i + 1 == n_blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(i as u8);
    }
    let values: Vec<u8> = (0..N_BYTES).map(|at| (at >> 17) as u8).collect();
    let end = frame.len() as u64;
    let payload = Payload::new(Arc::new(frame), 0..end).unwrap();
    let reader = FrameReader::new(payload, N_BYTES, &Limits::default());
    read_windows(&reader, &values, 1 << 20);
    assert_eq!(reader.work.load(Ordering::Relaxed), N_BYTES);
}
