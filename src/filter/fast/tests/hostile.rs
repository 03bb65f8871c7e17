//! Metadata and pages that nobody wrote.

use paginum_wrapped::Isa;

use super::schemes_of;
use crate::error::Result;
use crate::filter::checksum::crc_of;
use crate::filter::cursor::Cursor;
use crate::filter::fast::page::{Page, write_page};
use crate::filter::fast::scheme::Scheme;
use crate::filter::fast::word::{Order, Word};
use crate::filter::laws::Random;
use crate::filter::{EncodeContext, Fast, laws, skippable};

/// Reads metadata and a page, and decodes all of it in every way.
fn decode<L: Word>(meta: &[u8], page: &[u8], n: usize, order: Order) -> Result<Vec<L>> {
    let isa = Isa::best()?;
    let scheme = Scheme::<L>::read(isa, meta, order)?;
    let mut cursor = Cursor::new(page);
    let page = Page::read(&scheme, n, &mut cursor)?;
    cursor.finish()?;
    let mut out = vec![L::zero(); n];
    let whole = page.decode(isa, 0..n, &mut out, &mut Vec::new());
    for (i, expected) in out.iter().enumerate() {
        // One word alone is the same as among all.
        match page.get(isa, i) {
            Ok(word) if whole.is_ok() => assert_eq!(word, *expected, "word {i}"),
            _ => {}
        }
    }
    whole.map(|()| out)
}

fn truncations_and_flips<L: Word>(order: Order, make: impl Fn(&mut Random) -> u64) {
    let mut random = Random(11);
    let words: Vec<L> = (0..70).map(|_| L::from_u64(make(&mut random))).collect();
    for scheme in schemes_of(&words, order) {
        let (mut meta, mut page) = (Vec::new(), Vec::new());
        scheme.write(Isa::SCALAR, &mut meta);
        write_page(Isa::SCALAR, &scheme, &words, 0, order, &mut page);
        assert!(decode::<L>(&meta, &page, 70, order).unwrap() == words);
        for n in 0..meta.len() {
            assert!(
                decode::<L>(&meta[..n], &page, 70, order).is_err(),
                "{scheme}: {n} bytes"
            );
        }
        for n in 0..page.len() {
            assert!(
                decode::<L>(&meta, &page[..n], 70, order).is_err(),
                "{scheme}: {n} bytes"
            );
        }
        // Without the checksums around them, other bytes may be other numbers, but neither a panic nor numbers that depend
        // on how they are read.
        for bit in 0..8 * meta.len() {
            let mut flipped = meta.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = decode::<L>(&flipped, &page, 70, order);
        }
        for bit in 0..8 * page.len() {
            let mut flipped = page.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = decode::<L>(&meta, &flipped, 70, order);
        }
    }
}

#[test]
fn truncated_or_flipped_bytes_are_errors_or_numbers() {
    truncations_and_flips::<u8>(Order::Unsigned, |random| random.next() % 9);
    truncations_and_flips::<u16>(Order::Float, |random| random.next() % 900);
    truncations_and_flips::<u32>(Order::Float, |random| {
        ((random.next() % 900) as f32 / 10.0).to_bits().into()
    });
    truncations_and_flips::<u64>(Order::Float, |random| {
        ((random.next() % 900) as f64 / 10.0).to_bits()
    });
}

