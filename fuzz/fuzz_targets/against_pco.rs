#![no_main]

// A panic of the oracle is caught and is no verdict; any other ends the process, as libFuzzer expects.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|info| {
        if !paginum_fuzz::oracle::IS_RUNNING.get() {
            eprintln!("{info}");
            std::process::abort();
        }
    })),
    |data: &[u8]| paginum_fuzz::against_pco(data)
);
