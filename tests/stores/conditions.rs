//! What takes the place of an object, and under which condition: a service of ours that speaks S3, and that others write to.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use paginum::storage::{Durability, Observer};
use paginum::{Error, ErrorKind, Result};

use crate::service::{Kind, OTHER, Place};

const PART_BYTES: usize = 16 << 20;

fn large(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i >> 8) as u8).collect()
}

fn check_is_told(done: Result<()>) {
    let error = done.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
}

#[test]
fn what_was_opened_is_replaced_in_one_request_under_its_condition() {
    // 0, one part, one more, many: none of them is uploaded in parts.
    for n in [0, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 5] {
        let place = Place::new(Some(b"first"), 512 << 20);
        place.store.open().unwrap();
        let bytes = large(n);
        place.put(&bytes).unwrap();
        assert!(place.holds(&bytes), "{n} bytes");
        assert_eq!(place.kinds(), [Kind::Get, Kind::Put], "{n} bytes");
        let put = place.server.requests().pop().unwrap();
        assert_eq!(put.header("if-match"), Some("\"0\""));
    }
}

#[test]
fn of_two_writers_of_a_large_object_one_is_told() {
    let place = Place::new(Some(b"first"), 512 << 20);
    place.store.open().unwrap();
    // However late the other comes, the service sees it.
    place.service().other_before = Some(Kind::Put);
    check_is_told(place.put(&large(2 * PART_BYTES)));
    assert!(place.holds(OTHER));
}

#[test]
fn beyond_what_is_put_at_once_the_version_is_asked_for_last() {
    let bytes = large(2 * PART_BYTES + 1);
    let place = Place::new(Some(b"first"), 2 * PART_BYTES as u64);
    place.store.open().unwrap();
    place.put(&bytes).unwrap();
    assert!(place.holds(&bytes));
    let (start, parts) = (Kind::Start, (1..=3).map(Kind::Part));
    let mut kinds = vec![Kind::Get, start];
    kinds.extend(parts);
    kinds.extend([Kind::Head, Kind::Complete]);
    assert_eq!(place.kinds(), kinds);

    let place = Place::new(Some(b"first"), 2 * PART_BYTES as u64);
    place.store.open().unwrap();
    place.service().other_before = Some(Kind::Part(3));
    check_is_told(place.put(&bytes));
    assert!(place.holds(OTHER));
    assert_eq!(place.service().n_aborted, 1);
}

#[test]
fn where_there_was_nothing_nothing_is_replaced() {
    for n in [5, PART_BYTES + 1] {
        let place = Place::new(None, 512 << 20);
        let error = Error::from(place.store.open().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let last = if n < PART_BYTES {
            Kind::Put
        } else {
            Kind::Part(2)
        };
        place.service().other_before = Some(last);
        check_is_told(place.put(&large(n)));
        assert!(place.holds(OTHER), "{n} bytes");

        let place = Place::new(None, 512 << 20);
        place.store.open().unwrap_err();
        place.put(&large(n)).unwrap();
        assert!(place.holds(&large(n)), "{n} bytes");
    }
}

#[test]
fn what_nobody_looked_for_is_replaced() {
    for n in [5, PART_BYTES + 1] {
        let place = Place::new(Some(b"first"), 512 << 20);
        place.put(&large(n)).unwrap();
        assert!(place.holds(&large(n)), "{n} bytes");
        assert!(!place.kinds().contains(&Kind::Head));
    }
}

#[test]
fn an_upload_that_fails_in_the_middle_leaves_what_was_there_and_no_parts() {
    for (refused, is_opened) in [
        (Kind::Part(1), false),
        (Kind::Part(2), false),
        (Kind::Part(2), true),
        (Kind::Complete, false),
        (Kind::Complete, true),
    ] {
        let place = Place::new(Some(b"first"), PART_BYTES as u64);
        if is_opened {
            place.store.open().unwrap();
        }
        place.service().refused = Some(refused);
        place.put(&large(2 * PART_BYTES)).unwrap_err();
        assert!(place.holds(b"first"), "{refused:?}");
        let service = place.service();
        assert_eq!(service.n_aborted, 1, "{refused:?}");
        assert!(service.parts.is_empty(), "{refused:?}");
    }
}

#[test]
fn a_stage_that_lost_a_part_is_never_committed() {
    let place = Place::new(Some(b"first"), PART_BYTES as u64);
    let mut stage = place.store.stage().unwrap();
    place.service().refused = Some(Kind::Part(1));
    stage.write_all(&large(PART_BYTES)).unwrap_err();
    place.service().refused = None;
    stage.write_all(b"more").unwrap_err();
    stage.commit(Durability::Synced).unwrap_err();
    assert!(place.holds(b"first"));
    // Nor is one that could not be put at once, or started.
    for refused in [Kind::Put, Kind::Start] {
        let place = Place::new(Some(b"first"), PART_BYTES as u64);
        place.service().refused = Some(refused);
        let n = if refused == Kind::Put { 5 } else { PART_BYTES };
        place.put(&large(n)).unwrap_err();
        assert!(place.holds(b"first"), "{refused:?}");
    }
}

#[test]
fn where_conditions_are_turned_off_the_version_is_asked_for() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["conditions::without_conditions", "--exact", "--ignored"])
        .env("AWS_CONDITIONAL_PUT", "disabled")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
