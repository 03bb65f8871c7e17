//! A caller's filter in a file, as the example has it.

#[path = "../examples/own_filter.rs"]
mod own_filter;

use std::sync::Arc;

use paginum::ErrorKind;
use paginum::filter::{FilterId, Registry};

#[test]
fn the_example_runs() {
    own_filter::run().unwrap();
}

#[test]
fn an_id_is_given_once_and_only_to_callers() {
    let filters = Registry::default()
        .with(Arc::new(own_filter::Bits))
        .unwrap();
    assert_eq!(filters.by_name("bits").unwrap().id(), FilterId(0xF0));
    let twice = filters.with(Arc::new(own_filter::Bits)).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::InvalidArgument);
    let unknown = Registry::default().by_id(FilterId(0xF0)).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unsupported);
}
