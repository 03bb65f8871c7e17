//! What the target of `.pzp` files does.

use std::sync::Arc;

use paginum::container::{Formats, OpenOptions};
use paginum::{Limits, Result};

/// What input starts with whose rest is the payload of a frame: it is compressed first, so that the fuzzer changes what is in
/// it.
pub const PAYLOAD: &[u8; 4] = b"pzpf";
/// What a file may decode to.
const MAX_BYTES: u64 = 4 << 20;

/// The file that an input stands for.
fn file(data: &[u8]) -> Vec<u8> {
    let Some(payload) = data.strip_prefix(PAYLOAD) else {
        return data.to_vec();
    };
    let mut file = (payload.len() as u32).to_le_bytes().to_vec();
    file.extend(zstd::bulk::compress(payload, 1).expect("a payload"));
    file
}

/// Opens a hostile file: an error, or arrays whose rows alone are as among all.
pub fn open_pzp(data: &[u8]) {
    drop(read(file(data)));
}

fn read(file: Vec<u8>) -> Result<()> {
    let limits = Limits::default().with_max_bytes(MAX_BYTES);
    let options = OpenOptions::default()
        .with_limits(limits)
        .with_name("x.pzp");
    let formats = Formats::default();
    let file = formats.by_name("pzp")?.open(Arc::new(file), &options)?;
    for index in 0..file.n_arrays() {
        let entry = file.entry(index)?;
        let reader = file.open_array(index)?;
        let Ok(all) = reader.read(&limits) else {
            continue;
        };
        assert_eq!(all.spec().shape(), entry.shape);
        let rows = all.spec().rows();
        if rows == 0 || entry.shape.is_empty() {
            continue;
        }
        let alone = file.open_array(index)?;
        for row in [rows - 1, rows / 2] {
            let one = alone
                .read_rows(row..row + 1, &limits)
                .expect("a row of what was read");
            let row_bytes = all.spec().row_bytes() as usize;
            assert!(one.bytes() == &all.bytes()[row as usize * row_bytes..][..row_bytes]);
        }
    }
    Ok(())
}
