//! The row index of a page that is being encoded.

use super::encoder::{PageVar, PageVars, Trace};
use crate::delta::DeltaState;
use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::index::{MIN_SPACING_LOG, RowIndex, VarShape};
use crate::kernels::isa::Isa;
use crate::model::Delta;

/// Makes the index of a page of `page_bytes` bytes: bit positions and tANS states as the encoder passed them, delta
/// states by decoding the residuals.
pub(crate) fn index_encoded_page<P: Latent, S: Latent>(
    vars: &PageVars<'_, P, S>,
    trace: &Trace,
    page_bytes: usize,
) -> RowIndex {
    let encoding = vars.encoding;
    if !encoding.has_checkpoints() {
        return RowIndex::new(Vec::new());
    }
    let shapes = std::iter::once(shape(&vars.primary)).chain(vars.secondary.as_ref().map(shape));
    let mut index = RowIndex::new(shapes.collect());
    let primary = delta_states(&vars.primary, encoding, vars.n);
    let secondary = vars
        .secondary
        .map(|var| delta_states(&var, encoding, vars.n));
    // The first batch needs no checkpoint: the page starts with its state.
    let points = trace.points.iter().rev().filter(|point| point.batch > 0);
    for (i, point) in points.enumerate() {
        index.push(trace.end_bit - point.bits_to_end);
        index.push_var(point.primary, part(&primary, i, vars.primary.state.len()));
        if let (Some(var), Some(states)) = (&vars.secondary, &secondary) {
            index.push_var(point.secondary, part(states, i, var.state.len()));
        }
    }
    index.thin_for(page_bytes)
}

/// The `i`-th part of `n` states.
fn part(states: &[u64], i: usize, n: usize) -> impl Iterator<Item = u64> {
    states[i * n..(i + 1) * n].iter().copied()
}

fn shape<L: Latent>(var: &PageVar<'_, L>) -> VarShape {
    VarShape {
        latent_bits: L::BITS,
        ans_size_log: var.trained.table.size_log,
        state_n: var.state.len(),
    }
}

/// The latents or moments that a variable has pending at each point of a trace but the first, one after the other.
fn delta_states<L: Latent>(var: &PageVar<'_, L>, encoding: &Delta, n: usize) -> Vec<u64> {
    let mut states = Vec::new();
    if var.state.is_empty() {
        return states;
    }
    let mut decoder = DeltaState::new(encoding, var.state);
    for batch in 1..n.div_ceil(BATCH_N) {
        let start = ((batch - 1) * BATCH_N).min(var.residuals.len());
        let residuals = &var.residuals[start..(start + BATCH_N).min(var.residuals.len())];
        // Behind the last residual stands anything.
        let mut latents = [L::zero(); BATCH_N];
        latents[..residuals.len()].copy_from_slice(residuals);
        let decoded = decoder.decode(Isa::SCALAR, &[], &mut latents);
        debug_assert!(decoded.is_ok(), "only lookbacks fail");
        if batch % Trace::N_BATCHES == 0 {
            states.extend(decoder.checkpoint().iter().map(|&latent| latent.to_u64()));
        }
    }
    states
}

const _: () = assert!(Trace::N_BATCHES * BATCH_N == 1 << MIN_SPACING_LOG);
