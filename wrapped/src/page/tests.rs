//! Pages that are encoded and decoded again, without a chunk around them.

use super::encoder::{PageVar, PageVars, Trace, encode_page};
use super::indexer::index_encoded_page;
use super::{Page, PageDecoder, Scratch};
use crate::bins::{TrainedVar, TrainingParams};
use crate::delta::DeltaEncoder;
use crate::entropy::{BATCH_N, decode_table};
use crate::error::Error;
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::mode::{Formula, NumberKind, Values};
use crate::model::{Conv1, Delta, LatentVar};

/// An encoded page of one latent variable.
struct Encoded {
    bytes: Vec<u8>,
    n: usize,
    index: RowIndex,
    decoder: PageDecoder<Values<u32>>,
}

impl Encoded {
    fn page(&self) -> Page<'_> {
        self.upto(self.bytes.len())
    }

    fn upto(&self, end: usize) -> Page<'_> {
        Page::new(&self.bytes[..end], self.n)
    }
}

fn page(numbers: &[u32], delta: &Delta, isa: Isa) -> Encoded {
    let params = TrainingParams::primary(isa, 8, numbers.len());
    let (mut residuals, mut state) = (numbers.to_vec(), Vec::new());
    let mut distances = vec![0; delta.own_n(numbers.len())];
    let n =
        DeltaEncoder::new(isa, delta, Some(3)).encode(&mut residuals, &mut distances, &mut state);
    residuals.truncate(n);
    let trained = TrainedVar::train(&residuals, params);
    let trained_distances = TrainedVar::train(&distances, params);
    let vars = PageVars {
        n: numbers.len(),
        encoding: delta,
        delta: delta.var_bits().map(|_| PageVar {
            trained: &trained_distances,
            start: 0,
            state: &[],
            residuals: &distances,
        }),
        primary: PageVar {
            trained: &trained,
            start: 0,
            state: &state,
            residuals: &residuals,
        },
        secondary: None::<PageVar<'_, u32>>,
    };
    let (mut bytes, mut trace) = (Vec::new(), Trace::default());
    encode_page(isa, vars, &mut Vec::new(), &mut bytes, Some(&mut trace));
    let table = |var: &LatentVar| {
        let bins = var.bins.iter();
        let bins = bins.map(|bin| (bin.weight, bin.lower as u32, bin.offset_bits));
        decode_table(var.ans_size_log, bins)
    };
    let index = index_encoded_page(&vars, &trace, bytes.len());
    Encoded {
        bytes,
        n: numbers.len(),
        index,
        decoder: PageDecoder {
            isa,
            join: Values {
                kind: NumberKind::Unsigned,
                formula: Formula::default(),
            },
            delta: delta.clone(),
            distances: delta.var_bits().map(|_| table(&trained_distances.meta)),
            primary: table(&trained.meta),
            secondary: None,
            has_bins: !trained.meta.bins.is_empty(),
        },
    }
}

fn deltas() -> Vec<Delta> {
    let conv = Conv1 {
        quantization: 1,
        bias: 7,
        weights: vec![-1, 3],
    };
    vec![
        Delta::None,
        Delta::Consecutive {
            order: 1,
            secondary: false,
        },
        Delta::Consecutive {
            order: 7,
            secondary: false,
        },
        Delta::Lookback {
            window_n_log: 4,
            state_n_log: 0,
            secondary: false,
        },
        Delta::Conv1(conv),
    ]
}

/// Noise of a few bits, and two values that are symbols without offsets.
fn arrays(n: usize) -> [Vec<u32>; 2] {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let noise = (0..n as u32).map(|i| 1000 + i / 3 + next() % 50).collect();
    let values = (0..n).map(|_| [5, 70_000][usize::from(next() % 3 == 0)]);
    [noise, values.collect()]
}

