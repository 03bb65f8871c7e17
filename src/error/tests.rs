//! Errors: kinds, places and sources.

use super::*;

#[test]
fn display_names_every_part_of_the_place() {
    let error = Error::from(paginum_wrapped::Error::corrupt("crc differs").at(3))
        .shifted(100)
        .on_page(7)
        .on_page(8)
        .in_array("points")
        .in_file("a.pv");
    assert_eq!(
        error.to_string(),
        "a.pv: array \"points\": page 7: corrupt: crc differs at byte 103"
    );
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

#[test]
fn an_error_survives_a_trip_through_io() {
    let there: io::Error = Error::unsupported("x").on_page(1).into();
    let back = Error::from(there);
    assert_eq!(back.kind(), ErrorKind::Unsupported);
    assert_eq!(back.place().unwrap().page, Some(1));
    let full: io::Error = io::ErrorKind::StorageFull.into();
    let there: io::Error = Error::from(full).into();
    assert_eq!(there.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn kinds_follow_from_storage_and_sources_are_kept() {
    let missing: Error = io::Error::from(io::ErrorKind::NotFound).into();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let inner = "x".parse::<u8>().unwrap_err();
    let error = Error::storage("the server").with_source(inner).in_file("a");
    assert_eq!(error.to_string(), "a: the server");
    let there: io::Error = error.into();
    let back = Error::from(there);
    let source = StdError::source(&back).unwrap();
    assert!(source.is::<std::num::ParseIntError>());
}

#[cfg(feature = "zstd")]
#[test]
fn damage_of_a_file_that_changes_is_a_change() {
    let changed = Error::checksum("a page").unless_changed(|| true);
    assert_eq!(changed.kind(), ErrorKind::Changed);
    let damaged = Error::checksum("a page").unless_changed(|| false);
    assert_eq!(damaged.kind(), ErrorKind::Checksum);
}