#[track_caller]
fn refused(meta: &[u8], page: &[u8], n: usize, what: &str) {
    let error = decode::<u32>(meta, page, n, Order::Unsigned).unwrap_err();
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn every_field_is_checked() {
    let packed = [1];
    // Base, width, number of patches.
    refused(&packed, &[0, 0, 0, 0, 33, 0, 0], 1, "impossible width");
    refused(
        &packed,
        &[0, 0, 0, 0, 0, 2, 0],
        1,
        "impossible width or patches",
    );
    let patch = [0, 0, 0, 0, 0, 1, 0, 1, 0, 9, 9, 9, 9];
    refused(&packed, &patch, 1, "do not ascend");
    assert_eq!(
        decode::<u32>(&packed, &patch, 2, Order::Unsigned).unwrap(),
        [0, 0x0909_0909]
    );
    let twice = [0, 0, 0, 0, 0, 2, 0, 1, 0, 1, 0, 9, 9, 9, 9, 9, 9, 9, 9];
    refused(&packed, &twice, 2, "do not ascend");
    refused(&packed, &[0; 8], 1, "bytes behind");
    refused(&packed, &[0, 0, 0, 0, 5, 0, 0], 1, "end early");
    refused(&[], &[], 0, "end early");
    refused(&[0, 0], &[], 0, "bytes behind");
    refused(&[200], &[], 0, "scheme 200");
    refused(&[2, 2, 2, 2, 2, 2, 2, 2, 1], &[], 0, "too many steps");
    refused(&[3, 1], &[], 0, "floats for whole numbers");
    refused(&[5, 2, 1, 1], &[], 0, "floats for whole numbers");
    refused(&[6, 1, 1], &[], 0, "impossible components");
    refused(&[6, 17, 1], &[], 0, "impossible components");
    refused(&[6, 2, 6, 2, 1, 1, 1], &[], 0, "impossible components");
    refused(&[6, 2, 0, 0], &[2, 0], 0, "starts at no component");
    for (e, f) in [(11, 0), (1, 2)] {
        let error = decode::<u32>(&[5, e, f, 1], &[], 0, Order::Float).unwrap_err();
        assert!(
            error.to_string().contains("impossible exponents"),
            "{error}"
        );
    }
    // A dictionary of no values, of too many, of equal ones, and a place behind its end.
    refused(&[4, 0, 0, 0, 0], &[], 0, "impossible size");
    refused(&[4, 1, 0, 1, 0], &[], 0, "impossible size");
    let two = |gap| [4, 2, 0, 0, 0, 7, 0, 0, 0, gap, 0, 0, 0, 0, 0, 0];
    refused(&two(0), &[], 0, "does not ascend");
    assert_eq!(
        decode::<u32>(&two(3), &[1, 0, 0, 0, 0], 1, Order::Unsigned).unwrap(),
        [10]
    );
    refused(&two(3), &[2, 0, 0, 0, 0], 1, "outside of its dictionary");
    // Heads of no bits, of all, of too many, none, too many, equal ones, one of more bits, and a code behind the table.
    for meta in [[9, 0, 1], [9, 32, 1], [9, 17, 1], [9, 8, 0], [9, 8, 9]] {
        refused(&meta, &[], 0, "heads of impossible bits or number");
    }
    refused(&[9, 8, 2, 5, 0, 5, 0], &[], 0, "do not ascend");
    refused(&[9, 8, 1, 0, 1], &[], 0, "or have more bits");
    let coded = |code| [0, 0, code, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0];
    let one = [9, 8, 1, 5, 0];
    assert_eq!(
        decode::<u32>(&one, &coded(0), 1, Order::Unsigned).unwrap(),
        [0x0500_0007]
    );
    refused(&one, &coded(1), 1, "outside of its table");
    refused(&[10, 0, 0, 0, 0, 1], &[], 0, "rows of no numbers");
    // What holds the words of a page holds no other such step.
    for (outer, inner) in [(7, 7), (7, 8), (8, 7)] {
        let common: &[u8] = if outer == 8 { &[0; 4] } else { &[] };
        let below: &[u8] = if inner == 8 {
            &[8, 0, 0, 0, 0, 1]
        } else {
            &[7, 1]
        };
        refused(
            &[&[outer], common, below].concat(),
            &[],
            0,
            "below one another",
        );
    }
    let rows = [10, 3, 0, 0, 0];
    refused(
        &[&rows[..], &rows, &[1]].concat(),
        &[],
        0,
        "below one another",
    );
    refused(
        &[&[7], &rows[..], &[1]].concat(),
        &[],
        0,
        "below one another",
    );
    refused(
        &[&rows[..], &[2, 7, 1]].concat(),
        &[],
        0,
        "below one another",
    );
}

#[test]
fn many_numbers_need_bytes_of_their_own() {
    // A count that no page can have is refused before anything is allocated for it.
    let heads = [9, 8, 1, 5, 0];
    let rows = [10, 3, 0, 0, 0, 1];
    for meta in [&[0][..], &[1], &[2, 1], &[6, 2, 1, 1], &heads, &rows] {
        refused(meta, &[0; 64], 1 << 40, "end early");
    }
}

/// A payload of 100 numbers of two components a row, and what opening it says after a change of its parameters or directory.
#[track_caller]
fn not_opened(change: impl Fn(&mut Vec<u8>, &mut Vec<u8>), what: &str) {
    let spec = laws::spec("<u4", &[50, 2]);
    let bytes = laws::walk_bytes(&spec);
    let context = EncodeContext::default();
    let payload = laws::encode(&Fast::default(), &spec, &context, &bytes, 50);
    let mut frames = frames_of(&payload);
    let (mut head, mut tail) = (frames.remove(0), frames.pop().unwrap());
    head.truncate(head.len() - 4);
    tail.truncate(tail.len() - 16);
    change(&mut head, &mut tail);
    head.extend(crc_of(&[], 0, &head).to_le_bytes());
    let footer = [tail.len() as u32, crc_of(&[], 1, &tail)].map(u32::to_le_bytes);
    tail.extend(footer.concat());
    tail.extend(b"PGNMDIR1");
    frames.insert(0, head);
    frames.push(tail);
    let changed: Vec<u8> = frames.iter().flat_map(|body| frame_of(body)).collect();
    match laws::open(&Fast::default(), &spec, &[], &changed) {
        Ok(_) => assert_eq!(what, ""),
        Err(error) => assert!(
            !what.is_empty() && error.to_string().contains(what),
            "{error}"
        ),
    }
}

fn frames_of(mut payload: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while let Some((header, rest)) = payload.split_first_chunk() {
        let (body, rest) = rest.split_at(skippable::read_header(header).1 as usize);
        bodies.push(body.to_vec());
        payload = rest;
    }
    bodies
}

fn frame_of(body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let start = skippable::begin(skippable::PAGINUM_MAGIC, &mut frame);
    frame.extend(body);
    skippable::end(start, &mut frame).unwrap();
    frame
}

#[test]
fn what_pages_of_fast_do_not_have_is_refused_at_the_door() {
    not_opened(|_, _| (), "");
    not_opened(|head, _| head[4] = 2, "parameters of several components");
    // One row index of one byte, of a page that is there, and of one that is not.
    let add_index = |page: u8| {
        move |_: &mut Vec<u8>, tail: &mut Vec<u8>| {
            tail[12] = 1;
            tail.extend([page, 0, 0, 0, 1, 0, 0, 0, 9]);
        }
    };
    not_opened(add_index(0), "row indexes in a fast payload");
    not_opened(add_index(1), "a page directory of another array");
}
