//! The examples run, and the arrays under `examples/arrays` are what their generator makes.

#[path = "../examples/make_arrays.rs"]
mod make_arrays;
#[path = "../examples/wrapped.rs"]
mod wrapped;

use std::path::Path;

use paginum::container::npy;
use paginum::{Array, ArraySpec};

#[test]
fn the_engine_runs_without_files() {
    wrapped::run().unwrap();
}

#[test]
fn shipped_arrays_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/arrays");
    let samples = make_arrays::arrays();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), samples.len());
    for sample in samples {
        let spec = ArraySpec::new(sample.dtype.parse().unwrap(), sample.shape).unwrap();
        let array = Array::from_bytes(spec, &sample.bytes).unwrap();
        let shipped = std::fs::read(folder.join(sample.name).with_extension("npy")).unwrap();
        assert!(shipped == npy::to_bytes(&array), "{} differs", sample.name);
    }
}
