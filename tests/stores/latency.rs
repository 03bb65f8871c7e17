//! Rows from a server that is far away: what `requests` counts, in time.

use std::time::{Duration, Instant};

use paginum::Array;
use paginum::container::{Formats, OpenOptions};
use paginum::storage::Drivers;

use crate::requests::{file_bytes, measured, noise};
use crate::server::{Server, reply_range};

/// What every answer takes longer than on this machine.
const LATENCY: Duration = Duration::from_millis(50);

fn server(bytes: Vec<u8>, latency: Duration) -> Server {
    Server::new(move |request, out| {
        std::thread::sleep(latency);
        reply_range(request, out, &bytes, "\"one\"")
    })
}

/// The least time in which some rows of an array came, with the opening of its file.
fn time_of_rows(server: &Server, (name, array): (&str, &Array)) -> Duration {
    let start = array.spec().rows() / 2;
    let row_bytes = array.spec().row_bytes() as usize;
    let part = start as usize * row_bytes..(start as usize + 1000) * row_bytes;
    let tries = (0..3).map(|_| {
        let begun = Instant::now();
        // Each try has a store of its own: nothing that came is kept from one to the next.
        let store = Drivers::default().store(&server.url("x")).unwrap();
        let file = Formats::default()
            .open_store(&*store, &OpenOptions::default())
            .unwrap();
        let rows = file.read_rows(name, start..start + 1000).unwrap();
        let time = begun.elapsed();
        assert!(rows.bytes() == &array.bytes()[part.clone()]);
        time
    });
    tries.min().unwrap()
}

/// The round trips that the latency alone accounts for: what decoding takes is the same from near and from far.
fn round_trips(bytes: Vec<u8>, array: (&str, &Array)) -> f64 {
    let near = time_of_rows(&server(bytes.clone(), Duration::ZERO), array);
    let far = time_of_rows(&server(bytes, LATENCY), array);
    far.saturating_sub(near).as_secs_f64() / LATENCY.as_secs_f64()
}

#[test]
fn a_thousand_rows_take_the_time_of_six_round_trips_at_most() {
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
        eprintln!("{extension}: the time of {n:.1} round trips, 1,000 rows of {n_bytes} bytes");
        assert!(n >= 0.9, "{extension}: the server is not far away: {n:.1}");
        assert!(n <= 6.0, "{extension}: the time of {n:.1} round trips");
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
        let server = server(bytes, Duration::ZERO);
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
