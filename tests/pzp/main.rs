//! `.pzp` files: those of the corpus by its manifest, damaged ones by their verdicts, and files that are made here.

#![cfg(feature = "pzp")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(unreachable_pub, reason = "the fuzzer's own crate uses the rest")]
#[path = "../fuzzed/pzp.rs"]
mod fuzzed;

mod corpus;
mod files;
mod hostile;
mod steps;
mod writing;
