//! Every verb over a `.fits` file.

use std::fs;

use crate::arrays::save_new;
use crate::run::{fails, paginum, run, stderr};

#[test]
fn every_verb_takes_a_fits() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", "<i4", &[500, 3]);
    save_new(folder, "u.npy", "<u2", &[30, 40]);
    paginum(folder, "pack a.npy b.npy u.npy -o w.pv --compat native");
    paginum(folder, "convert w.pv w.fits");
    let listed = paginum(folder, "ls w.fits");
    assert!(listed.contains("a ") && listed.contains("500"), "{listed}");
    assert!(paginum(folder, "inspect w.fits").contains("BITPIX"));
    let rows = paginum(folder, "cat w.fits b --rows 7..9");
    assert_eq!(rows, paginum(folder, "cat b.npy --rows 7..9"));
    let said = paginum(folder, "verify w.fits");
    assert!(said.starts_with("w.fits: ok"), "{said}");
    paginum(folder, "unpack w.fits -o out");
    for name in ["a.npy", "b.npy", "u.npy"] {
        let [x, y] = [name.to_owned(), format!("out/{name}")]
            .map(|name| fs::read(folder.join(name)).unwrap());
        assert!(x == y, "{name}");
    }
    for other in ["w.gnz", "w.npz", "again.fits", "w.fits.gz"] {
        paginum(folder, &format!("convert w.fits {other}"));
        paginum(folder, &format!("diff w.fits {other}"));
    }
    paginum(folder, "verify w.fits.gz");
    let words = "w.fits: what headers say beside types and shapes stays behind";
    assert!(stderr(&run(folder, "convert w.fits w2.npz")).contains(words));
    let [x, y] = ["w.fits", "again.fits"].map(|name| fs::read(folder.join(name)).unwrap());
    assert!(x == y, "a copy is the same file");
    // One changed number is noticed, and said with its array.
    let mut bytes = x;
    let at = bytes.len() - 2880;
    bytes[at] ^= 1;
    fs::write(folder.join("bad.fits"), bytes).unwrap();
    fails(folder, "verify bad.fits", 3, "DATASUM");
}
