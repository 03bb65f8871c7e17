#![no_main]

// Not in the library: that one is compiled into tests of the engine as well, which knows no filters.
#[allow(dead_code, reason = "each target calls one function")]
#[path = "../../tests/fuzzed/pages.rs"]
mod pages;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pages::read_fast(data));
