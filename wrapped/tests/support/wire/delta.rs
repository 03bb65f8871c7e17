//! Residuals of a page (wire format section 1.6, the other way round).

use super::mask;
use super::meta::WireDelta;
use crate::support::random::Random;

/// One latent variable of a page: what is stored before it, and what is coded.
#[derive(Clone, Debug)]
pub struct ResidualVar {
    pub bits: u32,
    pub state: Vec<u64>,
    pub body: Vec<u64>,
}

/// A page's latent variables, in the order of the format.
#[derive(Clone, Debug)]
pub struct Residuals {
    pub vars: Vec<ResidualVar>,
}

/// Encodes a page whose primary and secondary latents are `vars`; lookbacks are drawn at random.
pub fn residuals(
    delta: &WireDelta,
    vars: &[&[u64]],
    primary_bits: u32,
    secondary_bits: u32,
    random: &mut Random,
) -> Residuals {
    let lookbacks = lookbacks(delta, vars[0], random);
    let mut encoded = Vec::new();
    if matches!(delta, WireDelta::Lookback { .. }) {
        encoded.push(ResidualVar {
            bits: 32,
            state: Vec::new(),
            body: lookbacks.clone(),
        });
    }
    encoded.push(encode(delta, vars[0], primary_bits, &lookbacks));
    if let Some(secondary) = vars.get(1) {
        let own = if delta.has_secondary() {
            delta
        } else {
            &WireDelta::None
        };
        encoded.push(encode(own, secondary, secondary_bits, &lookbacks));
    }
    Residuals { vars: encoded }
}

/// A distance for each latent past the state: one at which the value repeats where there is one, else any.
fn lookbacks(delta: &WireDelta, latents: &[u64], random: &mut Random) -> Vec<u64> {
    let WireDelta::Lookback { window_n_log, .. } = delta else {
        return Vec::new();
    };
    let window = 1u64 << window_n_log;
    let state_n = delta.state_n().min(latents.len());
    let distance = |i: usize, random: &mut Random| {
        let earlier =
            (1..=window.min(i as u64)).find(|&back| latents[i - back as usize] == latents[i]);
        match earlier {
            Some(back) if random.below(4) > 0 => back,
            _ => 1 + random.below(window),
        }
    };
    (state_n..latents.len())
        .map(|i| distance(i, random))
        .collect()
}

fn encode(delta: &WireDelta, latents: &[u64], bits: u32, lookbacks: &[u64]) -> ResidualVar {
    let mid = 1u64 << (bits - 1);
    let state_n = delta.state_n();
    let toggle = |difference: u64| (difference & mask(bits)) ^ mid;
    // A page shorter than the state: zeros on the right.
    let first = || {
        let mut state = latents[..state_n.min(latents.len())].to_vec();
        state.resize(state_n, 0);
        state
    };
    let rest = state_n.min(latents.len())..latents.len();
    match delta {
        WireDelta::None | WireDelta::Other(_) => ResidualVar {
            bits,
            state: Vec::new(),
            body: latents.to_vec(),
        },
        WireDelta::Consecutive { order, .. } => {
            let (mut state, mut body) = (Vec::new(), latents.to_vec());
            for _ in 0..*order {
                state.push(body.first().copied().unwrap_or(0));
                body = body
                    .windows(2)
                    .map(|pair| pair[1].wrapping_sub(pair[0]) & mask(bits))
                    .collect();
            }
            ResidualVar {
                bits,
                state,
                body: body.into_iter().map(toggle).collect(),
            }
        }
        WireDelta::Lookback { .. } => {
            let at = |i: usize, back: u64| {
                (i as u64)
                    .checked_sub(back)
                    .map_or(0, |j| latents[j as usize])
            };
            let body = rest
                .zip(lookbacks)
                .map(|(i, &back)| toggle(latents[i].wrapping_sub(at(i, back))));
            ResidualVar {
                bits,
                state: first(),
                body: body.collect(),
            }
        }
        WireDelta::Conv1 {
            quantization,
            bias,
            weights,
        } => {
            let predict = |i: usize| {
                let products = weights.iter().zip(&latents[i - state_n..i]);
                let sum: i128 = products.map(|(&w, &x)| i128::from(w) * i128::from(x)).sum();
                ((sum + i128::from(*bias)).max(0) >> quantization) as u64
            };
            let body = rest
                .map(|i| toggle(latents[i].wrapping_sub(predict(i))))
                .collect();
            ResidualVar {
                bits,
                state: first(),
                body,
            }
        }
    }
}
