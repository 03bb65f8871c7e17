//! What is read of a store for a selection: its bytes.

use std::sync::Arc;

use paginum::container::File;
use paginum::container::gnz::GnzReader;
use paginum::{Limits, Selection, Step};

use super::counting::Counting;
use super::{file_of, header_of};

const SHAPE: [u64; 3] = [6, 50, 40];

fn file(order: &str) -> (Arc<Counting>, File) {
    let header = header_of(&format!(
        r#"{{"dtype": "<u2", "offset": 4096, "order": "{order}", "shape": {SHAPE:?}}}"#
    ));
    let mut bytes = file_of(&header, 0);
    bytes.resize(4096, 0);
    let number = |i: u64, j: u64, k: u64| ((i * 50 + j) * 40 + k) as u16;
    let [n, m, l] = SHAPE;
    let indices: Vec<(u64, u64, u64)> = match order {
        "C" => (0..n * m * l)
            .map(|x| (x / (m * l), x / l % m, x % l))
            .collect(),
        _ => (0..n * m * l)
            .map(|x| (x % n, x / n % m, x / (n * m)))
            .collect(),
    };
    bytes.extend(
        indices
            .into_iter()
            .flat_map(|(i, j, k)| number(i, j, k).to_le_bytes()),
    );
    let store = Counting::new(bytes);
    let gnz = GnzReader::open(store.clone(), &Limits::default()).unwrap();
    assert!(store.taken() < 200, "the header alone");
    (store, File::of(Box::new(gnz)))
}

#[test]
fn a_selection_reads_its_bytes_in_either_order() {
    let selections = [
        Selection::from(2..4),
        Selection::from((.., 7)),
        Selection::from((1, 2..30, 5..9)),
        Selection::from(((..).step(2), 3..5, 0)),
        Selection::from((5, 49, 39)),
        Selection::from(..),
        Selection::from((3..3, 1)),
    ];
    for order in ["C", "F"] {
        let (store, file) = file(order);
        let whole = file.read("x").unwrap();
        let numbers = whole.numbers::<u16>().unwrap();
        assert!(
            numbers
                .iter()
                .enumerate()
                .all(|(i, &x)| i == usize::from(x))
        );
        for selection in &selections {
            store.taken();
            let read = file.array("x").unwrap().select(selection).unwrap();
            let n_read = store.taken();
            let n_wanted = read.spec().bytes();
            // Elements that nearly touch are read with what lies between: at most 64 bytes for each.
            let n_most = n_wanted + 64 * read.spec().elements();
            assert!(
                n_wanted <= n_read && n_read <= n_most,
                "{order} {selection:?}: {n_read}"
            );
            let expected =
                paginum::container::npy::to_bytes(&whole.clone().with_order(paginum::Order::C));
            let npy =
                paginum::container::npy::open(Arc::new(expected), &Limits::default()).unwrap();
            let npy = File::of(Box::new(npy))
                .array_at(0)
                .select(selection)
                .unwrap();
            assert_eq!(read.bytes(), npy.bytes(), "{order} {selection:?}");
        }
        store.taken();
        let rows = file.read_rows("x", 1..3).unwrap();
        assert_eq!(rows.bytes(), &whole.bytes()[50 * 40 * 2..3 * 50 * 40 * 2]);
        if order == "C" {
            assert_eq!(store.taken(), rows.spec().bytes());
        }
    }
}
