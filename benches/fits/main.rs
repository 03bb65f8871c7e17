//! Reads of `.fits` files beside fitsio (cfitsio) and astropy, by processor time.
//!
//! `cargo bench --bench fits` with `PAGINUM_FITS_PYTHON`, an interpreter that imports numpy, fitsio and astropy. Each case is
//! opened and read twenty times by each, the fastest counts; all threads of a process count.

#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;

use std::error::Error;
use std::path::Path;
use std::process::Command;

use clock::Clock;

const ROUNDS: usize = 20;

/// A case, its file, the array, and the rows of it where not all are read.
type Case = (&'static str, &'static str, &'static str, Option<(u64, u64)>);

const CASES: [Case; 9] = [
    ("image i4", "plain.fits", "hdu0", None),
    ("image i4, 10 rows", "plain.fits", "hdu0", Some((700, 710))),
    ("image u2", "unsigned.fits", "hdu0", None),
    ("image scaled", "scaled.fits", "hdu0", None),
    ("column of 10", "table.fits", "hdu1/c4", None),
    ("RICE_1", "RICE_1.fits", "hdu1", None),
    ("RICE_1, 10 rows", "RICE_1.fits", "hdu1", Some((700, 710))),
    ("GZIP_2", "GZIP_2.fits", "hdu1", None),
    ("HCOMPRESS_1", "HCOMPRESS_1.fits", "hdu1", None),
];

fn ours(path: &Path, array: &str, rows: Option<(u64, u64)>) -> paginum::Result<f64> {
    let path = path.to_string_lossy();
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Clock::Process.start();
        let file = paginum::open(&path)?;
        match rows {
            None => file.read(array)?,
            Some((start, end)) => file.read_rows(array, start..end)?,
        };
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(python) = std::env::var_os("PAGINUM_FITS_PYTHON") else {
        println!("PAGINUM_FITS_PYTHON names no interpreter: nothing to compare with");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fits/peers.py");
    let theirs = Command::new(python)
        .arg(script)
        .arg(folder.path())
        .output()?;
    if !theirs.status.success() {
        return Err(String::from_utf8_lossy(&theirs.stderr).into());
    }
    let theirs = String::from_utf8(theirs.stdout)?;
    println!(
        "{:18} {:>9} {:>8} {:>8}",
        "", "ours ms", "fitsio", "astropy"
    );
    for ((case, file, array, rows), line) in CASES.into_iter().zip(theirs.lines()) {
        let ours = ours(&folder.path().join(file), array, rows)?;
        let times: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let ratios: Vec<String> = times
            .iter()
            .map(|time| format!("{:8.2}", time / ours))
            .collect();
        println!("{case:18} {:9.3} {}", ours * 1e3, ratios.join(" "));
    }
    Ok(())
}
