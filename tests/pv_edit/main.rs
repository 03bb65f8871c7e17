//! Edits of `.pv` files: in place and staged, one after another, interrupted at every call.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

mod crashes;
mod edits;
mod files;
mod locks;
mod targets;
