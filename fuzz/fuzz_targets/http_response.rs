#![no_main]

// Not in the library: that one is compiled into tests of the engine as well, which knows no stores.
#[allow(dead_code, reason = "each target calls one function")]
#[path = "../../tests/fuzzed/stores.rs"]
mod stores;

libfuzzer_sys::fuzz_target!(|data: &[u8]| stores::http_response(data));
