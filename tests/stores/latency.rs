//! Rows from a server that is far away: how many requests have to wait for the answers to others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use paginum::Array;
use paginum::container::{Formats, OpenOptions};
use paginum::storage::Drivers;

use crate::requests::{file_bytes, measured, noise};
use crate::server::{Server, reply_range};

/// How long an answer takes: requests that wait for nothing come meanwhile.
const LATENCY: Duration = Duration::from_millis(50);

/// A server of these bytes, and the round trips that were made: the longest chain of requests each of which came after
/// the answer to the one before.
fn far_server(bytes: Vec<u8>) -> (Server, Arc<AtomicUsize>) {
    let answered = Arc::new(AtomicUsize::new(0));
    let longest = answered.clone();
    let server = Server::new(move |request, out| {
        let n_before = longest.load(Ordering::SeqCst);
        std::thread::sleep(LATENCY);
        longest.fetch_max(n_before + 1, Ordering::SeqCst);
        reply_range(request, out, &bytes, "\"one\"")
    });
    (server, answered)
}

/// Opens a file and reads some rows of an array; returns the round trips that this took.
fn round_trips(bytes: Vec<u8>, (name, array): (&str, &Array)) -> usize {
    let start = array.spec().rows() / 2;
    let row_bytes = array.spec().row_bytes() as usize;
    let part = start as usize * row_bytes..(start as usize + 1000) * row_bytes;
    let (server, n) = far_server(bytes);
    let store = Drivers::default().store(&server.url("x")).unwrap();
    let file = Formats::default()
        .open_store(&*store, &OpenOptions::default())
        .unwrap();
    let rows = file.read_rows(name, start..start + 1000).unwrap();
    assert!(rows.bytes() == &array.bytes()[part]);
    n.load(Ordering::SeqCst)
}

#[test]
fn a_thousand_rows_take_six_round_trips_at_most() {
    let (large, small) = (noise(1_000_000), measured(40, 3));
    for extension in [
        "npy",
        "gnz",
        "pco",
        "pv",
        #[cfg(feature = "fits")]
        "fits",
        "npz",
    ] {
        let names: Vec<String> = (0..300).map(|i| format!("a{i}")).collect();
        let mut arrays: Vec<(&str, &Array)> =
            names.iter().map(|name| (&name[..], &small)).collect();
        arrays[200].1 = &large;
        // One array is all that these two hold.
        let arrays = match extension {
            "npy" | "pco" => &arrays[200..201],
            _ => &arrays[..],
        };
        let name = if arrays.len() == 1 { "array" } else { "a200" };
        let file = file_bytes(extension, arrays);
        let n_bytes = file.len();
        let n = round_trips(file, (name, &large));
        eprintln!("{extension}: {n} round trips, 1,000 rows of {n_bytes} bytes");
        assert!((1..=6).contains(&n), "{extension}: {n} round trips");
    }
}

/// The first answer tells the format, and that nothing at the end of the file says where things are.
#[test]
fn the_end_of_what_is_opened_from_its_front_is_not_asked_for() {
    let numbers = noise(1_000_000);
    for (extension, name, n_requests) in [
        ("npy", "array", 2),
        ("gnz", "x", 2),
        #[cfg(feature = "fits")]
        ("fits", "x", 2),
    ] {
        let bytes = file_bytes(extension, &[("x", &numbers)]);
        let len = bytes.len();
        let server = Server::new(move |request, out| reply_range(request, out, &bytes, "\"one\""));
        let store = Drivers::default().store(&server.url("x")).unwrap();
        let file = Formats::default()
            .open_store(&*store, &OpenOptions::default())
            .unwrap();
        let rows = file.read_rows(name, 500_000..501_000).unwrap();
        assert_eq!(rows.bytes(), &numbers.bytes()[4_000_000..4_008_000]);
        let asked = server.requests();
        let ranges: Vec<_> = asked
            .iter()
            .map(|request| request.range(len).unwrap())
            .collect();
        assert_eq!(ranges.len(), n_requests, "{extension}: {ranges:?}");
        assert!(
            ranges.iter().all(|range| range.end < len),
            "{extension}: {ranges:?}"
        );
    }
}
