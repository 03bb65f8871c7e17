//! What the fuzz targets of stores do, without a fuzzer: seeds with a few bytes changed, and what was ever found.

use std::io::Write;
use std::path::Path;

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses it")]
#[path = "../fuzzed/stores.rs"]
mod targets;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

/// Each seed `n` times: cut, with bytes changed, or with a piece of it twice.
fn for_each_damaged(seeds: &[Vec<u8>], n: usize, mut work: impl FnMut(&[u8])) {
    let mut numbers = Numbers(1);
    for seed in seeds {
        work(seed);
        for _ in 0..n {
            let mut bytes = seed.clone();
            for _ in 0..=numbers.below(3) {
                let at = numbers.below(bytes.len());
                match numbers.below(4) {
                    0 => bytes.truncate(at + 1),
                    1 => bytes[at] = numbers.below(256) as u8,
                    2 => bytes[at] ^= 1 << numbers.below(8),
                    _ => {
                        let piece = bytes[at..(at + 20).min(bytes.len())].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
            }
            work(&bytes);
        }
    }
}

fn replay(target: &str, work: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzzed/regressions")
        .join(target);
    // There is no folder where nothing was found.
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        work(&std::fs::read(entry.unwrap().path()).unwrap());
    }
}

fn member(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn hostile_gzip_is_an_error_or_what_it_holds() {
    let text: Vec<u8> = (0..500_u32).map(|i| (i * i % 61) as u8).collect();
    let several = [member(b"one", 9), member(b"", 1), member(&text, 1)].concat();
    let seeds = [
        member(&text, 6),
        member(&text[..100], 0),
        [several.clone(), vec![0; 50]].concat(),
        several,
    ];
    for_each_damaged(&seeds, 1_000, targets::gunzip);
    replay("gunzip", targets::gunzip);
}

#[test]
fn hostile_answers_are_errors_or_bytes() {
    let heads = [
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-49/50\r\nETag: \"a\"\r\nContent-Length: 50",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-16383/99999\r\nContent-Length: 50",
        "HTTP/1.1 200 OK\r\nContent-Length: 50",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0",
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */0",
    ];
    let body = "32\r\n".to_owned() + &"x".repeat(50) + "\r\n0\r\n\r\n";
    let seeds = heads.map(|head| format!("{head}\r\nConnection: close\r\n\r\n{body}").into_bytes());
    for_each_damaged(&seeds, 40, targets::http_response);
    replay("http_response", targets::http_response);
}
