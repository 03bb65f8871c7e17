//! A caller's filter in a file, as the example has it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../examples/own_filter.rs"]
mod own_filter;

use std::sync::Arc;

use own_filter::{Bits, First};
use paginum::ErrorKind;
use paginum::container::pv::{FilterChoice, WriteOptions, Writer};
use paginum::filter::{
    ArrayEncoder, ArrayReader, Dense, EncodeContext, Fast, Filter, FilterId, Numeric, Payload,
    Registry, Shuffle,
};
use paginum::storage::MemoryStore;
use paginum::{Array, ArraySpec, Limits, Result};

#[test]
fn the_example_runs() {
    own_filter::run().unwrap();
}

/// The filter `bits` under another name.
#[derive(Debug)]
struct Renamed(Bits);

impl Filter for Renamed {
    fn id(&self) -> FilterId {
        self.0.id()
    }
    fn name(&self) -> &'static str {
        "renamed"
    }
    fn accepts(&self, spec: &ArraySpec) -> bool {
        self.0.accepts(spec)
    }
    fn encoder(&self, spec: &ArraySpec, context: &EncodeContext) -> Result<Box<dyn ArrayEncoder>> {
        self.0.encoder(spec, context)
    }
    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        self.0.open(spec, payload, limits)
    }
}

fn payload(filter: &dyn Filter) -> Vec<u8> {
    let spec = ArraySpec::new("|b1".parse().unwrap(), [3]).unwrap();
    let mut payload = Vec::new();
    let context = EncodeContext::default();
    let mut encoder = filter.encoder(&spec, &context).unwrap();
    encoder.push_rows(&[1, 0, 0], &mut payload).unwrap();
    encoder.finish(&mut payload).unwrap();
    payload
}

#[test]
fn an_id_is_one_filter_s_and_callers_have_their_own() {
    let filters = Registry::default().with(Arc::new(Bits::default())).unwrap();
    assert_eq!(filters.by_name("bits").unwrap().id(), FilterId(0xF0));
    let other = filters.with(Arc::new(Renamed(Bits::default())));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let unknown = Registry::default().by_id(FilterId(0xF0)).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unsupported);
}

#[test]
fn another_value_of_a_filter_takes_its_place() {
    let n = Registry::default().iter().count();
    let filters = Registry::default()
        .with(Arc::new(Bits::default()))
        .unwrap()
        .with(Arc::new(Bits::default().with_first(First::Highest)))
        .unwrap()
        .with(Arc::new(Numeric::default().with_level(3)))
        .unwrap();
    assert_eq!(filters.iter().count(), n + 1);
    assert_eq!(payload(&**filters.by_name("bits").unwrap()), [1, 0x80]);
    assert_eq!(filters.by_name("numeric").unwrap().level(), Some(3));
}

#[test]
fn levels_are_those_of_filters_that_have_some() {
    let filters = Registry::default().with_zstd_level(7).with_pages(4, 100);
    let level = |name: &str| filters.by_name(name).unwrap().level();
    for name in [
        "none",
        "shuffle",
        "delta",
        "byte-delta",
        "palette",
        "gradient",
    ] {
        assert_eq!(level(name), Some(7), "{name}");
    }
    assert_eq!((level("numeric"), level("dense")), (Some(4), Some(4)));
    let at = |filter: &dyn Filter, level| filter.at_level(level).map(|filter| filter.level());
    assert_eq!(at(&Shuffle::default(), -5).unwrap(), Some(-5));
    assert_eq!(at(&Numeric::default(), 12).unwrap(), Some(12));
    for refused in [
        at(&Numeric::default(), -1),
        at(&Dense::default(), -1),
        at(&Fast::default(), 3),
        at(&Bits::default(), 3),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}

#[test]
fn another_level_leaves_other_options_as_they_are() {
    let spec = ArraySpec::new("<i4".parse().unwrap(), [1000]).unwrap();
    let rows: Vec<u8> = (0..1000_i32).flat_map(|i| (i * i).to_le_bytes()).collect();
    let payload = |filter: &dyn Filter| {
        let mut payload = Vec::new();
        let context = EncodeContext::default();
        let mut encoder = filter.encoder(&spec, &context).unwrap();
        encoder.push_rows(&rows, &mut payload).unwrap();
        encoder.finish(&mut payload).unwrap();
        payload
    };
    let small = Numeric::default().with_page_numbers(50);
    let wanted = payload(&small.with_level(2));
    assert_eq!(payload(&*small.at_level(2).unwrap()), wanted);
    assert_ne!(payload(&Numeric::default().with_level(2)), wanted);
}

#[test]
fn a_chosen_value_is_in_the_registry() {
    let write = |options: WriteOptions| {
        let spec = ArraySpec::new("|b1".parse()?, [3])?;
        let mut writer = Writer::create(&MemoryStore::new(), options)?;
        writer.write("field_data/a", &Array::from_bytes(spec, &[1, 0, 1])?)?;
        writer.commit().map(drop)
    };
    let chosen = || WriteOptions::default().with_filter(Bits::default());
    let filters = Registry::default().with(Arc::new(Bits::default())).unwrap();
    write(chosen().with_filters(filters.clone())).unwrap();
    let unknown = write(chosen()).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::InvalidArgument);
    let renamed = WriteOptions::default().with_filter(Renamed(Bits::default()));
    let renamed = write(renamed.with_filters(filters.clone())).unwrap_err();
    assert_eq!(renamed.kind(), ErrorKind::InvalidArgument);
    let at_level = FilterChoice::parse("bits:3").unwrap();
    let at_level = WriteOptions::default().with_filter(at_level);
    let at_level = write(at_level.with_filters(filters)).unwrap_err();
    assert!(at_level.to_string().contains("no levels"), "{at_level}");
}