#[ignore = "the test above runs it, in an environment of its own"]
fn without_conditions() {
    for object in [Some(&b"first"[..]), None] {
        let place = Place::new(object, 512 << 20);
        let _ = place.store.open();
        place.put(b"second").unwrap();
        assert!(place.holds(b"second"));
        assert_eq!(place.kinds(), [Kind::Get, Kind::Head, Kind::Put]);

        let place = Place::new(object, 512 << 20);
        let _ = place.store.open();
        place.service().other_before = Some(Kind::Head);
        check_is_told(place.put(b"second"));
        assert!(place.holds(OTHER));
    }
}

#[test]
fn an_object_that_is_not_there_cannot_be_changed() {
    let place = Place::new(None, 512 << 20);
    let error = Error::from(place.store.update().map(|_| ()).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let place = Place::new(Some(b"first"), 512 << 20);
    assert!(place.store.update().unwrap().is_none());
    // That there is one is all that is asked.
    assert_eq!(place.kinds(), [Kind::Head]);
    place.put(b"second").unwrap();
    assert!(place.server.requests()[1].header("if-match").is_some());
}

#[test]
fn a_request_that_was_refused_is_not_made_again_without_its_condition() {
    let place = Place::new(Some(b"first"), 512 << 20);
    place.store.open().unwrap();
    place.service().refused = Some(Kind::Put);
    place.put(b"second").unwrap_err();
    assert_eq!(place.kinds(), [Kind::Get, Kind::Put]);
}

#[test]
fn where_nothing_tells_versions_apart_there_is_no_condition() {
    let place = Place::new(Some(b"first"), 512 << 20);
    place.service().has_no_tags = true;
    place.store.open().unwrap();
    place.put(b"second").unwrap();
    assert!(place.holds(b"second"));
}

#[test]
fn parts_are_cut_wherever_the_writes_end() {
    let place = Place::new(None, 0);
    let bytes = large(2 * PART_BYTES + 5);
    let mut stage = place.store.stage().unwrap();
    for piece in bytes.chunks(PART_BYTES / 2 + 1) {
        stage.write_all(piece).unwrap();
    }
    stage.commit(Durability::Synced).unwrap();
    assert!(place.holds(&bytes));
    let parts = (1..=3).map(Kind::Part);
    let mut kinds = vec![Kind::Start];
    kinds.extend(parts);
    kinds.push(Kind::Complete);
    assert_eq!(place.kinds(), kinds);
}

/// What an observer is told of requests that write: how they ended, and which bytes they brought.
#[test]
fn each_request_that_writes_is_told_with_its_bytes() {
    const N: u64 = PART_BYTES as u64;
    let aborted = ("upload aborted", 0..0);
    for (n_bytes, refused, expected) in [
        (5, None, vec![("put", 0..5)]),
        (5, Some(Kind::Put), vec![("failed", 0..5)]),
        (
            N + 7,
            None,
            vec![
                ("upload begun", 0..0),
                ("part put", 0..N),
                ("part put", N..N + 7),
                ("upload completed", 0..0),
            ],
        ),
        (
            N + 7,
            Some(Kind::Part(2)),
            vec![
                ("upload begun", 0..0),
                ("part put", 0..N),
                ("failed", N..N + 7),
                aborted,
            ],
        ),
    ] {
        let mut place = Place::new(None, 0);
        place.service().refused = refused;
        let events = Arc::new(Mutex::new(Vec::new()));
        let telling = events.clone();
        place.store = place.store_with("s3", |options| {
            options.observer = Observer::new(move |event| {
                assert!(event.range.is_empty());
                let event = (event.outcome.to_owned(), event.sent.clone());
                telling.lock().unwrap().push(event);
            });
        });
        let done = place.put(&large(n_bytes as usize));
        assert_eq!(done.is_ok(), refused.is_none());
        let events = events.lock().unwrap().clone();
        let events = events.iter();
        let events: Vec<_> = events
            .map(|(outcome, sent)| (outcome.as_str(), sent.clone()))
            .collect();
        assert_eq!(events, expected);
    }
}

#[test]
fn a_service_that_does_not_say_what_is_there_lets_nothing_be_replaced() {
    let place = Place::new(None, 0);
    place.store.open().unwrap_err();
    place.service().refused = Some(Kind::Head);
    let error = place.put(&large(PART_BYTES)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(place.service().object.is_none());
}

#[test]
fn the_time_that_bytes_take_is_no_time_without_an_answer() {
    let mut place = Place::new(Some(b"first"), 512 << 20);
    place.store = place.store_with("s3", |options| options.timeout = Duration::from_secs(3));
    place.store.open().unwrap();
    place.service().waits = Duration::from_secs(5);
    // A multiple of what comes in a second.
    let bytes = large(PART_BYTES + (4 << 20));
    place.put(&bytes).unwrap();
    assert!(place.holds(&bytes));
}
