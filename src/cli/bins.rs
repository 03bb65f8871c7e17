//! The chunks of an array and their bins: as tables for people, as documents for programs.

use serde_json::{Value, json};

use super::table::Table;
use crate::filter::{BinSummary, Bound, ChunkSummary, LatentVarSummary};
use crate::text::{counted, short_float};

/// The chunks, one a line.
pub(super) fn chunk_table(chunks: &[ChunkSummary]) -> Table {
    let mut table = Table::new([
        "#chunk",
        "#offset",
        "#bytes",
        "#numbers",
        "#pages",
        "#bits/number",
        "mode",
        "delta",
    ]);
    for (i, chunk) in chunks.iter().enumerate() {
        table.push([
            i.to_string(),
            chunk.offset.to_string(),
            chunk.bytes.to_string(),
            chunk.n().to_string(),
            chunk.pages.len().to_string(),
            format!("{:.3}", 8.0 * chunk.bytes as f64 / chunk.n().max(1) as f64),
            chunk.mode.clone(),
            chunk.delta.clone(),
        ]);
    }
    table
}

/// The bins of chunk `i`, one a line.
pub(super) fn words(i: usize, chunk: &ChunkSummary) -> String {
    let mut words = String::new();
    for var in &chunk.latent_vars {
        words += &format!(
            "\nchunk {i}, {} latent variable: {} bits wide, {}, 2^{} tANS states, {:.3} bits a latent\n\
             bounds are {}\n",
            var.name,
            var.latent_bits,
            counted(var.bins.len() as u64, "bin"),
            var.ans_size_log,
            var.mean_bits(),
            var.unit,
        );
        let mut table = Table::new([
            "#bin",
            "#lower",
            "#upper",
            "#weight",
            "#share",
            "#bin bits",
            "#offset bits",
        ]);
        for (i, bin) in var.bins.iter().enumerate() {
            table.push(cells(i, var, bin));
        }
        words += &table.to_string();
    }
    words
}

fn cells(i: usize, var: &LatentVarSummary, bin: &BinSummary) -> [String; 7] {
    let (ans_bits, offset_bits) = var.bits_of(&bin.bin);
    [
        i.to_string(),
        bound_text(bin.lower),
        bound_text(bin.upper),
        bin.bin.weight.to_string(),
        format!("{:.2} %", 100.0 * share(var, bin)),
        // Of a bin alone, nothing and no sign before it.
        format!("{:.3}", ans_bits + 0.0),
        format!("{offset_bits}"),
    ]
}

/// The share of latents that a bin has, by its weight.
pub(super) fn share(var: &LatentVarSummary, bin: &BinSummary) -> f64 {
    f64::from(bin.bin.weight) / var.total_weight() as f64
}

/// A bound by the fewest digits that tell it.
pub(super) fn bound_text(bound: Bound) -> String {
    match bound {
        Bound::Int(value) => value.to_string(),
        Bound::F16(value) => short_float::half(value),
        Bound::F32(value) => short_float::digits(value),
        other => short_float::digits(other.to_f64()),
    }
}

/// A bound as JSON: a string where most readers would round it, or JSON has no number for it.
fn bound_json(bound: Bound) -> Value {
    const EXACT: u128 = 1 << 53;
    match bound {
        Bound::Int(value) if value.unsigned_abs() <= EXACT => json!(value as i64),
        Bound::Int(value) => json!(value.to_string()),
        // Of the digits, not of the value: 0.1 as f32 is not 0.10000000149011612 to people.
        float => match bound_text(float).parse::<f64>() {
            Ok(value) if value.is_finite() => json!(value),
            _ => json!(json_name(float.to_f64())),
        },
    }
}

fn json_name(value: f64) -> &'static str {
    match () {
        () if value.is_nan() => "NaN",
        () if value > 0.0 => "Infinity",
        () => "-Infinity",
    }
}

/// A chunk, for programs.
pub(super) fn chunk_json(chunk: &ChunkSummary) -> Value {
    let vars = chunk.latent_vars.iter().map(|var| {
        let bins = var.bins.iter().map(|bin| {
            json!({
                "weight": bin.bin.weight,
                "lower": bound_json(bin.lower),
                "upper": bound_json(bin.upper),
                "lower_latent": bound_json(Bound::Int(bin.bin.lower.into())),
                "offset_bits": bin.bin.offset_bits,
            })
        });
        json!({
            "name": var.name,
            "latent_bits": var.latent_bits,
            "ans_size_log": var.ans_size_log,
            "mean_bits": var.mean_bits(),
            "unit": var.unit,
            "bins": bins.collect::<Vec<_>>(),
        })
    });
    json!({
        "offset": chunk.offset,
        "bytes": chunk.bytes,
        "metadata_bytes": chunk.meta_bytes,
        "numbers": chunk.n(),
        "pages": chunk.pages,
        "mode": chunk.mode,
        "delta": chunk.delta,
        "latent_variables": vars.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_that_json_has_no_number_for_are_strings() {
        assert_eq!(
            bound_json(Bound::Int(-(1 << 53))),
            json!(-9007199254740992_i64)
        );
        assert_eq!(
            bound_json(Bound::Int((1 << 53) + 1)),
            json!("9007199254740993")
        );
        assert_eq!(bound_json(Bound::F32(0.1)), json!(0.1));
        assert_eq!(bound_json(Bound::F64(f64::NAN)), json!("NaN"));
        assert_eq!(
            bound_json(Bound::F32(f32::NEG_INFINITY)),
            json!("-Infinity")
        );
    }
}
