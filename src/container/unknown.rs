//! What to say of a file that no format knows: how it starts, and what would be known.

use super::npy;
use crate::error::Error;
use crate::filter::skippable;

/// Replaces the verdict of the last format that was tried on a file that is none of it. `start` are its first bytes.
///
/// `.pv` files have no magic number of their own, but all begin with a zstd frame: of one that does, the verdict counts.
pub(super) fn explain(start: &[u8], verdict: Error) -> Error {
    const ZSTD_MAGIC: [u8; 4] = skippable::ZSTD_MAGIC.to_le_bytes();
    let is_no_format = verdict.kind().is_damage();
    if !is_no_format || start.starts_with(&ZSTD_MAGIC) {
        return verdict;
    }
    if start.is_empty() {
        return Error::truncated("an empty file").at(0);
    }
    const MAGICS: [&[u8]; 4] = [npy::MAGIC, b"pco!", b"PK\x03\x04", &ZSTD_MAGIC];
    if MAGICS.iter().any(|magic| magic.starts_with(start)) {
        let what = format!(
            "a file of {} bytes, which is only the start of one",
            start.len()
        );
        return Error::truncated(what).at(start.len() as u64);
    }
    Error::unsupported(format!(
        "{}; known are {}",
        describe(start),
        formats().join(", ")
    ))
}

fn describe(start: &[u8]) -> String {
    let bytes: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "a file of an unknown format, which starts with {} (\"{}\")",
        bytes.join(" "),
        start.escape_ascii()
    )
}

/// The extensions of the formats of this build.
fn formats() -> Vec<&'static str> {
    let mut formats = vec![".npy", ".pco"];
    if cfg!(feature = "npz") {
        formats.push(".npz");
    }
    if cfg!(feature = "zstd") {
        formats.push(".pv");
    }
    formats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn the_start_is_shown_and_a_verdict_on_a_known_one_stays() {
        let error = explain(b"\x89HDF\r\n", Error::corrupt("no index"));
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(
            text.contains(r#"89 48 44 46 0d 0a ("\x89HDF\r\n")"#),
            "{text}"
        );
        assert!(text.contains(".npy"), "{text}");
        let error = explain(b"", Error::corrupt("no index"));
        assert_eq!(error.kind(), ErrorKind::Truncated);
        assert!(error.to_string().contains("empty"), "{error}");
        for start in [&b"\x93NU"[..], b"p", b"PK", b"\x28"] {
            let error = explain(start, Error::corrupt("no index"));
            assert_eq!(error.kind(), ErrorKind::Truncated, "{start:?}");
        }
        let error = explain(b"\x28\xb5\x2f\xfd00", Error::corrupt("no index"));
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }
}
