//! Metadata and pages that are damaged where no checksum sees it.

use paginum_wrapped::{FileCompressor, FileDecompressor, Isa, ModeSpec, Page};

use super::super::chunk::{ChunkReader, column_of, join};
use super::super::column;
use super::super::layers::{Layers, Tail};
use super::super::matches::Finder;
use super::super::pool::Pool;
use super::super::price::Plan;
use super::super::stream::Engine;
use crate::filter::cursor::push_varint;
use crate::filter::laws::Random;
use crate::filter::paged::Written;
use crate::filter::steps::Step;

fn engine() -> Engine {
    Engine {
        compressor: FileCompressor::new().unwrap(),
        level: 8,
        mode: ModeSpec::Auto,
    }
}

fn decompressor() -> FileDecompressor {
    let mut header = Vec::new();
    FileCompressor::new().unwrap().write_header(&mut header);
    FileDecompressor::new(&header).unwrap().0
}

fn open(meta: &[u8]) -> crate::Result<ChunkReader<i32>> {
    ChunkReader::open(Isa::best().unwrap(), &decompressor(), meta)
}

/// One column for each of these layers; `finders` say what a literal is thought to cost.
fn chunk(numbers: &[i32], n_per_page: &[usize], columns: &[(Layers, f32)]) -> Written {
    let k = columns.len();
    let written = columns
        .iter()
        .enumerate()
        .map(|(component, (layers, bits))| {
            let (own, lens) = column_of(numbers, n_per_page, k, component);
            let finder = Finder {
                bits_per_literal: *bits,
                probes: 4,
            };
            let plan = Plan {
                layers: *layers,
                finder,
                without_dictionary: (layers.tail, finder),
                bits: 0.0,
            };
            let written = column::write(&engine(), &own, &lens, &plan).unwrap();
            assert_eq!(written.meta[0] >> 4 == 1, layers.dictionary);
            written
        });
    join(&written.collect::<Vec<_>>(), n_per_page)
}

fn layers(dictionary: bool, step: Step, matches: bool) -> Layers {
    Layers {
        dictionary,
        tail: Tail { step, matches },
    }
}

fn numbers(n: usize) -> Vec<i32> {
    let mut random = Random(9);
    let values: Vec<i32> = (0..50).map(|_| random.next() as i32).collect();
    (0..n).map(|i| values[i * i / 7 % 331 % 50]).collect()
}

/// Each kind of column, and two of them side by side.
fn kinds() -> Vec<Vec<(Layers, f32)>> {
    let steps = [
        Step::None,
        Step::Lag { far: 1 },
        Step::Lag { far: 40 },
        Step::Grad { near: 2, far: 30 },
    ];
    let mut kinds = Vec::new();
    for step in steps {
        for (dictionary, matches) in [(false, false), (false, true), (true, false), (true, true)] {
            kinds.push(vec![(layers(dictionary, step, matches), 20.0)]);
        }
    }
    // Matches that are found in the first column alone: the second has a place for them, and none.
    let matches = layers(false, Step::None, true);
    kinds.push(vec![(matches, 20.0), (matches, 0.0)]);
    kinds.push(vec![
        (matches, 0.0),
        (layers(true, Step::None, true), 20.0),
        (matches, 20.0),
    ]);
    kinds
}

#[test]
fn every_kind_of_column_comes_back() {
    let numbers = numbers(2000);
    let n_per_page = [700, 1, 0, 1299];
    for kind in kinds() {
        let written = chunk(&numbers, &n_per_page, &kind);
        let reader = open(&written.meta).unwrap();
        let mut pool = Pool::default();
        let mut start = 0;
        for (page_no, n) in n_per_page.into_iter().enumerate() {
            let mut out = vec![0; n];
            let page = Page::new(written.page(page_no), n);
            reader.read(page, 0..n, &mut out, &mut pool).unwrap();
            assert!(out == numbers[start..start + n], "{kind:?}, page {page_no}");
            start += n;
        }
    }
}

#[test]
fn damaged_bytes_are_errors_or_numbers() {
    let numbers = numbers(300);
    for kind in kinds() {
        let written = chunk(&numbers, &[300], &kind);
        let (n_meta, n_page) = (written.meta.len(), written.pages.len());
        for place in 0..n_meta + n_page {
            let (mut meta, mut page) = (written.meta.clone(), written.pages.clone());
            for bit in 0..8 {
                match place.checked_sub(n_meta) {
                    Some(place) => page[place] ^= 1 << bit,
                    None => meta[place] ^= 1 << bit,
                }
                read(&meta, &page);
            }
            match place.checked_sub(n_meta) {
                Some(place) => page.truncate(place),
                None => meta.truncate(place),
            }
            read(&meta, &page);
        }
    }
}

fn read(meta: &[u8], page: &[u8]) {
    let Ok(reader) = open(meta) else { return };
    let mut out = vec![0; 300];
    drop(reader.read(Page::new(page, 300), 0..300, &mut out, &mut Pool::default()));
}

#[test]
fn columns_cannot_share_what_earns_a_dictionary() {
    // A stream of ascending values takes a few bytes, however many they are.
    let values: Vec<i32> = (0..1 << 18).collect();
    let values = engine().write(&values, &[values.len()]).unwrap();
    let ranks = engine().write(&[0_u32; 64], &[64]).unwrap();
    let mut meta = vec![16];
    for _ in 0..16 {
        layers(true, Step::None, false).write(&mut meta);
        push_varint(1 << 18, &mut meta);
        meta.extend([&values.meta[..], &values.pages, &ranks.meta].concat());
    }
    // What stands behind earns one of them.
    meta.resize(meta.len() + (1 << 12), 0);
    let error = open(&meta).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}
