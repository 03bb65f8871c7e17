//! The Python environments that `tests/peers/environments.sh` makes, in `target/peers` or where `PAGINUM_PEERS` says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the environments are. Where there are none, the test that asks says so and checks less.
pub(crate) fn environment() -> Option<PathBuf> {
    let peers = std::env::var_os("PAGINUM_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"),
        PathBuf::from,
    );
    if !releases(&peers).is_empty() {
        return Some(peers);
    }
    let place = peers.display();
    eprintln!("skipped: no peers at {place}; tests/peers/environments.sh makes them");
    None
}

/// The releases of pyvista-zstd that are installed, oldest first.
pub(crate) fn releases(peers: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(peers) else {
        return Vec::new();
    };
    let mut releases: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_prefix("python-")?.to_owned())
        })
        .collect();
    releases.sort();
    releases
}

/// Runs a script of this folder with a release; returns what it printed.
pub(crate) fn python(peers: &Path, release: &str, script: &str, arguments: &[PathBuf]) -> Vec<u8> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
    let output = Command::new(peers.join(format!("python-{release}")))
        .arg(scripts.join(script))
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script} with {release}: {message}"
    );
    output.stdout
}
