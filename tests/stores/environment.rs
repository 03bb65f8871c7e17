//! What the environment says of services. It is that of a process, so what asks for it runs in one of its own.

use std::process::Command;

use paginum::storage::{Drivers, StoreOptions};

use crate::service::Place;

/// Where the child finds the address of the object, and the endpoint that is given as an option.
const OBJECT: &str = "PAGINUM_TEST_OBJECT";
const ENDPOINT: &str = "PAGINUM_TEST_ENDPOINT";

/// A service that nobody reaches.
const FAR: &str = "http://far.invalid";

#[test]
fn what_the_environment_says_of_a_service_is_kept() {
    let place = Place::new(Some(b"first"), 0);
    let near = place.server.url("");
    let near = near.trim_end_matches('/');
    let s3 = ("s3://bucket/key", "AWS_SKIP_SIGNATURE");
    let gs = ("gs://bucket/key", "GOOGLE_SKIP_SIGNATURE");
    let az = ("az://bucket/key", "AZURE_SKIP_SIGNATURE");
    for ((object, unsigned), settings, path) in [
        (s3, [("AWS_ENDPOINT_URL_S3", near); 2], "/bucket/key"),
        (s3, [("AWS_ENDPOINT_URL", near); 2], "/bucket/key"),
        // A proxy is asked for what lies elsewhere.
        (
            s3,
            [("AWS_ENDPOINT_URL", FAR), ("AWS_PROXY_URL", near)],
            "http://far.invalid/bucket/key",
        ),
        // An option comes first.
        (
            s3,
            [("AWS_ENDPOINT_URL_S3", FAR), (ENDPOINT, near)],
            "/bucket/key",
        ),
        (gs, [("GOOGLE_BASE_URL", near); 2], "/bucket/key"),
        (
            gs,
            [("GOOGLE_BASE_URL", FAR), ("GOOGLE_PROXY_URL", near)],
            "http://far.invalid/bucket/key",
        ),
        (
            az,
            [
                ("AZURE_ENDPOINT", near),
                ("AZURE_STORAGE_ACCOUNT_NAME", "name"),
            ],
            "/bucket/key",
        ),
    ] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["environment::in_an_environment", "--exact", "--ignored"])
            .env("NO_PROXY", "*")
            .env(OBJECT, object)
            .env(unsigned, "true")
            .envs(settings)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{object} {settings:?}: {words}");
        let request = place.server.requests().pop().unwrap();
        assert_eq!(request.path, path, "{object} {settings:?}");
        assert_eq!(request.header("authorization"), None, "{object}");
    }
    assert_eq!(place.server.requests().len(), 7, "one for each");
}

#[test]
fn key_and_secret_of_an_address_count_before_the_environment() {
    let place = Place::new(Some(b"first"), 0);
    let near = place.server.url("");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["environment::in_an_environment", "--exact", "--ignored"])
        .env("NO_PROXY", "*")
        .env(OBJECT, "s3://ann:secret@bucket/key")
        .env(ENDPOINT, near.trim_end_matches('/'))
        .env("AWS_SKIP_SIGNATURE", "true")
        .env("AWS_ACCESS_KEY_ID", "bob")
        .env("AWS_SECRET_ACCESS_KEY", "other")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}");
    let request = place.server.requests().pop().unwrap();
    let signed = request.header("authorization").unwrap();
    assert!(signed.contains("Credential=ann/"), "{signed}");
}

#[test]
#[ignore = "the test above runs it, in an environment of its own"]
fn in_an_environment() {
    let mut options = StoreOptions::default();
    options.endpoint = std::env::var(ENDPOINT).ok();
    options.inflates = false;
    options.max_retries = 0;
    let drivers = Drivers::default().with_options(options);
    let store = drivers.store(&std::env::var(OBJECT).unwrap()).unwrap();
    assert_eq!(store.open().unwrap().len(), 5);
}
