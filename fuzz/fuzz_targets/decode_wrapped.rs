#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| paginum_fuzz::decode_wrapped(data));
