#![no_main]

// Not in the library: that one is compiled into tests of the engine as well, which knows no containers.
#[allow(dead_code, reason = "each target calls one function")]
#[path = "../../tests/fuzzed/pzp.rs"]
mod pzp;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pzp::open_pzp(data));
