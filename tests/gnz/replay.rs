//! What the fuzzer found in `.gnz` files, and what it starts from, replayed without it.

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses it")]
#[path = "../fuzzed/gnz.rs"]
mod fuzzed;

use std::fs;
use std::path::Path;

use super::{file_of, header_of};

#[test]
fn findings_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzzed/regressions/open_gnz");
    // A target without findings has no folder.
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    for file in files {
        fuzzed::open_gnz(&fs::read(file.unwrap().path()).unwrap());
    }
}

#[test]
fn files_and_their_truncations_hold_the_laws() {
    for order in ["C", "F"] {
        let header = header_of(&format!(
            r#"{{"dtype": "<u2", "offset": 300, "order": "{order}", "shape": [5, 3, 4]}}"#
        ));
        let mut file = file_of(&header, 500);
        fuzzed::open_gnz(&file);
        while file.pop().is_some() {
            fuzzed::open_gnz(&file);
        }
    }
}
