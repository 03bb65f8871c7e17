//! What the fuzzer found in `.fits` files, and what it starts from, replayed without it.

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses it")]
#[path = "../fuzzed/fits.rs"]
mod fuzzed;

use std::fs;
use std::path::Path;

use super::{nothing, primary, table};

#[test]
fn findings_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzzed/regressions/open_fits");
    // A target without findings has no folder.
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    for file in files {
        fuzzed::open_fits(&fs::read(file.unwrap().path()).unwrap());
    }
}

#[test]
fn files_and_their_changes_hold_the_laws() {
    let columns = [
        "TFORM='I';TNULL=-1",
        "TFORM='3X'",
        "TFORM='E';TSCAL=2.0",
        "TFORM='PB(1)'",
    ];
    let mut files = vec![
        primary(16, &[3, 4], &["BZERO   = 32768"], &[7; 24]),
        [nothing(), table(16, &columns, &["EXTNAME = 'T'"], &[5; 64])].concat(),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fits/fixtures");
    for name in ["rice_i2", "hcompress_i2", "plio_i2", "gzip_dither2_f8"] {
        files.push(fs::read(folder.join(format!("{name}.fits"))).unwrap());
    }
    let mut state = 1_u64;
    let mut random = move |n: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % n
    };
    for file in files {
        fuzzed::open_fits(&file);
        for _ in 0..20 {
            fuzzed::open_fits(&file[..random(file.len())]);
        }
        for _ in 0..300 {
            let mut changed = file.clone();
            for _ in 0..=random(4) {
                let at = random(changed.len());
                changed[at] = match changed[at] {
                    byte if byte.is_ascii_digit() => b'0' + random(10) as u8,
                    _ => random(256) as u8,
                };
            }
            fuzzed::open_fits(&changed);
        }
    }
}
