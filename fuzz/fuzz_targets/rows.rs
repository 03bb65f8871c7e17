#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paginum_fuzz::rows(data));
