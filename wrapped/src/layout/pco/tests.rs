//! What is written is read back, field by field, and no part of it is.

use super::{FormatVersion, chunk};
use crate::dtype::Number;
use crate::error::Error;
use crate::model::{Bin, ChunkModel, Conv1, Delta, LatentVar, Mode};

fn var(ans_size_log: u32, bins: &[(u32, u64, u32)]) -> LatentVar {
    let bin = |&(weight, lower, offset_bits)| Bin {
        weight,
        lower,
        offset_bits,
    };
    LatentVar {
        latent_bits: 32,
        ans_size_log,
        bins: bins.iter().map(bin).collect(),
    }
}

fn conv(quantization: u32, bias: i64, weights: &[i32]) -> Delta {
    Delta::Conv1(Conv1 {
        quantization,
        bias,
        weights: weights.to_vec(),
    })
}

fn deltas() -> Vec<Delta> {
    let mut deltas = vec![
        Delta::None,
        conv(0, 5, &[1]),
        conv(31, -77, &[-3, 0, 7, i32::MAX / 4]),
        conv(4, 0, &[1; 32]),
    ];
    for secondary in [false, true] {
        deltas.extend([1, 7].map(|order| Delta::Consecutive { order, secondary }));
        deltas.extend(
            [(1, 0), (24, 15), (8, 8)].map(|(window_n_log, state_n_log)| Delta::Lookback {
                window_n_log,
                state_n_log,
                secondary,
            }),
        );
    }
    deltas
}

fn reads_back<T: Number<Latent = u32>>(mode: &Mode<u32>) {
    for delta in deltas() {
        let is_lookback = matches!(delta, Delta::Lookback { .. });
        let primary = var(2, &[(1, 3, 32), (3, u32::MAX.into(), 0)]);
        let meta = ChunkModel {
            delta_var: is_lookback.then(|| var(0, &[(1, 2, 1)])),
            secondary: mode.has_secondary().then(|| var(0, &[])),
            mode: mode.clone(),
            delta,
            primary,
        };
        let mut bytes = Vec::new();
        chunk::write(&meta, &mut bytes);
        let n_bytes = bytes.len();
        let read = |bytes: &[u8]| chunk::read::<T>(bytes, FormatVersion::CURRENT);
        for n in 0..n_bytes {
            let error = read(&bytes[..n]).unwrap_err();
            assert!(
                matches!(error, Error::Truncated { .. }),
                "{meta:?}: {error}"
            );
        }
        assert_eq!(read(&bytes).unwrap(), (meta, n_bytes));
    }
}

#[test]
fn metadata_reads_back_as_it_was_written() {
    reads_back::<u32>(&Mode::Classic);
    reads_back::<u32>(&Mode::IntMult { base: 10 });
    reads_back::<u32>(&Mode::Dict {
        values: vec![9, 1, u32::MAX],
    });
    reads_back::<u32>(&Mode::Dict { values: vec![] });
    reads_back::<f32>(&Mode::FloatMult {
        base: 1.5_f32.to_latent(),
    });
    reads_back::<f32>(&Mode::FloatQuant { k: 23 });
}

#[test]
fn versions_read_back_as_they_were_written() {
    for (version, n_bytes) in [((0, 0), 1), ((3, 0), 1), ((4, 0), 2), ((4, 9), 2)] {
        let version = FormatVersion {
            major: version.0,
            minor: version.1,
        };
        let mut bytes = Vec::new();
        version.write(&mut bytes);
        assert_eq!(FormatVersion::read(&bytes).unwrap(), (version, n_bytes));
    }
}

#[test]
fn old_versions_have_their_own_fields() {
    use crate::bits::{BitReader, BitWriter};
    let version = |major| FormatVersion { major, minor: 0 };
    let bytes = |fields: &[(u64, u32)]| {
        let mut bytes = Vec::new();
        let writer = &mut BitWriter::new(&mut bytes);
        fields.iter().for_each(|&(value, n)| writer.write(value, n));
        writer.align();
        bytes
    };
    // An order of three bits before version 3, and variants from there on.
    let deltas = bytes(&[(5, 3)]);
    let read = super::delta::read(&mut BitReader::new(&deltas, "delta"), version(2));
    let order = |order| Delta::Consecutive {
        order,
        secondary: false,
    };
    assert_eq!(read.unwrap(), order(5));
    let none = super::delta::read(&mut BitReader::new(&[0], "delta"), version(2));
    assert_eq!(none.unwrap(), Delta::None);
    let variants = bytes(&[(1, 4), (5, 3), (0, 1)]);
    let read = super::delta::read(&mut BitReader::new(&variants, "delta"), version(3));
    assert_eq!(read.unwrap(), order(5));
    // Mode 1 of version 0 was something else.
    let modes = bytes(&[(1, 4), (10, 32)]);
    let read =
        |major| super::mode::read::<u32>(&mut BitReader::new(&modes, "mode"), version(major));
    assert_eq!(read(1).unwrap(), Mode::IntMult { base: 10 });
    assert!(matches!(read(0), Err(Error::Corrupt { .. })));
}

#[test]
fn variants_and_parameters_that_there_are_not_are_corrupt() {
    use crate::bits::{BitReader, BitWriter};
    let bytes = |fields: &[(u64, u32)]| {
        let mut bytes = vec![];
        let writer = &mut BitWriter::new(&mut bytes);
        fields.iter().for_each(|&(value, n)| writer.write(value, n));
        writer.align();
        bytes
    };
    for fields in [
        &[(4, 4)][..],
        &[(1, 4), (0, 3), (0, 1)],
        &[(2, 4), (24, 5), (0, 4), (0, 1)],
        &[(2, 4), (0, 5), (2, 4), (0, 1)],
    ] {
        let bytes = bytes(fields);
        let read = super::delta::read(&mut BitReader::new(&bytes, "delta"), FormatVersion::CURRENT);
        assert!(matches!(read, Err(Error::Corrupt { .. })), "{fields:?}");
    }
    for fields in [&[(5, 4)][..], &[(1, 4), (0, 32)]] {
        let bytes = bytes(fields);
        let reader = &mut BitReader::new(&bytes, "mode");
        let read = super::mode::read::<u32>(reader, FormatVersion::CURRENT);
        assert!(matches!(read, Err(Error::Corrupt { .. })), "{fields:?}");
    }
    // A dictionary whose values are not there takes no memory.
    let dictionary = bytes(&[(4, 4), ((1 << 25) - 1, 25), (0, 32)]);
    let reader = &mut BitReader::new(&dictionary, "mode");
    let read = super::mode::read::<u32>(reader, FormatVersion::CURRENT);
    assert!(matches!(read, Err(Error::Truncated { .. })));
}
