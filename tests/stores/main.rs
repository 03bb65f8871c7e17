//! Stores as callers use them: every container on every store, requests counted, web servers that behave and that do not.
#![cfg(all(feature = "zstd", feature = "npz"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[cfg(feature = "cloud")]
mod cloud;
#[cfg(feature = "cloud")]
mod cloud_reads;
#[cfg(any(feature = "cli", feature = "cloud", feature = "ftp"))]
mod command;
#[cfg(feature = "cloud")]
mod conditions;
#[cfg(feature = "http")]
mod connections;
#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "../support/counting.rs"]
mod counting;
#[cfg(feature = "cloud")]
mod environment;
#[cfg(feature = "cloud")]
mod folders;
#[cfg(feature = "ftp")]
mod ftp;
#[cfg(feature = "ftp")]
mod ftp_replies;
#[cfg(all(feature = "gzip", feature = "http"))]
mod hostile;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod latency;
mod matrix;
#[cfg(all(feature = "cli", unix))]
mod nginx;
#[cfg(feature = "cloud")]
mod object_http;
#[cfg(feature = "cli")]
mod python;
#[path = "../support/repeating.rs"]
mod repeating;
mod requests;
#[cfg(feature = "http")]
mod retries;
#[cfg(any(feature = "cloud", feature = "http"))]
mod server;
#[cfg(feature = "cloud")]
mod service;
