use super::*;
use crate::entropy::decode_table;
use crate::kernels::isa::{Isa, Kernel};

/// A plain reading of the format: one symbol after the other.
fn decode_plainly(
    weights: &[u32],
    size_log: u32,
    src: &[u8],
    states: &mut [u32; 4],
    n: usize,
) -> (Vec<u16>, u64) {
    let symbols = crate::entropy::spread_symbols(weights, size_log);
    let mut counters = weights.to_vec();
    let mut table = Vec::new();
    for &symbol in &symbols {
        let x = counters[usize::from(symbol)];
        counters[usize::from(symbol)] += 1;
        let n_bits = size_log - x.ilog2();
        table.push((symbol, n_bits, (x << n_bits) - (1 << size_log)));
    }
    let mut bit = 0;
    let mut out = Vec::new();
    for i in 0..n {
        let (symbol, n_bits, base) = table[states[i % 4] as usize];
        let mut value = 0;
        for k in 0..n_bits {
            let at = (bit + k) as usize;
            value |= u32::from(src[at / 8] >> (at % 8) & 1) << k;
        }
        bit += n_bits;
        states[i % 4] = base + value;
        out.push(symbol);
    }
    (out, u64::from(bit))
}

struct Decode<'a> {
    table: &'a DecodeTable<u32>,
    src: &'a [u8],
    states: [u32; 4],
    out: &'a mut [Entry<u32>],
}

impl Kernel for Decode<'_> {
    type Output = (u64, u64, [u32; 4]);
    #[inline(always)]
    fn run<S: Tier>(mut self, tier: S) -> Self::Output {
        let mut bit = 0;
        let job = SymbolJob {
            table: self.table,
            bit: &mut bit,
            states: &mut self.states,
            out: self.out,
        };
        let offset_bits = decode(tier, self.src, job);
        (bit, offset_bits, self.states)
    }
}

#[test]
fn every_tier_decodes_as_the_format_says() {
    let mut random = 1u64;
    let src: Vec<u8> = (0..1024)
        .map(|_| {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (random >> 56) as u8
        })
        .collect();
    for size_log in [0u32, 1, 2, 5, 10, 14] {
        let size = 1u32 << size_log;
        let weights = if size_log == 0 {
            vec![1]
        } else {
            vec![1, size - 1]
        };
        let bin = |(i, &weight): (usize, &u32)| (weight, i as u32, 3 * i as u32);
        let table = decode_table(size_log, weights.iter().enumerate().map(bin));
        for n in (0..20).chain([255, 256]) {
            let start = [0, size - 1, size / 2, size / 3];
            let mut states = start;
            let (expected, expected_bit) = decode_plainly(&weights, size_log, &src, &mut states, n);
            for isa in Isa::available() {
                let mut out = [Entry::default(); 256];
                let kernel = Decode {
                    table: &table,
                    src: &src,
                    states: start,
                    out: &mut out[..n],
                };
                let (bit, offset_bits, end) = isa.run(kernel);
                let symbols: Vec<u16> = out[..n].iter().map(|e| e.lower() as u16).collect();
                assert_eq!(symbols, expected, "isa {isa:?}, size_log {size_log}, n {n}");
                assert_eq!(
                    (bit, end),
                    (expected_bit, states),
                    "isa {isa:?}, size_log {size_log}, n {n}"
                );
                assert_eq!(
                    offset_bits,
                    expected.iter().map(|&s| 3 * u64::from(s)).sum::<u64>()
                );
            }
        }
    }
}
