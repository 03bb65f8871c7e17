//! Addresses that end with a slash: folders, and no objects.

use paginum::ErrorKind;
use paginum::storage::Drivers;

#[test]
fn the_address_of_a_folder_is_that_of_no_object() {
    let drivers = Drivers::default();
    for folder in [
        "s3://bucket",
        "s3://bucket/",
        "s3://bucket/a/",
        "s3://bucket/a%2F",
        "s3://bucket/a/b%2f",
        "gs://bucket/a/",
        "az://container/a/",
    ] {
        let error = drivers.store(folder).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{folder}");
        let words = error.to_string();
        assert!(words.contains("no object"), "{words}");
    }
    drivers.store("s3://bucket/a").unwrap();
}

#[cfg(feature = "cli")]
#[test]
fn a_copy_into_a_folder_has_the_name_of_its_source() {
    use crate::command::{run, words};
    use crate::service::Place;

    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a b%.bin");
    std::fs::write(&source, b"0123456789").unwrap();
    let source = source.to_str().unwrap();
    for (destination, path) in [
        ("s3://bucket/deep/dir/", "/bucket/deep/dir/a%20b%25.bin"),
        ("s3://bucket/", "/bucket/a%20b%25.bin"),
    ] {
        let place = Place::new(None, 0);
        let endpoint = place.server.url("");
        let endpoint = endpoint.trim_end_matches('/');
        let output = run(&[
            "-v",
            "cp",
            source,
            destination,
            "--anonymous",
            "--endpoint",
            endpoint,
        ]);
        let words = words(&output);
        assert!(output.status.success(), "{words}");
        assert!(words.contains(": put, 10 bytes sent from 0"), "{words}");
        assert!(place.holds(b"0123456789"));
        for request in place.server.requests() {
            assert_eq!(request.path, path);
        }
    }
}

/// What an address has beside its name, which no message shows, goes with every name that is appended to it.
#[cfg(feature = "cli")]
#[test]
fn what_is_written_into_a_folder_is_written_with_its_credentials() {
    use crate::command::{run, words};
    use crate::service::Place;

    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a b.npy");
    let numbers = paginum::Array::from_numbers(&[1_i32, 2, 3]).unwrap();
    std::fs::write(&source, paginum::container::npy::to_bytes(&numbers)).unwrap();
    let source = source.to_str().unwrap();
    let into = "s3://ann:se%2Fcret@bucket/dir/";
    for (arguments, path) in [
        (["cp", source, into].as_slice(), "/bucket/dir/a%20b.npy"),
        (&["compress", source, "-o", into], "/bucket/dir/a%20b.pco"),
        (&["unpack", source, "-o", into], "/bucket/dir/"),
    ] {
        let place = Place::new(None, 0);
        let endpoint = place.server.url("");
        let endpoint = ["--endpoint", endpoint.trim_end_matches('/')];
        let output = run(&[arguments, &endpoint[..]].concat());
        let words = words(&output);
        assert!(output.status.success(), "{arguments:?}: {words}");
        assert!(!words.contains("cret"), "{words}");
        let requests = place.server.requests();
        assert!(!requests.is_empty());
        for request in requests {
            assert!(request.path.starts_with(path), "{}", request.path);
            let signature = request.header("authorization").unwrap();
            assert!(signature.contains("Credential=ann/"), "{signature}");
        }
        assert!(!std::path::Path::new("s3:").exists());
    }
    let error = Drivers::default().store("gs://ann:secret@bucket/a");
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
}
