//! The laws of filters on fast pages, and what is their own: schemes, single words, hostile metadata.

use paginum_wrapped::Isa;

use super::choose::choose;
use super::page::{Page, write_page};
use super::scheme::Scheme;
use super::shape::Shape;
use super::word::{Order, Word};
use super::*;
use crate::filter::cursor::Cursor;
use crate::filter::laws::{self, Random, spec, walk_bytes};

mod hostile;

fn context() -> EncodeContext {
    EncodeContext::default().with_identity(*b"0000000000000000pressure__point_data")
}

#[test]
fn arrays_of_every_dtype_round_trip() {
    laws::check_every_number(&Fast::default(), &context());
}

#[test]
fn pages_of_every_size_round_trip() {
    let in_pages_of = |n| Fast::default().with_page_numbers(n);
    laws::check_pages(in_pages_of, &context());
}

/// Steps of few sizes far apart, each some times in a row: a dictionary of differences has those of pages, whose blocks begin
/// anew.
#[test]
fn dictionaries_of_differences_round_trip_in_pages_of_every_size() {
    let mut random = Random(7);
    let mut word = 0u64;
    let mut words = Vec::new();
    while words.len() < 30_000 {
        let step = [1, 1_000_000, 1 << 40, 7 << 50][random.next() as usize % 4];
        for _ in 0..10 {
            word = word.wrapping_add(step);
            words.push(word);
        }
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for page_numbers in [1000, 1025, 8192] {
        let fast = Fast::default().with_page_numbers(page_numbers);
        for shape in [&[30_000][..], &[10_000, 3]] {
            laws::check_round_trip(&fast, &spec("<i8", shape), &context(), &bytes);
        }
    }
}

#[test]
fn rows_larger_than_a_chunk_round_trip() {
    for (dtype, shape) in [("<i2", &[3, 300_000][..]), ("|u1", &[300_000, 3])] {
        let spec = spec(dtype, shape);
        laws::check_round_trip(&Fast::default(), &spec, &context(), &walk_bytes(&spec));
    }
}

#[test]
fn damage_is_noticed() {
    for (dtype, shape) in [("<f8", &[40][..]), ("<i2", &[90, 3]), ("|u1", &[200])] {
        let spec = spec(dtype, shape);
        laws::check_hostile(&Fast::default(), &spec, &context(), &walk_bytes(&spec));
    }
}

#[test]
fn what_cannot_shrink_grows_by_no_more_than_its_frames() {
    let mut random = Random(1);
    let bytes: Vec<u8> = (0..1 << 17)
        .flat_map(|_| random.next().to_le_bytes())
        .collect();
    for dtype in ["<f8", "<u4", "|u1", "<f2"] {
        let size = dtype[2..].parse::<u64>().unwrap();
        let spec = spec(dtype, &[bytes.len() as u64 / size]);
        let payload = laws::encode(
            &Fast::default(),
            &spec,
            &context(),
            &bytes,
            spec.rows() as usize,
        );
        let n_pages = spec.rows().div_ceil(8192);
        let frames = 200 + 64 * n_pages;
        assert!(
            payload.len() as u64 <= bytes.len() as u64 + frames,
            "{dtype}"
        );
        assert!(
            laws::decode(&Fast::default(), &spec, &context().identity, &payload).unwrap() == bytes
        );
    }
}

/// Numbers of one kind, and schemes that they must be storable in.
fn check_scheme<L: Word>(scheme: &Scheme<L>, order: Order, words: &[L]) {
    for isa in Isa::available() {
        let mut meta = Vec::new();
        scheme.write(isa, &mut meta);
        let stored = Scheme::<L>::read(isa, &meta, order).unwrap();
        assert_eq!(stored.to_string(), scheme.to_string());
        // Pages of a chunk that start with any component.
        for start in [0, 1, 5].map(|start| words.len().min(start)) {
            let words = &words[start..];
            let mut page = Vec::new();
            write_page(isa, scheme, words, start, order, &mut page);
            let mut cursor = Cursor::new(&page);
            let read = Page::read(&stored, words.len(), &mut cursor).unwrap();
            cursor.finish().unwrap();
            check_page(isa, &read, words);
        }
    }
}

fn check_page<L: Word>(isa: Isa, page: &Page<'_, L>, words: &[L]) {
    let n = words.len();
    for range in [0..n, 0..n / 2, n / 3..n, n / 2..n / 2 + n.min(1), n..n] {
        let mut out = vec![L::zero(); range.len()];
        page.decode(isa, range.clone(), &mut out, &mut Vec::new())
            .unwrap();
        assert!(out == words[range.clone()], "words {range:?} of {page:?}");
    }
    for i in (0..n).step_by(1 + n / 97) {
        assert_eq!(page.get(isa, i).unwrap(), words[i], "word {i} of {page:?}");
    }
    assert!(page.get(isa, n).is_err());
    let mut more = vec![L::zero(); n + 1];
    assert!(
        page.decode(isa, 0..n + 1, &mut more, &mut Vec::new())
            .is_err()
    );
}

fn schemes_of<L: Word>(words: &[L], order: Order) -> Vec<Scheme<L>> {
    let delta = || Box::new(Scheme::Delta(Box::new(Scheme::Packed)));
    let mut schemes = vec![
        Scheme::Raw,
        Scheme::Packed,
        *delta(),
        Scheme::Split(vec![Scheme::Packed, *delta(), Scheme::Raw]),
        choose(Isa::SCALAR, words, order, &Shape::default(), 8192),
        choose(Isa::SCALAR, words, order, &Shape::of_components(3), 8192),
        Scheme::Rows {
            row_n: 100,
            inner: delta(),
        },
    ];
    if let Some(dictionary) = dictionary::Dictionary::of(words, order, 4000)
        && dictionary.len() > 0
    {
        schemes.push(Scheme::Dictionary(std::sync::Arc::new(dictionary)));
    }
    if let Some((_, heads)) = heads::Heads::best_of(words) {
        schemes.push(Scheme::Heads(heads));
    }
    if order == Order::Float {
        let rows = Scheme::Rows {
            row_n: 3,
            inner: Box::new(Scheme::Packed),
        };
        schemes.push(Scheme::Ordered(Box::new(rows)));
        schemes.push(Scheme::Ordered(Box::new(Scheme::Packed)));
        schemes.push(Scheme::Ordered(delta()));
        if L::DECIMALS.is_some() {
            for (e, f) in [(0, 0), (3, 1), (10, 10), (10, 7)] {
                let inner = Box::new(Scheme::Packed);
                schemes.push(Scheme::Decimal { e, f, inner });
                schemes.push(Scheme::Decimal {
                    e,
                    f,
                    inner: delta(),
                });
            }
        }
    }
    schemes
}

/// Every scheme takes all numbers of its type, however little they suit it.
fn every_scheme_takes<L: Word>(order: Order, make: impl Fn(&mut Random, usize) -> L) {
    let mut random = Random(7);
    for n in [0, 1, 2, 31, 1023, 1024, 1025, 3000] {
        let words: Vec<L> = (0..n).map(|i| make(&mut random, i)).collect();
        for scheme in schemes_of(&words, order) {
            check_scheme(&scheme, order, &words);
        }
    }
}

fn every_width<L: Word>() {
    for order in [Order::Unsigned, Order::Signed, Order::Float] {
        every_scheme_takes(order, |random, _| L::from_u64(random.next()));
        every_scheme_takes(order, |_, i| L::from_u64(i as u64 * 3));
        every_scheme_takes(order, |_, _| L::MID);
        // Small ones of both signs, and a stray one now and then.
        every_scheme_takes(order, |random, i| match i % 97 {
            5 => L::from_u64(random.next()),
            _ => L::from_u64((random.next() % 20).wrapping_sub(10)),
        });
    }
}

#[test]
fn every_scheme_takes_words_of_8_bits() {
    every_width::<u8>();
}

#[test]
fn every_scheme_takes_words_of_16_bits() {
    every_width::<u16>();
}

#[test]
fn every_scheme_takes_words_of_32_bits() {
    every_width::<u32>();
    every_scheme_takes(Order::Float, |random, i| match i % 50 {
        7 => f32::NAN.to_bits(),
        9 => (-0.0_f32).to_bits(),
        _ => (((random.next() % 100_000) as f32 - 50_000.0) / 100.0).to_bits(),
    });
}

#[test]
fn every_scheme_takes_words_of_64_bits() {
    every_width::<u64>();
    every_scheme_takes(Order::Float, |random, i| match i % 50 {
        7 => f64::NEG_INFINITY.to_bits(),
        9 => 1e300_f64.to_bits(),
        11 => (-0.0_f64).to_bits(),
        _ => (((random.next() % 100_000) as f64 - 50_000.0) / 1000.0).to_bits(),
    });
}

/// A processor may make any NaN of a NaN in arithmetic: so none goes through it.
#[test]
fn nans_are_exceptions_whatever_their_bits() {
    let nans = [
        0x7FF8 << 48,
        (0x7FF << 52) | 1,
        u64::MAX,
        (0xFFF << 52) | 7,
        0x7FFC_0000_DEAD_BEEF,
    ];
    let word = |i: usize| match i % 100 {
        9 => nans[i / 100 % 5],
        _ => (i as f64 / 100.0).to_bits(),
    };
    let words: Vec<u64> = (0..3000).map(word).collect();
    for isa in Isa::available() {
        let whole = decimal::Whole::of(isa, &words, 14, 12);
        let is_nan = |i: &u32| f64::from_bits(words[*i as usize]).is_nan();
        assert_eq!(
            whole
                .exceptions
                .places()
                .iter()
                .filter(|i| is_nan(i))
                .count(),
            30
        );
        assert!(
            whole.words.iter().all(|word| *word < 3000),
            "{:?}",
            whole.words
        );
    }
    let spec = spec("<f8", &[3000]);
    laws::check_round_trip(
        &Fast::default(),
        &spec,
        &context(),
        bytemuck::cast_slice(&words),
    );
}

#[track_caller]
fn chosen(scheme: &str, words: &[u64], order: Order) {
    assert_eq!(
        choose(Isa::SCALAR, words, order, &Shape::default(), 8192).to_string(),
        scheme
    );
}

#[test]
fn the_choice_follows_what_numbers_are() {
    let mut random = Random(3);
    let mut words = |make: &mut dyn FnMut(u64, u64) -> u64| -> Vec<u64> {
        (0..30_000).map(|i| make(i, random.next())).collect()
    };
    chosen("raw", &words(&mut |_, x| x), Order::Unsigned);
    chosen("packed", &words(&mut |_, x| x % 1000), Order::Unsigned);
    chosen(
        "delta(packed)",
        &words(&mut |i, x| i * 1000 + x % 9),
        Order::Unsigned,
    );
    let values: Vec<u64> = (0..100).map(|i| Random(i).next()).collect();
    chosen(
        "dictionary100",
        &words(&mut |_, x| values[(x % 100) as usize]),
        Order::Unsigned,
    );
    let cents = words(&mut |_, x| ((x % 100_000) as f64 / 100.0).to_bits());
    let scheme = choose(Isa::SCALAR, &cents, Order::Float, &Shape::default(), 8192).to_string();
    assert!(scheme.starts_with("decimal"), "{scheme}");
    let points = words(&mut |i, x| i % 3 * 1_000_000_000 + x % 5000);
    let scheme = choose(Isa::SCALAR, &points, Order::Signed, &Shape::default(), 8192).to_string();
    assert!(
        scheme.starts_with("split(packed, packed, packed"),
        "{scheme}"
    );
}

/// Measurements that are no decimals: a few exponents, and noise behind them.
#[test]
fn floats_of_few_exponents_get_heads() {
    let mut random = Random(5);
    let words: Vec<u64> = (0..30_000)
        .map(|_| {
            let bits = random.next();
            let x = 1.0 + 14.0 * (bits >> 11) as f64 / (1u64 << 53) as f64;
            if bits.is_multiple_of(2) { x } else { -x }.to_bits()
        })
        .collect();
    let scheme = choose(Isa::SCALAR, &words, Order::Float, &Shape::default(), 8192);
    assert!(scheme.to_string().starts_with("heads"), "{scheme}");
    let payload = laws::encode(
        &Fast::default(),
        &spec("<f8", &[30_000]),
        &context(),
        bytemuck::cast_slice(&words),
        30_000,
    );
    // Twelve bits are four.
    assert!(payload.len() < 30_000 * 8 * 9 / 10, "{}", payload.len());
    laws::check_round_trip(
        &Fast::default(),
        &spec("<f8", &[30_000]),
        &context(),
        bytemuck::cast_slice(&words),
    );
}

/// A field whose rows are alike, and whose neighbours are not.
#[test]
fn rows_that_are_alike_are_told_by_the_shape() {
    let mut random = Random(9);
    let profile: Vec<u32> = (0..200).map(|_| random.next() as u32 % 1_000_000).collect();
    let words: Vec<u32> = (0..200 * 200)
        .map(|i| 5_000_000 + profile[i % 200] + i as u32 / 200 + random.next() as u32 % 4)
        .collect();
    let (flat, field) = (spec("<u4", &[40_000]), spec("<u4", &[200, 200]));
    let scheme = choose(
        Isa::SCALAR,
        &words,
        Order::Unsigned,
        &Shape::of(&field),
        8000,
    );
    assert_eq!(scheme.to_string(), "rows200(packed)");
    let bytes = bytemuck::cast_slice(&words);
    let size = |spec| laws::encode(&Fast::default(), spec, &context(), bytes, 40_000).len();
    assert!(
        size(&field) * 3 < size(&flat),
        "{} {}",
        size(&field),
        size(&flat)
    );
    laws::check_round_trip(&Fast::default(), &field, &context(), bytes);
}
