//! How objects are read: the service of ours that speaks S3 says what was asked, and answers as a test tells it to.

use paginum::storage::{Part, ReadAt, conformance};
use paginum::{Error, ErrorKind, Result};

use crate::service::{Kind, OTHER, Place, Wrong};

fn noise(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i * 7 + (i >> 8)) as u8).collect()
}

fn read(reader: &dyn ReadAt, offset: u64, n: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; n];
    reader.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}

#[test]
fn objects_conform() {
    let places = std::sync::Mutex::new(Vec::new());
    conformance::check_read(&|bytes| {
        let place = Place::new(Some(bytes), 0);
        let reader = place.store.open()?;
        places.lock().unwrap().push(place);
        Ok(reader)
    });
}

#[test]
fn only_what_is_asked_for_comes_and_only_of_the_version_that_was_opened() {
    let bytes = noise(1_000_000);
    let place = Place::new(Some(&bytes), 0);
    let store = place.store_with("s3", |options| options.inflates = false);
    let reader = store.open().unwrap();
    let (mut a, mut b, mut c) = ([0; 10], [0; 10], [0; 10]);
    reader
        .read_many(&mut [
            Part::new(20_100, &mut a),
            Part::new(40_000, &mut b),
            Part::new(999_990, &mut c),
        ])
        .unwrap();
    assert_eq!(
        (&a[..], &b[..]),
        (&bytes[20_100..20_110], &bytes[40_000..40_010])
    );
    assert_eq!(c, bytes[999_990..]);
    let requests = place.server.requests();
    let mut ranges: Vec<_> = requests[1..]
        .iter()
        .map(|request| (request.header("range"), request.header("if-match")))
        .collect();
    ranges.sort_unstable();
    let tag = Some("\"0\"");
    assert_eq!(
        ranges,
        [
            (Some("bytes=20100-40009"), tag),
            (Some("bytes=999990-999999"), tag)
        ]
    );
}

/// One request tells the length and the version, and brings what tells a format.
#[test]
fn opening_an_object_costs_one_request() {
    for n in [5, 1000, 16 << 10, 1_000_000] {
        let bytes = noise(n);
        let place = Place::new(Some(&bytes), 0);
        let reader = place.store.open().unwrap();
        assert_eq!(reader.len(), n as u64);
        assert_eq!(
            read(&*reader, 0, n.min(1000)).unwrap(),
            bytes[..n.min(1000)]
        );
        assert_eq!(place.kinds(), [Kind::Get], "{n} bytes");
        let asked = &place.server.requests()[0];
        assert_eq!(asked.header("range"), Some("bytes=0-16383"));
    }
    // Of an empty one no byte can be asked for.
    let place = Place::new(Some(b""), 0);
    assert!(place.store.open().unwrap().is_empty());
    assert_eq!(place.kinds(), [Kind::Get, Kind::Head]);
    let place = Place::new(None, 0);
    place.store.open().unwrap_err();
    assert_eq!(place.kinds(), [Kind::Get]);
}

#[test]
fn an_object_that_was_replaced_is_said_to_be_whatever_the_service_sends() {
    for ignores_conditions in [false, true] {
        let place = Place::new(Some(&noise(20_000)), 0);
        place.service().ignores_conditions = ignores_conditions;
        let reader = place.store.open().unwrap();
        assert!(!reader.has_changed());
        let version = reader.version().unwrap();
        place.service().other_before = Some(Kind::Get);
        let error = read(&*reader, 19_990, 5).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert!(reader.has_changed());
        let now = place.store.open().unwrap();
        assert_ne!(now.version().unwrap(), version);
        assert_eq!(read(&*now, 0, 5).unwrap(), OTHER);
    }
}

#[test]
fn other_bytes_than_those_asked_for_are_an_error() {
    for wrong in [Wrong::Shorter, Wrong::Longer, Wrong::Behind] {
        let place = Place::new(Some(&noise(20_000)), 0);
        let reader = place.store.open().unwrap();
        place.service().wrong = Some(wrong);
        let error = read(&*reader, 19_000, 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{wrong:?}: {error}");
        // The first ones as well.
        let error = Error::from(place.store.open().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Io, "{wrong:?}: {error}");
    }
}

/// Nobody else has written: it is no other version.
#[test]
fn a_service_that_sends_no_ranges_is_said_to_send_none() {
    let place = Place::new(Some(&noise(20_000)), 0);
    place.service().wrong = Some(Wrong::Whole);
    let store = place.store_with("s3", |options| options.inflates = false);
    let reader = store.open().unwrap();
    assert_eq!(reader.len(), 20_000);
    let error = read(&*reader, 19_000, 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("no ranges"), "{error}");
}

#[test]
fn what_may_pass_is_tried_again_as_often_as_allowed() {
    for max_retries in [0, 2] {
        let mut place = Place::new(Some(b"first"), 0);
        place.store = place.store_with("s3", |options| options.max_retries = max_retries);
        place.service().refused = Some(Kind::Get);
        place.service().refusal = "503 Slow Down";
        let error = Error::from(place.store.open().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert_eq!(place.kinds().len() as u32, 1 + max_retries);
    }
}

/// It was said that the request had failed, and not why.
#[test]
fn what_a_service_answers_is_said() {
    for (refusal, words) in [
        (
            "500 Internal Server Error",
            "failed: Error performing GET http://127.0.0.1:",
        ),
        ("500 Internal Server Error", "500 Internal Server Error"),
        ("403 Forbidden", "does not allow this: "),
        ("401 Unauthorized", "asks for credentials: "),
    ] {
        let mut place = Place::new(Some(b"first"), 0);
        place.store = place.store_with("s3", |options| options.max_retries = 0);
        place.service().refused = Some(Kind::Get);
        place.service().refusal = refusal;
        let error = Error::from(place.store.open().unwrap_err()).to_string();
        assert!(error.contains(words), "{error}");
        // The rest of an address may be signed.
        assert!(!error.contains("/bucket/"), "{error}");
    }
}

/// The command says it to the last cause, as of web servers.
#[cfg(feature = "cli")]
#[test]
fn a_service_that_is_not_there_is_said_to_refuse_connections() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for address in ["s3://bucket/key.pv", "s3://bucket/folder/"] {
        let output = crate::command::run(&["ls", address, "--anonymous", "--endpoint", &endpoint]);
        let said = crate::command::words(&output);
        assert_eq!(output.status.code(), Some(6), "{said}");
        assert!(said.contains("onnection refused"), "{said}");
        assert!(
            said.lines().count() == 1 && said.contains(&endpoint),
            "{said}"
        );
    }
}

#[test]
fn the_scheme_says_whose_service_it_is() {
    let place = Place::new(Some(b"first"), 0);
    let store = place.store_with("gs", |_| ());
    assert_eq!(store.open().unwrap().len(), 5);
    assert_eq!(place.server.requests()[0].path, "/bucket/key");
}
