//! A page (wire format section 1.5).

use super::bits::Bits;
use super::delta::Residuals;
use super::meta::{WireMeta, WireVar};
use super::tans::{self, Emitted};

/// Numbers of a batch.
const BATCH_N: usize = 256;

/// One latent variable, ready to be written.
struct Coded {
    states: [u64; 4],
    symbols: Vec<Emitted>,
    offsets: Vec<Emitted>,
}

fn code(var: &WireVar, body: &[u64]) -> Coded {
    let (bins, offsets): (Vec<usize>, Vec<u64>) =
        body.iter().map(|&latent| var.bin_of(latent)).unzip();
    let offset_bits = bins.iter().map(|&bin| var.bins[bin].offset_bits);
    let offsets = offsets.into_iter().zip(offset_bits).collect();
    let weights: Vec<u32> = var.bins.iter().map(|bin| bin.weight).collect();
    let (states, symbols) = match weights.len() {
        0 | 1 => ([0; 4], vec![(0, 0); body.len()]),
        // Any last state is legal: not always the first slot.
        _ => tans::encode(var.ans_size_log, &weights, &bins, [0, 1, 0, 1]),
    };
    Coded {
        states,
        symbols,
        offsets,
    }
}

/// Writes a page of `n` numbers.
pub fn write(meta: &WireMeta, residuals: &Residuals, n: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    let vars: Vec<Coded> = meta
        .vars
        .iter()
        .zip(&residuals.vars)
        .map(|(var, residual)| code(var, &residual.body))
        .collect();
    for ((var, residual), coded) in meta.vars.iter().zip(&residuals.vars).zip(&vars) {
        residual
            .state
            .iter()
            .for_each(|&latent| bits.push(latent, var.bits));
        coded
            .states
            .iter()
            .for_each(|&state| bits.push(state, var.ans_size_log));
    }
    bits.align();
    // Batches stay aligned with numbers: a variable with a state runs out of latents before the page ends.
    for batch in (0..n).step_by(BATCH_N) {
        for coded in &vars {
            let end = (batch + BATCH_N).min(coded.symbols.len());
            let range = batch.min(end)..end;
            coded.symbols[range.clone()]
                .iter()
                .for_each(|&(value, n_bits)| bits.push(value, n_bits));
            coded.offsets[range]
                .iter()
                .for_each(|&(value, n_bits)| bits.push(value, n_bits));
        }
    }
    bits.into_bytes()
}
