#![no_main]

#[path = "../../tests/fuzzed/fits.rs"]
mod fits;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fits::open_fits(data));
