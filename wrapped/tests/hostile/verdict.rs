//! What the engine and the oracle say of the same bytes.

use paginum_wrapped::{Error, Isa, standalone};

use super::allocation::peak;
use super::support::bitwise::first_difference;
use super::support::{Tested, oracle, ours};

/// What decoding may hold besides 64 times the input and the output: tables of 2^14 states for three variables.
const TABLES_BYTES: usize = 1 << 20;
/// What a standalone file may decode to in these tests.
const MAX_ARRAY_BYTES: usize = 1 << 20;

/// Where the engine refuses what pco reads: each is explained in `docs/FORMAT.md`.
const STRICTER: [&str; 1] = ["a lookback of 0 in"];

fn check_peak(found: usize, input_bytes: usize, output_bytes: usize, what: &str) {
    // The output may grow by doubling: the old and the new half exist at once.
    let most = TABLES_BYTES + 64 * input_bytes + 3 * output_bytes;
    assert!(
        found <= most,
        "{what}: {found} bytes held for {input_bytes} bytes of input, {most} allowed"
    );
}

/// Compares both verdicts: the same numbers, or errors both.
fn agree<T: Tested>(
    ours: &Result<(Vec<T>, usize), Error>,
    theirs: &Result<(Vec<T>, usize), String>,
    what: &str,
) {
    match (ours, theirs) {
        (Ok((our_nums, our_bytes)), Ok((their_nums, their_bytes))) => {
            assert_eq!(our_bytes, their_bytes, "{what}: bytes read");
            assert_eq!(
                first_difference(our_nums, their_nums),
                None,
                "{what}: values differ"
            );
        }
        (Err(_), Err(_)) => {}
        // Built with overflow checks, pco panics where it would wrap: no verdict.
        (Ok(_), Err(e)) if e == oracle::PANICKED => {}
        (Ok(_), Err(e)) => panic!("{what}: read here, refused by pco: {e}"),
        (Err(Error::Corrupt { what: reason, .. }), Ok(_))
            if STRICTER.iter().any(|word| reason.contains(word)) => {}
        // pco asks the chunks alone of what type they are.
        (Err(e @ Error::InvalidArgument(_)), Ok(_)) if e.to_string().contains("a file of ") => {}
        (Err(e), Ok(_)) => panic!("{what}: refused here, read by pco: {e}"),
    }
}

/// Both decode one page; returns whether it could be read.
pub(crate) fn on_page<T: Tested>(
    header: &[u8],
    meta: &[u8],
    page: &[u8],
    n: usize,
    what: &str,
) -> bool {
    let theirs = oracle::decompress_page::<T>(header, meta, page, n);
    let input_bytes = meta.len() + page.len();
    let mut is_ok = false;
    for isa in Isa::available() {
        let (ours, found) = peak(|| ours::decompress_page::<T>(isa, header, meta, page, n));
        check_peak(found, input_bytes, n * size_of::<T>(), what);
        agree(&ours, &theirs, &format!("{what}, {isa:?}"));
        is_ok = ours.is_ok();
    }
    is_ok
}

/// Both decode a standalone file; returns whether it could be read.
pub(crate) fn on_file<T: Tested>(src: &[u8], what: &str) -> bool {
    let max_bytes = MAX_ARRAY_BYTES as u64;
    let (ours, found) = peak(|| standalone::decompress_within::<T>(src, max_bytes));
    check_peak(found, src.len(), MAX_ARRAY_BYTES, what);
    if let Err(Error::LimitExceeded { .. }) = ours {
        return false;
    }
    let theirs = oracle::decompress_standalone::<T>(src);
    let is_ok = ours.is_ok();
    agree(
        &ours.map(|nums| (nums, 0)),
        &theirs.map(|nums| (nums, 0)),
        what,
    );
    is_ok
}
