//! Small files that stand for much memory.

use paginum_wrapped::{
    Error, FileDecompressor, NumberType, Page, RowIndex, standalone, with_number_type,
};

use super::allocation::peak;
use super::support::oracle::WrappedChunk;
use super::support::wire::meta::{WireBin, WireDelta, WireMeta, WireMode, WireVar};
use super::support::wire::standalone::{Front, file};

fn constant_var(bits: u32) -> WireVar {
    WireVar {
        bits,
        ans_size_log: 0,
        bins: vec![WireBin {
            weight: 1,
            lower: 1,
            offset_bits: 0,
        }],
    }
}

/// Metadata of a chunk whose pages take no byte: one bin without offsets.
fn weightless(mode: WireMode, delta: WireDelta) -> WireMeta {
    WireMeta {
        number_bits: 64,
        mode,
        delta,
        vars: vec![constant_var(64)],
    }
}

/// A standalone file of `n_chunks` chunks of 2^24 zeros each.
fn bomb(n_chunks: usize, n_hint: u64) -> Vec<u8> {
    let meta = weightless(WireMode::Classic, WireDelta::None).bytes();
    let chunk = || WrappedChunk {
        header: Vec::new(),
        meta: meta.clone(),
        pages: vec![Vec::new()],
        n_per_page: vec![1 << 24],
    };
    let chunks: Vec<_> = (0..n_chunks).map(|_| chunk()).collect();
    let front = Front {
        version: 2,
        uniform_type: 0,
        n_hint,
        n_hint_bits: 64,
    };
    file(front, (4, 1), 2, &chunks)
}

#[test]
fn a_file_over_the_limit_is_refused_within_a_few_kibibytes() {
    let bytes = bomb(3, u64::MAX);
    let (result, held) = peak(|| standalone::decompress_within::<u64>(&bytes, 1 << 20));
    assert!(
        matches!(result, Err(Error::LimitExceeded { .. })),
        "{result:?}"
    );
    assert!(
        held <= bytes.len() + (16 << 10),
        "{held} bytes held for a file of {}",
        bytes.len()
    );
}

#[test]
fn a_hint_alone_reserves_little() {
    let front = Front {
        version: 2,
        uniform_type: 0,
        n_hint: u64::MAX,
        n_hint_bits: 64,
    };
    for cut in [0, 1] {
        let mut bytes = file(front, (4, 1), 2, &[]);
        bytes.truncate(bytes.len() - cut);
        let (result, held) = peak(|| standalone::decompress::<u64>(&bytes));
        assert_eq!(result.is_ok(), cut == 0, "{result:?}");
        assert!(
            held <= 80 << 10,
            "{held} bytes held for a file of {}",
            bytes.len()
        );
    }
}

#[test]
fn the_file_for_which_pco_takes_four_gibibytes_costs_little() {
    // Found by fuzzing pco: 25 bytes with an absurd hint.
    let bytes = [
        0x70, 0x63, 0x6f, 0x21, 0x02, 0x2d, 0x00, 0x04, 0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x10,
        0x00, 0x08, 0x00, 0x00, 0x00, 0x18, 0x00, 0x88, 0x46, 0x00,
    ];
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| {
            let (_, held) = peak(|| standalone::decompress::<T>(&bytes).map(drop));
            assert!(held <= 80 << 10, "{number_type}: {held} bytes held");
        });
    }
}

#[test]
fn numbers_that_take_no_bytes_are_read_up_to_the_limit() {
    let bytes = bomb(1, 0);
    let nums: Vec<u64> = standalone::decompress(&bytes).expect("128 MiB are within the limit");
    assert_eq!(nums.len(), 1 << 24);
    assert!(nums.iter().all(|&x| x == 1));
    assert!(standalone::decompress_within::<u64>(&bytes, 8 << 24).is_ok());
    let result = standalone::decompress_within::<u64>(&bytes, (8 << 24) - 1);
    assert!(
        matches!(result, Err(Error::LimitExceeded { .. })),
        "{result:?}"
    );
}

#[test]
fn a_dictionary_that_is_not_there_reserves_nothing() {
    // 2^25 - 1 values are declared, none follows.
    check_reserves_nothing(&[0xf4, 0xff, 0xff, 0x1f]);
}

#[test]
fn bins_that_are_not_there_reserve_nothing() {
    // Classic, no deltas, and 2^14 bins of a table of as many entries: none follows.
    check_reserves_nothing(&[0x00, 0x0e, 0x00, 0x04]);
}

/// Metadata of a chunk that ends too early, for which next to no memory may be held.
fn check_reserves_nothing(bytes: &[u8]) {
    let (file, _) = FileDecompressor::new(&[4, 1]).expect("a known version");
    let (result, held) = peak(|| file.chunk_decompressor::<u64>(bytes).err());
    assert!(
        matches!(result, Some(Error::Truncated { .. })),
        "{result:?}"
    );
    assert!(held <= 4 << 10, "{held} bytes held");
}

#[test]
fn a_wide_lookback_window_costs_what_the_page_needs() {
    let delta = WireDelta::Lookback {
        window_n_log: 24,
        state_n_log: 0,
        secondary: false,
    };
    let mut meta = weightless(WireMode::Classic, delta);
    meta.vars.insert(0, constant_var(32));
    let meta = meta.bytes();
    let (file, _) = FileDecompressor::new(&[4, 1]).expect("a known version");
    let (nums, held) = peak(|| {
        let (chunk, _) = file.chunk_decompressor::<u64>(&meta).expect("legal");
        let mut nums = [0; 10];
        chunk
            .read_page_into(Page::new(&[0; 8], 10), &mut nums)
            .expect("one state of 8 bytes and nothing else");
        nums
    });
    assert_ne!(nums[9], nums[0]);
    assert!(held <= 256 << 10, "{held} bytes held");
}

/// The head of a row index, version 1, of 1,024 numbers a checkpoint: positions of some bits, and one variable whose states
/// take none.
fn index_head(n_checkpoints: u32, position_width: u8) -> Vec<u8> {
    let mut bytes = vec![1, 10];
    bytes.extend(n_checkpoints.to_le_bytes());
    // The variable's width, the logarithm of its table, the length of its delta state.
    bytes.extend([position_width, 1, 64, 0, 0]);
    bytes
}

#[test]
fn an_index_of_more_checkpoints_than_its_bytes_hold_is_refused_before_memory_is_asked_for() {
    // A bit would stand for a position and four states: forty bytes.
    for position_width in [0, 1] {
        let mut bytes = index_head(u32::MAX, position_width);
        bytes.resize(bytes.len() + (1 << 12), 0);
        let (result, held) = peak(|| RowIndex::read(&bytes));
        assert!(
            matches!(result, Err(Error::Truncated { .. })),
            "{position_width}: {result:?}"
        );
        assert!(held < 1 << 12, "{position_width}: {held} bytes held");
    }
    let mut honest = index_head(8, 1);
    honest.push(0);
    assert!(RowIndex::read(&honest).is_ok());
}

#[test]
fn an_index_of_more_checkpoints_than_a_page_has_costs_nothing() {
    // 128 KiB of bits, each of which would stand for forty bytes.
    let mut bytes = index_head(1 << 20, 1);
    bytes.resize(bytes.len() + (1 << 17), 0);
    let (result, held) = peak(|| RowIndex::read(&bytes));
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    assert!(held < 1 << 12, "{held} bytes held");
}
