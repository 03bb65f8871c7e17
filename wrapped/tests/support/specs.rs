//! The choices that a caller has for each number type.

use paginum_wrapped::{DeltaSpec, ModeSpec, NumberType};

/// The modes that a number type has.
pub fn mode_specs(number_type: NumberType) -> Vec<ModeSpec> {
    let mut specs = vec![ModeSpec::Auto, ModeSpec::Classic, ModeSpec::TryDict];
    match number_type.mantissa_bits() {
        None => specs.extend([ModeSpec::TryIntMult(10), ModeSpec::TryIntMult(3)]),
        Some(mantissa_bits) => {
            specs.extend([
                ModeSpec::TryFloatMult(0.01),
                ModeSpec::TryFloatQuant(mantissa_bits / 2),
            ]);
        }
    }
    specs
}

/// The delta encodings that every mode of a number type has.
pub fn delta_specs(number_type: NumberType) -> Vec<DeltaSpec> {
    let mut specs = vec![DeltaSpec::Auto, DeltaSpec::NoOp, DeltaSpec::TryLookback];
    specs.extend((1..=7).map(DeltaSpec::TryConsecutive));
    if number_type.size_bytes() <= 4 {
        specs.extend([1, 6, 32].map(DeltaSpec::TryConv1));
    }
    specs
}
