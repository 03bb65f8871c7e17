//! What the fuzzer found in `.pv` files, replayed without it: each file of `tests/fuzzed/regressions` through its target.

#![cfg(feature = "zstd")]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the fuzzer's own crate uses the rest"
)]
#[path = "fuzzed/pv.rs"]
mod pv;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use paginum::container::OpenOptions;
use paginum::container::pv::Reader;

type Target = fn(&[u8]);

/// Replays the findings of a target, and returns how many there are.
fn replay(target: &str, run: Target) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzzed/regressions")
        .join(target);
    // A target without findings has no folder.
    let Ok(files) = fs::read_dir(folder) else {
        return 0;
    };
    let mut n = 0;
    for file in files {
        let file = file.expect("an entry of the folder").path();
        eprintln!("{}", file.display());
        run(&fs::read(&file).expect("a finding"));
        n += 1;
    }
    n
}

#[test]
fn findings_stay_fixed() {
    let targets: [(&str, Target); 3] = [
        ("open_pv", pv::open_pv),
        ("read_pv", pv::read_pv),
        ("append_pv", pv::append_pv),
    ];
    let n: usize = targets.iter().map(|(name, run)| replay(name, *run)).sum();
    assert!(n > 0, "no findings were found to replay");
}

#[test]
fn assembled_pieces_get_past_zstd_and_the_index() {
    let piece = |bytes: &[u8]| {
        let mut piece = vec![pv::DECODED];
        piece.extend((bytes.len() as u16).to_le_bytes());
        piece.extend(bytes);
        piece
    };
    let document = br#"{"frame_names":[],"compression":"zstandard","file_version":0}"#;
    let mut header = 23_u32.to_le_bytes().to_vec();
    header.extend(b"__pyvista_zstd_metadata");
    header.extend(1_u32.to_le_bytes());
    header.extend((document.len() as u64).to_le_bytes());
    header.extend(b"|u1             ");
    let input = [pv::ASSEMBLE, &piece(&header), &piece(document)].concat();
    let file = Arc::new(pv::file(&input).into_owned());
    let error = Reader::open(file, &OpenOptions::default()).expect_err("it has no dataset");
    assert!(error.to_string().contains("dataset"), "{error}");
}