#[test]
fn pages_of_every_length_come_back_under_every_encoding() {
    for n in [1, 2, 6, 7, 8, 255, 256, 257, 263, 512, 1024 + 3, 5000] {
        for (numbers, delta) in arrays(n).iter().flat_map(|array| {
            let deltas = deltas().into_iter();
            deltas.map(move |delta| (array, delta))
        }) {
            let page = page(numbers, &delta, Isa::SCALAR);
            let (scratch, mut back) = (&mut Scratch::default(), vec![0; n]);
            let n_bytes = page.decoder.read_page(page.page(), scratch, &mut back);
            assert_eq!(n_bytes.unwrap(), page.bytes.len(), "{n} under {delta:?}");
            assert_eq!(&back, numbers, "{n} under {delta:?}");
        }
    }
}

#[test]
fn a_page_that_ends_early_is_truncated_wherever_it_ends() {
    for delta in deltas() {
        let [numbers, _] = arrays(700);
        let page = page(&numbers, &delta, Isa::SCALAR);
        let (scratch, mut back) = (&mut Scratch::default(), vec![0; 700]);
        for end in 0..page.bytes.len() {
            let error = page.decoder.read_page(page.upto(end), scratch, &mut back);
            let error = error.unwrap_err();
            assert!(
                matches!(error, Error::Truncated { .. } | Error::Corrupt { .. }),
                "{end} bytes under {delta:?}: {error}"
            );
        }
    }
}

#[test]
fn two_pages_in_lockstep_are_those_of_each() {
    let n = 4 * BATCH_N + 5;
    let [_, numbers] = arrays(n);
    let page = page(&numbers, &Delta::None, Isa::SCALAR);
    assert!(page.decoder.is_of_symbols_only());
    // The pages of a chunk share their bins: so it is the same one twice.
    let mut back = vec![0; 2 * n];
    let pages = [page.page(); 2];
    let scratch = &mut Scratch::default();
    page.decoder.read_pages(&pages, scratch, &mut back).unwrap();
    assert_eq!(back[..n], numbers);
    assert_eq!(back[n..], numbers);
    // The error of the first page that has one.
    let cut = page.upto(page.bytes.len() / 2);
    let error = page
        .decoder
        .read_pages(&[page.page(), cut], scratch, &mut back);
    assert!(matches!(error, Err(Error::Truncated { .. })), "{error:?}");
}

#[test]
fn an_encoder_passes_the_checkpoints_that_a_decoder_finds() {
    for delta in deltas() {
        for numbers in arrays(9000) {
            let page = page(&numbers, &delta, Isa::SCALAR);
            let scratch = &mut Scratch::default();
            let found = page.decoder.index_page(page.page(), scratch).unwrap();
            assert_eq!(found, page.index, "{delta:?}");
            assert_eq!(
                found.n_checkpoints() > 0,
                delta.has_checkpoints() && found.size_bytes() > 20,
                "{delta:?}"
            );
            let mut rows = [0; 300];
            let index = &page.index;
            let read = page
                .decoder
                .read_rows(page.page(), index, 4500..4800, scratch, &mut rows);
            read.unwrap();
            assert_eq!(rows[..], numbers[4500..4800], "{delta:?}");
        }
    }
}

#[test]
fn a_page_without_bins_holds_what_it_states_and_no_more() {
    let delta = Delta::Consecutive {
        order: 7,
        secondary: false,
    };
    let numbers = [3, 1, 4, 1, 5, 9, 2];
    let page = page(&numbers, &delta, Isa::SCALAR);
    assert!(!page.decoder.has_bins);
    let (scratch, mut back) = (&mut Scratch::default(), [0; 8]);
    let decoder = &page.decoder;
    decoder
        .read_page(page.page(), scratch, &mut back[..7])
        .unwrap();
    assert_eq!(back[..7], numbers);
    let longer = Page {
        n: 8,
        ..page.page()
    };
    let error = decoder.read_page(longer, scratch, &mut back);
    assert!(matches!(error, Err(Error::Corrupt { .. })), "{error:?}");
}
