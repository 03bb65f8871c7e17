#![no_main]

#[path = "../../tests/fuzzed/gnz.rs"]
mod gnz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| gnz::open_gnz(data));
