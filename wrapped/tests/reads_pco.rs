//! What pco writes, we read: a first look at every mode, delta encoding and type.

use paginum_wrapped::{FileDecompressor, Isa, Number, standalone};
use pco::wrapped::FileCompressor;
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

fn config(mode: ModeSpec, delta: DeltaSpec) -> ChunkConfig {
    ChunkConfig::default()
        .with_mode_spec(mode)
        .with_delta_spec(delta)
        .with_enable_8_bit(true)
}

fn check<T: Number + pco::data_types::Number>(nums: &[T], config: &ChunkConfig, label: &str) {
    let bytes = pco::standalone::simple_compress(nums, config).unwrap();
    let back = standalone::decompress::<T>(&bytes).unwrap_or_else(|e| panic!("{label}: {e}"));
    assert!(
        bytemuck_bytes(&back) == bytemuck_bytes(nums),
        "{label}: standalone"
    );

    let config = config
        .clone()
        .with_paging_spec(PagingSpec::EqualPagesUpTo(3000));
    let mut head = Vec::new();
    let fc = FileCompressor::default();
    fc.write_header(&mut head).unwrap();
    let mut cc = fc.chunk_compressor(nums, &config).unwrap();
    cc.write_meta(&mut head).unwrap();
    for isa in Isa::available() {
        let (fd, at) = FileDecompressor::new(&head).unwrap();
        let (cd, _) = fd
            .with_isa(isa)
            .chunk_decompressor::<T>(&head[at..])
            .unwrap();
        let mut first = 0;
        for (page, n) in cc.n_per_page().into_iter().enumerate() {
            let mut bytes = Vec::new();
            cc.write_page(page, &mut bytes).unwrap();
            let expected = &nums[first..first + n];
            let mut back = vec![T::default(); n];
            let (progress, n_bytes) = cd.read_page_into(&bytes, n, &mut back).unwrap();
            assert!(progress.finished && n_bytes == bytes.len(), "{label}");
            assert!(
                bytemuck_bytes(&back) == bytemuck_bytes(expected),
                "{label} isa {isa:?}"
            );
            let index = cd.index_page(&bytes, n).unwrap();
            for (a, b) in [(0, 1), (n / 2, n / 2 + n / 4), (n - 1, n), (n / 3, n)] {
                let mut rows = vec![T::default(); b - a];
                cd.read_rows_into(&bytes, n, &index, a..b, &mut rows)
                    .unwrap();
                assert!(
                    bytemuck_bytes(&rows) == bytemuck_bytes(&expected[a..b]),
                    "{label} rows {a}..{b}"
                );
            }
            let mut stream = cd.page_decompressor(&bytes, n).unwrap();
            let mut back = vec![T::default(); n];
            let mut at = 0;
            for piece in [1, 255, 3, 700, 256, usize::MAX] {
                let end = n.min(at + piece.min(n));
                stream.read(&mut back[at..end]).unwrap();
                at = end;
            }
            assert!(
                bytemuck_bytes(&back) == bytemuck_bytes(expected),
                "{label} stream"
            );
            assert_eq!(stream.bytes_read().unwrap(), bytes.len());
            first += n;
        }
    }
}

fn bytemuck_bytes<T: Number>(nums: &[T]) -> &[u8] {
    bytemuck::cast_slice(nums)
}

macro_rules! check_all {
    ($($t:ident),*) => { $(
        #[test]
        fn $t() {
            let modes = [ModeSpec::Auto, ModeSpec::Classic, ModeSpec::TryIntMult(7), ModeSpec::TryFloatMult(0.1),
                ModeSpec::TryFloatQuant(5), ModeSpec::TryDict];
            let deltas = [DeltaSpec::Auto, DeltaSpec::NoOp, DeltaSpec::TryConsecutive(1), DeltaSpec::TryConsecutive(7),
                DeltaSpec::TryLookback, DeltaSpec::TryConv1(2)];
            for n in [1usize, 2, 255, 256, 257, 1000, 7000] {
                for kind in 0..4u64 {
                    let mut x = 7u64;
                    let nums: Vec<$t> = (0..n as u64).map(|i| {
                        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                        let r = x >> 33;
                        match kind {
                            0 => <$t as paginum_wrapped::Number>::from_f64((i * 3 % 100) as f64),
                            1 => <$t as paginum_wrapped::Number>::from_f64((r % 50) as f64 * 0.1),
                            2 => <$t as paginum_wrapped::Number>::from_latent(paginum_wrapped::Latent::from_u64(x >> 7)),
                            _ => <$t as paginum_wrapped::Number>::from_f64((i / 10 * 7) as f64),
                        }
                    }).collect();
                    for mode in &modes {
                        for delta in &deltas {
                            let conv = matches!(delta, DeltaSpec::TryConv1(_));
                            if conv && n % 512 < 2 { continue; }
                            let config = config(mode.clone(), delta.clone());
                            if pco::standalone::simple_compress(&nums, &config).is_err() { continue; }
                            check(&nums, &config, &format!("{} {n} {kind} {mode:?} {delta:?}", stringify!($t)));
                        }
                    }
                }
            }
        }
    )* };
}
use paginum_wrapped::f16;
check_all!(u8, u16, u32, u64, i8, i16, i32, i64, f16, f32, f64);
